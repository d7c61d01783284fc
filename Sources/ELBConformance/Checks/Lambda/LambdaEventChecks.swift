internal import ELBFleet
internal import ELBModel

/// What a Lambda function gets of a request.
enum LambdaEventChecks {
    static let all = [
        Self.event, Self.lastValue, Self.multiValue, Self.query, Self.bodies, Self.bodyLimit, Self.notUTF8,
        Self.upgrade,
    ]

    private static let feature = "alb.lambda"

    private static let event = Check(
        "lambda.event",
        "A function gets method, path, query and headers as JSON, header names in lower case, forwarded headers included.",
        rows: ["ALB-LMB-002", "ALB-LMB-003", "ALB-LMB-004", "ALB-LMB-009"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaNamesKeepCase],
        lookAt: "how the event's members are filled in"
    ) { scene in
        let function = try await scene.function("hello")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let (exchange, response, event) = try await scene.expect(
            "GET",
            "/a%20b/c?k=v",
            headers: [CurlHeader("X-Mixed-Case", "Some Value")],
            at: listener,
            invokes: function
        )
        try scene.expect("status", of: exchange, response.status, is: 200)
        try scene.expect("answer", of: exchange, response.text, is: "hello\n")
        try scene.expect(
            "targetGroupArn",
            of: exchange,
            event.requestContext.elb.targetGroupArn,
            is: function.id.rawValue
        )
        try scene.expect("httpMethod", of: exchange, event.httpMethod, is: "GET")
        try scene.expect("path", of: exchange, event.path, is: "/a%20b/c")
        try scene.expect("query", of: exchange, event.ownQuery, is: ["k": "v"])
        try scene.expect("body", of: exchange, event.body, is: "")
        try scene.expect("isBase64Encoded", of: exchange, event.isBase64Encoded, is: false)
        let headers = event.headers ?? [:]
        try scene.expect("x-mixed-case", of: exchange, headers["x-mixed-case"], is: "Some Value")
        try scene.expect("host", of: exchange, headers["host"], is: "\(listener)")
        try scene.expect("x-forwarded-proto", of: exchange, headers["x-forwarded-proto"], is: "http")
        try scene.expect("x-forwarded-port", of: exchange, headers["x-forwarded-port"], is: "\(listener.port)")
        for name in ["x-forwarded-for", "x-amzn-trace-id"] {
            try scene.expect("presence of \(name)", of: exchange, headers[name] != nil, is: true)
        }
        let capitals = headers.keys.filter { $0 != $0.lowercased() }.sorted()
        try scene.expect("names with capitals", of: exchange, capitals, is: [])
    }

    private static let lastValue = Check(
        "lambda.last-value",
        "Of a header or query key that comes several times, a function gets the last value.",
        rows: ["ALB-LMB-006"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaFirstValueWins],
        lookAt: "which of several values stands in the event"
    ) { scene in
        let function = try await scene.function("last")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let (exchange, _, event) = try await scene.expect(
            "GET",
            "/?k=1&k=2&k=3",
            headers: [CurlHeader("X-Name", "one"), CurlHeader("x-name", "two")],
            at: listener,
            invokes: function
        )
        try scene.expect("k", of: exchange, event.ownQuery?["k"], is: "3")
        try scene.expect("x-name", of: exchange, event.headers?["x-name"], is: "two")
    }

    private static let multiValue = Check(
        "lambda.multi-value",
        "With lambda.multi_value_headers.enabled a function gets and gives lists of values, under other names.",
        rows: ["ALB-LMB-005", "ALB-LMB-015"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaMultiValueIgnored],
        lookAt: "whether the target group's attribute is obeyed, both ways"
    ) { scene in
        let function = try await scene.function("lists", isMultiValue: true)
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let (exchange, response, event) = try await scene.expect(
            "GET",
            "/?k=1&k=2&elb-header=Set-Cookie:a=1&elb-header=Set-Cookie:b=2",
            headers: [CurlHeader("X-Name", "one"), CurlHeader("X-Name", "two")],
            at: listener,
            invokes: function
        )
        try scene.expect("k", of: exchange, event.multiValueQueryStringParameters?["k"], is: ["1", "2"])
        try scene.expect("x-name", of: exchange, event.multiValueHeaders?["x-name"], is: ["one", "two"])
        try scene.expect("headers", of: exchange, event.headers, is: nil)
        try scene.expect("queryStringParameters", of: exchange, event.queryStringParameters, is: nil)
        let cookies = response.headers.filter { $0.name.lowercased() == "set-cookie" }.map(\.value)
        try scene.expect("cookies at the client", of: exchange, cookies, is: ["a=1", "b=2"])
        // {"isBase64Encoded":false,"statusCode":200,"headers":{}} is an answer of the other mode.
        let other = "eyJpc0Jhc2U2NEVuY29kZWQiOmZhbHNlLCJzdGF0dXNDb2RlIjoyMDAsImhlYWRlcnMiOnt9fQ"
        let wrong = await scene.send("GET", "/?elb-raw=\(other)", to: listener)
        try scene.expect("status", of: wrong, try scene.answer(wrong).status, is: 502)
    }

