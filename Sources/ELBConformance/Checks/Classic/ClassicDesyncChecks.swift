internal import ELBFleet
internal import ELBModel

/// What a Classic Load Balancer does with requests that two readers might understand differently.
enum ClassicDesyncChecks {
    static let all = [Self.severe, Self.ambiguous, Self.strictest]

    private static let feature = "clb.desync"

    private static let severe = Check(
        "classic.desync.severe",
        "In defensive mode a severe request is answered 400, its connection ends, and no instance hears of it.",
        rows: ["CLB-DS-002", "CLB-DS-003", "CLB-DS-006"],
        feature: Self.feature,
        reference: .classicDesync,
        kills: [.desyncOff, .errorBadRequestAs500],
        lookAt: "which requests are too dangerous to forward",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        let host = "Host: a.example.com\r\n"
        try await scene.expectRefused(
            [
                "POST / HTTP/1.1\r\n\(host)Content-Length: 1x\r\n\r\nab",
                "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                "GET / HTTP/1.1\r\n\(host)X-A: a\u{0}b\r\n\r\n",
                "G<T / HTTP/1.1\r\n\(host)\r\n",
                "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ],
            by: web
        )
    }

    private static let ambiguous = Check(
        "classic.desync.ambiguous",
        "In defensive mode an ambiguous request is forwarded with one framing, and the client's connection ends after it.",
        rows: ["CLB-DS-002", "CLB-DS-005"],
        feature: Self.feature,
        reference: .classicDesync,
        kills: [.desyncOff, .desyncAlwaysStrictest],
        lookAt: "what happens to the connections after an ambiguous request",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        let id = scene.nextID()
        let text =
            "POST /?elb-id=\(id) HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n0\r\n\r\n"
        let outcome = await scene.sendRaw(text, to: web.endpoint, methods: ["POST"], answers: 2, within: .seconds(3))
        let record = try await scene.theRecord(of: id, sent: text, outcome)
        let framings = record.values(of: "Content-Length").count + record.values(of: "Transfer-Encoding").count
        try scene.expect(
            framings == 1 && outcome.answers(to: ["POST"]).map(\.status) == [200] && outcome.end != nil,
            tried: text.debugDescription,
            expected: "one way of framing at the instance, 200, then the end of the client's connection",
            actual: "\(framings) ways of framing, \(outcome.answers(to: ["POST"]).map(\.status)), "
                + (outcome.end == nil ? "the connection stays open" : "the connection ends"),
            evidence: [.init("instance", record.rawHead.text)]
        )
    }

    private static let strictest = Check(
        "classic.desync.strictest",
        "In strictest mode whatever is not compliant is answered 400; in others what is acceptable passes.",
        rows: ["CLB-DS-002", "CLB-DS-004"],
        feature: Self.feature,
        reference: .classicDesync,
        kills: [.desyncOff],
        lookAt: "what the attribute elb.http.desyncmitigationmode changes",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic { $0.attributes.desyncMitigationMode = .strictest }
        try await scene.start()

        try await scene.expectRefused(
            [
                "GET / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 0\r\n\r\n",
                "GET / HTTP/1.3\r\nHost: a.example.com\r\n\r\n",
            ],
            by: web
        )
    }
}

extension Scene {
    /// Sends each text on a connection of its own, and expects 400, the end of the connection, and nothing at an instance.
    fileprivate func expectRefused(_ texts: [String], by web: ClassicScene) async throws {
        for text in texts {
            let outcome = await self.sendRaw(text, to: web.endpoint, methods: ["POST"], answers: 2, within: .seconds(3))
            if let failure = outcome.failure { throw Problem.uncertain("no connection: \(failure)") }
            let statuses = outcome.answers(to: ["POST"]).map(\.status)
            let reached = await self.trafficCounts(web.group).reduce(0, +)
            try self.expect(
                statuses == [400] && outcome.end != nil && reached == 0,
                tried: text.debugDescription,
                expected: "400, the end of the connection, and nothing at an instance",
                actual: "\(statuses.isEmpty ? "no answer" : statuses.map(String.init).joined(separator: ", ")), "
                    + (outcome.end == nil ? "the connection stays open" : "the connection ends")
                    + ", \(reached) requests at the instance",
                evidence: [.init("client", String(decoding: outcome.received.prefix(1000), as: UTF8.self))]
            )
        }
    }
}
