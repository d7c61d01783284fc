internal import ELBFleet
internal import ELBModel

/// What a listener sets in responses.
enum ResponseHeaderChecks {
    static let all = [
        Self.overwritten, Self.everyStatus, Self.ownAnswers, Self.untouched, Self.serverRemoved, Self.targetsServer,
        Self.preflight,
    ]

    private static let feature = "alb.header-modification"

    private static func attributes(_ headers: [ListenerAttributes.ResponseHeader: String]) -> ListenerAttributes {
        var attributes = ListenerAttributes()
        attributes.responseHeaders = headers
        return attributes
    }

    private static func values(of name: String, in response: CurlResponse) -> [String] {
        response.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    private static let overwritten = Check(
        "response-headers.overwritten",
        "A configured response header is set whether or not the target sent it, once, with the configured value.",
        rows: ["ALB-HMOD-004", "ALB-HMOD-005"],
        level: .extended,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.headerInsertionIgnored, .headerInsertionAppends],
        lookAt: "what becomes of a header that the target sends and the listener configures"
    ) { scene in
        let web = try await scene.group("web")
        let headers = Dictionary(
            uniqueKeysWithValues: ListenerAttributes.ResponseHeader.allCases.map { ($0, "v-\($0.rawValue)") }
        )
        let listener = try scene.listener(default: web.forward, attributes: Self.attributes(headers))
        try await scene.start()

        let sent =
            "elb-header=x-frame-options:DENY&elb-header=X-Frame-Options:DENY&elb-header=Content-Security-Policy:x"
        for path in ["/", "/?\(sent)"] {
            let exchange = await scene.send("GET", path, to: listener)
            let response = try scene.expect(exchange, reached: web).response
            for (header, value) in headers.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let values = Self.values(of: header.rawValue, in: response)
                try scene.expect(header.rawValue, of: exchange, values, is: [value])
            }
        }
    }

    private static let everyStatus = Check(
        "response-headers.every-status",
        "Configured response headers are set whatever the response's status.",
        rows: ["ALB-HMOD-007"],
        level: .extended,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.headerInsertionSuccessOnly],
        lookAt: "on which statuses the headers are set"
    ) { scene in
        let web = try await scene.group("web")
        let attributes = Self.attributes([.frameOptions: "SAMEORIGIN"])
        let listener = try scene.listener(default: web.forward, attributes: attributes)
        try await scene.start()

        for status in [200, 302, 404, 500, 503] {
            let exchange = await scene.send("GET", "/?elb-status=\(status)", to: listener)
            let response = try scene.expect(exchange, reached: web).response
            try scene.expect("status", of: exchange, response.status, is: status)
            let values = Self.values(of: "X-Frame-Options", in: response)
            try scene.expect("X-Frame-Options", of: exchange, values, is: ["SAMEORIGIN"])
        }
    }

    private static let ownAnswers = Check(
        "response-headers.own-answers",
        "Configured response headers stand in the load balancer's own answers, too.",
        rows: ["ALB-HMOD-008"],
        level: .provisional,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.headerInsertionTargetsOnly],
        lookAt: "whether fixed responses, redirects and errors get the headers"
    ) { scene in
        let nobody = scene.group("nobody", of: [])
        let redirect = RedirectAction(path: "/elsewhere", statusCode: .found)
        let listener = try scene.listener(
            rules: [
                .when(.path("/fixed"), priority: 1, then: .answer(404, "no")),
                .when(.path("/moved"), priority: 2, then: .redirect(redirect)),
            ],
            default: nobody.forward,
            attributes: Self.attributes([.strictTransportSecurity: "max-age=31536000"])
        )
        try await scene.start()

        for (path, status) in [("/fixed", 404), ("/moved", 302), ("/", 503)] {
            let exchange = await scene.send("GET", path, to: listener)
            let response = try scene.answer(exchange, expected: "\(status)")
            try scene.expect("status", of: exchange, response.status, is: status)
            let values = Self.values(of: "Strict-Transport-Security", in: response)
            try scene.expect("Strict-Transport-Security", of: exchange, values, is: ["max-age=31536000"])
        }
    }

    private static let untouched = Check(
        "response-headers.untouched",
        "A response header that is not configured reaches the client as the target sent it.",
        rows: ["ALB-HMOD-006"],
        level: .extended,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.headerInsertionStripsUnset],
        lookAt: "what becomes of headers that could be configured and are not"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            default: web.forward,
            attributes: Self.attributes([.frameOptions: "SAMEORIGIN"])
        )
        try await scene.start()

        let sent = "elb-header=X-Content-Type-Options:nosniff&elb-header=Access-Control-Allow-Origin:*"
        let exchange = await scene.send("GET", "/?\(sent)", to: listener)
        let response = try scene.expect(exchange, reached: web).response
        for (name, value) in [("X-Content-Type-Options", "nosniff"), ("Access-Control-Allow-Origin", "*")] {
            try scene.expect(name, of: exchange, Self.values(of: name, in: response), is: [value])
        }
        let unset = Self.values(of: "Content-Security-Policy", in: response)
        try scene.expect("Content-Security-Policy", of: exchange, unset, is: [])
    }

    private static let serverRemoved = Check(
        "response-headers.server-removed",
        "With routing.http.response.server.enabled off, the load balancer's own answers have no Server header.",
        rows: ["ALB-HMOD-002"],
        level: .extended,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.serverHeaderKept],
        lookAt: "whether the load balancer names itself"
    ) { scene in
        var attributes = ListenerAttributes()
        attributes.serverHeaderEnabled = false
        let silent = try scene.listener(default: .answer(404), attributes: attributes)
        let usual = try scene.listener(default: .answer(404))
        try await scene.start()

        for (listener, expected) in [(silent, []), (usual, ["awselb/2.0"])] {
            let exchange = await scene.send("GET", "/", to: listener)
            let response = try scene.answer(exchange, expected: "404")
            try scene.expect("Server", of: exchange, Self.values(of: "Server", in: response), is: expected)
        }
    }

    private static let targetsServer = Check(
        "response-headers.server-of-target",
        "A target's own Server header reaches the client, whatever is configured for the load balancer's.",
        rows: ["ALB-HMOD-003"],
        level: .provisional,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.serverHeaderReplaced],
        lookAt: "what becomes of a Server header that a target sends"
    ) { scene in
        let web = try await scene.group("web")
        var attributes = ListenerAttributes()
        attributes.serverHeaderEnabled = false
        let silent = try scene.listener(default: web.forward, attributes: attributes)
        let usual = try scene.listener(default: web.forward)
        try await scene.start()

        for listener in [silent, usual] {
            let exchange = await scene.send("GET", "/?elb-header=Server:mine/1.0", to: listener)
            let response = try scene.expect(exchange, reached: web).response
            let values = Self.values(of: "Server", in: response)
            try scene.expect(
                values.contains("mine/1.0") && !values.contains("awselb/2.0"),
                tried: exchange.tried,
                expected: "Server: mine/1.0",
                actual: "Server: \(values.joined(separator: " and "))",
                evidence: exchange.evidence
            )
        }
    }

    private static let preflight = Check(
        "response-headers.preflight",
        "A configured Access-Control-Allow-Origin answers no preflight: OPTIONS goes to the target.",
        rows: ["ALB-HMOD-014"],
        level: .provisional,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.preflightAnswered],
        lookAt: "who answers OPTIONS"
    ) { scene in
        let web = try await scene.group("web")
        let attributes = Self.attributes([.accessControlAllowOrigin: "https://example.com"])
        let listener = try scene.listener(default: web.forward, attributes: attributes)
        try await scene.start()

        let headers = [
            CurlHeader("Origin", "https://example.com"), CurlHeader("Access-Control-Request-Method", "PUT"),
        ]
        let exchange = await scene.send("OPTIONS", "/", to: listener, headers: headers)
        let response = try scene.expect(exchange, reached: web).response
        let values = Self.values(of: "Access-Control-Allow-Origin", in: response)
        try scene.expect("Access-Control-Allow-Origin", of: exchange, values, is: ["https://example.com"])
    }
}
