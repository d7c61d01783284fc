internal import ELBFleet
internal import ELBModel

/// How connections through a Network Load Balancer end.
enum NetworkEndChecks {
    static let all = [
        Self.halfClose, Self.refused, Self.reset, Self.targetReset, Self.idle, Self.keepAlive, Self.unhealthy,
        Self.deregistered,
    ]

    private static let feature = "nlb.ends"

    private static let halfClose = Check(
        "network.end.half-close",
        "A client that has said all is answered all the same.",
        rows: ["NLB-FH-003", "NLB-LS-010"],
        feature: Self.feature,
        reference: .networkIntroduction,
        kills: [.flowHalfCloseEnds],
        lookAt: "what becomes of a FIN",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup()
        let listener = try scene.listener(.tcp, default: echo.forward)
        try await scene.start()

        let count = 2_000_000
        let received = try await scene.onConnection(to: listener) { connection in
            // More than fits into buffers: much of it is on its way when the farewell is said.
            connection.sendAndFinish(Array(repeating: UInt8(ascii: "x"), count: count), within: .seconds(10))
            return (connection.received.count, connection.end?.rawValue ?? "nothing")
        }
        try scene.expect(
            received == (count, "closed"),
            tried: "send \(count) bytes and FIN to a target that echoes",
            expected: "as many bytes, and then FIN",
            actual: "\(received.0) bytes, and then: \(received.1)"
        )
    }

    private static let refused = Check(
        "network.end.refused",
        "A connection that its target refuses is reset.",
        rows: ["NLB-FH-005"],
        feature: Self.feature,
        reference: .networkMetrics,
        kills: [.flowRefusedAsClose],
        lookAt: "what the client hears when a target refuses",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup()
        let listener = try scene.listener(.tcp, default: echo.forward)
        try await scene.start()

        try await echo.backends[0].set(MachineFault.refuse)
        let outcome = await scene.onRawConnection(to: listener) { connection in
            _ = connection.waitForEnd()
        }
        let isReset = outcome.end == .reset || outcome.failure != nil
        try scene.expect(
            isReset,
            tried: "connect while the only target refuses",
            expected: "a reset",
            actual: outcome.end.map(\.rawValue) ?? "the connection stands"
        )
    }

    private static let reset = Check(
        "network.end.client-reset",
        "A reset of the client reaches the target as a reset.",
        rows: ["NLB-TO-008"],
        feature: Self.feature,
        reference: .networkMetrics,
        kills: [.flowResetAsClose],
        lookAt: "what becomes of a reset",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup()
        let listener = try scene.listener(.tcp, default: echo.forward)
        try await scene.start()

        _ = try await scene.onConnection(to: listener) { connection in
            _ = connection.exchange("hello", for: 5)
            connection.close(abruptly: true)
        }
        let records = try? await echo.backends[0].waitForRecords(count: 1, kind: .traffic, timeout: .seconds(5)) {
            $0.ending != nil
        }
        let ending = records?.first?.ending ?? "not at all"
        try scene.expect(
            ending == "reset",
            tried: "reset a connection that has been used",
            expected: "the target's side is reset",
            actual: "it ended: \(ending)"
        )
    }

    private static let targetReset = Check(
        "network.end.target-reset",
        "A reset of the target reaches the client as a reset.",
        rows: ["NLB-TO-008"],
        feature: Self.feature,
        reference: .networkMetrics,
        kills: [.flowResetAsClose],
        lookAt: "what becomes of a reset",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup()
        let listener = try scene.listener(.tcp, default: echo.forward)
        try await scene.start()

        try await echo.backends[0].set(Fault.reset, scope: .traffic)
        let end = try await scene.onConnection(to: listener) { connection in
            connection.send("hello")
            return connection.waitForEnd()
        }
        try scene.expect(
            end == "reset",
            tried: "say something to a target that answers with a reset",
            expected: "a reset",
            actual: end
        )
    }

    private static let idle = Check(
        "network.end.idle",
        "A connection that has been idle for tcp.idle_timeout.seconds is forgotten silently, and what is sent later draws a reset.",
        rows: ["NLB-TO-001", "NLB-TO-002", "NLB-TO-003"],
        feature: "nlb.idle-timeout",
        reference: .networkLoadBalancers,
        kills: [.flowIdleTimeoutMissing, .flowIdleTimeoutCloses],
        lookAt: "what happens when the idle timeout is over",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup()
        var attributes = ListenerAttributes()
        attributes.tcpIdleTimeoutSeconds = 60
        let listener = try scene.listener(.tcp, default: echo.forward, attributes: attributes)
        try await scene.start()

        let silence = scene.scaled(seconds: 120)
        let seen = try await scene.onConnection(to: listener) { connection in
            _ = connection.exchange("hello", for: 5)
            let quiet = connection.waitForEnd(within: silence)
            connection.send("again")
            return [quiet, connection.waitForEnd()]
        }
        try scene.expect(
            seen == ["nothing", "reset"],
            tried: "use a connection, wait for 120 s with a timeout of 60 s, use it again",
            expected: "nothing until then, and a reset",
            actual: seen.joined(separator: ", and then: ")
        )
    }

