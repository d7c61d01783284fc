internal import ELBFleet
internal import ELBModel

/// Bodies arrive whole, both ways, however they are framed.
enum BodyChecks {
    static let all = [
        Self.upload, Self.download, Self.chunkedRequest, Self.chunkedAnswer, Self.trailers, Self.expect,
    ]

    private static let feature = "alb.http.bodies"

    private static let upload = Check(
        "http.body.upload",
        "A body of 1 MiB reaches the target to the byte.",
        rows: ["ALB-HTTP-016"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.bodyTruncated],
        lookAt: "how a body longer than one read is relayed"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for count in [1, 4096, 1 << 20] {
            let body = scene.random { random in (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
            let exchange = await scene.send("POST", "/", to: listener) { $0.body = .bytes(body) }
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect("bytes of the body", of: exchange, record.bodyLength, is: count)
            try scene.expect("checksum", of: exchange, record.bodyChecksum, is: BodyChecksum.of(body))
        }
    }

    private static let download = Check(
        "http.body.download",
        "A body of 1 MiB reaches the client to the byte.",
        rows: ["ALB-ERR-002"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.bodyTruncated],
        lookAt: "how a body longer than one read is relayed"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for count in [0, 1, 65536, 1 << 20] {
            let exchange = await scene.send("GET", "/?elb-body-bytes=\(count)", to: listener)
            if case .failure(let failure) = exchange.outcome, failure.kind == .timeout, failure.status != nil {
                throw Problem.broken(
                    tried: exchange.tried,
                    expected: "\(count) bytes",
                    actual: "\(failure.bodyBytes) bytes, then nothing more",
                    evidence: []
                )
            }
            let response = try scene.expect(exchange, reached: web).response
            try scene.expect("bytes of the body", of: exchange, response.body.count, is: count)
            let isSame = response.body == AnswerPlan.pattern(count)
            try scene.expect("body is the target's", of: exchange, isSame, is: true)
        }
    }

    private static let chunkedRequest = Check(
        "http.body.chunked-request",
        "A request's body in chunks reaches the target whole.",
        rows: ["ALB-HTTP-026"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.bodyTruncated],
        lookAt: "how chunks of a request are relayed"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        // Sizes of every kind: one byte, around a power of two, and longer than one read.
        let sizes = scene.random { random in [1, 15, 16, 17, 4096, 70_000].shuffled(using: &random) }
        let pieces = sizes.map { size in
            scene.random { random in (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) } }
        }
        let exchange = await scene.send("POST", "/", to: listener) { $0.body = .chunked(pieces) }
        let record = try scene.expect(exchange, reached: web).record
        let whole = pieces.flatMap(\.self)
        try scene.expect("bytes of the body", of: exchange, record.bodyLength, is: whole.count)
        try scene.expect("checksum", of: exchange, record.bodyChecksum, is: BodyChecksum.of(whole))
    }

    private static let chunkedAnswer = Check(
        "http.body.chunked-answer",
        "An answer in chunks reaches the client whole, and the connection goes on after it.",
        rows: ["ALB-HTTP-029", "ALB-CONN-006"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.keepAliveNever, .bodyTruncated],
        lookAt: "how chunks of an answer are relayed"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let counts = [0, 1, 5000, 200_000]
        let exchanges = await scene.sendInOrder(counts.map { "/?elb-chunked=1&elb-body-bytes=\($0)" }, to: listener)
        for (exchange, count) in zip(exchanges, counts) {
            let response = try scene.expect(exchange, reached: web).response
            try scene.expect("body", of: exchange, response.body == AnswerPlan.pattern(count), is: true)
        }
        let opened = exchanges.compactMap { try? $0.outcome.get() }.count { $0.openedConnection }
        try scene.expect(
            opened == 1,
            tried: "four answers in chunks",
            expected: "one connection",
            actual: "\(opened) connections"
        )
    }

    private static let trailers = Check(
        "http.body.trailers",
        "Trailers behind a chunked body are relayed both ways.",
        rows: ["ALB-HTTP-027"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.bodyTruncated],
        lookAt: "what follows the last chunk"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let text =
            "POST /?elb-id=\(id)&elb-trailer=X-Sum:answer HTTP/1.1\r\nHost: a.example.com\r\nTE: trailers\r\n"
            + "Transfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n5\r\nhello\r\n0\r\nX-Check: request\r\n\r\n"
        let outcome = await scene.sendRaw(text, to: listener, methods: ["POST"])
        let record = try await scene.theRecord(of: id, sent: text, outcome)
        let request = record.trailers.map { "\($0.name): \($0.value)" }
        let answer = outcome.answers(to: ["POST"]).first?.trailers.map(\.description) ?? []
        // The case of a name means nothing.
        let isRelayed =
            request.map { $0.lowercased() } == ["x-check: request"]
            && answer.map { $0.lowercased() } == ["x-sum: answer"]
        try scene.expect(
            isRelayed,
            tried: "a request and an answer with one trailer each",
            expected: "X-Check at the target, X-Sum at the client",
            actual: "\(request) at the target, \(answer) at the client"
        )
    }

    private static let expect = Check(
        "http.body.expect-continue",
        "Expect: 100-continue is answered at once by the balancer, and is not forwarded.",
        rows: ["ALB-HTTP-019"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.expectForwarded],
        lookAt: "who answers 100 Continue"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let head =
            "POST /?elb-id=\(id)&elb-continue=0 HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 5\r\n"
            + "Expect: 100-continue\r\n\r\n"
        let outcome = await scene.onRawConnection(to: listener) { connection in
            connection.send(head)
            let isContinue = { (bytes: [UInt8]) in bytes.count >= 12 }
            // The body follows only when the balancer has asked for it; the target is told not to.
            if connection.receive(within: .seconds(3), until: isContinue) == .satisfied { connection.send("hello") }
            connection.receive(within: .seconds(5)) { bytes in
                RawAnswer.all(in: bytes, methods: ["POST"], isAtEnd: false).contains { $0.status >= 200 }
            }
        }
        let statuses = outcome.answers(to: ["POST"]).map(\.status)
        try scene.expect(
            statuses == [100, 200],
            tried: "the head of a POST with Expect: 100-continue, then its body",
            expected: "100 before the body is sent, then 200",
            actual: "\(statuses)"
        )
        let record = try await scene.theRecord(of: id, sent: head, outcome)
        try scene.expect(
            record.values(of: "Expect").isEmpty && record.bodyLength == 5,
            tried: "the head of a POST with Expect: 100-continue, then its body",
            expected: "no Expect at the target, and 5 bytes",
            actual: "Expect: \(record.values(of: "Expect")), \(record.bodyLength) bytes"
        )
    }
}
