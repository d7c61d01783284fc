import ELBModel

/// Actions as Describe calls show them: with AWS's defaults filled in.
extension WireValue {
    static func actions(_ actions: [RuleAction]) -> [WireValue] {
        actions.enumerated().map { index, action in
            var members: [Member] = [.init("Type", .text(action.type))]
            // One action alone has no order (ALB-RULE-015).
            if actions.count > 1 { members.append(.init("Order", .integer(index + 1))) }
            switch action {
            case .forward(let forward): members += Self.forward(forward)
            case .redirect(let redirect): members.append(.init("RedirectConfig", Self.redirect(redirect)))
            case .fixedResponse(let response):
                members.append(.init("FixedResponseConfig", Self.fixedResponse(response)))
            case .authenticateOIDC(let oidc): members.append(.init("AuthenticateOidcConfig", Self.oidc(oidc)))
            case .authenticateCognito(let cognito):
                members.append(.init("AuthenticateCognitoConfig", Self.cognito(cognito)))
            case .jwtValidation(let validation):
                members.append(.init("JwtValidationConfig", Self.jwtValidation(validation)))
            }
            return .structure(members)
        }
    }

    /// A single group is shown in the short form too, which older clients read.
    private static func forward(_ forward: ForwardAction) -> [Member] {
        var members: [Member] = []
        if forward.targetGroups.count == 1 {
            members.append(.init("TargetGroupArn", .text(forward.targetGroups[0].targetGroup.rawValue)))
        }
        let groups = forward.targetGroups.map { entry -> WireValue in
            ["TargetGroupArn": .text(entry.targetGroup.rawValue), "Weight": .integer(entry.weight)]
        }
        let stickiness: WireValue = [
            "Enabled": .boolean(forward.stickiness.isEnabled),
            "DurationSeconds": forward.stickiness.durationSeconds.map { .integer($0) },
        ]
        members.append(
            .init("ForwardConfig", ["TargetGroups": .list(groups), "TargetGroupStickinessConfig": stickiness])
        )
        return members
    }

    private static func redirect(_ redirect: RedirectAction) -> Self {
        [
            "Protocol": .text(redirect.protocol ?? "#{protocol}"),
            "Port": .text(redirect.port ?? "#{port}"),
            "Host": .text(redirect.host ?? "#{host}"),
            "Path": .text(redirect.path ?? "/#{path}"),
            "Query": .text(redirect.query ?? "#{query}"),
            "StatusCode": .text(redirect.statusCode.rawValue),
        ]
    }

    private static func fixedResponse(_ response: FixedResponseAction) -> Self {
        [
            "MessageBody": response.messageBody.map { .text($0) },
            "StatusCode": .text("\(response.statusCode)"),
            "ContentType": response.contentType.map { .text($0) },
        ]
    }

    /// The client secret is never shown.
    private static func oidc(_ oidc: AuthenticateOIDCAction) -> Self {
        .structure(
            [
                .init("Issuer", .text(oidc.issuer)),
                .init("AuthorizationEndpoint", .text(oidc.authorizationEndpoint)),
                .init("TokenEndpoint", .text(oidc.tokenEndpoint)),
                .init("UserInfoEndpoint", .text(oidc.userInfoEndpoint)),
                .init("ClientId", .text(oidc.clientID)),
            ] + Self.session(oidc.session)
        )
    }

    private static func cognito(_ cognito: AuthenticateCognitoAction) -> Self {
        .structure(
            [
                .init("UserPoolArn", .text(cognito.userPoolARN)),
                .init("UserPoolClientId", .text(cognito.userPoolClientID)),
                .init("UserPoolDomain", .text(cognito.userPoolDomain)),
            ] + Self.session(cognito.session)
        )
    }

    private static func session(_ session: AuthenticationSession) -> [Member] {
        var members: [Member] = [
            .init("SessionCookieName", .text(session.cookieName)),
            .init("Scope", .text(session.scope)),
            .init("SessionTimeout", .integer(session.timeoutSeconds)),
            .init("OnUnauthenticatedRequest", .text(session.onUnauthenticatedRequest.rawValue)),
        ]
        if !session.extraParameters.isEmpty {
            let entries = session.extraParameters.map { Member($0.name, .text($0.value)) }
            members.append(.init("AuthenticationRequestExtraParams", .structure(entries)))
        }
        return members
    }

    private static func jwtValidation(_ validation: JWTValidationAction) -> Self {
        let claims = validation.additionalClaims.map { claim -> WireValue in
            ["Format": .text(claim.format.rawValue), "Name": .text(claim.name), "Values": .texts(claim.values)]
        }
        return [
            "JwksEndpoint": .text(validation.jwksEndpoint),
            "Issuer": .text(validation.issuer),
            "AdditionalClaims": claims.isEmpty ? nil : .list(claims),
        ]
    }
}
