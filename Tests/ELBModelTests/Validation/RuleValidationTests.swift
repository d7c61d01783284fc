import ELBModel
import ELBTestSupport
import Testing

/// A value and where it goes wrong; `nil` means that AWS takes it.
struct Verdict<Value: Sendable>: Sendable, CustomTestStringConvertible {
    let value: Value
    let property: String?

    init(_ value: Value, _ property: String? = nil) {
        self.value = value
        self.property = property
    }

    var testDescription: String { "\(self.value)".prefix(120) + " -> \(self.property ?? "accepted")" }
}

@Suite struct `Validation of conditions` {
    private typealias Condition = Verdict<RuleCondition>

    private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    private static func rule(_ conditions: [RuleCondition], priority: Int = 1) -> ListenerRule {
        ListenerRule(
            priority: priority,
            conditions: conditions,
            actions: [.fixedResponse(FixedResponseAction(statusCode: 200))]
        )
    }

    private static func check(_ condition: Condition) {
        let errors = Self.rule([condition.value]).validate()
        let expected = condition.property.map { ["Conditions[0].\($0)"] } ?? []
        #expect(errors.map(\.property) == expected)
        #expect(errors.allSatisfy { $0.code == .validationError })
    }

    private static func host(_ texts: String...) -> RuleCondition { .hostHeader(.patterns(texts)) }
    private static func path(_ texts: String...) -> RuleCondition { .pathPattern(.patterns(texts)) }

    @Test(
        .covers("ALB-COND-004", "ALB-COND-005", "ALB-RULE-013"),
        arguments: [
            Condition(host("example.com")), Condition(host("*.Example-1.com", "a_b.com")), Condition(host("a.*")),
            Condition(host(letters(124) + ".com")),
            Condition(host(letters(125) + ".com"), "HostHeaderConfig.Values[0]"),
            Condition(host("a.com", "localhost"), "HostHeaderConfig.Values[1]"),
            Condition(host("10.0.0.1"), "HostHeaderConfig.Values[0]"),
            Condition(host("a.com:80"), "HostHeaderConfig.Values[0]"),
            Condition(host(""), "HostHeaderConfig.Values[0]"),
            Condition(host(), "HostHeaderConfig.Values"),
        ]
    )
    private func `judges hosts`(condition: Condition) {
        if case .hostHeader(.patterns(["a.com:80"])) = condition.value {
            // Two things are wrong with it, the colon and the digits after the dot.
            #expect(Self.rule([condition.value]).validate().count == 2)
        } else {
            Self.check(condition)
        }
    }

    @Test(
        .covers("ALB-COND-010", "ALB-COND-012", "ALB-RULE-012"),
        arguments: [
            Condition(path("/a/*", "/b?_-.$/~\"'@:+&")), Condition(path("/" + letters(127))),
            Condition(path("/" + letters(128)), "PathPatternConfig.Values[0]"),
            Condition(path("/a", "/%20"), "PathPatternConfig.Values[1]"),
            Condition(path("/a#b"), "PathPatternConfig.Values[0]"),
            Condition(path("/\u{7f}"), "PathPatternConfig.Values[0]"),
            Condition(path("/é"), "PathPatternConfig.Values[0]"), Condition(path(""), "PathPatternConfig.Values[0]"),
        ]
    )
    private func `judges paths`(condition: Condition) {
        Self.check(condition)
    }

    @Test(
        .covers("ALB-COND-016", "ALB-COND-017", "ALB-COND-018", "ALB-COND-021"),
        arguments: [
            Condition(.httpHeader(name: "X-Env", .patterns(["a b;c"]))),
            Condition(.httpHeader(name: "bad_name", .patterns(["a"]))),
            Condition(.httpHeader(name: letters(40), .patterns([letters(128)]))),
            Condition(.httpHeader(name: letters(41), .patterns(["a"])), "HttpHeaderConfig.HttpHeaderName"),
            Condition(.httpHeader(name: "X*", .patterns(["a"])), "HttpHeaderConfig.HttpHeaderName"),
            Condition(.httpHeader(name: "hOsT", .patterns(["a"])), "HttpHeaderConfig.HttpHeaderName"),
            Condition(.httpHeader(name: "X", .patterns([letters(129)])), "HttpHeaderConfig.Values[0]"),
            Condition(.httpHeader(name: "X", .patterns(["a\u{1}"])), "HttpHeaderConfig.Values[0]"),
        ]
    )
    private func `judges headers`(condition: Condition) {
        Self.check(condition)
    }

