internal import ELBFleet
internal import ELBModel

/// HTTP/2 from clients: who may speak it, and how a stream becomes a request of HTTP/1.1.
enum HTTP2Checks {
    static let all =
        [
            Self.offered, Self.switchedOff, Self.clearText, Self.separate, Self.names, Self.authority, Self.limit,
            Self.expect,
            Self.bodies, Self.fairness, Self.malformed, Self.outstanding,
        ] + HTTP2ConnectionChecks.all + HTTP2LimitChecks.all

    static let feature = "alb.http.http2"

    private static let offered = Check(
        "http2.offered",
        "An HTTPS listener speaks HTTP/2 with a client that offers it by ALPN, and HTTP/1.1 with any other.",
        rows: ["ALB-HTTP-001", "ALB-HTTP-002", "ALB-LSN-013"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.http2NotOffered],
        lookAt: "what the TLS handshake offers by ALPN"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        for (version, expected) in [(CurlRequest.Version.http2, "HTTP/2"), (.http11, "HTTP/1.1")] {
            let exchange = await scene.sendSecure("GET", "/", to: listener) { $0.version = version }
            let (response, record) = try scene.expect(exchange, reached: web)
            try scene.expect("version of the answer", of: exchange, response.version, is: expected)
            try scene.expect("version at the target", of: exchange, record.version, is: "HTTP/1.1")
        }
    }

    private static let switchedOff = Check(
        "http2.switched-off",
        "With routing.http2.enabled false, ALPN does not offer HTTP/2.",
        rows: ["ALB-HTTP-002"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.http2AlwaysOffered],
        needs: ["http2.offered"],
        lookAt: "whether ALPN knows of the attribute",
        setting: Setting { $0.http2Enabled = false }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let exchange = await scene.sendSecure("GET", "/", to: listener)
        let response = try scene.expect(exchange, reached: web).response
        try scene.expect("version of the answer", of: exchange, response.version, is: "HTTP/1.1")
    }

    private static let clearText = Check(
        "http2.clear-text",
        "HTTP/2 in clear text is answered 505.",
        rows: ["ALB-HTTP-030", "ALB-LSN-013"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorBadVersionAs400],
        lookAt: "what is done with a version of HTTP that is not expected on the connection"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let outcome = await scene.sendRaw(
            String(decoding: HTTP2Frame.preface + HTTP2Frame(.settings).serialized, as: UTF8.self),
            to: listener
        )
        let statuses = outcome.answers(to: ["PRI"]).map(\.status)
        try scene.expect(
            statuses == [505],
            tried: "HTTP/2's preface on an HTTP listener",
            expected: "505",
            actual: statuses.isEmpty ? "no answer of HTTP/1" : "\(statuses)"
        )
        try scene.expect(
            await scene.trafficCounts(web) == [0],
            tried: "HTTP/2's preface on an HTTP listener",
            expected: "no target is contacted",
            actual: "one was"
        )
    }

    private static let separate = Check(
        "http2.separate-requests",
        "Each stream of a connection becomes a request of HTTP/1.1 of its own, answered when its target answers.",
        rows: ["ALB-HTTP-006", "ALB-HTTP-007"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.roundRobinAlwaysFirst],
        lookAt: "how a stream's fields become a request line and a head"
    ) { scene in
        let web = try await scene.group("web", backends: 2)
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let ids = [scene.nextID(), scene.nextID(), scene.nextID(), scene.nextID()]
        let order = try await scene.http2(to: listener) { connection in
            let streams = ids.enumerated().map { index, id in
                connection.request(.h2("/?elb-delay=\(index == 0 ? 1200 : 0)&elb-id=\(id)"))
            }
            for stream in streams { connection.answer(on: stream) }
            let ends = connection.frames.filter { $0.flags.contains(.endStream) && $0.stream > 0 }
            return (ends.map(\.stream), streams.map { connection.answers[$0]?.status })
        }
        try scene.expect(
            order.1 == [200, 200, 200, 200] && order.0.last == 1,
            tried: "four streams, the first of which takes 1200 ms",
            expected: "four answers, the first one's last",
            actual: "\(order.1.map { $0 ?? 0 }), ended in the order \(order.0)"
        )
        for id in ids {
            let hits = await scene.hits(id)
            let line = hits.first?.record.rawHead.text.prefix { $0 != "\r\n" }
            try scene.expect(
                hits.count == 1 && line?.hasPrefix("GET /") == true && line?.hasSuffix(" HTTP/1.1") == true,
                tried: "a stream with :path /…",
                expected: "GET /… HTTP/1.1, once",
                actual: hits.isEmpty ? "it reached no target" : "\(hits.count) times, \(line ?? "")"
            )
        }
        let counts = await scene.trafficCounts(web)
        try scene.expect(
            counts == [2, 2],
            tried: "four streams on one connection, two targets",
            expected: "two requests each",
            actual: "\(counts)"
        )
    }