    private static let query = Check(
        "lambda.query-as-sent",
        "Query parameters reach a function as they stand in the request, nothing decoded.",
        rows: ["ALB-LMB-007"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaDecodesQuery],
        lookAt: "whether %XX is decoded on its way into the event"
    ) { scene in
        let function = try await scene.function("query")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let (exchange, _, event) = try await scene.expect("GET", "/?a=%20&b%2Fc=d+e", at: listener, invokes: function)
        try scene.expect("query", of: exchange, event.ownQuery, is: ["a": "%20", "b%2Fc": "d+e"])
    }

    private static let bodies = Check(
        "lambda.bodies",
        "Text types go to a function as they are; other types, and whatever has a Content-Encoding, as Base64.",
        rows: ["ALB-LMB-008", "ALB-LMB-010"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaNoBase64, .lambdaAlwaysBase64],
        lookAt: "what decides between text and Base64"
    ) { scene in
        let function = try await scene.function("body")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let cases: [(type: String, encoding: String?, isEncoded: Bool)] = [
            ("text/plain", nil, false), ("text/html; charset=utf-8", nil, false), ("application/json", nil, false),
            ("application/javascript", nil, false), ("application/xml", nil, false), ("image/png", nil, true),
            ("application/octet-stream", nil, true), ("application/x-www-form-urlencoded", nil, true), ("", nil, true),
            ("application/json", "gzip", true),
        ]
        for (type, encoding, isEncoded) in cases {
            var headers = [CurlHeader("Content-Type", type)]
            if let encoding { headers.append(CurlHeader("Content-Encoding", encoding)) }
            for body in [CurlRequest.Body.bytes(Array("a\"é".utf8)), .chunked([Array("a\"".utf8), Array("é".utf8)])] {
                let (exchange, _, event) = try await scene.expect(
                    "POST",
                    "/",
                    headers: headers,
                    at: listener,
                    invokes: function
                ) { $0.body = body }
                try scene.expect("isBase64Encoded", of: exchange, event.isBase64Encoded, is: isEncoded)
                try scene.expect("body", of: exchange, event.body, is: isEncoded ? "YSLDqQ==" : "a\"é")
            }
        }
    }

    private static let bodyLimit = Check(
        "lambda.request-limit",
        "A function gets bodies up to 1 MB; a larger one is answered with 413.",
        rows: ["ALB-LMB-012", "ALB-ERR-014"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaRequestLimitMissing],
        lookAt: "how much of a body is accepted for a function"
    ) { scene in
        let function = try await scene.function("large")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let most = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        let text = [CurlHeader("Content-Type", "text/plain")]
        let (exchange, response, event) = try await scene.expect(
            "POST",
            "/",
            headers: text,
            at: listener,
            invokes: function
        ) { $0.body = .bytes(most) }
        try scene.expect("status", of: exchange, response.status, is: 200)
        try scene.expect("length of the body", of: exchange, event.body.utf8.count, is: most.count)
        for body in [CurlRequest.Body.bytes(most + [UInt8(ascii: "a")]), .chunked([most, [UInt8(ascii: "a")]])] {
            let tooLarge = await scene.send("POST", "/", to: listener, headers: text) { $0.body = body }
            try scene.expect("status", of: tooLarge, try scene.answer(tooLarge).status, is: 413)
            try scene.expect("invocations", of: tooLarge, tooLarge.hits.count, is: 0)
        }
    }

    private static let notUTF8 = Check(
        "lambda.not-utf8",
        "A request that is not UTF-8 does not reach a function.",
        rows: ["ALB-LMB-011"],
        level: .provisional,
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.lambdaUTF8Unchecked],
        lookAt: "what becomes of bytes that JSON cannot hold"
    ) { scene in
        let function = try await scene.function("utf8")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let id = scene.nextID()
        let head = Array("GET /?elb-id=\(id) HTTP/1.1\r\nHost: a.example\r\nX-Name: ".utf8) + [0xe9]
        let outcome = await scene.onRawConnection(to: listener) { connection in
            connection.send(head + Array("\r\n\r\n".utf8))
            _ = connection.receive(within: .seconds(5)) { received in
                RawAnswer.all(in: received, methods: ["GET"], isAtEnd: false).count == 1
            }
        }
        let status = outcome.answers(to: ["GET"]).first?.status
        let hits = await scene.hits(id).count
        try scene.expect(
            hits == 0 && status.map { (400..<600).contains($0) } ?? false,
            tried: "a header value with the byte 0xE9",
            expected: "an error by the load balancer, and no invocation",
            actual: "\(status.map { "\($0)" } ?? "no answer"), \(hits) invocations"
        )
    }

    private static let upgrade = Check(
        "lambda.websocket",
        "A WebSocket handshake for a function is answered with 400.",
        rows: ["ALB-LMB-024", "ALB-ERR-008", "ALB-HTTP-033"],
        feature: Self.feature,
        reference: .lambda,
        kills: [.lambdaUpgradeIgnored],
        lookAt: "what becomes of Upgrade when the target is a function"
    ) { scene in
        let function = try await scene.function("ws")
        let listener = try scene.listener(default: function.forward)
        try await scene.start()

        let id = scene.nextID()
        let text =
            "GET /chat?elb-id=\(id) HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        let outcome = await scene.sendRaw(text, to: listener)
        let statuses = outcome.answers(to: ["GET"]).map(\.status)
        let hits = await scene.hits(id).count
        try scene.expect(
            statuses == [400] && hits == 0,
            tried: "a WebSocket handshake",
            expected: "400 and no invocation",
            actual: "\(statuses), \(hits) invocations"
        )
    }
}
