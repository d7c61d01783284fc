internal import ELBModel

/// How long an HTTP/2 connection of a client lasts.
enum HTTP2ConnectionChecks {
    static let all = [Self.age, Self.requests, Self.idle]

    private static let age = Check(
        "http2.client-keep-alive",
        "When the client keep-alive duration is over, one more request is served and GOAWAY ends the connection.",
        rows: ["ALB-CONN-005"],
        feature: HTTP2Checks.feature,
        reference: .attributes,
        kills: [.http2GoAwayNever],
        lookAt: "what is sent when a connection has become too old",
        setting: Setting { $0.clientKeepAliveSeconds = 60 }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let pause = scene.scaled(seconds: 5)
        let limit = scene.scaled(seconds: 240)
        let (statuses, goAway, end) = try await scene.http2(to: listener) { connection in
            let deadline = ContinuousClock.now + limit
            var statuses: [Int?] = []
            while connection.goAway == nil, connection.end == nil, ContinuousClock.now < deadline {
                statuses.append(connection.answer(on: connection.request(.h2("/"))).status)
                connection.receive(within: pause) { $0.goAway != nil }
            }
            if connection.goAway != nil { connection.receive(within: .seconds(5)) { $0.end != nil } }
            return (statuses, connection.goAway?.code, connection.end)
        }
        try scene.expect(
            goAway == HTTP2Code.noError && end == .closed && statuses.allSatisfy { $0 == 200 } && statuses.count > 2,
            tried: "a request every 5 s, with a client keep-alive duration of 60 s",
            expected: "answers, at last one with GOAWAY (NO_ERROR), then the end of the connection",
            actual: "\(statuses.count { $0 == 200 }) of \(statuses.count) answered, "
                + "\(goAway.map { "GOAWAY \($0)" } ?? "no GOAWAY"), \(end?.rawValue ?? "still open")"
        )
    }

    private static let requests = Check(
        "http2.ten-thousand-requests",
        "A connection that has carried more than 10,000 requests is ended by GOAWAY.",
        rows: ["ALB-HTTP-004"],
        feature: HTTP2Checks.feature,
        reference: .troubleshooting,
        kills: [.http2GoAwayNever],
        lookAt: "who counts the requests of a connection"
    ) { scene in
        let listener = try scene.secureListener(default: .answer(200, "x"))
        try await scene.start()

        let (answered, goAway, end) = try await scene.http2(to: listener) { connection in
            var answered = 0
            while connection.goAway == nil, connection.end == nil, answered < 10_200 {
                let streams = (0..<100).map { _ in connection.request(.h2("/")) }
                for stream in streams where connection.answer(on: stream).status == 200 { answered += 1 }
            }
            if connection.goAway != nil { connection.receive(within: .seconds(5)) { $0.end != nil } }
            return (answered, connection.goAway, connection.end)
        }
        try scene.expect(
            goAway?.code == HTTP2Code.noError && answered > 10_000 && end == .closed,
            tried: "requests on one connection, a hundred at once",
            expected: "GOAWAY (NO_ERROR) behind more than 10,000 of them, then the end of the connection",
            actual: "\(answered) answered, \(goAway.map { "GOAWAY \($0.code)" } ?? "no GOAWAY"), "
                + (end?.rawValue ?? "still open")
        )
    }

    private static let idle = Check(
        "http2.ping-is-no-activity",
        "PING does not keep an idle connection open.",
        rows: ["ALB-HTTP-005"],
        feature: HTTP2Checks.feature,
        reference: .attributes,
        kills: [.http2PingIsActivity],
        lookAt: "what resets the idle timer",
        setting: Setting(isTimed: true) { $0.idleTimeoutSeconds = 40 }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let pause = scene.scaled(seconds: 10)
        let (status, end) = try await scene.http2(to: listener) { connection in
            let status = connection.answer(on: connection.request(.h2("/"))).status
            for _ in 0..<16 where connection.end == nil {
                connection.ping()
                connection.receive(within: pause) { $0.end != nil }
            }
            return (status, connection.end)
        }
        try scene.expect(
            status == 200 && end != nil,
            tried: "a request, then a PING every 10 s, with an idle timeout of 40 s",
            expected: "the connection is closed",
            actual: status == 200 ? "it stands after 160 s" : "the request was not answered"
        )
    }
}
