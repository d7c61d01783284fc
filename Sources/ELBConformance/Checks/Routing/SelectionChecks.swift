internal import ELBFleet
internal import ELBModel

/// How a target is chosen inside its group.
enum SelectionChecks {
    static let all = [Self.even, Self.sequential, Self.perGroup, Self.ports, Self.leastOutstanding]

    private static let feature = "alb.targets.selection"

    private static let even = Check(
        "selection.round-robin.even",
        "Round robin gives every healthy target the same number of requests.",
        rows: ["ALB-ALG-003"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.roundRobinAlwaysFirst, .roundRobinRandom],
        lookAt: "how the next target is chosen"
    ) { scene in
        let web = try await scene.group("web", backends: 3)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await scene.expectSpread(
            of: web,
            is: [100, 100, 100],
            after: (300, listener),
            tried: "300 requests to three healthy targets through one node",
            expected: "100 at each"
        )
    }

    private static let sequential = Check(
        "selection.round-robin.in-turn",
        "Round robin takes the targets in turn.",
        rows: ["ALB-ALG-003"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.roundRobinAlwaysFirst, .roundRobinRandom],
        lookAt: "how the next target is chosen"
    ) { scene in
        let web = try await scene.group("web", backends: 4)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchanges = await scene.sendInOrder(Array(repeating: "/", count: 12), to: listener)
        let names = try exchanges.map { try scene.expect($0, reached: web).record.localPort }
        let isInTurn = (4..<12).allSatisfy { names[$0] == names[$0 - 4] } && Set(names.prefix(4)).count == 4
        try scene.expect(
            isInTurn,
            tried: "12 requests one after another to four targets",
            expected: "the same order of four targets, three times",
            actual: "the order was \(names.map { port in "\(Set(names).sorted().firstIndex(of: port) ?? 0)" }.joined())"
        )
    }

    private static let perGroup = Check(
        "selection.round-robin.per-group",
        "The rule chooses the group first; inside it the targets take turns, independently of other groups.",
        rows: ["ALB-ALG-002"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.roundRobinAlwaysFirst],
        lookAt: "whether groups share a position"
    ) { scene in
        let two = try await scene.group("two", backends: 2)
        let three = try await scene.group("three", backends: 3)
        let listener = try scene.listener(
            rules: [.when(.path("/two"), priority: 1, then: two.forward)],
            default: three.forward
        )
        try await scene.start()

        // An alternating order would starve half of the pair if both groups counted with one number.
        let paths = (0..<60).map { $0 % 2 == 0 ? "/two" : "/three" }
        let exchanges = await scene.sendInOrder(paths, to: listener)
        for exchange in exchanges { try scene.answer(exchange) }
        let counts = (await scene.trafficCounts(two), await scene.trafficCounts(three))
        try scene.expect(
            counts == ([15, 15], [10, 10, 10]),
            tried: "60 requests, to a pair and a group of three by turns",
            expected: "15 at each of the pair, 10 at each of the three",
            actual: "\(counts.0) and \(counts.1)"
        )
    }

    private static let ports = Check(
        "selection.same-address-two-ports",
        "One address registered on two ports is two targets, each reached on its own port.",
        rows: ["ALB-TG-005", "ALB-TG-004"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.roundRobinAlwaysFirst],
        lookAt: "what tells two registrations of one address apart"
    ) { scene in
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [HealthCheckSettings.calm.path]
        let backend = try await scene.backend("web", ports: 2, behaviour: behaviour)
        let web = scene.group("web", of: [backend])
        let listener = try scene.listener(default: web.forward)
        try await scene.start()
        _ = try? await backend.waitForRecords(count: 2, kind: .probe, timeout: .seconds(5))

        let exchanges = await scene.sendInOrder(Array(repeating: "/", count: 20), to: listener)
        let used = try exchanges.map { try scene.expect($0, reached: web).record.localPort }
        let counts = backend.endpoints.map { endpoint in used.count { $0 == Int(endpoint.port.rawValue) } }
        try scene.expect(
            counts == [10, 10],
            tried: "20 requests to one address on two ports",
            expected: "10 on each port",
            actual: "\(counts[0]) and \(counts[1])"
        )
    }

    private static let leastOutstanding = Check(
        "selection.least-outstanding",
        "least_outstanding_requests picks the target with the fewest requests in progress.",
        rows: ["ALB-ALG-005"],
        feature: "alb.targets.least-outstanding-requests",
        reference: .targetGroupAttributes,
        kills: [.leastOutstandingIgnored],
        lookAt: "what is counted as in progress, and when it ends"
    ) { scene in
        let web = try await scene.group("web", backends: 2) { $0.attributes.algorithm = .leastOutstandingRequests }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        // One request is held by a target; the others must all go to its neighbour meanwhile.
        async let held = scene.send("GET", "/held?elb-delay=1500", to: listener)
        var busy: Int?
        while busy == nil {
            busy = await scene.trafficCounts(web).firstIndex(of: 1)
            try await Task.sleep(for: .milliseconds(2))
        }
        let exchanges = await scene.sendInOrder(Array(repeating: "/", count: 20), to: listener)
        let names = try exchanges.map { try scene.expect($0, reached: web).response.status }
        let counts = await scene.trafficCounts(web)
        let first = await held
        try await scene.expectHeld(in: web)
        try scene.expect(
            counts.sorted() == [1, 20] && names.count == 20,
            tried: "20 requests while one target holds a request",
            expected: "all 20 at the other target",
            actual: "\(counts[busy ?? 0] - 1) of them at the busy one"
        )
        try scene.expect(first, reached: web)
    }
}
