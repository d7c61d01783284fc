internal import ELBFleet
internal import ELBModel

/// What the balancer answers by itself to a well-formed head.
enum MethodAnswerChecks {
    static let all = [Self.methods, Self.trace, Self.transferEncoding]

    private static let feature = "alb.http.methods"

    private static let methods = Check(
        "http.methods.forwarded",
        "GET, HEAD, POST, PUT, DELETE, OPTIONS and PATCH reach the target as they are.",
        rows: ["ALB-HTTP-016"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.methodRewritten],
        lookAt: "which methods are forwarded"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            let exchange = await scene.send(method, "/", to: listener)
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect("method at the target", of: exchange, record.method, is: method)
        }
    }

    private static let trace = Check(
        "http.methods.trace",
        "TRACE is answered 405 and not forwarded.",
        rows: ["ALB-ERR-012", "ALB-HTTP-016"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorTraceAllowed],
        lookAt: "which methods are refused"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await scene.expect("TRACE", "/", at: listener, answers: 405)
    }

    private static let transferEncoding = Check(
        "http.transfer-encoding.unsupported",
        "A Transfer-Encoding that is neither chunked nor identity is answered 501 and not forwarded.",
        rows: ["ALB-HTTP-026", "ALB-ERR-025"],
        feature: "alb.http.transfer-encoding",
        reference: .troubleshooting,
        kills: [.errorNotImplementedAs400],
        lookAt: "which values of Transfer-Encoding are understood"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for value in ["gzip", "deflate"] {
            let id = scene.nextID()
            let text =
                "POST /?elb-id=\(id) HTTP/1.1\r\nHost: a.example.com\r\nTransfer-Encoding: \(value)\r\n\r\n"
            let outcome = await scene.sendRaw(text, to: listener, methods: ["POST"], within: .seconds(4))
            let status = outcome.answers(to: ["POST"]).first?.status
            let hits = await scene.hits(id)
            try scene.expect(
                status == 501 && hits.isEmpty,
                tried: text.debugDescription,
                expected: "501, and no target is contacted",
                actual: "\(status.map(String.init) ?? "no answer"), \(hits.count) requests at the target"
            )
        }
    }
}
