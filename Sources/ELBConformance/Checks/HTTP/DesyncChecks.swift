internal import ELBFleet
internal import ELBModel

/// Ambiguous and malformed requests: never forwarded in doubt.
enum DesyncChecks {
    static let all = [
        Self.contentLength, Self.headerBytes, Self.requestLine, Self.transferEncodings, Self.ambiguous, Self.compliant,
        Self.strictest,
    ]

    private static let feature = "alb.desync"

    private static let contentLength = Check(
        "desync.content-length",
        "Content-Length values that differ or are not numbers are answered 400, and nothing is forwarded.",
        rows: ["ALB-DSYNC-010", "ALB-DSYNC-020", "ALB-DSYNC-006"],
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.desyncOff],
        lookAt: "how the length of a body is found"
    ) { scene in
        try await scene.expectRefused([
            "POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 1x\r\n\r\nab",
            "POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        ])
    }

    private static let headerBytes = Check(
        "desync.header-bytes",
        "NUL or a bare CR inside a header is answered 400, and nothing is forwarded.",
        rows: ["ALB-DSYNC-011", "ALB-DSYNC-006"],
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.desyncOff],
        lookAt: "which bytes a header may hold"
    ) { scene in
        try await scene.expectRefused([
            "GET / HTTP/1.1\r\nHost: a.example.com\r\nX-A: a\u{0}b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a.example.com\r\nX-A: a\rX-B: b\r\n\r\n",
        ])
    }

    private static let requestLine = Check(
        "desync.request-line",
        "A malformed method, URI or version is answered 400, and nothing is forwarded.",
        rows: ["ALB-DSYNC-013", "ALB-DSYNC-014", "ALB-DSYNC-015", "ALB-ERR-004"],
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.errorBadRequestAs500],
        lookAt: "what a request line may look like"
    ) { scene in
        try await scene.expectRefused([
            "G<T / HTTP/1.1\r\nHost: a.example.com\r\n\r\n",
            "GET /a\u{0}b HTTP/1.1\r\nHost: a.example.com\r\n\r\n",
            "GET / HTTP/x.1\r\nHost: a.example.com\r\n\r\n",
            "\u{1}\u{2}\u{3}\r\n\r\n",
        ])
    }

    private static let transferEncodings = Check(
        "desync.transfer-encoding",
        "Several Transfer-Encoding fields, or one in disguise beside Content-Length, are answered 400.",
        rows: ["ALB-DSYNC-021", "ALB-DSYNC-026", "ALB-DSYNC-006"],
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.desyncOff],
        lookAt: "how many ways of framing a request may name"
    ) { scene in
        let chunk = "0\r\n\r\n"
        try await scene.expectRefused([
            "POST / HTTP/1.1\r\nHost: a.example.com\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)",
            "POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n\(chunk)",
        ])
    }

    private static let ambiguous = Check(
        "desync.ambiguous",
        "In defensive mode an ambiguous request is forwarded, and both connections are closed after it.",
        rows: ["ALB-DSYNC-004", "ALB-DSYNC-016"],
        feature: Self.feature,
        reference: .attributes,
        kills: [.desyncOff],
        lookAt: "what happens to the connections after an ambiguous request"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for framing in ["Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 10\r\nContent-Length: 10"] {
            let id = scene.nextID()
            let text =
                "POST /?elb-id=\(id) HTTP/1.1\r\nHost: a.example.com\r\n\(framing)\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            let outcome = await scene.sendRaw(text, to: listener, methods: ["POST"], answers: 2, within: .seconds(3))
            let record = try await scene.theRecord(of: id, sent: text, outcome)
            let framings = record.values(of: "Content-Length").count + record.values(of: "Transfer-Encoding").count
            try scene.expect(
                framings == 1,
                tried: text.debugDescription,
                expected: "one way of framing at the target",
                actual: "\(framings)",
                evidence: [.init("target web", record.rawHead.text)]
            )
            try scene.expect(
                outcome.answers(to: ["POST"]).map(\.status) == [200] && outcome.end != nil,
                tried: text.debugDescription,
                expected: "200, then the end of the client's connection",
                actual: outcome.end == nil
                    ? "the connection stays open" : "\(outcome.answers(to: ["POST"]).map(\.status))"
            )
            let next = await scene.send("GET", "/", to: listener)
            let second = try scene.expect(next, reached: web).record
            try scene.expect(
                "the target's connection is a new one",
                of: next,
                second.connection != record.connection,
                is: true
            )
        }
    }

    private static let compliant = Check(
        "desync.acceptable",
        "Compliant and acceptable requests pass in defensive mode.",
        rows: ["ALB-DSYNC-002", "ALB-DSYNC-003", "ALB-DSYNC-019", "ALB-DSYNC-023"],
        feature: Self.feature,
        reference: .attributes,
        kills: [.desyncAlwaysStrictest],
        lookAt: "which requests are refused without need"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for head in [
            "GET /?elb-id=ID HTTP/1.1\r\nHost: a.example.com\r\n",
            "GET /?elb-id=ID HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 0\r\n",
            "GET /?elb-id=ID HTTP/1.3\r\nHost: a.example.com\r\n",
        ] {
            let id = scene.nextID()
            let text = head.replacing("ID", with: id) + "\r\n"
            let outcome = await scene.sendRaw(text, to: listener)
            _ = try await scene.theRecord(of: id, sent: text, outcome)
        }
    }

    private static let strictest = Check(
        "desync.strictest",
        "In strictest mode a GET with a body is answered 400.",
        rows: ["ALB-DSYNC-032", "ALB-DSYNC-004"],
        feature: Self.feature,
        reference: .attributes,
        kills: [.desyncOff],
        lookAt: "what the attribute routing.http.desync_mitigation_mode changes",
        setting: Setting { $0.desyncMitigationMode = .strictest }
    ) { scene in
        try await scene.expectRefused([
            "GET / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 2\r\n\r\n{}",
            "GET / HTTP/1.3\r\nHost: a.example.com\r\n\r\n",
        ])
    }
}

extension Scene {
    /// Sends each text on a connection of its own, and expects 400, the end of the connection, and nothing at a target.
    fileprivate func expectRefused(_ texts: [String]) async throws {
        let web = try await self.group("web")
        let listener = try self.listener(default: web.forward)
        try await self.start()

        for text in texts {
            let outcome = await self.sendRaw(text, to: listener, methods: ["POST"], answers: 2, within: .seconds(3))
            if let failure = outcome.failure { throw Problem.uncertain("no connection: \(failure)") }
            let statuses = outcome.answers(to: ["POST"]).map(\.status)
            let reached = await self.trafficCounts(web).reduce(0, +)
            try self.expect(
                statuses == [400] && outcome.end != nil && reached == 0,
                tried: text.debugDescription,
                expected: "400, the end of the connection, and nothing at a target",
                actual: "\(statuses.isEmpty ? "no answer" : statuses.map(String.init).joined(separator: ", ")), "
                    + (outcome.end == nil ? "the connection stays open" : "the connection ends")
                    + ", \(reached) requests at the target",
                evidence: [.init("client", String(decoding: outcome.received.prefix(1000), as: UTF8.self))]
            )
        }
        // The balancer is alive and well.
        try await self.expect("GET", "/", at: listener, reaches: web)
    }
}
