package import ELBModel

/// What a finished handshake has settled.
package struct TLSSession: Hashable, Sendable {
    package var version: TLSVersion
    package var cipherSuite: TLSCipherSuite
    package var keyExchange: TLSKeyExchange?
    /// The name the client asked for.
    package var serverName: String?
    package var certificate: CertificateARN
    package var isDefaultCertificate: Bool
    package var isResumed: Bool
    /// What ALPN agreed on.
    package var applicationProtocol: String?
    package var clientCertificate: ClientCertificate?
    /// What the client would have spoken, in its order.
    package var offeredProtocols: [String]

    package init(
        version: TLSVersion,
        cipherSuite: TLSCipherSuite,
        keyExchange: TLSKeyExchange? = nil,
        serverName: String? = nil,
        certificate: CertificateARN,
        isDefaultCertificate: Bool,
        isResumed: Bool = false,
        applicationProtocol: String? = nil,
        clientCertificate: ClientCertificate? = nil,
        offeredProtocols: [String] = []
    ) {
        self.version = version
        self.cipherSuite = cipherSuite
        self.keyExchange = keyExchange
        self.serverName = serverName
        self.certificate = certificate
        self.isDefaultCertificate = isDefaultCertificate
        self.isResumed = isResumed
        self.applicationProtocol = applicationProtocol
        self.clientCertificate = clientCertificate
        self.offeredProtocols = offeredProtocols
    }

    /// What access log lines say of it (ALB-LOG-023, -024).
    package var accessLogText: AccessLogRecord.TLS {
        AccessLogRecord.TLS(
            cipher: Array(self.cipherSuite.name.utf8),
            protocol: Array(self.version.name.utf8),
            domainName: self.isDefaultCertificate ? [] : Array((self.serverName ?? "").utf8),
            certificate: Array((self.isResumed ? "session-reused" : self.certificate.rawValue).utf8)
        )
    }
}

/// A client's certificate as targets and logs are told of it.
package struct ClientCertificate: Hashable, Sendable {
    /// In hexadecimal, upper case, without separators.
    package var serialNumber: String
    /// RFC 2253: the most specific part first.
    package var issuer: String
    package var subject: String
    /// Seconds since 1970.
    package var notBefore: Int64
    package var notAfter: Int64
    package var leafPEM: String
    /// Everything that the client presented, the leaf first.
    package var chainPEM: String

    package init(
        serialNumber: String,
        issuer: String,
        subject: String,
        notBefore: Int64,
        notAfter: Int64,
        leafPEM: String,
        chainPEM: String
    ) {
        self.serialNumber = serialNumber
        self.issuer = issuer
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.leafPEM = leafPEM
        self.chainPEM = chainPEM
    }

    /// `NotBefore=2023-09-21T01:50:17Z;NotAfter=2024-09-20T01:50:17Z` (ALB-TLS-020, ALB-CLOG-009).
    package var validity: String {
        "NotBefore=\(WallClockText.second(self.notBefore));NotAfter=\(WallClockText.second(self.notAfter))"
    }
}

/// Why a client's certificate was refused, as the connection log says it (ALB-CLOG-008).
package enum ClientCertificateFailure: String, Error, Hashable, Sendable, CaseIterable {
    case maxChainDepthExceeded = "ClientCertMaxChainDepthExceeded"
    case maxSizeExceeded = "ClientCertMaxSizeExceeded"
    case crlHit = "ClientCertCrlHit"
    case crlProcessingError = "ClientCertCrlProcessingError"
    case untrusted = "ClientCertUntrusted"
    case notYetValid = "ClientCertNotYetValid"
    case expired = "ClientCertExpired"
    case typeUnsupported = "ClientCertTypeUnsupported"
    case invalid = "ClientCertInvalid"
    case purposeInvalid = "ClientCertPurposeInvalid"
    case rejected = "ClientCertRejected"
    case incompatible = "ClientCertIncompatible"
    case unmapped = "UnmappedConnectionError"
}
