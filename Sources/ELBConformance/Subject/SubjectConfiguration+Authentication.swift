internal import ELBModel

// The actions that ask who sent a request, as the subject's file has them.

extension AuthenticateOIDCAction {
    var members: [(String, JSONText)] {
        [
            ("Issuer", .string(self.issuer)), ("AuthorizationEndpoint", .string(self.authorizationEndpoint)),
            ("TokenEndpoint", .string(self.tokenEndpoint)), ("UserInfoEndpoint", .string(self.userInfoEndpoint)),
            ("ClientId", .string(self.clientID)),
        ] + (self.clientSecret.map { [("ClientSecret", .string($0))] } ?? []) + self.session.members
    }
}

extension AuthenticateCognitoAction {
    var members: [(String, JSONText)] {
        [
            ("UserPoolArn", .string(self.userPoolARN)), ("UserPoolClientId", .string(self.userPoolClientID)),
            ("UserPoolDomain", .string(self.userPoolDomain)),
        ] + self.session.members
    }
}

extension AuthenticationSession {
    fileprivate var members: [(String, JSONText)] {
        var members: [(String, JSONText)] = [
            ("SessionCookieName", .string(self.cookieName)), ("Scope", .string(self.scope)),
            ("SessionTimeout", .number(self.timeoutSeconds)),
            ("OnUnauthenticatedRequest", .string(self.onUnauthenticatedRequest.rawValue)),
        ]
        if !self.extraParameters.isEmpty {
            let parameters = self.extraParameters.map { ($0.name, JSONText.string($0.value)) }
            members.append(("AuthenticationRequestExtraParams", .object(parameters)))
        }
        return members
    }
}

extension ProviderNetwork {
    /// `nil` if there is nothing to say.
    var json: JSONText? {
        guard self != ProviderNetwork() else { return nil }
        let hosts = self.hosts.map { host in
            JSONText.object([
                ("Name", .string(host.name)), ("Address", .string("\(host.endpoint.address)")),
                ("Port", .number(Int(host.endpoint.port.rawValue))),
            ])
        }
        return .object([
            ("Hosts", .array(hosts)), ("CertificateAuthorities", .array(self.authorities.map { .string($0) })),
        ])
    }
}

extension JWTValidationAction {
    var members: [(String, JSONText)] {
        var members: [(String, JSONText)] = [
            ("JwksEndpoint", .string(self.jwksEndpoint)), ("Issuer", .string(self.issuer)),
        ]
        if !self.additionalClaims.isEmpty {
            let claims = self.additionalClaims.map { claim in
                JSONText.object([
                    ("Name", .string(claim.name)), ("Format", .string(claim.format.rawValue)),
                    ("Values", .array(claim.values.map { .string($0) })),
                ])
            }
            members.append(("AdditionalClaims", .array(claims)))
        }
        return members
    }
}
