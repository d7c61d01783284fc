internal import ELBFleet
internal import ELBModel

/// The header in front of a connection to a target.
enum ProxyProtocolChecks {
    static let all = [Self.header, Self.probe, Self.untouched]

    private static let feature = "nlb.proxy-protocol"

    private static let header = Check(
        "network.proxy-protocol.header",
        "With proxy_protocol_v2.enabled a connection begins with a binary header: client, address dialled, right checksum.",
        rows: ["NLB-PP-001", "NLB-PP-002", "NLB-PP-003", "NLB-PP-004", "NLB-PP-005", "NLB-PP-006"],
        feature: Self.feature,
        reference: .networkTargetGroupAttributes,
        kills: [.proxyProtocolMissing, .proxyProtocolTarget, .proxyProtocolChecksum],
        lookAt: "what the header is made of",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup { $0.attributes.proxyProtocolV2Enabled = true }
        let listener = try scene.listener(.tcp, default: echo.forward)
        try await scene.start()

        let port = try await scene.onConnection(to: listener, from: scene.client(9)) { connection in
            _ = connection.exchange("hello", for: 5)
            return connection.localPort
        }
        let records = try await echo.backends[0].waitForRecords(count: 1, kind: .traffic, timeout: .seconds(5))
        let seen = records[0].proxy
        try scene.expect(
            seen?.isProxied == true && seen?.source == "\(scene.client(9)):\(port)"
                && seen?.destination == "\(listener)" && seen?.isChecksumRight != false
                && records[0].body.text == "hello",
            tried: "connect from \(scene.client(9)):\(port) to \(listener) and say hello",
            expected: "a header that says so, then hello",
            actual: seen.map { "from \($0.source) to \($0.destination), checksum \(Self.word($0.isChecksumRight))" }
                ?? "no header",
            evidence: [Finding.Evidence("target", records[0].body.text)]
        )
    }

    private static func word(_ isRight: Bool?) -> String {
        isRight.map { $0 ? "right" : "wrong" } ?? "none"
    }

    private static let probe = Check(
        "network.proxy-protocol.probe",
        "Health checks of such a group begin with a header too, without a client.",
        rows: ["NLB-PP-010", "NLB-HC-017"],
        feature: Self.feature,
        reference: .networkTargetGroupAttributes,
        kills: [.proxyProtocolMissing],
        lookAt: "what health checks begin with",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup { $0.attributes.proxyProtocolV2Enabled = true }
        _ = try scene.listener(.tcp, default: echo.forward)
        try await scene.start()

        // Connections that merely try whether the subject listens are without a byte too, and are for a client.
        _ = try? await echo.backends[0].waitForRecords(count: 1, kind: .probe, timeout: .seconds(5)) {
            $0.proxy?.isProxied != true
        }
        let checks = await echo.backends[0].records().filter { $0.kind == .probe && $0.proxy?.isProxied != true }
        try scene.expect(
            !checks.isEmpty && checks.allSatisfy { $0.proxy != nil },
            tried: "wait for health checks",
            expected: "a header of command LOCAL on each",
            actual: "\(checks.count { $0.proxy == nil }) of \(checks.count) without a header"
        )
    }

    private static let untouched = Check(
        "network.proxy-protocol.udp",
        "Datagrams carry no header.",
        rows: ["NLB-PP-013", "NLB-UD-002"],
        feature: "nlb.udp",
        reference: .networkTargetGroupAttributes,
        kills: [.udpPerDatagram],
        lookAt: "what targets get of a datagram",
        setting: .network
    ) { scene in
        let echo = try await scene.echoGroup("echo", .udp, backends: 4) { $0.attributes.proxyProtocolV2Enabled = true }
        let listener = try scene.listener(.udp, default: echo.forward)
        try await scene.start()

        let answers = try await scene.onDatagrams(to: listener, from: scene.client(10)) { socket in
            (0..<12).compactMap { number -> String? in
                socket.send("hello \(number)")
                return socket.receive(within: .seconds(2))
            }
        }
        let visits = await scene.visits(echo)
        let bodies = Set(visits.map(\.record.body.text))
        let places = Set(visits.map { "\($0.backend.description.name) \($0.record.peerPort)" })
        try scene.expect(
            answers.count == 12 && bodies == Set((0..<12).map { "hello \($0)" }) && places.count == 1,
            tried: "12 datagrams of one client; four targets in a group with proxy_protocol_v2.enabled",
            expected:
                "12 answers from where they were sent to; one target reads nothing but what was sent, as one flow",
            actual: "\(answers.count) answers; \(bodies.count) texts, such as \(bodies.sorted().first ?? "none"); "
                + "flows: \(places.count)"
        )
    }
}
