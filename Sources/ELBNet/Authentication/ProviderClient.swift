package import ELBCore
package import ELBModel
import Glibc
package import NIOCore
import NIOPosix
import NIOSSL

/// Asks identity providers, on one event loop: a connection per question, IPv4 only (ALB-AUTH-011), and over TLS only to those
/// whose certificate is good.
package final class ProviderClient {
    /// What providers' certificates are judged by, and where names that no public name server knows lead.
    package struct Surroundings: Sendable {
        /// `nil` trusts nobody; then every provider fails.
        let context: NIOSSLContext?
        private let names: [String: Endpoint]

        /// Nobody is trusted and no name is known: for load balancers that ask no provider.
        package static let none = Self(context: nil, names: [:])

        private init(context: NIOSSLContext?, names: [String: Endpoint]) {
            self.context = context
            self.names = names
        }

        /// Reads certificates, the system's among them, which takes a while: not for event loops.
        ///
        /// - Parameter authority: a certificate in PEM that is trusted besides the system's and the network's.
        /// - Throws: `ModelError` if a certificate cannot be read.
        package init(_ network: ProviderNetwork, trusting authority: String) throws(ModelError) {
            do {
                var trusted: [NIOSSLCertificate] = []
                for text in network.authorities + [authority] {
                    trusted += try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
                }
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.additionalTrustRoots = [.certificates(trusted)]
                configuration.applicationProtocols = ["http/1.1"]
                self.context = try NIOSSLContext(configuration: configuration)
            } catch {
                throw ModelError(
                    .invalidConfigurationRequest,
                    "The authorities of identity providers cannot be used: \(error)"
                )
            }
            self.names = Dictionary(
                network.hosts.map { ($0.name.lowercased(), $0.endpoint) },
                uniquingKeysWith: { first, _ in first }
            )
        }

        /// Where a host is, as far as it takes no look-up.
        func endpoint(of host: String, port: Port) -> Endpoint? {
            if let endpoint = self.names[host] { return endpoint }
            guard case .v4(let address)? = IPAddress(host) else { return nil }
            return Endpoint(address: .v4(address), port: port)
        }
    }

    private let eventLoop: any EventLoop
    private let timeout: TimeAmount
    package var surroundings: Surroundings

    /// However fast the lab's clock runs, a TLS handshake takes its time, on a busy machine too.
    private static let shortestTimeout = TimeAmount.seconds(2)

    package init(eventLoop: any EventLoop, timeScale: TimeScale, surroundings: Surroundings = .none) {
        self.eventLoop = eventLoop
        self.timeout = max(timeScale.timeAmount(seconds: ProviderRequest.timeoutSeconds), Self.shortestTimeout)
        self.surroundings = surroundings
    }

    /// Asks once.
    ///
    /// - Parameter completion: called once on the event loop, later than this returns, unless the call is cancelled before.
    @discardableResult
    package func ask(_ request: ProviderRequest, completion: @escaping (ProviderAnswer) -> Void) -> ProviderCall {
        self.eventLoop.preconditionInEventLoop()
        let call = ProviderCall(request, eventLoop: self.eventLoop, context: self.surroundings.context, completion)
        call.start(timeout: self.timeout)
        let (host, port) = (request.url.host, request.url.port)
        if let endpoint = self.surroundings.endpoint(of: host, port: port) {
            call.connect(to: endpoint)
        } else {
            Self.lookUp(host, on: self.eventLoop).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let address?): call.connect(to: Endpoint(address: address, port: port))
                case .success(nil), .failure: call.fail()
                }
            }
        }
        return call
    }

    /// The first IPv4 address that the system knows for a name. On a thread of its own: the system's look-up blocks.
    private static func lookUp(_ host: String, on eventLoop: any EventLoop) -> EventLoopFuture<IPAddress?> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            var hints = addrinfo()
            hints.ai_family = AF_INET
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var results: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, nil, &hints, &results) == 0, let first = results else { return nil }
            defer { freeaddrinfo(results) }
            guard first.pointee.ai_family == AF_INET, let address = first.pointee.ai_addr else { return nil }
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                .v4(IPv4Address(rawValue: UInt32(bigEndian: $0.pointee.sin_addr.s_addr)))
            }
        }
    }
}
