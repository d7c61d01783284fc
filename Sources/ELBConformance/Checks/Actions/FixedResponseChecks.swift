internal import ELBModel

/// fixed-response actions.
enum FixedResponseChecks {
    static let all = [Self.statusAndBody, Self.contentType, Self.statuses, Self.head]

    private static let feature = "alb.actions.fixed-response"

    private static let statusAndBody = Check(
        "actions.fixed-response.body",
        "A fixed response returns its body to the byte and contacts no target.",
        rows: ["ALB-FIX-002", "ALB-FIX-005"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.fixedResponseBodyDropped],
        lookAt: "how the configured body is written"
    ) { scene in
        let body = scene.random { random in "maintenance \(random.letters(8)) – 점검 중\n\"quoted\"" }
        let web = try scene.listener(default: .answer(503, body))
        try await scene.start()

        let response = try await scene.expect("GET", "/", at: web, answers: 503)
        try scene.expect(
            response.text == body,
            tried: "GET with a fixed response",
            expected: "body \(body.debugDescription)",
            actual: "body \(response.text.debugDescription)"
        )
        let length = response.header("Content-Length")
        try scene.expect(
            length == "\(body.utf8.count)" || response.header("Transfer-Encoding") != nil,
            tried: "GET with a fixed response",
            expected: "Content-Length: \(body.utf8.count)",
            actual: "Content-Length: \(length ?? "none")"
        )
    }

    private static let contentType = Check(
        "actions.fixed-response.content-type",
        "A fixed response has the configured content type.",
        rows: ["ALB-FIX-003"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.fixedResponseContentTypeDropped],
        lookAt: "which Content-Type is written"
    ) { scene in
        let types = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"]
        let web = try scene.listener(
            rules: types.enumerated().map { index, type in
                .when(.path("/\(index)"), priority: index + 1, then: .answer(200, "{}", type: type))
            },
            default: .answer(404)
        )
        try await scene.start()

        for (index, type) in types.enumerated() {
            let response = try await scene.expect("GET", "/\(index)", at: web, answers: 200)
            let actual = response.header("Content-Type") ?? "none"
            try scene.expect(
                actual == type || actual.hasPrefix(type + ";"),
                tried: "GET of a fixed response of \(type)",
                expected: "Content-Type: \(type)",
                actual: "Content-Type: \(actual)"
            )
        }
    }

    private static let statuses = Check(
        "actions.fixed-response.status",
        "A fixed response has the configured status, 2xx, 4xx or 5xx.",
        rows: ["ALB-FIX-001"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.fixedResponseStatus200],
        lookAt: "which status is written"
    ) { scene in
        // One of each class that AWS allows, in every run.
        let statuses = scene.random { random in
            [Int.random(in: 200...203, using: &random), 400, 404, 410, 429, 500, 503, 599]
        }
        let web = try scene.listener(
            rules: statuses.enumerated().map { index, status in
                .when(.path("/\(index)"), priority: index + 1, then: .answer(status, "x"))
            },
            default: .answer(404)
        )
        try await scene.start()

        for (index, status) in statuses.enumerated() {
            try await scene.expect("GET", "/\(index)", at: web, answers: status)
        }
    }

    private static let head = Check(
        "actions.fixed-response.head",
        "HEAD gets a fixed response's headers without its body.",
        rows: ["ALB-FIX-008"],
        level: .provisional,
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.fixedResponseBodyDropped],
        lookAt: "what HEAD changes"
    ) { scene in
        let web = try scene.listener(default: .answer(200, "twelve bytes"))
        try await scene.start()

        let response = try await scene.expect("HEAD", "/", at: web, answers: 200)
        try scene.expect(
            response.header("Content-Length") == "12" && response.body.isEmpty,
            tried: "HEAD of a fixed response of 12 bytes",
            expected: "Content-Length: 12 and no body",
            actual: "Content-Length: \(response.header("Content-Length") ?? "none"), \(response.body.count) bytes"
        )
        let raw = await scene.sendRaw(
            "HEAD / HTTP/1.1\r\nHost: a.example.com\r\n\r\nGET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n",
            to: web,
            methods: ["HEAD", "GET"],
            answers: 2
        )
        try scene.expect(
            raw.answers(to: ["HEAD", "GET"]).map(\.text) == ["", "twelve bytes"],
            tried: "HEAD and GET on one connection",
            expected: "a head alone, then a head and 12 bytes",
            actual: String(decoding: raw.received.prefix(400), as: UTF8.self).debugDescription
        )
    }
}