    private static let names = Check(
        "http2.lower-case-names",
        "A target gets the names of an HTTP/2 client's headers in lower case, but for those that the load balancer writes.",
        rows: ["ALB-HDR-033"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.http2NamesCapitalized],
        lookAt: "how names are written to the target"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let sent = [
            CurlHeader("x-word", "One"), CurlHeader("accept-language", "ko"), CurlHeader("user-agent", "suite"),
        ]
        let exchange = await scene.sendSecure("GET", "/", to: listener, headers: sent)
        let record = try scene.expect(exchange, reached: web).record
        let written = record.headers.map(\.name)
        for name in sent.map(\.name) {
            try scene.expect(
                written.contains(name),
                tried: "\(name) over HTTP/2",
                expected: "\(name) at the target",
                actual: written.joined(separator: ", "),
                evidence: exchange.hits.map(\.evidence)
            )
        }
        for name in ["Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id"] {
            // Whether there is a trace id is another feature's matter.
            if name == "X-Amzn-Trace-Id", record.values(of: name).isEmpty { continue }
            try scene.expect(
                written.contains(name),
                tried: "a request over HTTP/2",
                expected: "\(name) at the target, written so",
                actual: written.joined(separator: ", "),
                evidence: exchange.hits.map(\.evidence)
            )
        }
        try scene.expect("X-Forwarded-Proto", of: exchange, record.values(of: "X-Forwarded-Proto"), is: ["https"])
    }

    private static let authority = Check(
        "http2.authority",
        ":authority counts as Host, for rules and for the target; cookies in several fields arrive as one.",
        rows: ["ALB-HTTP-006", "ALB-COND-004"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesDefaultFirst],
        lookAt: "what an HTTP/2 request's host is"
    ) { scene in
        let shop = try await scene.group("shop")
        let other = try await scene.group("other")
        let listener = try scene.secureListener(
            rules: [.when(.host("shop.example.com"), priority: 1, then: shop.forward)],
            default: other.forward
        )
        try await scene.start()

        let id = scene.nextID()
        let answer = try await scene.http2(to: listener) { connection in
            var fields = [CurlHeader].h2("/?elb-id=\(id)")
            fields[3].value = "SHOP.example.com"
            let crumbs = [CurlHeader("cookie", "a=1"), CurlHeader("cookie", "b=2"), CurlHeader("cookie", "c=3")]
            return connection.answer(on: connection.request(fields + crumbs))
        }
        let hits = await scene.hits(id)
        try scene.expect(
            answer.status == 200 && hits.map(\.backend.description.name) == ["shop"],
            tried: ":authority SHOP.example.com",
            expected: "the rule for that host",
            actual: "\(answer.status ?? 0); reached \(hits.map(\.backend.description.name))"
        )
        let cookies = hits.first?.record.values(of: "Cookie") ?? []
        try scene.expect(
            cookies == ["a=1; b=2; c=3"],
            tried: "three cookie fields",
            expected: "one Cookie header",
            actual: "\(cookies)"
        )
    }

