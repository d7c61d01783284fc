internal import ELBFleet
internal import ELBModel

/// Which target a connection to a Network Load Balancer gets, and what the target sees of the client.
enum NetworkFlowChecks {
    static let all = [
        Self.spread, Self.weights, Self.sticky, Self.hidden, Self.shown, Self.application,
    ]

    private static let feature = "nlb.flows"

    private static let spread = Check(
        "network.flow.spread",
        "A connection stays on one target, and connections of one client reach different targets.",
        rows: ["NLB-FH-001", "NLB-FH-003", "NLB-FH-004"],
        feature: Self.feature,
        reference: .networkIntroduction,
        kills: [.flowAlwaysFirst],
        lookAt: "what makes the hash of a flow",
        setting: .network
    ) { scene in
        let web = try await scene.webGroup(backends: 3)
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        let ids = (0..<20).map { _ in scene.nextID() }
        let answered = try await scene.onConnection(to: listener) { connection in
            ids.filter { connection.ask($0) }.count
        }
        var reached: Set<String> = []
        for id in ids { for hit in await scene.hits(id) { reached.insert(hit.backend.description.name) } }
        try scene.expect(
            answered == 20 && reached.count == 1,
            tried: "20 requests on one connection; three targets",
            expected: "20 answers, all by one target",
            actual: "\(answered) answers; requests at \(reached.sorted().joined(separator: ", "))"
        )
        for backend in web.backends { await backend.clearRecords() }
        let outcomes = await scene.sendMany(60, "/", to: listener) { $0.connection = .fresh }
        try scene.expectAllAnswered(outcomes, status: 200)
        let visits = await scene.visits(web)
        let counts = web.backends.map { backend in visits.count { $0.backend === backend } }
        // An honest hash leaves one of three without any of 60 once in ten billion runs.
        try scene.expect(
            counts.allSatisfy { $0 > 0 },
            tried: "60 connections of one client; three targets",
            expected: "some at each",
            actual: counts.map(String.init).joined(separator: ", ")
        )
    }

    private static let weights = Check(
        "network.flow.weights",
        "Connections are split over groups by weight, and weight 0 gets none.",
        rows: ["NLB-WT-002", "NLB-WT-003"],
        feature: "nlb.weights",
        reference: .networkListeners,
        kills: [.weightsEqual, .weightsZeroCounts],
        lookAt: "how the group is chosen",
        setting: .network
    ) { scene in
        let few = try await scene.webGroup("few")
        let many = try await scene.webGroup("many")
        let none = try await scene.webGroup("none")
        let listener = try scene.listener(.tcp, default: .forward(weights: [(few, 1), (many, 9), (none, 0)]))
        try await scene.start()

        let outcomes = await scene.sendMany(300, "/", to: listener) { $0.connection = .fresh }
        try scene.expectAllAnswered(outcomes, status: 200)
        let counts = [
            await scene.trafficCounts(few)[0], await scene.trafficCounts(many)[0], await scene.trafficCounts(none)[0],
        ]
        let range = Binomial.range(requests: 300, share: 0.1, points: 10)
        try scene.expect(
            range.contains(counts[0]) && counts[2] == 0,
            tried: "300 connections; weights 1, 9 and 0",
            expected: "\(range.lowerBound) to \(range.upperBound) at the first, none at the last",
            actual: counts.map(String.init).joined(separator: ", ")
        )
    }

    private static let sticky = Check(
        "network.flow.source-ip",
        "With stickiness all connections of an address go to one target, those of others to others.",
        rows: ["NLB-SK-002"],
        feature: "nlb.stickiness",
        reference: .networkTargetGroupAttributes,
        kills: [.flowSourceIPIgnored],
        lookAt: "what decides about the target when stickiness is on",
        setting: .network
    ) { scene in
        let web = try await scene.webGroup(backends: 4) { $0.attributes.stickiness.isEnabled = true }
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        var targets: [Set<String>] = []
        for number in UInt8(1)...24 {
            var seen: Set<String> = []
            for _ in 0..<(number == 1 ? 20 : 2) {
                let id = scene.nextID()
                _ = try await scene.onConnection(to: listener, from: scene.client(number)) { $0.ask(id) }
                for hit in await scene.hits(id) { seen.insert(hit.backend.description.name) }
            }
            targets.append(seen)
        }
        let all = targets.reduce(into: Set<String>()) { $0.formUnion($1) }
        try scene.expect(
            targets.allSatisfy { $0.count == 1 } && all.count > 1,
            tried: "20 connections of one address and two of 23 others; four targets",
            expected: "one target for each address, not the same for all",
            actual: "addresses by number of their targets: \(targets.map { "\($0.count)" }.joined(separator: " ")); "
                + "\(all.count) targets in all"
        )
    }

