/// Logs users in with any OpenID Connect provider before the routing action sees their requests (ALB-AUTH-002).
package struct AuthenticateOIDCAction: Hashable, Codable, Sendable {
    /// What ID tokens must name as their issuer.
    package var issuer: String
    package var authorizationEndpoint: String
    package var tokenEndpoint: String
    package var userInfoEndpoint: String
    package var clientID: String
    /// `nil` only with `usesExistingClientSecret`.
    package var clientSecret: String?
    package var usesExistingClientSecret: Bool
    package var session: AuthenticationSession

    package init(
        issuer: String,
        authorizationEndpoint: String,
        tokenEndpoint: String,
        userInfoEndpoint: String,
        clientID: String,
        clientSecret: String?,
        usesExistingClientSecret: Bool = false,
        session: AuthenticationSession = .init()
    ) {
        self.issuer = issuer
        self.authorizationEndpoint = authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        self.userInfoEndpoint = userInfoEndpoint
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.usesExistingClientSecret = usesExistingClientSecret
        self.session = session
    }
}

/// Logs users in with an Amazon Cognito user pool (ALB-AUTH-003). The same protocol: the endpoints follow from the domain.
package struct AuthenticateCognitoAction: Hashable, Codable, Sendable {
    /// `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL`.
    package var userPoolARN: String
    package var userPoolClientID: String
    /// A prefix of the region's domain, or a domain of one's own.
    package var userPoolDomain: String
    package var session: AuthenticationSession

    package init(
        userPoolARN: String,
        userPoolClientID: String,
        userPoolDomain: String,
        session: AuthenticationSession = .init()
    ) {
        self.userPoolARN = userPoolARN
        self.userPoolClientID = userPoolClientID
        self.userPoolDomain = userPoolDomain
        self.session = session
    }

    /// The region and the pool's id; `nil` if the ARN is none of a user pool.
    package var pool: (region: String, id: String)? {
        let parts = self.userPoolARN.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "cognito-idp", !parts[3].isEmpty,
            parts[5].hasPrefix("userpool/"), parts[5].count > "userpool/".count
        else { return nil }
        return (String(parts[3]), String(parts[5].dropFirst("userpool/".count)))
    }

    /// Where the pool's pages and endpoints are: the domain, or the prefix in AWS's domain of the region.
    package var host: String {
        self.userPoolDomain.contains(".")
            ? self.userPoolDomain
            : "\(self.userPoolDomain).auth.\(self.pool?.region ?? AvailabilityZone.region).amazoncognito.com"
    }

    /// The pool as a provider of OpenID Connect. The secret of the app client is Cognito's to know; in the lab it is the client
    /// id, which the lab's provider accepts.
    package var asOIDC: AuthenticateOIDCAction {
        let pool = self.pool ?? (AvailabilityZone.region, "")
        return AuthenticateOIDCAction(
            issuer: "https://cognito-idp.\(pool.region).amazonaws.com/\(pool.id)",
            authorizationEndpoint: "https://\(self.host)/oauth2/authorize",
            tokenEndpoint: "https://\(self.host)/oauth2/token",
            userInfoEndpoint: "https://\(self.host)/oauth2/userInfo",
            clientID: self.userPoolClientID,
            clientSecret: self.userPoolClientID,
            session: self.session
        )
    }
}
