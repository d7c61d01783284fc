internal import ELBModel

/// redirect actions: status and every part of Location.
enum RedirectChecks {
    static let all = [Self.status, Self.query, Self.path, Self.host, Self.port, Self.keywords, Self.tooLong]

    private static let feature = "alb.actions.redirect"

    private static let status = Check(
        "actions.redirect.status",
        "A redirect answers 301 or 302 as configured.",
        rows: ["ALB-RDR-001"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.redirectStatusSwapped],
        lookAt: "which of the two codes is written"
    ) { scene in
        let web = try scene.listener(
            rules: [
                .when(.path("/moved"), priority: 1, then: .redirect(.init(path: "/new", statusCode: .movedPermanently)))
            ],
            default: .redirect(.init(path: "/new", statusCode: .found))
        )
        try await scene.start()

        try await scene.expect("GET", "/moved", at: web, answers: 301)
        try await scene.expect("GET", "/other", at: web, answers: 302)
    }

    private static let query = Check(
        "actions.redirect.keeps-the-rest",
        "Parts of the URL that a redirect does not name keep the request's values, the query to the byte.",
        rows: ["ALB-RDR-002"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.redirectDropsQuery],
        lookAt: "what is put in place of a part that the action leaves out"
    ) { scene in
        let web = try scene.listener(default: .redirect(.init(host: "new.example.org", statusCode: .found)))
        try await scene.start()

        let word = scene.random { $0.letters(6) }
        let target = "/a/%2F\(word)?x=1&y=%20\(word)&&z"
        try await Self.expectLocation("http://new.example.org:\(web.port)\(target)", of: target, at: web, in: scene)
        try await Self.expectLocation("http://new.example.org:\(web.port)/\(word)", of: "/\(word)", at: web, in: scene)
    }

    private static let path = Check(
        "actions.redirect.path",
        "#{path} stands for the request's path without its leading slash.",
        rows: ["ALB-RDR-008"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.redirectKeepsPath],
        lookAt: "what #{path} expands to"
    ) { scene in
        let web = try scene.listener(default: .redirect(.init(path: "/new/#{path}", statusCode: .movedPermanently)))
        try await scene.start()

        try await Self.expectLocation("http://\(web)/new/a/b", of: "/a/b", at: web, in: scene)
        try await Self.expectLocation("http://\(web)/new/", of: "/", at: web, in: scene)
    }

    private static let host = Check(
        "actions.redirect.host",
        "A redirect's host replaces the request's, and #{host} stands for it.",
        rows: ["ALB-RDR-002", "ALB-RDR-007"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.redirectHostIgnored],
        lookAt: "which host is written into Location"
    ) { scene in
        let web = try scene.listener(
            default: .redirect(.init(host: "www.example.org", path: "/from/#{host}", statusCode: .found))
        )
        try await scene.start()

        let headers = [CurlHeader("Host", "shop.example.com")]
        try await Self.expectLocation(
            "http://www.example.org:\(web.port)/from/shop.example.com",
            of: "/x",
            headers: headers,
            at: web,
            in: scene
        )
    }

    private static let port = Check(
        "actions.redirect.https",
        "A redirect can change protocol and port; the rest of the URL stays.",
        rows: ["ALB-RDR-002", "ALB-RDR-004"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.redirectPortIgnored],
        lookAt: "which protocol and port are written into Location"
    ) { scene in
        let web = try scene.listener(
            rules: [
                .when(.path("/odd/*"), priority: 1, then: .redirect(.init(port: "8443", statusCode: .found)))
            ],
            default: .redirect(.init(protocol: "HTTPS", port: "443", statusCode: .movedPermanently))
        )
        try await scene.start()

        let headers = [CurlHeader("Host", "www.example.com")]
        try await Self.expectLocation(
            "https://www.example.com/a?b=c",
            of: "/a?b=c",
            headers: headers,
            at: web,
            in: scene
        )
        try await Self.expectLocation(
            "http://www.example.com:8443/odd/x",
            of: "/odd/x",
            headers: headers,
            at: web,
            in: scene
        )
    }

    private static let keywords = Check(
        "actions.redirect.keywords",
        "All five keywords expand in a redirect's query.",
        rows: ["ALB-RDR-007", "ALB-RDR-009"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.redirectDropsQuery],
        lookAt: "which keywords are replaced, and by what"
    ) { scene in
        let query = "#{query}&from=#{protocol}-#{host}-#{port}-#{path}"
        let web = try scene.listener(default: .redirect(.init(path: "/new", query: query, statusCode: .found)))
        try await scene.start()

        let response = try await Self.redirect(
            of: "/a/b?x=1",
            headers: [CurlHeader("Host", "www.example.com")],
            at: web,
            in: scene
        )
        let expected = "x=1&from=http-www.example.com-\(web.port)-a/b"
        let location = response.header("Location") ?? ""
        let actual = location.firstIndex(of: "?").map { String(location[location.index(after: $0)...]) } ?? "none"
        // The letters of a protocol have no case (RFC 3986, section 3.1), and AWS's page does not say which is written.
        try scene.expect(
            actual == expected || actual == expected.replacing("from=http-", with: "from=HTTP-"),
            tried: "GET /a/b?x=1 with a redirect to ?\(query)",
            expected: "?\(expected)",
            actual: location
        )
    }

    private static let tooLong = Check(
        "actions.redirect.too-long",
        "A Location of more than 8 KB is not sent: the client gets 507.",
        rows: ["ALB-RDR-015", "ALB-ERR-045"],
        level: .extended,
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.redirectDropsQuery],
        lookAt: "whether the length of Location is limited"
    ) { scene in
        let web = try scene.listener(
            default: .redirect(.init(path: "/new", query: "#{query}&again=#{query}", statusCode: .found))
        )
        try await scene.start()

        try await scene.expect("GET", "/?x=\(String(repeating: "y", count: 3000))", at: web, answers: 302)
        try await scene.expect("GET", "/?x=\(String(repeating: "y", count: 6000))", at: web, answers: 507)
    }

    /// Sends the target as it stands, without a request id, since every byte shows in Location.
    private static func redirect(
        of target: String,
        headers: [CurlHeader],
        at listener: Endpoint,
        in scene: Scene
    ) async throws -> CurlResponse {
        let exchange = await scene.send("GET", target, to: listener, headers: headers) { request in
            request.url = "http://\(listener)\(target)"
        }
        let response = try scene.answer(exchange)
        try scene.expect(
            response.status == 301 || response.status == 302,
            tried: exchange.tried,
            expected: "a redirect",
            actual: "\(response.status)",
            evidence: exchange.evidence
        )
        return response
    }

    private static func expectLocation(
        _ expected: String,
        of target: String,
        headers: [CurlHeader] = [],
        at listener: Endpoint,
        in scene: Scene
    ) async throws {
        let response = try await Self.redirect(of: target, headers: headers, at: listener, in: scene)
        let location = response.header("Location") ?? "none"
        try scene.expect(
            Self.canonical(location) == Self.canonical(expected),
            tried: "GET http://\(listener)\(target)",
            expected: "Location: \(expected)",
            actual: "Location: \(location)"
        )
    }

    /// Without a default port: AWS's pages do not say whether it is written (ALB-RDR-013).
    private static func canonical(_ location: String) -> String {
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")] where location.hasPrefix(scheme) {
            let rest = location.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            guard authority.hasSuffix(port) else { return location }
            return scheme + authority.dropLast(port.count) + rest.dropFirst(authority.count)
        }
        return location
    }
}
