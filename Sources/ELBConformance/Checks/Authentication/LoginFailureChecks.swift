internal import ELBFleet
internal import ELBModel

/// authenticate-oidc actions: what users get when the login comes to nothing.
enum LoginFailureChecks {
    static let all = [Self.stranger, Self.providerError, Self.silence, Self.tooLarge]

    private static let stranger = Check(
        "auth.callback.stranger",
        "A callback is taken only from the browser that began the login: anybody else gets 401.",
        rows: ["ALB-AUTH-019", "ALB-AUTH-028", "ALB-ERR-009"],
        level: .provisional,
        feature: LoginChecks.feature,
        reference: .authentication,
        kills: [.authStateNotChecked],
        needs: ["auth.login.identity"],
        lookAt: "what ties the callback's state to the browser"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.login(), then: .answer(200, "in"))
        try await scene.start()

        let first = await scene.get("/", as: SceneBrowser(), at: web)
        let callback = try await scene.visitProvider(try scene.answer(first).header("Location"))
        // Another browser: it has the link, but none of the cookies.
        let stolen = await scene.get(callback, as: SceneBrowser(), at: web)
        try scene.expect("status", of: stolen, try scene.answer(stolen).status, is: 401)
        for query in ["code=c", "code=c&state=e30"] {
            let forged = await scene.get("/oauth2/idpresponse?\(query)", as: SceneBrowser(), at: web)
            try scene.expect("status", of: forged, try scene.answer(forged).status, is: 401)
        }
    }

    private static let providerError = Check(
        "auth.callback.provider-error",
        "When the provider sends the user back with an error, he gets 561.",
        rows: ["ALB-AUTH-024", "ALB-ERR-046"],
        feature: LoginChecks.feature,
        reference: .troubleshooting,
        kills: [.authProviderErrorAs401],
        lookAt: "what an error of the provider becomes"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(
            asking: provider.login(authorize: "?idp-error=access_denied"),
            then: .answer(200, "in")
        )
        try await scene.start()

        var browser = SceneBrowser()
        let (exchange, answer) = try await scene.logIn(&browser, at: web)
        try scene.expect("status", of: exchange, answer.status, is: 561)
    }

    private static let silence = Check(
        "auth.callback.silent-endpoint",
        "When the token or the user info endpoint does not answer within 5 seconds, the user gets 500.",
        rows: ["ALB-AUTH-011", "ALB-ERR-022"],
        feature: LoginChecks.feature,
        reference: .troubleshooting,
        kills: [.authFailuresAs502],
        lookAt: "how long a provider's endpoints are waited for"
    ) { scene in
        let provider = try await scene.identityProvider()
        let actions = [
            provider.login(token: "?elb-delay=6000"), provider.login(userInfo: "?elb-delay=6000"),
            provider.login(token: "?elb-status=503"),
        ]
        let listeners = try actions.map { try scene.secureListener(asking: $0, then: .answer(200, "in")) }
        try await scene.start()

        for listener in listeners {
            var browser = SceneBrowser()
            let (exchange, answer) = try await scene.logIn(&browser, at: listener)
            try scene.expect("status", of: exchange, answer.status, is: 500)
        }
    }

    private static let tooLarge = Check(
        "auth.callback.claims-too-large",
        "When claims and access token together exceed 11 KiB, the user gets 500.",
        rows: ["ALB-AUTH-020", "ALB-ERR-022"],
        level: .provisional,
        feature: LoginChecks.feature,
        reference: .authentication,
        kills: [.authClaimsUnlimited],
        lookAt: "how large claims may be"
    ) { scene in
        let provider = try await scene.identityProvider()
        let web = try scene.secureListener(asking: provider.login(userInfo: "?idp-pad=11300"), then: .answer(200, "in"))
        try await scene.start()

        var browser = SceneBrowser()
        let (exchange, answer) = try await scene.logIn(&browser, at: web)
        try scene.expect("status", of: exchange, answer.status, is: 500)
    }
}