    private static let limit = Check(
        "http2.streams",
        "A connection has at most 128 streams at once, and nothing is pushed.",
        rows: ["ALB-HTTP-003", "ALB-HTTP-005"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.http2StreamsFew],
        lookAt: "the settings that the load balancer sends"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let (setting, statuses, pushes) = try await scene.http2(to: listener) { connection in
            connection.receive(within: .seconds(5)) { !$0.settings.isEmpty }
            let streams = (0..<128).map { _ in connection.request(.h2("/?elb-delay=100")) }
            for stream in streams { connection.answer(on: stream) }
            return (
                connection.settings[HTTP2Setting.maxConcurrentStreams],
                streams.compactMap { connection.answers[$0]?.status },
                connection.frames.count { $0.kind == .pushPromise }
            )
        }
        try scene.expect(
            setting == 128,
            tried: "SETTINGS_MAX_CONCURRENT_STREAMS",
            expected: "128",
            actual: setting.map { "\($0)" } ?? "not sent"
        )
        try scene.expect(
            // Which answers they are is not the matter here: so many connections to one target may fail.
            statuses.count == 128,
            tried: "128 streams at once",
            expected: "128 answers",
            actual: "\(statuses.count) answers"
        )
        try scene.expect(pushes == 0, tried: "requests", expected: "no PUSH_PROMISE", actual: "\(pushes)")
    }

    private static let expect = Check(
        "http2.expect-ignored",
        "Over HTTP/2 Expect is ignored: no 100 is sent, and it is not forwarded.",
        rows: ["ALB-HTTP-020"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.expectForwarded],
        lookAt: "what is done about Expect"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let answer = try await scene.http2(to: listener) { connection in
            let fields = [CurlHeader].h2("/?elb-id=\(id)", method: "POST") + [CurlHeader("expect", "100-continue")]
            let stream = connection.request(fields, endsStream: false)
            connection.sendData(Array("hello".utf8), on: stream)
            return connection.answer(on: stream)
        }
        let hit = await scene.hits(id).first
        try scene.expect(
            answer.status == 200 && answer.interimStatuses.isEmpty && hit?.record.values(of: "Expect") == [],
            tried: "expect: 100-continue over HTTP/2",
            expected: "200 without a 100, and no Expect at the target",
            actual:
                "\(answer.interimStatuses + [answer.status ?? 0]); at the target \(hit?.record.values(of: "Expect") ?? [])"
        )
    }

    private static let bodies = Check(
        "http2.bodies",
        "Bodies larger than every window arrive whole, in both directions.",
        rows: ["ALB-HTTP-006", "ALB-HTTP-029"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.bodyTruncated],
        lookAt: "who opens which window, and when"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let body = AnswerPlan.pattern(400_000)
        let answer = try await scene.http2(to: listener) { connection in
            let fields = [CurlHeader].h2("/?elb-body-bytes=400000&elb-id=\(id)", method: "POST")
            let stream = connection.request(fields, endsStream: false)
            connection.sendData(body, on: stream)
            return connection.answer(on: stream)
        }
        let record = await scene.hits(id).first?.record
        try scene.expect(
            answer.body == body && record?.bodyChecksum == BodyChecksum.of(body),
            tried: "400,000 bytes each way",
            expected: "all of them",
            actual: "\(record?.bodyLength ?? 0) to the target, \(answer.body.count) back"
        )
        let chunked = try await scene.http2(to: listener) { connection in
            connection.answer(on: connection.request(.h2("/?elb-chunked=1&elb-body-bytes=50000")))
        }
        try scene.expect(
            chunked.body == AnswerPlan.pattern(50000) && chunked.header("transfer-encoding") == nil,
            tried: "an answer in chunks",
            expected: "its bytes, and no transfer-encoding",
            actual: "\(chunked.body.count) bytes, transfer-encoding \(chunked.header("transfer-encoding") ?? "none")"
        )
    }

