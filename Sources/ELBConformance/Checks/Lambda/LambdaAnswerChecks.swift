internal import ELBFleet
internal import ELBModel

/// What becomes of a Lambda function's answer, and of a function that gives none.
enum LambdaAnswerChecks {
    static let all = [
        Self.base64, Self.length, Self.incomplete, Self.failing, Self.answerLimit, Self.slow, Self.unreachable,
        Self.silent, Self.unchecked, Self.probe, Self.deregistered,
    ]

    private static let feature = "alb.lambda"

    private static let base64 = Check(
        "lambda.answer-base64",
        "A function's body is decoded when the function says that it is Base64.",
        rows: ["ALB-LMB-016"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaBodyNotDecoded],
        lookAt: "whether isBase64Encoded of the answer is looked at"
    ) { scene in
        let function = try await scene.function("binary")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let (exchange, response, _) = try await scene.expect(
            "GET",
            "/?elb-base64=1&elb-body-bytes=300",
            at: listener,
            invokes: function
        )
        try scene.expect("body", of: exchange, response.body == AnswerPlan.pattern(300), is: true)
    }

    private static let length = Check(
        "lambda.answer-length",
        "The load balancer computes Content-Length itself and ignores a function's headers of the connection.",
        rows: ["ALB-LMB-017", "ALB-LMB-018", "ALB-HTTP-022"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaLengthTrusted],
        lookAt: "which of a function's headers are passed on"
    ) { scene in
        let function = try await scene.function("length")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let fields = [
            "Content-Length:3", "Connection:close", "Transfer-Encoding:chunked", "Keep-Alive:timeout=1", "X-Own:1",
        ]
        let switches = fields.map { "elb-header=\($0)" }
        for field in switches {
            let path = "/?elb-body-bytes=40&\(field)"
            let (exchange, response, _) = try await scene.expect("GET", path, at: listener, invokes: function)
            try scene.expect("status", of: exchange, response.status, is: 200)
            try scene.expect("body", of: exchange, response.body == AnswerPlan.pattern(40), is: true)
            try scene.expect("Content-Length", of: exchange, response.header("Content-Length"), is: "40")
            try scene.expect("Keep-Alive", of: exchange, response.header("Keep-Alive"), is: nil)
            let own = field.hasSuffix("X-Own:1") ? "1" : nil
            try scene.expect("X-Own", of: exchange, response.header("X-Own"), is: own)
        }
    }

    private static let incomplete = Check(
        "lambda.answer-incomplete",
        "A function's answer that is malformed, or lacks the status, the flag or the headers, gives the client 502.",
        rows: ["ALB-LMB-014", "ALB-LMB-019", "ALB-LMB-020"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaIncompleteAccepted, .lambdaErrorAs500],
        lookAt: "what an answer must contain"
    ) { scene in
        let function = try await scene.function("incomplete")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let answers = [
            #""hi""#, "{}", "not JSON", #"{"isBase64Encoded":false,"headers":{}}"#, #"{"statusCode":200,"headers":{}}"#,
            #"{"isBase64Encoded":false,"statusCode":200}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"X-Number":5}}"#,
        ]
        for answer in answers {
            let exchange = await scene.send("GET", "/?elb-raw=\(Self.base64URL(answer))", to: listener)
            try scene.expect(
                "status after the answer \(answer)",
                of: exchange,
                try scene.answer(exchange).status,
                is: 502
            )
            try scene.expect("invocations", of: exchange, exchange.hits.count, is: 1)
        }
        let least = Self.base64URL(#"{"isBase64Encoded":false,"statusCode":201,"headers":{}}"#)
        let enough = await scene.send("GET", "/?elb-raw=\(least)", to: listener)
        try scene.expect("status", of: enough, try scene.answer(enough).status, is: 201)
    }

    /// RFC 4648's second alphabet without padding, which needs no escapes in a query.
    private static func base64URL(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var encoded = ""
        var bits = 0
        var count = 0
        for byte in text.utf8 {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                encoded.append(alphabet[bits >> count & 63])
            }
            bits &= (1 << count) - 1
        }
        if count > 0 { encoded.append(alphabet[bits << (6 - count) & 63]) }
        return encoded
    }

    private static let failing = Check(
        "lambda.function-fails",
        "A function that fails, or is throttled, gives the client 502.",
        rows: ["ALB-LMB-021", "ALB-ERR-034"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.lambdaErrorAs500],
        lookAt: "which status a failed invocation becomes"
    ) { scene in
        let function = try await scene.function("failing")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        for switches in [
            "elb-function-error=1", "elb-api-error=TooManyRequestsException&elb-status=429",
            "elb-api-error=ServiceException&elb-status=500",
        ] {
            let exchange = await scene.send("GET", "/?\(switches)", to: listener)
            try scene.expect("status", of: exchange, try scene.answer(exchange).status, is: 502)
            try scene.expect("invocations", of: exchange, exchange.hits.count, is: 1)
        }
        let after = await scene.send("GET", "/", to: listener)
        try scene.expect("status of the next request", of: after, try scene.answer(after).status, is: 200)
    }

