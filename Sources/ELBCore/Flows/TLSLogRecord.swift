package import ELBModel

/// What the access log of a Network Load Balancer says of one connection to a TLS listener, whose handshake may have failed: one line
/// of 22 fields (NLB-MT-010). What there is nothing to say of is `-` (NLB-MT-011).
package struct TLSLogRecord: Hashable, Sendable {
    /// `net/NAME/ID`.
    package var loadBalancer: String
    /// The end of the listener's ARN.
    package var listener: String
    package var client: IPAddress
    package var clientPort: UInt16
    /// What the client dialled.
    package var destination: Endpoint
    /// When the connection was accepted, in microseconds since 1970.
    package var began: Int64
    /// From its beginning to its end, in nanoseconds.
    package var connectionTime: UInt64 = 0
    /// Of the handshake, in nanoseconds; `nil` if it failed.
    package var handshakeTime: UInt64?
    /// Bytes from the client, without TLS around them.
    package var receivedBytes = 0
    package var sentBytes = 0
    /// What the client broke the handshake off with, as a number of RFC 8446, section 6; `nil` if it did not.
    package var alert: UInt8?
    /// `nil` if no valid ClientHello came.
    package var certificate: CertificateARN?
    package var cipherSuite: TLSCipherSuite?
    package var version: TLSVersion?
    /// As the client asked for it, whatever it was shown.
    package var serverName: String?
    /// What ALPN agreed on with the client, and with the target (NLB-TL-021).
    package var clientProtocol: String?
    package var targetProtocol: String?
    /// What the client would speak; empty where the listener has no ALPN policy.
    package var offeredProtocols: [String] = []

    package init(
        loadBalancer: String,
        listener: String,
        client: IPAddress,
        clientPort: UInt16,
        destination: Endpoint,
        began: Int64
    ) {
        self.loadBalancer = loadBalancer
        self.listener = listener
        self.client = client
        self.clientPort = clientPort
        self.destination = destination
        self.began = began
    }

    /// Appends the line with its line feed.
    ///
    /// - Parameter ended: the end of the connection, in microseconds since 1970.
    package func append(to output: inout ByteOutput, ended: Int64) {
        output.append("tls 2.0 ")
        output.append(text: Self.time(ended))
        for text in [self.loadBalancer, self.listener, "\(self.client):\(self.clientPort)", "\(self.destination)"] {
            Self.append(text, to: &output)
        }
        Self.append(milliseconds: self.connectionTime, to: &output)
        Self.append(milliseconds: self.handshakeTime, to: &output)
        Self.append("\(self.receivedBytes)", to: &output)
        Self.append("\(self.sentBytes)", to: &output)
        Self.append(self.alert.map { "\($0)" }, to: &output)
        Self.append(self.certificate?.rawValue, to: &output)
        // The certificate's serial number, which AWS keeps for later.
        Self.append(nil, to: &output)
        Self.append(self.cipherSuite?.name, to: &output)
        Self.append(self.version.map(Self.name), to: &output)
        // The named group, likewise.
        Self.append(nil, to: &output)
        Self.append(self.serverName.map(Self.encode), to: &output)
        Self.append(self.clientProtocol, to: &output)
        Self.append(self.targetProtocol, to: &output)
        Self.append(self.preferences, to: &output)
        Self.append(Self.time(self.began), to: &output)
        output.append(UInt8(ascii: "\n"))
    }

    /// Bytes of the list of protocols that are shown.
    private static let mostPreferences = 256

    /// `"h2","http/1.1"`.
    private var preferences: String? {
        guard !self.offeredProtocols.isEmpty else { return nil }
        let list = self.offeredProtocols.map { "\"\(Self.encode($0))\"" }.joined(separator: ",")
        return String(decoding: list.utf8.prefix(Self.mostPreferences), as: UTF8.self)
    }

    /// `2018-12-20T02:59:40`.
    private static func time(_ microseconds: Int64) -> String {
        String(WallClockText.second(max(0, microseconds) / 1_000_000).dropLast())
    }

    private static func name(_ version: TLSVersion) -> String {
        switch version {
        case .v10: "tlsv10"
        case .v11: "tlsv11"
        case .v12: "tlsv12"
        case .v13: "tlsv13"
        }
    }

    /// With everything that would break the line apart as `%NN`; clients choose these texts.
    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            let isPlain = byte > 0x20 && byte < 0x7f && !"\"%,\\".utf8.contains(byte)
            encoded += isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func append(_ text: String?, to output: inout ByteOutput) {
        output.append(UInt8(ascii: " "))
        if let text, !text.isEmpty { output.append(text: text) } else { output.append("-") }
    }

    private static func append(milliseconds nanoseconds: UInt64?, to output: inout ByteOutput) {
        Self.append(nanoseconds.map { "\($0 / 1_000_000)" }, to: &output)
    }
}