    private static let fairness = Check(
        "http2.stalled-stream",
        "A stream whose client does not read holds up no other stream of its connection, and a reset ends one alone.",
        rows: ["ALB-HTTP-006"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.bodyTruncated],
        lookAt: "what stops when a stream's window is used up"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let outcome = try await scene.http2(to: listener) { connection in
            connection.opensWindows = false
            // Windows of streams are 65,535 bytes; the connection's own is opened wide.
            connection.send(HTTP2Frame(.windowUpdate, on: 0, HTTP2Frame.number(1 << 24)))
            let stalled = connection.request(.h2("/?elb-body-bytes=1000000"))
            connection.receive(within: .seconds(5)) { ($0.answers[stalled]?.body.count ?? 0) >= 65535 }
            let other = connection.answer(on: connection.request(.h2("/?elb-body-bytes=1000")))
            let received = connection.answers[stalled]?.body.count ?? 0
            connection.reset(stalled)
            let last = connection.answer(on: connection.request(.h2("/?elb-body-bytes=2000")))
            return (received, other.body.count, last.body.count)
        }
        try scene.expect(
            outcome == (65535, 1000, 2000),
            tried: "a stream that is not read, then others on its connection",
            expected: "65535 bytes of the first, all of the others",
            actual: "\(outcome)"
        )
    }

    /// Heads that could mean another request to a target than to the load balancer (RFC 9113, section 8).
    private static let malformed = Check(
        "http2.malformed",
        "A stream whose fields would mean something else in HTTP/1.1 is refused and reaches no target.",
        rows: ["ALB-HTTP-006", "ALB-ERR-004"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.http2MalformedAccepted],
        lookAt: "what is checked before fields of HTTP/2 are written as lines of HTTP/1.1"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        for (name, change) in MalformedHead.all {
            let id = scene.nextID()
            let fields = change(.h2("/?elb-id=\(id)", method: "POST"))
            let (answer, isOver) = try await scene.http2(to: listener) { connection in
                let stream = connection.request(fields, endsStream: false)
                connection.sendData(Array("hello".utf8), on: stream)
                connection.receive(within: .seconds(5)) {
                    $0.answers[stream]?.isOver == true || $0.goAway != nil || $0.end != nil
                }
                return (connection.answers[stream] ?? HTTP2Answer(), connection.goAway != nil || connection.end != nil)
            }
            let status = answer.status ?? 0
            // Who ends the whole connection, by GOAWAY or without a word, refuses the stream as well.
            let isRefused = (400..<500).contains(status) || answer.resetCode != nil || (isOver && answer.status == nil)
            // A length shows to be wrong when the head may be on its way; a whole request must not come of it.
            let hits = await scene.hits(id).filter(\.record.requestCompleted)
            try scene.expect(
                isRefused && hits.isEmpty,
                tried: name,
                expected: "the stream is refused and reaches no target",
                actual: isRefused ? "a target read it" : "it was answered \(status)",
                evidence: hits.map(\.evidence)
            )
        }
        // The connection, or a new one, goes on as ever.
        let exchange = await scene.sendSecure("GET", "/", to: listener)
        try scene.expect(exchange, reached: web)
    }

    private static let outstanding = Check(
        "http2.least-outstanding",
        "Every stream counts as a request of its own towards least outstanding requests.",
        rows: ["ALB-ALG-006"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.leastOutstandingIgnored],
        lookAt: "what is counted as outstanding"
    ) { scene in
        let web = try await scene.group("web", backends: 2) { $0.attributes.algorithm = .leastOutstandingRequests }
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        // One slow request pins one target; of the next nine, one after another, none should join it.
        let statuses = try await scene.http2(to: listener) { connection in
            let slow = connection.request(.h2("/?elb-delay=1500"))
            let quick = (0..<9).map { _ in connection.answer(on: connection.request(.h2("/"))).status }
            return quick + [connection.answer(on: slow).status]
        }
        let counts = await scene.trafficCounts(web).sorted()
        try await scene.expectHeld(in: web)
        try scene.expect(
            counts == [1, 9] && statuses.allSatisfy { $0 == 200 },
            tried: "one slow stream and nine quick ones on one connection",
            expected: "the slow one alone at its target",
            actual: "\(counts)"
        )
    }
}

extension [CurlHeader] {
    /// The head of an ordinary request over HTTP/2.
    static func h2(_ path: String, method: String = "GET") -> Self {
        [
            CurlHeader(":method", method), CurlHeader(":scheme", "https"), CurlHeader(":path", path),
            CurlHeader(":authority", "www.example.com"),
        ]
    }
}