    @Test(
        .covers("ALB-COND-022", "ALB-COND-023", "ALB-COND-028"),
        arguments: [
            Condition(.httpRequestMethod(["GET", "CUSTOM-METHOD_X"])),
            Condition(.httpRequestMethod(["get"]), "HttpRequestMethodConfig.Values[0]"),
            Condition(.httpRequestMethod(["GET", "*"]), "HttpRequestMethodConfig.Values[1]"),
            Condition(.httpRequestMethod([String(repeating: "A", count: 41)]), "HttpRequestMethodConfig.Values[0]"),
            Condition(.queryString([.init(key: "k", value: "a\\*b"), .init(value: letters(128))])),
            Condition(.queryString([.init(key: "", value: "a")]), "QueryStringConfig.Values[0].Key"),
            Condition(.queryString([.init(value: "")]), "QueryStringConfig.Values[0].Value"),
            Condition(.queryString([.init(value: letters(129))]), "QueryStringConfig.Values[0].Value"),
            Condition(.sourceIP([CIDRBlock("10.0.0.0/8"), CIDRBlock("::/0")].compactMap { $0 })),
            Condition(.sourceIP([CIDRBlock("255.255.255.255/32")].compactMap { $0 }), "SourceIpConfig.Values[0]"),
            Condition(.sourceIP([]), "SourceIpConfig.Values"),
        ]
    )
    private func `judges methods, queries and sources`(condition: Condition) {
        Self.check(condition)
    }

    @Test(
        .covers("ALB-COND-030", "ALB-COND-032"),
        arguments: [
            Condition(.pathPattern(.regexes(["^/api/(.*)$"]))),
            Condition(.pathPattern(.regexes(["a", "(?=x)"])), "PathPatternConfig.RegexValues[1]"),
            Condition(.hostHeader(.regexes(["["])), "HostHeaderConfig.RegexValues[0]"),
            Condition(.httpHeader(name: "X", .regexes([letters(129)])), "HttpHeaderConfig.RegexValues[0]"),
        ]
    )
    private func `judges regular expressions`(condition: Condition) {
        Self.check(condition)
    }

    @Test(.covers("ALB-RULE-002"), arguments: [(0, false), (1, true), (50000, true), (50001, false), (-1, false)])
    func `judges priorities`(priority: Int, isAllowed: Bool) {
        let errors = Self.rule([Self.path("/a")], priority: priority).validate()
        #expect(errors.map(\.property) == (isAllowed ? [] : ["Priority"]))
    }

    @Test(.covers("ALB-RULE-001", "ALB-RULE-008", "ALB-RULE-010", "ALB-RULE-011", "ALB-QTA-004"))
    func `counts conditions, values and wildcards`() {
        func errors(_ conditions: RuleCondition...) -> [String] { Self.rule(conditions).validate().map(\.property) }
        #expect(errors() == ["Conditions"])
        #expect(errors(Self.path("/a"), Self.path("/b")) == ["Conditions[1]"])
        #expect(errors(.httpHeader(name: "A", .patterns(["1"])), .httpHeader(name: "A", .patterns(["2"]))) == [])
        #expect(errors(Self.path("/1", "/2", "/3", "/4", "/5")) == [])
        #expect(errors(Self.path("/1", "/2", "/3"), Self.host("a.b", "b.b", "c.b")) == ["Conditions"])
        #expect(errors(Self.path("/*/*/*/*/*/*")) == [])
        #expect(errors(Self.path("/*/*/*"), Self.host("*.?.b", "*.?.c")) == ["Conditions"])
        #expect(errors(.queryString([.init(key: "\\*\\*\\*\\*", value: "\\?\\?\\?\\*")])) == [])
    }
}
