extension AccessLogRecord {
    /// The parts of a line that stay the same for all requests of a connection, put together when it is opened.
    package struct Connection: Sendable {
        /// What a request of this connection is unless something else is said of it.
        package let kind: Kind
        /// The load balancer and the client, with a space before, between and behind.
        let origin: [UInt8]
        /// Cipher and protocol, with a space before, between and behind.
        let cipher: [UInt8]
        /// From the quote that ends the trace id to the space before the rule's priority: server name and certificate.
        let names: [UInt8]
        /// The connection's trace id, with a space before it.
        let traceID: [UInt8]
        /// The node's address and the line feed, with a space before.
        let node: [UInt8]
        /// Everything behind the classification for a request that was not transformed.
        let ending: [UInt8]

        /// - Parameters:
        ///   - kind: `http` or `https`; with HTTP/2 `h2`.
        ///   - loadBalancer: `app/NAME/ID` (ALB-LOG-012).
        ///   - node: the node's address.
        ///   - client: `client:port`, the TCP peer (ALB-LOG-013).
        ///   - traceID: what `connectionTraceID` made.
        ///   - tls: what the handshake agreed on; `nil` without TLS.
        package init(
            kind: Kind = .http,
            loadBalancer: [UInt8],
            node: [UInt8],
            client: [UInt8],
            traceID: [UInt8],
            tls: TLS? = nil
        ) {
            let space: [UInt8] = [UInt8(ascii: " ")]
            self.kind = kind
            self.origin = space + loadBalancer + space + client + space
            self.traceID = space + traceID
            self.node = space + node + [UInt8(ascii: "\n")]
            self.ending = self.traceID + Array(#" "-" "-" "-""#.utf8) + self.node
            var cipher = space
            LogText.append(tls?.cipher ?? [], to: &cipher)
            cipher += space
            LogText.append(tls?.protocol ?? [], to: &cipher)
            self.cipher = cipher + space
            var names = Array(#"" ""#.utf8)
            LogText.append(tls?.domainName ?? [], to: &names)
            names += Array(#"" ""#.utf8)
            LogText.append(tls?.certificate ?? [], to: &names)
            self.names = names + Array(#"" "#.utf8)
        }
    }

    /// What the log says of a connection's TLS. Everything may come from the client and is made harmless when it is taken over.
    package struct TLS: Sendable {
        /// The name of the cipher suite, such as `ECDHE-RSA-AES128-GCM-SHA256`.
        package var cipher: [UInt8]
        /// `TLSv1.2`.
        package var `protocol`: [UInt8]
        /// The server name of the handshake; empty without one, or when the default certificate was used (ALB-LOG-024).
        package var domainName: [UInt8]
        /// The certificate's ARN, or `session-reused` (ALB-LOG-024).
        package var certificate: [UInt8]

        package init(cipher: [UInt8], protocol: [UInt8], domainName: [UInt8] = [], certificate: [UInt8] = []) {
            self.cipher = cipher
            self.protocol = `protocol`
            self.domainName = domainName
            self.certificate = certificate
        }
    }

    /// `TID_` and 32 hexadecimal digits, the same for every request of one connection (ALB-LOG-031).
    package static func connectionTraceID(node: UInt64, number: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.append("TID_")
        text.append(hexadecimal: node, digits: 16)
        text.append(hexadecimal: number, digits: 16)
        return text
    }
}