    private static let keepAlive = Check(
        "network.end.keepalive",
        "TCP keepalive packets keep a connection from being idle.",
        rows: ["NLB-TO-004"],
        feature: "nlb.idle-timeout",
        reference: .networkLoadBalancers,
        kills: [.flowKeepaliveIgnored],
        lookAt: "what counts as activity",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup()
        var attributes = ListenerAttributes()
        // The system sends one a second, of real time.
        attributes.tcpIdleTimeoutSeconds = max(60, 3 * scene.timeScale)
        let listener = try scene.listener(.tcp, default: echo.forward, attributes: attributes)
        try await scene.start()

        let silence = scene.scaled(seconds: 1.8 * Double(attributes.tcpIdleTimeoutSeconds))
        let seen = try await scene.onConnection(to: listener) { connection in
            connection.keepAlive()
            _ = connection.exchange("hello", for: 5)
            let quiet = connection.waitForEnd(within: silence)
            return [quiet, connection.exchange("again", for: 10) ? "echo" : connection.waitForEnd()]
        }
        try scene.expect(
            seen == ["nothing", "echo"],
            tried:
                "use a connection, send nothing but keepalive packets for nearly twice the idle timeout, use it again",
            expected: "nothing until then, and an echo",
            actual: seen.joined(separator: ", and then: ")
        )
    }

    private static let unhealthy = Check(
        "network.end.unhealthy",
        "When a target becomes unhealthy its connections are over: what is sent on one draws a reset.",
        rows: ["NLB-FO-001", "NLB-FO-005"],
        feature: "nlb.health",
        reference: .networkTargetGroupAttributes,
        kills: [.flowUnhealthyKeepsConnections],
        lookAt: "what becomes of connections when their target's health changes",
        setting: Setting(kind: .network, isTimed: true)
    ) { scene in
        let web = try await scene.webGroup(backends: 2, health: .brisk)
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        let seen = try await Self.askAcross(listener, in: scene) { target in
            try await target.set(Fault.fail(status: 500), scope: .health)
            let last = await target.records().last?.sequence ?? 0
            _ = try await target.waitForRecords(count: 3, after: last, kind: .probe, timeout: .seconds(10))
        }
        try scene.expect(
            seen == "reset",
            tried: "ask, wait until the target has failed three checks (threshold 2), ask again on the same connection",
            expected: "a reset",
            actual: seen
        )
    }

    private static let deregistered = Check(
        "network.end.deregistered",
        "A connection outlives its target's deregistration delay, unless connection termination is on.",
        rows: ["NLB-DR-003", "NLB-DR-002"],
        feature: "nlb.deregistration",
        reference: .networkTargetGroupAttributes,
        kills: [.flowDeregisteredCut],
        lookAt: "what happens when the deregistration delay is over",
        setting: Setting(kind: .network, reloads: true)
    ) { scene in
        let web = try await scene.webGroup(backends: 2) { $0.attributes.deregistrationDelaySeconds = 20 }
        let listener = try scene.listener(.tcp, default: web.forward)
        try await scene.start()

        let seen = try await Self.askAcross(listener, in: scene) { target in
            let gone = Set(target.targets)
            try await scene.reload { part in
                for index in part.groups.indices { part.groups[index].targets.removeAll { gone.contains($0) } }
            }
            try await Task.sleep(for: scene.scaled(seconds: 60))
        }
        try scene.expect(
            seen == "answer",
            tried: "ask, deregister the target, wait for three times its delay, ask again on the same connection",
            expected: "an answer",
            actual: seen
        )
    }

    /// Asks on a connection, has something happen to the target that answered, and asks again.
    ///
    /// - Returns: what came of that: `answer`, `reset`, `closed` or `nothing`.
    private static func askAcross(
        _ listener: Endpoint,
        in scene: Scene,
        _ happen: @escaping @Sendable (Backend) async throws -> Void
    ) async throws -> String {
        let (first, second) = (scene.nextID(), scene.nextID())
        let turn = Turn()
        async let asked = scene.onConnection(to: listener) { connection -> String in
            guard connection.ask(first) else {
                turn.pass()
                return "no answer to begin with"
            }
            turn.pass()
            turn.wait()
            return connection.ask(second) ? "answer" : connection.waitForEnd()
        }
        await turn.passed()
        defer { turn.end() }
        let target = await scene.hits(first).first?.backend
        var failure: (any Error)?
        do {
            if let target { try await happen(target) }
        } catch {
            failure = error
        }
        turn.end()
        let seen = try await asked
        if let failure { throw failure }
        return seen
    }
}
