internal import ELBFleet
internal import ELBModel

/// Targets that fail, and what the client gets then.
enum TargetErrorChecks {
    static let all = [
        Self.refused, Self.garbage, Self.reset, Self.empty, Self.hang, Self.shortBody, Self.noRetry, Self.cutShort,
        Self.slowClient,
    ]

    private static let feature = "alb.errors"

    private static let refused = Check(
        "errors.502-refused",
        "A target that refuses the connection gives the client 502.",
        rows: ["ALB-ERR-027"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorBadGatewayAs500],
        lookAt: "which status a failed connection becomes"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await web.backends[0].set(MachineFault.refuse)
        try await scene.expect("GET", "/", at: listener, answers: 502) { $0.connection = .fresh }
    }

    private static let garbage = Check(
        "errors.502-garbage",
        "A target's malformed answer gives the client 502.",
        rows: ["ALB-ERR-030"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorBadGatewayAs500],
        lookAt: "what is done with an answer that is not HTTP"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await web.backends[0].set(.garbage, scope: .traffic)
        try await Self.expect502(at: listener, in: scene)
        try await web.backends[0].heal()
        // "HTTP/1.1 abc", and two lengths that differ.
        for raw in [
            "SFRUUC8xLjEgYWJjDQoNCg", "SFRUUC8xLjEgMjAwIE9LDQpDb250ZW50LUxlbmd0aDogMQ0KQ29udGVudC1MZW5ndGg6IDINCg0KYWI",
        ] {
            try await Self.expect502(path: "/?elb-raw=\(raw)", at: listener, in: scene)
        }
    }

    private static let reset = Check(
        "errors.502-reset",
        "A target that ends the connection with a request outstanding gives the client 502.",
        rows: ["ALB-ERR-029"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorBadGatewayAs500],
        lookAt: "which status a lost connection becomes"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for fault in [Fault.reset, .close] {
            try await web.backends[0].set(fault, scope: .traffic)
            try await Self.expect502(method: "POST", at: listener, in: scene)
        }
    }

    private static func expect502(
        method: String = "GET",
        path: String = "/",
        at listener: Endpoint,
        in scene: Scene
    ) async throws {
        let exchange = await scene.send(method, path, to: listener)
        let response = try scene.answer(exchange, expected: "502")
        try scene.expect("status", of: exchange, response.status, is: 502)
    }

    private static let empty = Check(
        "errors.503-empty",
        "A group without targets gives the client 503.",
        rows: ["ALB-ERR-035"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorNoTargetsAs502],
        lookAt: "which status an empty group becomes"
    ) { scene in
        let empty = try await scene.group("empty", backends: 0)
        let listener = try scene.listener(default: empty.forward)
        try await scene.start()

        try await scene.expect("GET", "/", at: listener, answers: 503)
        try await scene.expect("POST", "/", at: listener, answers: 503) { $0.body = .bytes(Array("hello".utf8)) }
    }

    private static let hang = Check(
        "errors.504-hang",
        "A target that sends nothing before the idle timeout gives the client 504.",
        rows: ["ALB-ERR-040"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorTimeoutAs502],
        lookAt: "what ends a request that the target never answers",
        setting: Setting { $0.idleTimeoutSeconds = 30 }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await web.backends[0].set(.hang, scope: .traffic)
        let exchange = await scene.send("GET", "/", to: listener)
        let response = try scene.answer(exchange, expected: "504 after 30 s of the balancer's time")
        try scene.expect("status", of: exchange, response.status, is: 504)
        try scene.expect("requests at the target", of: exchange, exchange.hits.count, is: 1)
    }

    private static let shortBody = Check(
        "errors.504-no-body",
        "A target that promises a body and sends nothing of it before the idle timeout gives the client 504.",
        rows: ["ALB-ERR-041"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorTimeoutAs502],
        lookAt: "what ends a response whose body never comes",
        setting: Setting { $0.idleTimeoutSeconds = 30 }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        // The pause stands before the only byte.
        let exchange = await scene.send("GET", "/?elb-body-bytes=1&elb-pause=8000", to: listener)
        let response = try scene.answer(exchange, expected: "504 after 30 s of the balancer's time")
        try scene.expect("status", of: exchange, response.status, is: 504)
    }

    private static let noRetry = Check(
        "errors.post-not-repeated",
        "A POST that a target has read is not sent again when the target fails.",
        rows: ["ALB-CONN-011"],
        level: .provisional,
        feature: Self.feature,
        reference: .attributes,
        kills: [.retriesPost],
        lookAt: "which requests may be sent twice"
    ) { scene in
        let web = try await scene.group("web", backends: 2)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        // Warm connections tempt a balancer to think that the connection had died before the request.
        try scene.expectAllAnswered(await scene.sendMany(4, "/", to: listener, atOnce: 1), status: 200)
        for backend in web.backends { try await backend.set(.reset, scope: .traffic) }
        for body in [[], Array("pay 100".utf8)] as [[UInt8]] {
            let exchange = await scene.send("POST", "/", to: listener) { $0.body = .bytes(body) }
            try scene.expect("requests at the targets", of: exchange, exchange.hits.count, is: 1)
        }
    }

    private static let cutShort = Check(
        "errors.cut-short",
        "When a target dies in the middle of a body, the client's connection is cut; it never looks complete.",
        rows: ["ALB-ERR-048"],
        level: .provisional,
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.responseLengthDropped],
        lookAt: "how the client learns that a body is not complete"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for framing in ["", "&elb-chunked=1"] {
            let path = "/?elb-body-bytes=5000&elb-truncate=2000\(framing)"
            let exchange = await scene.send("GET", path, to: listener) { $0.timeout = .seconds(6) }
            switch exchange.outcome {
            case .failure(let failure) where failure.kind == .timeout:
                throw Problem.broken(
                    tried: exchange.tried,
                    expected: "the connection is cut",
                    actual: "the client waits for ever",
                    evidence: exchange.evidence
                )
            case .failure: continue
            case .success(let response):
                throw Problem.broken(
                    tried: exchange.tried,
                    expected: "the connection is cut",
                    actual: "an answer that looks complete, \(response.body.count) bytes",
                    evidence: exchange.evidence
                )
            }
        }
    }

    private static let slowClient = Check(
        "errors.408",
        "A client that sends half a head and then nothing until the idle timeout gets 408.",
        rows: ["ALB-ERR-013"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorRequestTimeoutAs400],
        lookAt: "what ends a request whose head never ends",
        setting: Setting { $0.idleTimeoutSeconds = 30 }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let text = "GET / HTTP/1.1\r\nHost: a.exam"
        let outcome = await scene.sendRaw(text, to: listener, answers: 2, within: .seconds(6))
        try scene.expect(
            outcome.answers(to: ["GET"]).map(\.status) == [408] && outcome.end != nil,
            tried: "\(text.debugDescription), then silence",
            expected: "408 after 30 s of the balancer's time, then the end of the connection",
            actual: outcome.received.isEmpty
                ? "no answer" : String(decoding: outcome.received.prefix(60), as: UTF8.self).debugDescription
        )
    }
}