    /// Where a target saw a request come from.
    private static func peer(of id: String, in scene: Scene) async -> String {
        await scene.hits(id).first?.record.peerAddress ?? "nowhere"
    }

    private static let hidden = Check(
        "network.client-ip.hidden",
        "Targets of type ip behind TCP see the load balancer's private address, unless the client's is to be preserved.",
        rows: ["NLB-IP-001", "NLB-IP-002"],
        feature: "nlb.client-ip",
        reference: .networkTargetGroupAttributes,
        kills: [.flowClientIPShown],
        lookAt: "the source of connections to targets",
        setting: .network
    ) { scene in
        let web = try await scene.webGroup()
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        _ = try await scene.onConnection(to: listener, from: scene.client(7)) { $0.ask(id) }
        let seen = await Self.peer(of: id, in: scene)
        let expected = LabAddresses.privateAddress(behind: listener.address).map { "\($0)" } ?? "\(listener.address)"
        try scene.expect(
            seen == expected,
            tried: "connect from \(scene.client(7))",
            expected: "the target sees \(expected)",
            actual: "it sees \(seen)"
        )
    }

    private static let shown = Check(
        "network.client-ip.shown",
        "With preserve_client_ip.enabled targets see the client's address.",
        rows: ["NLB-IP-001", "NLB-IP-003"],
        feature: "nlb.client-ip",
        reference: .networkTargetGroupAttributes,
        kills: [.flowClientIPHidden],
        lookAt: "the source of connections to targets",
        setting: .network
    ) { scene in
        let web = try await scene.webGroup { $0.attributes.preserveClientIPEnabled = true }
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        _ = try await scene.onConnection(to: listener, from: scene.client(8)) { $0.ask(id) }
        let seen = await Self.peer(of: id, in: scene)
        try scene.expect(
            seen == "\(scene.client(8))",
            tried: "connect from \(scene.client(8))",
            expected: "the target sees that address",
            actual: "it sees \(seen)"
        )
    }

    private static let application = Check(
        "network.alb.client-ip",
        "An Application Load Balancer as a target is checked by HTTP and always sees the client's address.",
        rows: ["NLB-AL-003", "NLB-IP-007"],
        feature: "nlb.alb",
        reference: .networkApplicationTarget,
        kills: [.flowClientIPHidden],
        lookAt: "the source of connections to targets of type alb",
        setting: .network
    ) { scene in
        let application = try await scene.webGroup { group in
            group.targetType = .alb
            group.targets = group.targets.map { target in
                // What stands for it is one of the kit's servers.
                Target(
                    id: TargetID(
                        rawValue: ResourceARN.loadBalancer(
                            name: LoadBalancerName(rawValue: "shop"),
                            id: "50dc6c495c0c9188"
                        )
                    ),
                    endpoint: target.endpoint,
                    zone: target.zone,
                    node: target.zone
                )
            }
        }
        let listener = try scene.listener(.tcp, default: application.forward)
        try await scene.start()

        let id = scene.nextID()
        _ = try await scene.onConnection(to: listener, from: scene.client(9)) { $0.ask(id) }
        let seen = await Self.peer(of: id, in: scene)
        try scene.expect(
            seen == "\(scene.client(9))",
            tried: "connect from \(scene.client(9))",
            expected: "the load balancer behind sees that address",
            actual: "it sees \(seen)"
        )
        let probe = try await application.backends[0].waitForRecords(count: 1, kind: .probe, timeout: .seconds(5)).first
        try scene.expect(
            probe?.method == "GET" && probe?.target == "/health",
            tried: "wait for a health check",
            expected: "GET /health",
            actual: "\(probe?.method ?? "nothing") \(probe?.target ?? "")"
        )
    }
}
