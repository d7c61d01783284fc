package import ELBModel

/// What the connection log says of one connection attempt, failed or not (ALB-CLOG-002): one line in the service's field order
/// (ALB-CLOG-003, -004).
package struct ConnectionLogRecord: Hashable, Sendable {
    /// When the connection was established or given up, in microseconds since 1970.
    package var timestamp: Int64
    package var client: IPAddress
    package var clientPort: UInt16
    package var listenerPort: Port
    package var tls: TLS?
    /// `TID_…`, the same as in the access log's lines of the connection (ALB-LOG-031).
    package var traceID: [UInt8]
    /// `app/NAME/ID`.
    package var loadBalancer: [UInt8]
    /// The node's address.
    package var node: [UInt8]

    package init(
        timestamp: Int64,
        client: IPAddress,
        clientPort: UInt16,
        listenerPort: Port,
        tls: TLS?,
        traceID: [UInt8],
        loadBalancer: [UInt8],
        node: [UInt8]
    ) {
        self.timestamp = timestamp
        self.client = client
        self.clientPort = clientPort
        self.listenerPort = listenerPort
        self.tls = tls
        self.traceID = traceID
        self.loadBalancer = loadBalancer
        self.node = node
    }

    /// An HTTPS listener's part of the line; on an HTTP listener it is absent (ALB-CLOG-005).
    package struct TLS: Hashable, Sendable {
        package var version: TLSVersion?
        package var cipherSuite: TLSCipherSuite?
        package var keyExchange: TLSKeyExchange?
        /// From the first byte to the end of the handshake, in nanoseconds; `nil` if it failed.
        package var handshakeLatency: UInt64?
        package var clientCertificate: ClientCertificate?
        package var verification: Verification

        package init(
            version: TLSVersion? = nil,
            cipherSuite: TLSCipherSuite? = nil,
            keyExchange: TLSKeyExchange? = nil,
            handshakeLatency: UInt64? = nil,
            clientCertificate: ClientCertificate? = nil,
            verification: Verification
        ) {
            self.version = version
            self.cipherSuite = cipherSuite
            self.keyExchange = keyExchange
            self.handshakeLatency = handshakeLatency
            self.clientCertificate = clientCertificate
            self.verification = verification
        }
    }

    /// `tls_verify_status` (ALB-CLOG-007).
    package enum Verification: Hashable, Sendable {
        case success
        case failed(ClientCertificateFailure)
    }

    /// Appends the line with its line feed.
    package func append(to output: inout ByteOutput, clock: inout WallClockText) {
        clock.appendTimestamp(microseconds: self.timestamp, to: &output)
        output.append(UInt8(ascii: " "))
        output.append(text: self.client.description)
        output.append(UInt8(ascii: " "))
        output.append(decimal: Int(self.clientPort))
        output.append(UInt8(ascii: " "))
        output.append(decimal: Int(self.listenerPort.rawValue))
        Self.append(self.tls?.version?.name, to: &output)
        Self.append(self.tls?.cipherSuite?.name, to: &output)
        if let latency = self.tls?.handshakeLatency {
            output.append(UInt8(ascii: " "))
            output.append(thousandths: Int(clamping: latency / 1_000_000))
        } else {
            output.append(" -")
        }
        self.appendCertificate(to: &output)
        output.append(UInt8(ascii: " "))
        output.append(self.traceID)
        Self.append(self.tls?.keyExchange?.name, to: &output)
        output.append(UInt8(ascii: " "))
        output.append(self.loadBalancer)
        output.append(UInt8(ascii: " "))
        output.append(self.node)
        output.append(UInt8(ascii: "\n"))
    }

    /// Fields 8 to 11. The subject is quoted (ALB-CLOG-009), and so is its absence.
    private func appendCertificate(to output: inout ByteOutput) {
        output.append(" \"")
        if let subject = self.tls?.clientCertificate?.subject {
            LogText.append(Array(subject.utf8), to: &output)
        } else {
            output.append("-")
        }
        output.append("\"")
        Self.append(self.tls?.clientCertificate?.validity, to: &output)
        Self.append(self.tls?.clientCertificate?.serialNumber, to: &output)
        switch self.tls?.verification {
        case nil: output.append(" -")
        case .success: output.append(" Success")
        case .failed(let failure):
            output.append(" Failed:")
            output.append(text: failure.rawValue)
        }
    }

    private static func append(_ text: String?, to output: inout ByteOutput) {
        output.append(UInt8(ascii: " "))
        if let text { output.append(text: text) } else { output.append("-") }
    }
}
