/// The attributes of a listener: what it writes into the heads that pass through it, with AWS's defaults. Keys, ranges and the
/// translation from AWS's strings are in `ListenerAttributes+Keys.swift`.
package struct ListenerAttributes: Hashable, Codable, Sendable {
    /// `routing.http.response.server.enabled`, default true: whether answers that the balancer makes by itself say
    /// `Server: awselb/2.0` (ALB-HMOD-002, -003).
    package var serverHeaderEnabled = true
    /// The response headers that are set to a value, whatever the target sent (ALB-HMOD-005). Never an empty value.
    package var responseHeaders: [ResponseHeader: String] = [:]
    /// What the headers that tell a target about TLS are called in place of their own names (ALB-HMOD-009). HTTPS listeners
    /// only (ALB-HMOD-010). Never an empty name.
    package var requestHeaderNames: [RequestHeader: String] = [:]

    /// `tcp.idle_timeout.seconds`: 60 to 6000, default 350; TCP listeners only (NLB-TO-001, -005).
    package var tcpIdleTimeoutSeconds = Self.usualTCPIdleTimeout

    package static let usualTCPIdleTimeout = 350

    package init() {}

    /// What the header is called in requests: its own name unless it was given another.
    package func name(of header: RequestHeader) -> String {
        self.requestHeaderNames[header] ?? header.rawValue
    }

    /// Response headers whose value can be configured (ALB-HMOD-004); the raw value is the header's name.
    package enum ResponseHeader: String, Hashable, Codable, Sendable, CaseIterable {
        case strictTransportSecurity = "Strict-Transport-Security"
        case accessControlAllowOrigin = "Access-Control-Allow-Origin"
        case accessControlAllowMethods = "Access-Control-Allow-Methods"
        case accessControlAllowHeaders = "Access-Control-Allow-Headers"
        case accessControlAllowCredentials = "Access-Control-Allow-Credentials"
        case accessControlExposeHeaders = "Access-Control-Expose-Headers"
        case accessControlMaxAge = "Access-Control-Max-Age"
        case contentSecurityPolicy = "Content-Security-Policy"
        case contentTypeOptions = "X-Content-Type-Options"
        case frameOptions = "X-Frame-Options"
    }

    /// Request headers of the balancer's own that can be renamed (ALB-HMOD-009); the raw value is the header's own name.
    package enum RequestHeader: String, Hashable, Codable, Sendable, CaseIterable {
        case clientCertificateSerialNumber = "X-Amzn-Mtls-Clientcert-Serial-Number"
        case clientCertificateIssuer = "X-Amzn-Mtls-Clientcert-Issuer"
        case clientCertificateSubject = "X-Amzn-Mtls-Clientcert-Subject"
        case clientCertificateValidity = "X-Amzn-Mtls-Clientcert-Validity"
        case clientCertificateLeaf = "X-Amzn-Mtls-Clientcert-Leaf"
        case clientCertificate = "X-Amzn-Mtls-Clientcert"
        case tlsVersion = "X-Amzn-Tls-Version"
        case tlsCipherSuite = "X-Amzn-Tls-Cipher-Suite"
    }
}
