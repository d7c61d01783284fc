internal import ELBFleet
internal import ELBModel
internal import FoundationEssentials

/// authenticate-oidc actions: the way of a login, and the session that comes of it.
enum LoginChecks {
    static let all = [
        Self.redirect, Self.identity, Self.cookie, Self.shards, Self.timeout, Self.deny, Self.allow, Self.refresh,
    ]

    static let feature = "alb.auth.oidc"

    private static let redirect = Check(
        "auth.login.redirect",
        "A user without a session is led to the provider's authorization endpoint, and comes back to /oauth2/idpresponse.",
        rows: ["ALB-AUTH-005", "ALB-AUTH-006", "ALB-AUTH-019"],
        level: .provisional,
        feature: Self.feature,
        reference: .authentication,
        kills: [.authCookieNotSecure],
        lookAt: "where a request without a session cookie is sent"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.login(scope: "openid email"), then: .answer(200, "in"))
        try await scene.start()

        let exchange = await scene.get("/cart?a=1", as: SceneBrowser(), at: web)
        let answer = try scene.answer(exchange, expected: "302 to the provider")
        try scene.expect("status", of: exchange, answer.status, is: 302)
        let location = answer.header("Location") ?? ""
        try scene.expect(
            "where Location leads",
            of: exchange,
            String(location.prefix { $0 != "?" }),
            is: "\(provider.base)/authorize"
        )
        try scene.expect("response_type", of: exchange, answer.locationParameter("response_type"), is: "code")
        try scene.expect("client_id", of: exchange, answer.locationParameter("client_id"), is: "conformance")
        let scope = answer.locationParameter("scope")?.replacing("+", with: "%20")
        try scene.expect("scope", of: exchange, scope, is: "openid%20email")
        let callback = answer.locationParameter("redirect_uri")?.replacing("%3A", with: ":").replacing("%2F", with: "/")
        try scene.expect("redirect_uri", of: exchange, callback, is: "https://\(web)/oauth2/idpresponse")
        try scene.expect(
            "whether there is a state",
            of: exchange,
            answer.locationParameter("state")?.isEmpty,
            is: false
        )
        try scene.expectSecure(answer.setCookieLines, "AWSALBAuthNonce", of: exchange)
    }

    private static let identity = Check(
        "auth.login.identity",
        "After the login the target gets the user's claims, signed by the load balancer, and no ID token.",
        rows: ["ALB-AUTH-010", "ALB-AUTH-013", "ALB-AUTH-014", "ALB-AUTH-015"],
        feature: Self.feature,
        reference: .authentication,
        kills: [.authIdentityMissing, .authPaddingMissing],
        lookAt: "which headers of identity the target gets"
    ) { scene in
        let provider = try await scene.identityProvider()
        let group = try await scene.group("app")
        let web = try scene.secureListener(asking: provider.login(), then: group.forward)
        try await scene.start()

        var browser = SceneBrowser()
        let (exchange, answer) = try await scene.logIn(&browser, "/cart?a=1", at: web)
        try scene.expect("status", of: exchange, answer.status, is: 302)
        let location = answer.header("Location") ?? ""
        try scene.expect(
            "whether it leads back",
            of: exchange,
            location.hasPrefix("https://\(web)/cart?a=1&"),
            is: true
        )
        // The code goes to the token endpoint, then the access token to the user info.
        let asked = await provider.backend.records().map { "\($0.method) \($0.path)" }
        try scene.expect(
            "what the provider was asked",
            of: exchange,
            asked,
            is: ["GET /authorize", "POST /token", "GET /userinfo"]
        )

        let visit = await scene.get(
            "/cart",
            as: browser,
            at: web,
            headers: [CurlHeader("x-amzn-oidc-identity", "mallory")]
        )
        let record = try scene.expect(visit, reached: group).record
        try scene.expect("x-amzn-oidc-identity", of: visit, record.values(of: "x-amzn-oidc-identity"), is: ["ann"])
        let access = record.values(of: "x-amzn-oidc-accesstoken").first ?? ""
        try scene.expect("whether the access token is there", of: visit, access.hasPrefix("access."), is: true)
        let data = record.values(of: "x-amzn-oidc-data").first ?? ""
        let segments = data.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try scene.expect("segments of x-amzn-oidc-data", of: visit, segments.count, is: 3)
        try scene.expect("their lengths modulo 4", of: visit, segments.map { $0.utf8.count % 4 }, is: [0, 0, 0])
        let header = Self.decoded(segments[0])
        for part in [#""alg":"ES256""#, #""kid":"#, #""signer":"arn:"#, #""client":"conformance""#, #""exp":"#] {
            try scene.expect("whether its header has \(part)", of: visit, header.contains(part), is: true)
        }
        let claims = Self.decoded(segments[1])
        try scene.expect(
            "whether its claims are the user's",
            of: visit,
            claims.contains(#""email":"ann@example.com""#),
            is: true
        )
        let idTokens = record.headers.filter { $0.value.contains("eyJhbGciOiJSUzI1NiI") }.map(\.name)
        try scene.expect("headers with the ID token", of: visit, idTokens, is: [])
    }

    private static func decoded(_ segment: String) -> String {
        let standard = segment.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static let cookie = Check(
        "auth.session.cookie",
        "The session cookie is Secure and lasts seven days, whatever the session's timeout.",
        rows: ["ALB-AUTH-004", "ALB-AUTH-017"],
        feature: Self.feature,
        reference: .authentication,
        kills: [.authCookieNotSecure],
        needs: ["auth.login.identity"],
        lookAt: "the attributes of the session cookie"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.login(timeout: 3600), then: .answer(200, "in"))
        try await scene.start()

        var browser = SceneBrowser()
        let (exchange, answer) = try await scene.logIn(&browser, at: web)
        let name = "AWSELBAuthSessionCookie-0"
        try scene.expectSecure(answer.setCookieLines, name, of: exchange)
        let line = answer.setCookieLines.first { $0.hasPrefix(name + "=") } ?? ""
        try scene.expect("whether it says SameSite", of: exchange, line.lowercased().contains("samesite"), is: false)
        try scene.expect("whether it expires", of: exchange, line.lowercased().contains("expires="), is: true)
        let visit = await scene.get("/", as: browser, at: web)
        try scene.expect("status with the session", of: visit, try scene.answer(visit).status, is: 200)
    }

    private static let shards = Check(
        "auth.session.shards",
        "A session too large for one cookie is cut into several of at most 4 KiB.",
        rows: ["ALB-AUTH-018"],
        level: .provisional,
        feature: Self.feature,
        reference: .authentication,
        kills: [.authIdentityMissing],
        needs: ["auth.login.identity"],
        lookAt: "how large sessions are kept"
    ) { scene in
        let provider = try await scene.identityProvider()
        let group = try await scene.group("app")
        let web = try scene.secureListener(asking: provider.login(userInfo: "?idp-pad=6000"), then: group.forward)
        try await scene.start()

        var browser = SceneBrowser()
        let (exchange, answer) = try await scene.logIn(&browser, at: web)
        let shards = answer.setCookieLines.filter { $0.hasPrefix("AWSELBAuthSessionCookie-") }
        try scene.expect("whether there are several shards", of: exchange, (2...4).contains(shards.count), is: true)
        try scene.expect("cookies above 4,096 bytes", of: exchange, shards.filter { $0.utf8.count > 4096 }.count, is: 0)
        let visit = await scene.get("/", as: browser, at: web)
        let record = try scene.expect(visit, reached: group).record
        try scene.expect("x-amzn-oidc-identity", of: visit, record.values(of: "x-amzn-oidc-identity"), is: ["ann"])
    }

    private static let timeout = Check(
        "auth.session.timeout",
        "A session ends after SessionTimeout, and the user is led to the provider again, even where strangers are denied.",
        rows: ["ALB-AUTH-009", "ALB-AUTH-017", "ALB-AUTH-027"],
        feature: Self.feature,
        reference: .authentication,
        kills: [.authSessionTimeoutIgnored],
        needs: ["auth.login.identity"],
        lookAt: "where SessionTimeout is enforced"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.login(timeout: 100), then: .answer(200, "in"))
        // The same cookie name: it shares the other listener's sessions.
        let strict = try scene.secureListener(
            asking: provider.login(timeout: 100, otherwise: .deny),
            then: .answer(200, "in")
        )
        try await scene.start()

        var browser = SceneBrowser()
        try await scene.logIn(&browser, at: web)
        let early = await scene.get("/", as: browser, at: strict)
        let status = try scene.answer(early).status
        if status == 302 { throw Problem.uncertain("the session may have ended: the machine is slow") }
        try scene.expect("status with a fresh session", of: early, status, is: 200)
        try await Task.sleep(for: scene.scaled(seconds: 105))
        for listener in [web, strict] {
            let late = await scene.get("/", as: browser, at: listener)
            try scene.expect("status after SessionTimeout", of: late, try scene.answer(late).status, is: 302)
        }
    }

    private static let deny = Check(
        "auth.unauthenticated.deny",
        "With OnUnauthenticatedRequest deny a stranger gets 401.",
        rows: ["ALB-AUTH-009", "ALB-ERR-009"],
        feature: Self.feature,
        reference: .authentication,
        kills: [.authDenyRedirects],
        lookAt: "what OnUnauthenticatedRequest decides"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.login(otherwise: .deny), then: .answer(200, "in"))
        try await scene.start()

        let exchange = await scene.get("/", as: SceneBrowser(), at: web)
        try scene.expect("status", of: exchange, try scene.answer(exchange).status, is: 401)
    }

    private static let allow = Check(
        "auth.unauthenticated.allow",
        "With OnUnauthenticatedRequest allow a stranger is let on without identity, whatever he says he is.",
        rows: ["ALB-AUTH-008", "ALB-AUTH-013"],
        feature: Self.feature,
        reference: .authentication,
        kills: [.authIdentityTrusted],
        lookAt: "which headers of the client reach the target"
    ) { scene in
        let provider = try await scene.identityProvider()
        let group = try await scene.group("app")
        let web = try scene.secureListener(asking: provider.login(otherwise: .allow), then: group.forward)
        try await scene.start()

        let forged = ["x-amzn-oidc-identity", "X-Amzn-Oidc-Data", "x-amzn-oidc-accesstoken"]
        let exchange = await scene.get(
            "/",
            as: SceneBrowser(),
            at: web,
            headers: forged.map { CurlHeader($0, "mallory") }
        )
        let record = try scene.expect(exchange, reached: group).record
        let seen = record.headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("x-amzn-oidc-") }
        try scene.expect("headers of identity", of: exchange, seen, is: [])
    }

    private static let refresh = Check(
        "auth.session.refresh",
        "When the access token has ended and there is a refresh token, the claims are refreshed on the way.",
        rows: ["ALB-AUTH-025"],
        feature: Self.feature,
        reference: .authentication,
        kills: [.authRefreshNever],
        needs: ["auth.login.identity"],
        lookAt: "what follows when the access token expires"
    ) { scene in
        let provider = try await scene.identityProvider()
        let group = try await scene.group("app")
        let web = try scene.secureListener(
            asking: provider.login(scope: "openid offline_access", token: "?idp-expires-in=0"),
            then: group.forward
        )
        try await scene.start()

        var browser = SceneBrowser()
        try await scene.logIn(&browser, at: web)
        let before = await provider.backend.records().count
        let visit = await scene.get("/", as: browser, at: web)
        let (answer, record) = try scene.expect(visit, reached: group)
        let grants = await provider.backend.records(after: 0).dropFirst(before).filter { $0.path == "/token" }
            .map { String(decoding: $0.body.bytes, as: UTF8.self) }
        try scene.expect("refreshes", of: visit, grants.count { $0.contains("grant_type=refresh_token") }, is: 1)
        try scene.expect("x-amzn-oidc-identity", of: visit, record.values(of: "x-amzn-oidc-identity"), is: ["ann"])
        let cookies = answer.setCookieLines.filter { $0.hasPrefix("AWSELBAuthSessionCookie-0=") }
        try scene.expect("session cookies set", of: visit, cookies.count, is: 1)
    }
}

extension Scene {
    /// Expects exactly one cookie of that name, and that it is Secure.
    fileprivate func expectSecure(_ cookies: [String], _ name: String, of exchange: Exchange) throws {
        let lines = cookies.filter { $0.hasPrefix(name + "=") }
        try self.expect("cookies named \(name)", of: exchange, lines.count, is: 1)
        let attributes = lines[0].lowercased().split(separator: ";").map { $0.drop { $0 == " " } }
        try self.expect("whether \(name) is Secure", of: exchange, attributes.contains("secure"), is: true)
    }
}
