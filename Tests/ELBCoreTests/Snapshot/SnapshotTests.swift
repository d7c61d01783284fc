import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Snapshots` {
    private static func group(_ name: String) -> TargetGroup {
        TargetGroup(id: TargetGroupID(rawValue: name), name: TargetGroupName(rawValue: name), port: 80)
    }

    private static func snapshot(_ actions: [RuleAction], quirks: Set<Quirk> = []) throws -> Snapshot {
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "lb"),
            nodes: [.init(zone: .a, address: .loopback), .init(zone: .c, address: .loopback)],
            listeners: [Listener(port: 80, defaultActions: actions)],
            dnsName: "lb",
            quirks: quirks
        )
        return try Snapshot(compiling: loadBalancer, targetGroups: [Self.group("a"), Self.group("b"), Self.group("c")])
    }

    private static func forward(_ weights: (String, Int)...) -> RuleAction {
        .forward(
            ForwardAction(targetGroups: weights.map { .init(TargetGroupID(rawValue: $0.0), weight: $0.1) })
        )
    }

    private static func shares(_ snapshot: Snapshot, draws: Int = 6000, seed: UInt64 = 1) throws -> [Double] {
        guard case .forward(let groups) = snapshot.listeners[0].actions[0] else {
            throw ModelError(.validationError, "")
        }
        var generator = SplitMix64(seed: seed)
        var counts = [0, 0, 0]
        for _ in 0..<draws {
            if let group = groups.choose(using: &generator) { counts[group] += 1 }
        }
        return counts.map { Double($0) / Double(draws) }
    }

    @Test(.covers("ALB-TG-017")) func `knows which groups are referred to, those of weight 0 included`() throws {
        let snapshot = try Self.snapshot([Self.forward(("c", 1), ("a", 0))])
        #expect(snapshot.isReferenced == [true, false, true])
        #expect(snapshot.enabledZones == [.a, .c])
    }

    @Test func `refuses a group that does not exist`() {
        #expect { try Self.snapshot([Self.forward(("x", 1))]) } throws: {
            ($0 as? ModelError)?.code == .targetGroupNotFound
        }
    }

    @Test(
        .covers("ALB-FWD-003", "ALB-FWD-004", "ALB-FWD-005"),
        arguments: [
            ((10, 10, 0), [0.5, 0.5, 0]), ((10, 20, 0), [1 / 3.0, 2 / 3.0, 0]), ((0, 1, 0), [0, 1, 0]),
            ((999, 1, 0), [0.999, 0.001, 0]), ((1, 1, 2), [0.25, 0.25, 0.5]), ((0, 0, 0), [0, 0, 0]),
        ] as [((Int, Int, Int), [Double])]
    )
    func `shares requests by weight`(weights: (Int, Int, Int), expected: [Double]) throws {
        let snapshot = try Self.snapshot([Self.forward(("a", weights.0), ("b", weights.1), ("c", weights.2))])
        for seed in UInt64(1)...5 {
            for (share, wanted) in zip(try Self.shares(snapshot, seed: seed), expected) {
                #expect(abs(share - wanted) < 0.03, "seed \(seed)")
            }
        }
    }

    @Test func `gives the same choices for the same seed`() throws {
        let snapshot = try Self.snapshot([Self.forward(("a", 1), ("b", 1), ("c", 1))])
        #expect(try Self.shares(snapshot, draws: 100, seed: 7) == Self.shares(snapshot, draws: 100, seed: 7))
    }

    @Test func `rewrites weights under the quirks`() throws {
        let equal = try Self.snapshot([Self.forward(("a", 9), ("b", 1), ("c", 0))], quirks: [.weightsEqual])
        #expect(try abs(Self.shares(equal)[0] - 0.5) < 0.03)
        let zero = try Self.snapshot([Self.forward(("a", 1), ("b", 1), ("c", 0))], quirks: [.weightsZeroCounts])
        #expect(try abs(Self.shares(zero)[2] - 1 / 3.0) < 0.03)
    }

    @Test(arguments: [
        (Quirk.redirectDropsQuery, "http://new.com:99/p/a"), (.redirectKeepsPath, "http://new.com:99/a?q"),
        (.redirectHostIgnored, "http://example.com:99/p/a?q"), (.redirectPortIgnored, "http://new.com:80/p/a?q"),
    ])
    func `rewrites redirects under the quirks`(quirk: Quirk, expected: String) throws {
        let action = RedirectAction(host: "new.com", port: "99", path: "/p/#{path}", statusCode: .found)
        let snapshot = try Self.snapshot([.redirect(action)], quirks: [quirk])
        guard case .redirect(let template) = snapshot.listeners[0].actions[0] else { return #expect(Bool(false)) }
        var output = ByteOutput()
        _ = try SampleRequest("/a?q").parsed { head, bytes in
            template.expand(head, bytes: bytes, listener: (.http, 80), into: &output)
        }
        #expect(String(decoding: output.bytes, as: UTF8.self) == expected)
    }

    @Test func `rewrites answers under the quirks`() throws {
        let swapped = try Self.snapshot(
            [.redirect(.init(path: "/x", statusCode: .found))],
            quirks: [.redirectStatusSwapped]
        )
        if case .redirect(let template) = swapped.listeners[0].actions[0] { #expect(template.response.status == 301) }
        let action = FixedResponseAction(statusCode: 404, contentType: "text/html", messageBody: "x")
        func response(_ quirk: Quirk) throws -> PreparedResponse? {
            guard
                case .fixedResponse(let response) = try Self.snapshot([.fixedResponse(action)], quirks: [quirk])
                    .listeners[0].actions[0]
            else { return nil }
            return response
        }
        #expect(try response(.fixedResponseBodyDropped)?.body == [])
        #expect(try response(.fixedResponseStatus200)?.status == 200)
        let fields = try #require(try response(.fixedResponseContentTypeDropped)).contentFields
        #expect(!String(decoding: fields, as: UTF8.self).contains("text/html"))
    }

    @Test func `rewrites health checks under the quirks`() throws {
        func check(_ quirk: Quirk) throws -> HealthCheckSettings {
            try Self.snapshot([Self.forward(("a", 1))], quirks: [quirk]).targetGroups[0].healthCheck
        }
        #expect(try check(.healthThresholdMinusOne).unhealthyThresholdCount == 1)
        #expect(try check(.healthThresholdMinusOne).healthyThresholdCount == 4)
        #expect(try check(.healthThresholdPlusOne).unhealthyThresholdCount == 3)
        #expect(try check(.healthMatcherAnyResponse).matcher.matches(500))
        #expect(try check(.healthRedirectFollowed).matcher.matches(302))
    }
}
