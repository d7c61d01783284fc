package import ELBFleet
package import ELBModel

/// A TLS connection for bytes that libcurl will not send. Certificates are not verified.
package final class TLSConnection: ByteStream {
    private let connection: TLSClientConnection
    package private(set) var received: [UInt8] = []
    package private(set) var end: RawConnection.End?

    /// - Parameters:
    ///   - name: the host name that the handshake asks for (SNI); without one, none is asked for.
    ///   - http2: whether ALPN offers `h2` before `http/1.1`.
    package init(
        to endpoint: Endpoint,
        name: String? = nil,
        http2: Bool = true,
        within limit: Duration
    ) throws(TLSClientConnection.Failure) {
        let protocols = http2 ? ["h2", "http/1.1"] : ["http/1.1"]
        self.connection = try TLSClientConnection(to: endpoint, name: name, protocols: protocols, within: limit)
    }

    /// The protocol that ALPN chose; `nil` if none.
    package var applicationProtocol: String? { self.connection.applicationProtocol }

    /// Has the system send keepalive packets, one a second, when nothing else is sent.
    package func keepAlive() { self.connection.keepAlive() }

    @discardableResult
    package func send(_ bytes: [UInt8], within limit: Duration = .seconds(5)) -> Bool {
        self.connection.send(bytes, within: limit)
    }

    @discardableResult
    package func receive(within limit: Duration, until isEnough: ([UInt8]) -> Bool) -> RawConnection.Wait {
        let deadline = ContinuousClock.now + limit
        while true {
            let (bytes, end) = self.connection.take()
            self.received += bytes
            // The end stands behind the last bytes; one more look makes sure of them.
            if end != nil, bytes.isEmpty { self.end = end == .reset ? .reset : .closed }
            if isEnough(self.received) { return .satisfied }
            if self.end != nil { return .ended }
            if end != nil || !bytes.isEmpty { continue }
            guard self.connection.wait(within: deadline - .now) else { return .timedOut }
        }
    }
}
