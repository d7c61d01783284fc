package import ELBModel

/// Writes the request header fields that tell a target about its client's TLS: version and suite where the load balancer's
/// attribute asks for them, the client's certificate as the listener's mode wants it. Made once per listener; the lines are
/// made once per connection.
package struct TLSRequestHeaders: Sendable {
    private let attributes: ListenerAttributes
    private let mode: MutualAuthentication.Mode
    private let writesVersionAndSuite: Bool
    private let writesCertificate: Bool

    package init(_ listener: Listener, of loadBalancer: LoadBalancerAttributes, quirks: TLSQuirks) {
        self.attributes = listener.attributes
        self.mode = listener.tls?.mutualAuthentication.mode ?? .off
        self.writesVersionAndSuite = loadBalancer.tlsVersionAndCipherSuiteEnabled
        self.writesCertificate = !quirks.contains(.clientCertificateHeadersMissing)
    }

    /// The whole lines for one connection; empty if the target is told nothing.
    package func lines(for session: TLSSession) -> [UInt8] {
        var lines: [UInt8] = []
        if self.writesVersionAndSuite {
            self.append(.tlsVersion, session.version.name, to: &lines)
            self.append(.tlsCipherSuite, session.cipherSuite.name, to: &lines)
        }
        guard self.writesCertificate, let certificate = session.clientCertificate else { return lines }
        switch self.mode {
        case .off: break
        case .passthrough:
            self.append(.clientCertificate, PercentEncoding.ofPEM(certificate.chainPEM), to: &lines)
        case .verify:
            self.append(.clientCertificateSerialNumber, certificate.serialNumber, to: &lines)
            self.append(.clientCertificateIssuer, certificate.issuer, to: &lines)
            self.append(.clientCertificateSubject, certificate.subject, to: &lines)
            self.append(.clientCertificateValidity, certificate.validity, to: &lines)
            self.append(.clientCertificateLeaf, PercentEncoding.ofPEM(certificate.leafPEM), to: &lines)
        }
        return lines
    }

    private func append(_ header: ListenerAttributes.RequestHeader, _ value: String, to lines: inout [UInt8]) {
        lines += self.attributes.name(of: header).utf8
        lines += ": ".utf8
        // A name in a certificate may hold anything; a field's value may not.
        for byte in value.utf8 { lines.append(byte < 0x20 || byte == 0x7f ? UInt8(ascii: "?") : byte) }
        lines += "\r\n".utf8
    }
}

/// The percent-encoding of certificates in header fields: letters, digits, `-._~` and AWS's safe characters `+=/` stay
/// (ALB-TLS-016). AWS's printed example encodes `=` all the same (ALB-TLS-017); readers that decode see no difference.
enum PercentEncoding {
    static func ofPEM(_ text: String) -> String {
        var encoded = ""
        encoded.reserveCapacity(text.utf8.count * 9 / 8)
        for byte in text.utf8 {
            if Self.isSafe(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded.append("%")
                if byte < 16 { encoded.append("0") }
                encoded.append(String(byte, radix: 16, uppercase: true))
            }
        }
        return encoded
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
