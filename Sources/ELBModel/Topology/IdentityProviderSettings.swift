/// What a fake identity provider (`BackendProtocol.oidc`) is set to, beside how it answers anything else.
package struct IdentityProviderSettings: Hashable, Codable, Sendable {
    /// What its tokens name as their issuer; `nil` takes `https://ADDRESS:PORT` of the port that was asked.
    package var issuer: String?
    /// Names under which load balancers and users find it, as public DNS would tell them: a Cognito user pool's domain.
    package var domains: [String]
    /// Where it sends users back to, compared to the letter; empty allows every place.
    package var callbackURLs: [String]
    /// Secrets by client id; empty takes every client at its word.
    package var clients: [String: String]

    package init(
        issuer: String? = nil,
        domains: [String] = [],
        callbackURLs: [String] = [],
        clients: [String: String] = [:]
    ) {
        self.issuer = issuer
        self.domains = domains
        self.callbackURLs = callbackURLs
        self.clients = clients
    }

    /// The domains in full: the prefix of a Cognito user pool stands in AWS's domain of the region (ALB-AUTH-003).
    package var hostNames: [String] {
        self.domains.map {
            $0.contains(".") ? $0 : "\($0).auth.\(AvailabilityZone.region).amazoncognito.com"
        }
    }

    /// What no provider can be set to, in words; `nil` if all is well.
    package var problem: String? {
        for url in self.callbackURLs {
            if url != url.lowercased() {
                // Load balancers ask for it so, and providers compare to the letter (ALB-AUTH-007).
                return "the callback URL '\(url)' must be in lower case"
            }
            guard WebURL(url)?.scheme == .https, url.hasSuffix("/oauth2/idpresponse") else {
                return "the callback URL '\(url)' is not https://HOST/oauth2/idpresponse"
            }
        }
        return nil
    }
}