    private static let answerLimit = Check(
        "lambda.answer-limit",
        "A function's answer may have 1 MB as JSON; a larger one gives the client 502.",
        rows: ["ALB-LMB-013", "ALB-ERR-034"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaResponseLimitMissing],
        lookAt: "what is counted of an answer, and when it is too much"
    ) { scene in
        let function = try await scene.function("answer")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        // Base64 takes four bytes for three, so that 786,000 bytes of a body still fit and 786,433 do not.
        let fits = try await scene.expect(
            "GET",
            "/?elb-base64=1&elb-body-bytes=780000",
            at: listener,
            invokes: function
        )
        try scene.expect("length of the body", of: fits.exchange, fits.response.body.count, is: 780_000)
        let exchange = await scene.send("GET", "/?elb-base64=1&elb-body-bytes=786433", to: listener)
        try scene.expect("status", of: exchange, try scene.answer(exchange).status, is: 502)
    }

    private static let slow = Check(
        "lambda.slow",
        "The load balancer waits for a function longer than its idle timeout.",
        rows: ["ALB-LMB-023"],
        level: .provisional,
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaIdleTimeoutApplies],
        lookAt: "which timer runs while a function is invoked",
        setting: Setting { $0.idleTimeoutSeconds = 20 }
    ) { scene in
        let function = try await scene.function("slow")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let delay = scene.scaled(seconds: 50) / .milliseconds(1)
        let (exchange, response, _) = try await scene.expect(
            "GET",
            "/?elb-delay=\(Int(delay))",
            at: listener,
            invokes: function
        )
        try scene.expect("status", of: exchange, response.status, is: 200)
    }

    private static let unreachable = Check(
        "lambda.unreachable",
        "When Lambda cannot be reached, the client gets 502.",
        rows: ["ALB-LMB-028"],
        level: .provisional,
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.lambdaErrorAs500],
        lookAt: "what becomes of a refused connection to the Invoke API"
    ) { scene in
        let function = try await scene.function("away")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        try await function.backends[0].set(MachineFault.refuse)
        try await scene.expect("GET", "/", at: listener, answers: 502)
    }

    private static let silent = Check(
        "lambda.connection-timeout",
        "When Lambda does not answer a connection attempt, the client gets 504.",
        rows: ["ALB-LMB-022", "ALB-ERR-043"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorTimeoutAs502],
        lookAt: "what ends a connection attempt to the Invoke API"
    ) { scene in
        let function = try await scene.function("silent")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        try await function.backends[0].set(MachineFault.cut)
        let exchange = await scene.send("GET", "/", to: listener)
        try scene.expect("status", of: exchange, try scene.answer(exchange).status, is: 504)
    }

    private static let unchecked = Check(
        "lambda.unchecked",
        "Functions are not checked unless the group says so, and get requests all the same.",
        rows: ["ALB-LMB-025", "ALB-LMB-027"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaAlwaysProbed],
        lookAt: "what HealthCheckEnabled false means"
    ) { scene in
        let function = try await scene.function("unchecked")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        try scene.expectAllAnswered(await scene.sendMany(10, "/", to: listener), status: 200)
        let records = await function.backends[0].records()
        let probes = records.count { record in
            record.kind == .probe
                || FunctionEvent(record)?.headers?["user-agent"]?.hasPrefix("ELB-HealthChecker") == true
        }
        try scene.expect(
            probes == 0,
            tried: "10 requests to a function without health checks",
            expected: "no invocation by the health checker",
            actual: "\(probes)"
        )
    }

    private static let probe = Check(
        "lambda.probe-event",
        "A health check invokes the function with a GET of the path and the health checker's user agent.",
        rows: ["ALB-LMB-025"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.healthUserAgentMissing],
        lookAt: "what event a health check makes"
    ) { scene in
        var health = HealthCheckSettings.lambda
        health.isEnabled = true
        health.path = "/health"
        let function = try await scene.function("checked", health: health)
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        _ = try await function.backends[0].waitForRecords(count: 1, timeout: .seconds(5))
        let records = await function.backends[0].records()
        let expected = ["user-agent": "ELB-HealthChecker/2.0"]
        let events = records.compactMap(FunctionEvent.init)
        let isRight = events.contains { event in
            event.headers == expected && event.path == "/health" && event.httpMethod == "GET" && event.body.isEmpty
                && event.queryStringParameters == [:] && !event.isBase64Encoded
        }
        try scene.expect(
            isRight,
            tried: "health checks of a function turned on",
            expected: "GET /health with the headers \(expected) and an empty body",
            actual: events.map { "\($0.httpMethod) \($0.path) with \($0.headers ?? [:])" }.joined(separator: "; ")
        )
        try await scene.expect("GET", "/", at: listener, reaches: function)
    }

    private static let deregistered = Check(
        "lambda.deregistered",
        "A request under way at a function that is deregistered fails with 5xx; functions do not drain.",
        rows: ["ALB-DRG-010"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.deregisterDelayEndless],
        lookAt: "what becomes of an invocation under way when its function leaves the group",
        setting: Setting(reloads: true)
    ) { scene in
        let function = try await scene.function("leaving")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        async let slow = scene.send("GET", "/?elb-delay=6000", to: listener)
        _ = try await function.backends[0].waitForRecords(count: 1, settled: false)
        try await scene.reload { part in part.groups[0].targets = [] }
        let exchange = await slow
        let response = try scene.answer(exchange, expected: "5xx as soon as the function has left")
        try scene.expect("whether the status is 5xx", of: exchange, response.status / 100 == 5, is: true)
    }
}
