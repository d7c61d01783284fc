/// What a Classic Load Balancer accepts on one port, and where on its instances that goes.
package struct ClassicListener: Hashable, Codable, Sendable {
    package var port: Port
    package var `protocol`: Proto
    package var instancePort: Port
    /// The same layer as `protocol` (CLB-LS-002).
    package var instanceProtocol: Proto
    /// One certificate, whatever host is asked for (CLB-LS-006, -007); only where `protocol` is secure. Whole, as an HTTPS
    /// listener's is, so that a topology says all that its nodes need.
    package var certificate: Certificate?
    /// Names of the policies set on it: one for stickiness at most, one for TLS at most. A secure listener without one of TLS uses
    /// `ELBSecurityPolicy-2016-08` (CLB-TL-001).
    package var policies: [String]

    /// - Parameter instanceProtocol: `nil` takes the plain protocol of the same layer (CLB-LS-004).
    package init(
        port: Port,
        protocol: Proto,
        instancePort: Port,
        instanceProtocol: Proto? = nil,
        certificate: Certificate? = nil,
        policies: [String] = []
    ) {
        self.port = port
        self.protocol = `protocol`
        self.instancePort = instancePort
        self.instanceProtocol = instanceProtocol ?? `protocol`.plain
        self.certificate = certificate
        self.policies = policies
    }

    /// What a listener speaks, in front and to instances; the raw value is the API's (CLB-LS-001).
    package enum Proto: String, Hashable, Codable, Sendable, CaseIterable {
        case http = "HTTP"
        case https = "HTTPS"
        case tcp = "TCP"
        case ssl = "SSL"

        /// Whether it is TLS on the wire.
        package var isSecure: Bool {
            switch self {
            case .https, .ssl: true
            case .http, .tcp: false
            }
        }

        /// Whether the balancer reads requests, and does not only carry bytes.
        package var isHTTP: Bool {
            switch self {
            case .http, .https: true
            case .tcp, .ssl: false
            }
        }

        /// The same without TLS.
        package var plain: Self {
            switch self {
            case .http, .https: .http
            case .tcp, .ssl: .tcp
            }
        }
    }
}
