import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of authentication` {
    private typealias OIDC = Verdict<AuthenticateOIDCAction>
    private typealias Claim = Verdict<JWTValidationAction.AdditionalClaim>

    private static let answer = RuleAction.fixedResponse(FixedResponseAction(statusCode: 200))

    private static func errors(_ actions: [RuleAction], on listenerProtocol: Listener.Proto = .https) -> [ModelError] {
        ListenerRule(priority: 1, conditions: [.httpRequestMethod(["GET"])], actions: actions)
            .validate(listenerProtocol: listenerProtocol)
    }

    private static func oidc(_ change: (inout AuthenticateOIDCAction) -> Void = { _ in }) -> AuthenticateOIDCAction {
        var action = AuthenticateOIDCAction(
            issuer: "https://idp.example.com",
            authorizationEndpoint: "https://idp.example.com/authorize",
            tokenEndpoint: "https://idp.example.com/token",
            userInfoEndpoint: "https://idp.example.com/userinfo",
            clientID: "lab",
            clientSecret: "secret"
        )
        change(&action)
        return action
    }

    private static func cognito(
        _ change: (inout AuthenticateCognitoAction) -> Void = { _ in }
    ) -> AuthenticateCognitoAction {
        var action = AuthenticateCognitoAction(
            userPoolARN: "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_Lab",
            userPoolClientID: "client",
            userPoolDomain: "lab"
        )
        change(&action)
        return action
    }

    private static func jwt(_ claims: JWTValidationAction.AdditionalClaim...) -> JWTValidationAction {
        JWTValidationAction(
            jwksEndpoint: "https://idp.example.com/jwks",
            issuer: "https://idp.example.com",
            additionalClaims: claims
        )
    }

    private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test(
        .covers("ALB-LSN-006", "ALB-RULE-016", "ALB-AUTH-001", "ALB-JWT-001"),
        arguments: [
            RuleAction.authenticateOIDC(oidc()), .authenticateCognito(cognito()), .jwtValidation(jwt()),
        ]
    )
    func `allows one question before the routing action, on HTTPS listeners only`(question: RuleAction) {
        #expect(Self.errors([question, Self.answer]).isEmpty)
        #expect(Self.errors([question, Self.answer], on: .http).map(\.code) == [.invalidLoadBalancerAction])
        #expect(Self.errors([question, Self.answer], on: .http).map(\.property) == ["Actions[0].Type"])
        let listener = Listener(port: 443, protocol: .https, defaultActions: [question, Self.answer])
        #expect(listener.validate().filter { $0.property.hasPrefix("DefaultActions") }.isEmpty)
    }

    @Test(.covers("ALB-RULE-014", "ALB-RULE-016")) func `wants a routing action behind it, and no second question`() {
        let question = RuleAction.jwtValidation(Self.jwt())
        #expect(Self.errors([question]).map(\.code) == [.invalidLoadBalancerAction])
        #expect(Self.errors([Self.answer, question]).map(\.property) == ["Actions[1]", "Actions[1]"])
        let both = [RuleAction.authenticateOIDC(Self.oidc()), question, Self.answer]
        #expect(Self.errors(both).map(\.property) == ["Actions[1]"])
    }

    @Test(.covers("ALB-RULE-015")) func `runs actions in their order, which several of them must state`() throws {
        let question = RuleAction.jwtValidation(Self.jwt())
        #expect(try RuleAction.sequence([(Self.answer, nil)]) == [Self.answer])
        #expect(try RuleAction.sequence([(Self.answer, 2), (question, 1)]) == [question, Self.answer])
        #expect(try RuleAction.sequence([(Self.answer, 50_000), (question, 1)]) == [question, Self.answer])
        let wrong: [[Int?]] = [[1, nil], [1, 1], [0, 1], [1, 50_001]]
        for orders in wrong {
            #expect(throws: ModelError.self) {
                try RuleAction.sequence([(question, orders[0]), (Self.answer, orders[1])])
            }
        }
    }

    @Test(
        .covers("ALB-AUTH-002", "ALB-AUTH-012"),
        arguments: [
            OIDC(oidc()), OIDC(oidc { $0.issuer = "" }, "Issuer"), OIDC(oidc { $0.clientID = "" }, "ClientId"),
            OIDC(oidc { $0.clientSecret = nil }, "ClientSecret"),
            OIDC(oidc { $0.usesExistingClientSecret = true }, "UseExistingClientSecret"),
            OIDC(oidc { $0.authorizationEndpoint = "" }, "AuthorizationEndpoint"),
            OIDC(oidc { $0.tokenEndpoint = "http://idp.example.com/token" }, "TokenEndpoint"),
            OIDC(oidc { $0.userInfoEndpoint = "https://idp.example.com" }, "UserInfoEndpoint"),
            OIDC(oidc { $0.userInfoEndpoint = "https:///userinfo" }, "UserInfoEndpoint"),
            OIDC(oidc { $0.tokenEndpoint = "https://a b/token" }, "TokenEndpoint"),
            OIDC(oidc { $0.tokenEndpoint = "https://127.10.1.64:8443/token?a=1" }),
            OIDC(oidc { $0.tokenEndpoint = "https://idp:0/token" }, "TokenEndpoint"),
            OIDC(oidc { $0.session.timeoutSeconds = 1 }),
            OIDC(oidc { $0.session.timeoutSeconds = 0 }, "SessionTimeout"),
            OIDC(oidc { $0.session.timeoutSeconds = 604_801 }, "SessionTimeout"),
            OIDC(oidc { $0.session.cookieName = "a=b" }, "SessionCookieName"),
            OIDC(oidc { $0.session.extraParameters = (0..<10).map { .init(name: "p\($0)", value: "x") } }),
            OIDC(
                oidc { $0.session.extraParameters = (0..<11).map { .init(name: "p\($0)", value: "x") } },
                "AuthenticationRequestExtraParams"
            ),
            OIDC(
                oidc { $0.session.extraParameters = [.init(name: "state", value: "x")] },
                "AuthenticationRequestExtraParams.state"
            ),
        ]
    )
    private func `judges what an OIDC action needs`(action: OIDC) {
        let expected = action.property.map { ["Actions[0].AuthenticateOidcConfig.\($0)"] } ?? []
        #expect(Self.errors([.authenticateOIDC(action.value), Self.answer]).map(\.property) == expected)
    }

    @Test(.covers("ALB-AUTH-003")) func `judges what a Cognito action needs`() {
        let wrong: [(AuthenticateCognitoAction, String)] = [
            (Self.cognito { $0.userPoolARN = "" }, "UserPoolArn"),
            (Self.cognito { $0.userPoolARN = "arn:aws:iam::123456789012:user/x" }, "UserPoolArn"),
            (Self.cognito { $0.userPoolClientID = "" }, "UserPoolClientId"),
            (Self.cognito { $0.userPoolDomain = "https://lab" }, "UserPoolDomain"),
        ]
        for (action, property) in wrong {
            #expect(
                Self.errors([.authenticateCognito(action), Self.answer]).map(\.property)
                    == ["Actions[0].AuthenticateCognitoConfig.\(property)"]
            )
        }
    }

    @Test(.covers("ALB-AUTH-003")) func `finds a user pool's endpoints by its domain`() {
        let byPrefix = Self.cognito().asOIDC
        #expect(byPrefix.issuer == "https://cognito-idp.ap-northeast-2.amazonaws.com/ap-northeast-2_Lab")
        #expect(byPrefix.tokenEndpoint == "https://lab.auth.ap-northeast-2.amazoncognito.com/oauth2/token")
        #expect(
            Self.cognito { $0.userPoolDomain = "login.example.com" }.asOIDC.authorizationEndpoint
                == "https://login.example.com/oauth2/authorize"
        )
    }

    @Test(.covers("ALB-AUTH-004")) func `has AWS's defaults for a session`() {
        let session = AuthenticationSession()
        #expect(session.cookieName == "AWSELBAuthSessionCookie")
        #expect(session.scope == "openid")
        #expect(session.timeoutSeconds == 604_800)
        #expect(session.onUnauthenticatedRequest == .authenticate)
    }

    @Test(
        .covers("ALB-JWT-005", "ALB-JWT-006"),
        arguments: [
            Claim(.init(name: "aud", format: .singleString, values: ["a b"])),
            Claim(.init(name: "scope", format: .spaceSeparatedValues, values: ["read", "write"])),
            Claim(.init(name: "scope", format: .spaceSeparatedValues, values: ["read write"]), "Values[0]"),
            Claim(.init(name: "groups", format: .stringArray, values: Array(repeating: "x", count: 10))),
            Claim(.init(name: "groups", format: .stringArray, values: Array(repeating: "x", count: 11)), "Values"),
            Claim(.init(name: "groups", format: .stringArray, values: []), "Values"),
            Claim(.init(name: "aud", format: .singleString, values: [letters(256)])),
            Claim(.init(name: "aud", format: .singleString, values: [letters(257)]), "Values[0]"),
            Claim(.init(name: "exp", format: .singleString, values: ["1"]), "Name"),
            Claim(.init(name: "iss", format: .singleString, values: ["1"]), "Name"),
            Claim(.init(name: "nbf", format: .singleString, values: ["1"]), "Name"),
            Claim(.init(name: "iat", format: .singleString, values: ["1"]), "Name"),
        ]
    )
    private func `judges additional claims`(claim: Claim) {
        let expected = claim.property.map { ["Actions[0].JwtValidationConfig.AdditionalClaims[0].\($0)"] } ?? []
        #expect(Self.errors([.jwtValidation(Self.jwt(claim.value)), Self.answer]).map(\.property) == expected)
    }

    @Test(.covers("ALB-JWT-002")) func `limits the endpoint, the issuer and the number of claims`() {
        let path = "Actions[0].JwtValidationConfig"
        var action = Self.jwt()
        action.additionalClaims = (0..<11).map { .init(name: "c\($0)", format: .singleString, values: ["x"]) }
        #expect(
            Self.errors([.jwtValidation(action), Self.answer]).map(\.property) == ["\(path).AdditionalClaims"]
        )
        action.additionalClaims.removeLast()
        #expect(Self.errors([.jwtValidation(action), Self.answer]).isEmpty)
        action.issuer = Self.letters(257)
        action.jwksEndpoint = "http://idp.example.com/jwks"
        #expect(
            Self.errors([.jwtValidation(action), Self.answer]).map(\.property)
                == ["\(path).JwksEndpoint", "\(path).Issuer"]
        )
        action.issuer = Self.letters(256)
        action.jwksEndpoint = "https://idp/" + Self.letters(244)
        #expect(Self.errors([.jwtValidation(action), Self.answer]).isEmpty)
        action.jwksEndpoint += "a"
        #expect(Self.errors([.jwtValidation(action), Self.answer]).map(\.property) == ["\(path).JwksEndpoint"])
    }
}
