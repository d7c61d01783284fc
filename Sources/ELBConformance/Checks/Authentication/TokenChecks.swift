internal import ELBFleet
internal import ELBModel
internal import FoundationEssentials

/// jwt-validation actions.
enum TokenChecks {
    static let all = [
        Self.valid, Self.algorithm, Self.expiry, Self.issuer, Self.claims, Self.keySetWrong, Self.keySetMissing,
    ]

    private static let feature = "alb.auth.jwt"

    private static let valid = Check(
        "jwt.signature",
        "A request with a good token is forwarded with its token; without one, or with a broken one, it gets 401.",
        rows: ["ALB-JWT-003", "ALB-JWT-007", "ALB-JWT-008", "ALB-JWT-009", "ALB-ERR-009"],
        feature: Self.feature,
        reference: .tokens,
        kills: [.jwtSignatureIgnored],
        lookAt: "whether the signature is verified"
    ) { scene in
        let provider = try await scene.identityProvider()
        let group = try await scene.group("app")
        let web = try scene.secureListener(asking: provider.validation(), then: group.forward)
        try await scene.start()

        let good = try await scene.token(provider, [])
        let visit = await scene.bearing(good, at: web)
        let record = try scene.expect(visit, reached: group).record
        try scene.expect("Authorization", of: visit, record.values(of: "authorization"), is: ["Bearer \(good)"])

        try await scene.expectRefusal(await scene.sendSecure("GET", "/", to: web))
        for value in ["Basic YTpi", "Bearer x", "Bearer \(good) \(good)", "Bearer \(good.prefix { $0 != "." })"] {
            try await scene.expectRefusal(
                await scene.sendSecure("GET", "/", to: web, headers: [CurlHeader("Authorization", value)])
            )
        }
        try await scene.expectRefusal(await scene.bearing(scene.token(provider, [("signature", "broken")]), at: web))
    }

