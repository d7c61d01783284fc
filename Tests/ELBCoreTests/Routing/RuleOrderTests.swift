import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Rule order` {
    private static func rule(_ priority: Int, _ conditions: RuleCondition...) -> ListenerRule {
        ListenerRule(priority: priority, conditions: conditions, actions: [SampleBalancer.fixed])
    }

    @Test(.covers("ALB-RULE-003", "ALB-RULE-004", "ALB-LSN-005"))
    func `asks the lowest priority first, gaps or not, and the default last`() throws {
        let listener = try SampleBalancer.make(rules: [
            Self.rule(50000, .path("/a/*")), Self.rule(500, .path("/a/b/*")), Self.rule(1, .path("/a/b/c")),
        ])
        #expect(try listener.priority(for: .init("/a/b/c")) == 1)
        #expect(try listener.priority(for: .init("/a/b/d")) == 500)
        #expect(try listener.priority(for: .init("/a/x")) == 50000)
        #expect(try listener.priority(for: .init("/z")) == 0)
    }

    @Test(.covers("ALB-RULE-005", "ALB-RULE-006", "ALB-RULE-007"))
    func `joins conditions with and, values with or`() throws {
        let listener = try SampleBalancer.make([
            [.path("/a", "/b"), .header("X", "*1*"), .header("X", "*2*")]
        ])
        #expect(try listener.priority(for: .init("/b", fields: ["X: 12"])) == 10)
        #expect(try listener.priority(for: .init("/b", fields: ["X: 1", "X: 2"])) == 10)
        #expect(try listener.priority(for: .init("/b", fields: ["X: 1"])) == 0)
        #expect(try listener.priority(for: .init("/c", fields: ["X: 12"])) == 0)
    }

    @Test func `finds each of many rules whose starts look alike`() throws {
        let rules = (1...100).map { Self.rule($0, .path("/service-number-\($0)/*")) }
        let listener = try SampleBalancer.make(rules: rules.shuffled())
        for number in 1...100 {
            #expect(try listener.priority(for: .init("/service-number-\(number)/x")) == number)
        }
        #expect(try listener.priority(for: .init("/service-number-101/x")) == 0)
        #expect(try listener.priority(for: .init("/service-number-1")) == 0)
    }

    @Test func `explains what every rule makes of a request`() throws {
        let listener = try SampleBalancer.make([
            [.path("/img/*"), .method("POST")], [.host("*.example.com")], [.query("v", "1")], [.path("/img/*")],
        ])
        let peer = IPAddress.loopback
        let explanations = try SampleRequest("/img/a", fields: ["X-Nasty: \u{1b}[31m"]).parsed { head, bytes in
            listener.explain(head, bytes: bytes, peer: peer)
        }
        #expect(explanations.map(\.priority) == [10, 20, 30, 40, nil])
        #expect(explanations.map(\.holds) == [false, false, false, true, true])
        #expect(explanations.map(\.isTaken) == [false, false, false, true, false])
        #expect(
            explanations[0].conditions.map(\.text) == [
                "path '/img/a' matches /img/*: yes", "method 'GET' is POST: no",
            ]
        )
        #expect(explanations[1].conditions.map(\.text) == ["host 'example.com' matches *.example.com: no"])
        #expect(explanations[2].conditions.map(\.text) == ["query (none) has v=1: no"])
    }

    /// The shortest request that an honest balancer and the quirk route differently.
    private static let deviations: [(Quirk, [RuleCondition], SampleRequest, honest: Int, quirky: Int)] = [
        (.rulesDefaultFirst, [.path("/a")], .init("/a"), 10, 0),
        (.rulesHostCaseSensitive, [.host("a.com")], .init(host: "A.com"), 10, 0),
        (.rulesHostPortCompared, [.host("a.com")], .init(host: "a.com:8080"), 10, 0),
        (.rulesMethodIgnored, [.method("POST")], .init(), 0, 10),
        (.rulesMethodCaseInsensitive, [.method("GET")], .init(method: "get"), 0, 10),
        (.rulesOnlyFirstValue, [.path("/a", "/b")], .init("/b"), 10, 0),
        (.rulesOrInsteadOfAnd, [.path("/a"), .method("POST")], .init("/a"), 0, 10),
        (.rulesPathCaseInsensitive, [.path("/a")], .init("/A"), 0, 10),
        (.rulesPathPrefix, [.path("/a")], .init("/a/b"), 0, 10),
        (.rulesPathWithQuery, [.path("/a")], .init("/a?x=1"), 10, 0),
        (.rulesQueryCaseSensitive, [.query("k", "v")], .init("/?k=V"), 10, 0),
        (.rulesQueryKeyIgnored, [.query("k", "v")], .init("/?x=v"), 0, 10),
        (.rulesSourceIPFromXFF, [.source("10.0.0.1/32")], .init(fields: ["X-Forwarded-For: 10.0.0.1, 1.1.1.1"]), 0, 10),
        (.rulesHeaderFirstInstanceOnly, [.header("X", "2")], .init(fields: ["X: 1", "X: 2"]), 10, 0),
        (.rulesHeaderCaseSensitive, [.header("X", "a")], .init(fields: ["X: A"]), 10, 0),
        (.rulesStarStopsAtSlash, [.path("/a/*")], .init("/a/b/c"), 10, 0),
        (.rulesQuestionMarkOptional, [.path("/a?")], .init("/a"), 0, 10),
    ]

    @Test(arguments: deviations.indices)
    func `deviates as its quirk says and in no other way`(index: Int) throws {
        let (quirk, conditions, request, honest, quirky) = Self.deviations[index]
        #expect(try SampleBalancer.make([conditions]).priority(for: request) == honest, "\(quirk)")
        #expect(try SampleBalancer.make([conditions], quirks: [quirk]).priority(for: request) == quirky, "\(quirk)")
    }

    @Test func `reverses priorities under the quirk`() throws {
        let rules = [Self.rule(1, .path("/*")), Self.rule(2, .path("/a"))]
        #expect(try SampleBalancer.make(rules: rules).priority(for: .init("/a")) == 1)
        #expect(try SampleBalancer.make(rules: rules, quirks: [.rulesPriorityReversed]).priority(for: .init("/a")) == 2)
    }
}
