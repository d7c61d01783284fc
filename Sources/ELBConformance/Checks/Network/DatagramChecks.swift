internal import ELBFleet
internal import ELBModel
internal import Glibc

/// Datagrams through a Network Load Balancer.
enum DatagramChecks {
    static let all = [Self.oneTarget, Self.timeout]

    private static let feature = "nlb.udp"

    private static let oneTarget = Check(
        "network.udp.one-target",
        "All datagrams of one port go to one target, which sees the client's address; other ports may go elsewhere.",
        rows: ["NLB-FH-002", "NLB-UD-001"],
        feature: Self.feature,
        reference: .networkIntroduction,
        kills: [.udpPerDatagram, .flowAlwaysFirst, .flowClientIPHidden],
        lookAt: "what makes a flow of datagrams",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup("echo", .udp, backends: 4)
        let listener = try scene.listener(.udp, default: echo.forward)
        try await scene.start()

        var targets: [Set<String>] = []
        for _ in 0..<20 {
            let tag = scene.nextID()
            _ = try await scene.onDatagrams(to: listener, from: scene.client(11)) { socket in
                for number in 0..<6 {
                    socket.send("\(tag) \(number)")
                    _ = socket.receive(within: .seconds(2))
                }
            }
            let own = await scene.visits(echo).filter { $0.record.body.text.hasPrefix("\(tag) ") }
            targets.append(Set(own.map(\.backend.description.name)))
        }
        let peers = Set(await scene.visits(echo).map(\.record.peerAddress))
        let all = targets.reduce(into: Set<String>()) { $0.formUnion($1) }
        try scene.expect(
            targets.allSatisfy { $0.count == 1 } && all.count > 1 && peers == ["\(scene.client(11))"],
            tried: "six datagrams from each of 20 ports of \(scene.client(11)); four targets",
            expected: "one target for each port, not the same for all; they see that address",
            actual: "ports by number of their targets: \(targets.map { "\($0.count)" }.joined(separator: " ")); "
                + "\(all.count) targets in all; they see \(peers.sorted().joined(separator: ", "))"
        )
    }

    private static let timeout = Check(
        "network.udp.timeout",
        "A flow of datagrams lives until 120 s have passed without one; the next may go to another target.",
        rows: ["NLB-TO-007", "NLB-FH-006"],
        feature: Self.feature,
        reference: .networkLoadBalancers,
        kills: [.udpTimeoutMissing],
        lookAt: "when a flow of datagrams ends",
        setting: Setting(kind: .network, reloads: true)
    ) { scene in
        let old = try await scene.echoGroup("old", .udp)
        let new = try await scene.echoGroup("new", .udp, backends: 7)
        // The targets of the second join the first group later.
        let listener = try scene.listener(.udp, default: old.forward)
        _ = try scene.listener(.udp, default: new.forward)
        try await scene.start()

        let joining = new.backends.flatMap(\.targets)
        let pause = scene.scaled(seconds: 200)
        let (turn, id, client) = (Turn(), old.id, scene.client(12))
        async let heard = scene.onDatagrams(to: listener, from: client) { first -> [[String]] in
            let sockets = [first] + (0..<9).compactMap { _ in try? RawDatagrams(to: listener, from: client) }
            let askAll = { (text: String) in
                sockets.map { socket in
                    socket.send(text)
                    return String((socket.receive(within: .seconds(2)) ?? "nothing").prefix { $0 != " " })
                }
            }
            let before = askAll("a")
            turn.pass()
            turn.wait()
            let after = askAll("b")
            Self.sleep(pause)
            return [before, after, askAll("c")]
        }
        await turn.passed()
        var failure: (any Error)?
        do {
            try await scene.reload { part in
                for index in part.groups.indices where part.groups[index].id == id {
                    part.groups[index].targets += joining
                }
            }
            // Their first checks.
            try await Task.sleep(for: .milliseconds(500))
        } catch {
            failure = error
        }
        turn.end()
        let answers = try await heard
        if let failure { throw failure }
        // One target of eight is the old one: all ten ports stay there once in a billion runs.
        try scene.expect(
            answers[0].allSatisfy { $0 == "old" } && answers[1].allSatisfy { $0 == "old" }
                && answers[2].contains { $0 != "old" } && !answers[2].contains("nothing"),
            tried: "ten ports send a datagram; seven more targets; each sends one at once, and one after 200 s",
            expected: "the old target answers twice, and then others do too",
            actual: answers.map { $0.joined(separator: " ") }.joined(separator: "; ")
        )
    }

    private static func sleep(_ duration: Duration) {
        usleep(UInt32(clamping: duration.milliseconds * 1000))
    }
}
