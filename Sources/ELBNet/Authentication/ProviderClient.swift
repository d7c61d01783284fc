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
        var context: NIOSSLContext?
        var names: [String: Endpoint]

        /// Trusts whom the system trusts; made once, for reading its certificates takes a while.
        package static let system = (try? Self()) ?? Self(context: nil, names: [:])

        private init(context: NIOSSLContext?, names: [String: Endpoint]) {
            self.context = context
            self.names = names
        }

        /// - Parameters:
        ///   - authorities: certificates, in DER, that are trusted besides the system's.
        ///   - names: hosts of the lab's own; everything else is asked of the system.
        /// - Throws: if a certificate cannot be read.
        package init(trusting authorities: [[UInt8]] = [], names: [String: Endpoint] = [:]) throws {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.additionalTrustRoots = [
                .certificates(try authorities.map { try NIOSSLCertificate(bytes: $0, format: .der) })
            ]
            configuration.applicationProtocols = ["http/1.1"]
            self.context = try NIOSSLContext(configuration: configuration)
            self.names = names
        }
    }

    private let eventLoop: any EventLoop
    private let timeout: TimeAmount
    private let surroundings: Surroundings

    /// However fast the lab's clock runs, a TLS handshake takes its time.
    private static let shortestTimeout = TimeAmount.milliseconds(500)

    package init(eventLoop: any EventLoop, timeScale: TimeScale, surroundings: Surroundings) {
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
        if let endpoint = self.surroundings.names[host] {
            call.connect(to: endpoint)
        } else if case .v4(let address)? = IPAddress(host) {
            call.connect(to: Endpoint(address: .v4(address), port: port))
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
