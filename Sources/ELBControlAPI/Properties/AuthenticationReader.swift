import ELBModel

/// Reads the actions that ask who sent a request, in CloudFormation's shape.
enum AuthenticationReader {
    static func oidc(_ source: ObjectReader) -> RuleAction? {
        var reader = source
        reader.requires(
            "Issuer",
            "AuthorizationEndpoint",
            "TokenEndpoint",
            "UserInfoEndpoint",
            "ClientId"
        )
        let action = AuthenticateOIDCAction(
            issuer: reader.text("Issuer")?.value ?? "",
            authorizationEndpoint: reader.text("AuthorizationEndpoint")?.value ?? "",
            tokenEndpoint: reader.text("TokenEndpoint")?.value ?? "",
            userInfoEndpoint: reader.text("UserInfoEndpoint")?.value ?? "",
            clientID: reader.text("ClientId")?.value ?? "",
            clientSecret: reader.text("ClientSecret")?.value,
            usesExistingClientSecret: reader.boolean("UseExistingClientSecret")?.value ?? false,
            session: Self.session(&reader)
        )
        reader.finish()
        // What is missing has been reported; judging it as well would say everything twice.
        let required = [
            action.issuer, action.authorizationEndpoint, action.tokenEndpoint, action.userInfoEndpoint, action.clientID,
        ]
        return required.contains("") ? nil : .authenticateOIDC(action)
    }

    static func cognito(_ source: ObjectReader) -> RuleAction? {
        var reader = source
        reader.requires("UserPoolArn", "UserPoolClientId", "UserPoolDomain")
        let (arn, client) = (reader.text("UserPoolArn"), reader.text("UserPoolClientId"))
        let domain = reader.text("UserPoolDomain")
        let session = Self.session(&reader)
        reader.finish()
        guard let arn, let client, let domain else { return nil }
        return .authenticateCognito(
            AuthenticateCognitoAction(
                userPoolARN: arn.value,
                userPoolClientID: client.value,
                userPoolDomain: domain.value,
                session: session
            )
        )
    }

    static func jwtValidation(_ source: ObjectReader) -> RuleAction? {
        var reader = source
        reader.requires("Issuer", "JwksEndpoint")
        let (issuer, endpoint) = (reader.text("Issuer"), reader.text("JwksEndpoint"))
        let claims = (reader.objects("AdditionalClaims", as: "an additional claim") ?? []).compactMap(Self.claim)
        reader.finish()
        guard let issuer, let endpoint else { return nil }
        return .jwtValidation(
            JWTValidationAction(jwksEndpoint: endpoint.value, issuer: issuer.value, additionalClaims: claims)
        )
    }

    private static func claim(_ source: ObjectReader) -> JWTValidationAction.AdditionalClaim? {
        var reader = source
        reader.requires("Format", "Name", "Values")
        let format = reader.choice("Format", as: JWTValidationAction.AdditionalClaim.Format.self)
        let (name, values) = (reader.text("Name"), reader.texts("Values"))
        reader.finish()
        guard let format, let name, let values else { return nil }
        return .init(name: name.value, format: format, values: values.map(\.value))
    }

    /// What both ways of logging in have in common; what is not said has AWS's default (ALB-AUTH-004).
    private static func session(_ reader: inout ObjectReader) -> AuthenticationSession {
        var session = AuthenticationSession()
        session.cookieName = reader.text("SessionCookieName")?.value ?? session.cookieName
        session.scope = reader.text("Scope")?.value ?? session.scope
        session.timeoutSeconds = reader.integer("SessionTimeout")?.value ?? session.timeoutSeconds
        session.onUnauthenticatedRequest =
            reader.choice(
                "OnUnauthenticatedRequest",
                as: AuthenticationSession.UnauthenticatedRequestBehaviour.self
            ) ?? session.onUnauthenticatedRequest
        guard var parameters = reader.object("AuthenticationRequestExtraParams", as: "AuthenticationRequestExtraParams")
        else { return session }
        for entry in parameters.value.entries ?? [] {
            guard let text = parameters.text(entry.key) else { continue }
            session.extraParameters.append(.init(name: entry.key, value: text.value))
        }
        session.extraParameters.sort { $0.name < $1.name }
        return session
    }
}
