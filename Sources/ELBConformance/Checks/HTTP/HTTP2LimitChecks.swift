internal import ELBFleet
internal import ELBModel

/// What is too much on an HTTP/2 connection, and what is refused of its requests.
enum HTTP2LimitChecks {
    static let all = [Self.streams, Self.headers, Self.invalidNames, Self.desync]

    private static let streams = Check(
        "http2.streams-beyond-limit",
        "A stream beyond the limit is refused alone; the others are answered, and the connection stands.",
        rows: ["ALB-HTTP-003"],
        feature: HTTP2Checks.feature,
        reference: .listeners,
        kills: [.http2LimitsEndConnection],
        needs: ["http2.streams"],
        lookAt: "what a client's stream costs that exceeds the announced number"
    ) { scene in
        let listener = try scene.secureListener(default: .answer(200, "x"))
        try await scene.start()

        let (answered, codes, goAway, last) = try await scene.http2(to: listener) { connection in
            connection.receive(within: .seconds(5)) { !$0.settings.isEmpty }
            let limit = connection.settings[HTTP2Setting.maxConcurrentStreams] ?? 128
            // A stream whose answer the client has no room for stays open, however slow or quick anybody is.
            let noRoom = [UInt8(0), UInt8(HTTP2Setting.initialWindowSize)] + HTTP2Frame.number(0)
            connection.send(HTTP2Frame(.settings, on: 0, noRoom))
            let streams = (0..<limit).map { _ in connection.request(.h2("/")) }
            let excess = (0..<3).map { _ in connection.request(.h2("/")) }
            for stream in excess { connection.answer(on: stream) }
            let room = [UInt8(0), UInt8(HTTP2Setting.initialWindowSize)] + HTTP2Frame.number(65_535)
            connection.send(HTTP2Frame(.settings, on: 0, room))
            for stream in streams { connection.answer(on: stream) }
            return (
                streams.count { connection.answers[$0]?.status != nil } == limit,
                excess.map { connection.answers[$0]?.resetCode },
                connection.goAway?.code,
                connection.answer(on: connection.request(.h2("/"))).status
            )
        }
        try scene.expect(
            // Either code is allowed (RFC 9113, section 5.1.2).
            codes.allSatisfy { $0 == HTTP2Code.refusedStream || $0 == HTTP2Code.protocolError },
            tried: "three streams more than announced",
            expected: "RST_STREAM (REFUSED_STREAM) for each",
            actual:
                "\(codes.map { $0.map { "code \($0)" } ?? "no RST_STREAM" }), GOAWAY \(goAway.map { "\($0)" } ?? "none")"
        )
        try scene.expect(
            answered && goAway == nil && last == 200,
            tried: "the other streams, and a later one",
            expected: "answers",
            actual: "\(answered ? "all" : "not all") answered, the later one \(last.map { "\($0)" } ?? "not at all")"
        )
    }

    private static let headers = Check(
        "http2.header-limits",
        "60K of headers in one request arrive; one header of 17K, or 72K together, are answered 400 on their stream alone.",
        rows: ["ALB-HTTP-024", "ALB-ERR-005"],
        feature: HTTP2Checks.feature,
        reference: .troubleshooting,
        kills: [.http2LimitsEndConnection],
        lookAt: "how much of a header block is read before it is judged, and from when on that holds"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let (first, refused, last) = try await scene.http2(to: listener) { connection in
            // Before the client has even seen any settings.
            let first = connection.answer(on: connection.request(.h2("/?elb-id=\(id)") + Self.parts(10))).status
            let long = [CurlHeader("x-long", String(repeating: "l", count: 17_000))]
            let refused = [long, Self.parts(12)].map { fields in
                connection.answer(on: connection.request(.h2("/") + fields)).status
            }
            return (first, refused, connection.answer(on: connection.request(.h2("/"))).status)
        }
        let arrived = await scene.hits(id).first?.record.headers.count { $0.name.lowercased().hasPrefix("x-part-") }
        try scene.expect(
            first == 200 && arrived == 10,
            tried: "ten headers of 6,000 bytes in a connection's first request",
            expected: "200, and all of them at the target",
            actual: "\(first.map { "\($0)" } ?? "no answer"), \(arrived ?? 0) at the target"
        )
        try scene.expect(
            // AWS lists the limits under both.
            refused.allSatisfy { $0 == 400 || $0 == 413 } && last == 200,
            tried: "a header of 17,000 bytes, then twelve of 6,000, then an ordinary request",
            expected: "400, 400, 200",
            actual: "\((refused + [last]).map { $0.map { "\($0)" } ?? "no answer" })"
        )
    }

    private static func parts(_ count: Int) -> [CurlHeader] {
        (0..<count).map { CurlHeader("x-part-\($0)", String(repeating: "p", count: 6000)) }
    }

    private static let invalidNames = Check(
        "http2.invalid-names",
        "With drop_invalid_header_fields, a header name with other characters than letters, digits and - reaches no target.",
        rows: ["ALB-HDR-035"],
        feature: "alb.headers.drop-invalid",
        reference: .loadBalancers,
        kills: [.invalidHeadersKept],
        lookAt: "which names the attribute routing.http.drop_invalid_header_fields.enabled removes over HTTP/2",
        setting: Setting { $0.dropInvalidHeaderFieldsEnabled = true }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let status = try await scene.http2(to: listener) { connection in
            let fields = [CurlHeader("bad_name", "1"), CurlHeader("good-name-3", "3")]
            return connection.answer(on: connection.request(.h2("/?elb-id=\(id)") + fields)).status
        }
        let names = await scene.hits(id).flatMap { $0.record.headers.map { $0.name.lowercased() } }
        // Whether such a request is refused or goes on without the header, AWS does not say.
        try scene.expect(
            !names.contains("bad_name") && (names.isEmpty ? status != 200 : names.contains("good-name-3")),
            tried: "bad_name and good-name-3 over HTTP/2",
            expected: "the request is refused, or its target gets good-name-3 alone",
            actual: "\(status ?? 0); the target got \(names.joined(separator: ", "))"
        )
    }

    private static let desync = Check(
        "http2.desync",
        "A request is classified in the form of HTTP/1.1 that it takes: a GET with a length is refused in strictest mode.",
        rows: ["ALB-DSYNC-031"],
        level: .provisional,
        feature: "alb.desync",
        reference: .loadBalancers,
        kills: [.desyncOff],
        lookAt: "whether requests of HTTP/2 pass the classifier",
        setting: Setting { $0.desyncMitigationMode = .strictest }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let statuses = try await scene.http2(to: listener) { connection in
            ["GET", "POST"].map { method in
                let fields = [CurlHeader].h2("/", method: method) + [CurlHeader("content-length", "5")]
                let stream = connection.request(fields, endsStream: false)
                connection.sendData(Array("hello".utf8), on: stream)
                return connection.answer(on: stream).status
            }
        }
        let counts = await scene.trafficCounts(web)
        try scene.expect(
            statuses == [400, 200] && counts == [1],
            tried: "five bytes by GET, then by POST, over HTTP/2",
            expected: "400, and 200 by the target",
            actual: "\(statuses.map { $0 ?? 0 }), \(counts) requests at the target"
        )
    }
}
