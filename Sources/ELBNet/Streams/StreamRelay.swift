package import ELBModel
package import NIOCore

/// Carries bytes between clients and instances for load balancers that read requests elsewhere. A Classic Load Balancer has both
/// kinds of listeners; what relays streams is another module's, so the program brings the two together.
package protocol StreamRelay: Sendable {
    /// Takes over a client's channel, which is not being read and has no handler of its own, TLS aside. On the channel's event loop.
    ///
    /// - Parameter connectTimeout: for a connection to an instance.
    func makeStream(
        client: any Channel,
        connectTimeout: TimeAmount,
        for owner: any StreamOwner
    ) throws -> any RelayedStream
}

/// A client's connection that is relayed, or waits to be.
package protocol RelayedStream: AnyObject {
    /// Connects to an instance; again with another one after `streamFailed`.
    func connect(to destination: StreamDestination)

    /// Says farewell to both sides, once they have what the other one sent.
    func close()

    /// Breaks off.
    func cut()
}

/// Where a stream goes.
package struct StreamDestination: Sendable {
    package var endpoint: Endpoint
    /// The address that the instance sees.
    package var source: IPAddress
    /// What stands in front of the client's first byte.
    package var preface: [UInt8]
    /// How the instance is spoken to; `nil` in clear text.
    package var tls: TargetTLS?

    package init(endpoint: Endpoint, source: IPAddress, preface: [UInt8] = [], tls: TargetTLS? = nil) {
        self.endpoint = endpoint
        self.source = source
        self.preface = preface
        self.tls = tls
    }
}

/// Who has a stream relayed and hears how it fares, on its event loop.
package protocol StreamOwner: AnyObject {
    /// The instance has accepted, and has had its handshake where there is one.
    func streamConnected()

    /// The instance could not be reached. The client still waits.
    func streamFailed()

    /// Bytes have come from one side and go to the other.
    func streamCarried(_ count: Int, fromClient: Bool)

    /// Both sides are gone. Nothing follows.
    func streamEnded()
}