    private static let algorithm = Check(
        "jwt.algorithm",
        "Only RS256 is believed: a token that says \"none\", or names another algorithm or an unknown key, gets 401.",
        rows: ["ALB-JWT-004", "ALB-JWT-009"],
        feature: Self.feature,
        reference: .tokens,
        kills: [.jwtAlgorithmNoneAccepted, .jwtSignatureIgnored],
        needs: ["jwt.signature"],
        lookAt: "who decides about the algorithm"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(
            asking: provider.validation(keys: "?idp-large-key=1"),
            then: .answer(200, "in")
        )
        try await scene.start()

        let headers = [
            (#"{"alg":"none","kid":"lab-1"}"#, "none"), (#"{"alg":"HS256","kid":"lab-1"}"#, ""),
            (#"{"alg":"ES256","kid":"lab-1"}"#, ""), (#"{"alg":"RS256","kid":"unknown"}"#, ""),
            // A key of 4,096 bits.
            (#"{"alg":"RS256","kid":"lab-4096"}"#, ""),
        ]
        for (header, signature) in headers {
            let token = try await scene.token(provider, [("header", header), ("signature", signature)])
            try await scene.expectRefusal(await scene.bearing(token, at: web))
        }
    }

    private static let expiry = Check(
        "jwt.times",
        "A token must have an expiry that has not come, and neither a beginning nor an issue in the future.",
        rows: ["ALB-JWT-005", "ALB-JWT-010"],
        level: .provisional,
        feature: Self.feature,
        reference: .tokens,
        kills: [.jwtExpiryIgnored],
        needs: ["jwt.signature"],
        lookAt: "which times of a token count"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.validation(), then: .answer(200, "in"))
        try await scene.start()

        let now = Int(Date().timeIntervalSince1970)
        let issuer = #""iss":"\#(provider.base)""#
        let wrong = [
            "{\(issuer)}", "{\(issuer),\"exp\":\(now - 60)}", "{\(issuer),\"exp\":\"soon\"}",
            "{\(issuer),\"exp\":\(now + 600),\"nbf\":\(now + 300)}",
            "{\(issuer),\"exp\":\(now + 600),\"iat\":\(now + 300)}",
        ]
        for claims in wrong {
            try await scene.expectRefusal(await scene.bearing(scene.token(provider, [("claims", claims)]), at: web))
        }
        let good = try await scene.token(provider, [("claims", "{\(issuer),\"exp\":\(now + 600),\"nbf\":\(now - 60)}")])
        let visit = await scene.bearing(good, at: web)
        try scene.expect("status", of: visit, try scene.answer(visit).status, is: 200)
    }

    private static let issuer = Check(
        "jwt.issuer",
        "A token must name the configured issuer.",
        rows: ["ALB-JWT-005", "ALB-JWT-010"],
        feature: Self.feature,
        reference: .tokens,
        kills: [.jwtIssuerIgnored],
        needs: ["jwt.signature"],
        lookAt: "which issuers are believed"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.validation(), then: .answer(200, "in"))
        try await scene.start()

        let now = Int(Date().timeIntervalSince1970)
        for issuer in [#""iss":"https://elsewhere.example","#, ""] {
            let token = try await scene.token(provider, [("claims", "{\(issuer)\"exp\":\(now + 600)}")])
            try await scene.expectRefusal(await scene.bearing(token, at: web))
        }
    }

    private static let claims = Check(
        "jwt.claims",
        "Additional claims must hold what the rule demands: a text, an array, or words in a text.",
        rows: ["ALB-JWT-006", "ALB-JWT-010"],
        level: .provisional,
        feature: Self.feature,
        reference: .tokens,
        kills: [.jwtClaimsIgnored],
        needs: ["jwt.signature"],
        lookAt: "how additional claims are compared"
    ) { scene in
        let provider = try await scene.identityProvider()
        let rules: [JWTValidationAction.AdditionalClaim] = [
            .init(name: "aud", format: .singleString, values: ["app"]),
            .init(name: "groups", format: .stringArray, values: ["staff"]),
            .init(name: "scope", format: .spaceSeparatedValues, values: ["read"]),
        ]
        let web = try scene.secureListener(asking: provider.validation(claims: rules), then: .answer(200, "in"))
        try await scene.start()

        let now = Int(Date().timeIntervalSince1970)
        let start = #"{"iss":"\#(provider.base)","exp":\#(now + 600),"#
        let good = start + #""aud":"app","groups":["all","staff"],"scope":"write read"}"#
        let visit = await scene.bearing(try await scene.token(provider, [("claims", good)]), at: web)
        try scene.expect("status", of: visit, try scene.answer(visit).status, is: 200)
        for wrong in [
            #""aud":"other","groups":["staff"],"scope":"read"}"#, #""aud":"app","groups":["all"],"scope":"read"}"#,
            #""aud":"app","groups":["staff"],"scope":"readonly"}"#, #""aud":"app","scope":"read"}"#,
            #""aud":["app"],"groups":["staff"],"scope":"read"}"#,
        ] {
            let token = try await scene.token(provider, [("claims", start + wrong)])
            try await scene.expectRefusal(await scene.bearing(token, at: web))
        }
    }

    private static let keySetWrong = Check(
        "jwt.key-set.wrong",
        "When the key set endpoint answers with an error, or with something that is no usable key set, the client gets 562.",
        rows: ["ALB-JWT-013", "ALB-ERR-047"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.jwtKeySetFailureAs500],
        needs: ["jwt.signature"],
        lookAt: "what a bad key set becomes"
    ) { scene in
        let provider = try await scene.identityProvider()
        let switches = ["?elb-status=500", "?elb-body-bytes=100", "?idp-omit=n", "?idp-key-type=EC"]
        let listeners = try switches.map {
            try scene.secureListener(asking: provider.validation(keys: $0), then: .answer(200, "in"))
        }
        try await scene.start()

        let token = try await scene.token(provider, [])
        for listener in listeners {
            let exchange = await scene.bearing(token, at: listener)
            try scene.expect("status", of: exchange, try scene.answer(exchange).status, is: 562)
        }
    }

    private static let keySetMissing = Check(
        "jwt.key-set.missing",
        "When the key set takes longer than 5 seconds, or is too large, the client gets 500.",
        rows: ["ALB-JWT-011", "ALB-JWT-012", "ALB-ERR-022"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.authFailuresAs502],
        needs: ["jwt.signature"],
        lookAt: "how long keys are waited for, and how many there may be"
    ) { scene in
        let provider = try await scene.identityProvider()
        let switches = ["?elb-delay=6000", "?idp-more-keys=10", "?elb-body-bytes=153601"]
        let listeners = try switches.map {
            try scene.secureListener(asking: provider.validation(keys: $0), then: .answer(200, "in"))
        }
        try await scene.start()

        let token = try await scene.token(provider, [])
        for listener in listeners {
            let exchange = await scene.bearing(token, at: listener)
            try scene.expect("status", of: exchange, try scene.answer(exchange).status, is: 500)
        }
    }
}

extension Scene {
    /// A GET with a token.
    fileprivate func bearing(_ token: String, at listener: Endpoint) async -> Exchange {
        await self.sendSecure("GET", "/", to: listener, headers: [CurlHeader("Authorization", "Bearer \(token)")])
    }

    fileprivate func expectRefusal(_ exchange: Exchange) async throws {
        try self.expect("status", of: exchange, try self.answer(exchange, expected: "401").status, is: 401)
    }
}
