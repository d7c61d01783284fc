import ELBModel
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A bound TCP socket whose number we know, because a cut needs `listen` on it again. NIO takes it over to accept.
struct ListeningSocket {
    let descriptor: CInt
    /// Where it is bound; the system's choice if port 0 was asked for.
    let address: SocketAddress

    /// Connections that wait to be accepted, in ordinary times.
    static let backlog: CInt = 1024

    /// Binds; the caller owns the descriptor.
    /// - Throws: `BackendError` that names the address and what to do.
    init(binding address: IPAddress, port: UInt16) throws(BackendError) {
        let wanted: SocketAddress
        do {
            wanted = try SocketAddress(ipAddress: address.description, port: Int(port))
        } catch {
            throw BackendError(.cannotListen, "\(address): \(error)")
        }
        let descriptor = Self.makeSocket(wanted)
        guard descriptor >= 0 else { throw BackendError.cannotListen(address, port, errno: errno) }
        guard Self.bind(descriptor, wanted), let port = Self.boundPort(descriptor, wanted) else {
            let failure = BackendError.cannotListen(address, port, errno: errno)
            _ = Self.closeDescriptor(descriptor)
            throw failure
        }
        var bound = wanted
        bound.port = port
        self.descriptor = descriptor
        self.address = bound
    }

    /// Changes how many connections may wait, on a socket that listens already.
    static func listen(_ descriptor: CInt, backlog: CInt) {
        #if canImport(Glibc)
        _ = Glibc.listen(descriptor, backlog)
        #elseif canImport(Musl)
        _ = Musl.listen(descriptor, backlog)
        #elseif canImport(Darwin)
        _ = Darwin.listen(descriptor, backlog)
        #endif
    }

    /// Opens a connection to the socket and does not wait for it to stand.
    /// - Returns: the connection's own port and its descriptor, which the caller closes.
    func plug() -> (descriptor: CInt, port: Int)? {
        let descriptor = Self.makeSocket(self.address)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        // EINPROGRESS is the usual outcome, and any other shows in the port.
        _ = Self.withSockaddr(self.address) { connect(descriptor, $0, $1) }
        guard let port = Self.boundPort(descriptor, self.address) else {
            _ = Self.closeDescriptor(descriptor)
            return nil
        }
        return (descriptor, port)
    }

    static func closeDescriptor(_ descriptor: CInt) -> CInt {
        close(descriptor)
    }

    private static func makeSocket(_ address: SocketAddress) -> CInt {
        #if canImport(Glibc)
        let stream = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        #else
        let stream = CInt(SOCK_STREAM)
        #endif
        switch address {
        case .v4: return socket(AF_INET, stream, 0)
        case .v6: return socket(AF_INET6, stream, 0)
        case .unixDomainSocket: return -1
        }
    }

    private static func bind(_ descriptor: CInt, _ address: SocketAddress) -> Bool {
        // A port whose old connections linger in TIME_WAIT can be bound again at once.
        var on: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        return Self.withSockaddr(address) { pointer, length in
            #if canImport(Glibc)
            Glibc.bind(descriptor, pointer, length)
            #elseif canImport(Musl)
            Musl.bind(descriptor, pointer, length)
            #elseif canImport(Darwin)
            Darwin.bind(descriptor, pointer, length)
            #endif
        } == 0
    }

    private static func boundPort(_ descriptor: CInt, _ address: SocketAddress) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        // The port stands at the same place in both families' structures, bytes 2 and 3, most significant first.
        let port = withUnsafeBytes(of: &storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
        return port == 0 ? nil : Int(port)
    }

    private static func withSockaddr(
        _ address: SocketAddress,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        switch address {
        case .v4(let v4):
            var raw = v4.address
            return Self.rebound(&raw, body)
        case .v6(let v6):
            var raw = v6.address
            return Self.rebound(&raw, body)
        case .unixDomainSocket:
            return -1
        }
    }

    private static func rebound<Raw>(
        _ raw: inout Raw,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Raw>.size))
            }
        }
    }
}
