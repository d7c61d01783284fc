/// What the internet would tell a load balancer of identity providers. The lab has neither public DNS nor public authorities, so
/// a template's providers and a subject's configuration say it.
package struct ProviderNetwork: Hashable, Codable, Sendable {
    package var hosts: [Host]
    /// Certificates, in PEM, that a provider's may be signed by, besides those that the system trusts (ALB-AUTH-012).
    package var authorities: [String]

    package init(hosts: [Host] = [], authorities: [String] = []) {
        self.hosts = hosts
        self.authorities = authorities
    }

    /// A name and where it leads. The port counts in place of the URL's: providers of the lab listen above 1023.
    package struct Host: Hashable, Codable, Sendable {
        package var name: String
        package var endpoint: Endpoint

        package init(name: String, endpoint: Endpoint) {
            self.name = name
            self.endpoint = endpoint
        }
    }
}
