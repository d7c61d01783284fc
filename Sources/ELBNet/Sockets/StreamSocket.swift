import CSockets
package import ELBModel
import Glibc
import NIOCore

/// A TCP socket without anything around it. It never blocks, is closed when the program starts another, and sends without waiting for
/// more. Whoever has it closes it, once.
package struct StreamSocket: Hashable, Sendable {
    package let descriptor: CInt

    /// Takes over a socket that does not block.
    package init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    private static func make(for address: IPAddress) throws(SocketFailure) -> Self {
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return Self(descriptor: try SocketFailure.checkCall(socket(SystemAddress.family(of: address), kind, 0)))
    }

    // MARK: Listening

    /// Bytes that may wait in the system for each client; enough to keep a fast one busy while we are elsewhere. Without the limit it
    /// takes megabytes for a client that does not read.
    private static let unsentLimit: CInt = 128 << 10

    /// A socket that takes connections. They wait in the system until `accept`.
    package static func listening(at address: IPAddress, port: Port) throws(SocketFailure) -> Self {
        let socket = try Self.make(for: address)
        do throws(SocketFailure) {
            socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            // Accepted sockets inherit both.
            socket.set(CInt(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Self.unsentLimit)
            socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
            try socket.bind(to: address, port: port.rawValue)
            _ = try SocketFailure.checkCall(listen(socket.descriptor, 4096))
        } catch {
            socket.close()
            throw error
        }
        return socket
    }

    /// A client that has connected.
    package struct Accepted: Sendable {
        package var socket: StreamSocket
        package var address: IPAddress
        package var port: UInt16
    }

    /// The next client.
    ///
    /// - Throws: `EAGAIN` if there is none at the moment.
    package func accept() throws(SocketFailure) -> Accepted {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { elblab_accept(self.descriptor, $0, &length) }
        }
        let socket = Self(descriptor: try SocketFailure.check(result))
        let (address, port) = SystemAddress.parts(of: storage)
        return Accepted(socket: socket, address: address, port: port)
    }

    // MARK: Connecting

    /// Begins a connection, from an address of this machine's if it is of the target's family.
    ///
    /// The port is left to `connect`: chosen with the address alone it would have to be free for all targets together (ip(7),
    /// IP_BIND_ADDRESS_NO_PORT).
    ///
    /// - Returns: the socket, and whether it is connected already; else it becomes ready for output when that is decided.
    package static func connecting(
        from source: IPAddress,
        to endpoint: Endpoint
    ) throws(SocketFailure) -> (socket: Self, isConnected: Bool) {
        let socket = try Self.make(for: endpoint.address)
        do throws(SocketFailure) {
            socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
            if source.isOfFamily(of: endpoint.address) {
                socket.set(CInt(IPPROTO_IP), 24, 1)
                try socket.bind(to: source, port: 0)
            }
            let result = SystemAddress.with(endpoint.address, port: endpoint.port.rawValue) {
                connect(socket.descriptor, $0, $1)
            }
            guard result < 0 else { return (socket, true) }
            guard errno == EINPROGRESS else { throw SocketFailure(code: errno) }
            return (socket, false)
        } catch {
            socket.close()
            throw error
        }
    }

    /// What has come of the connection, or has ended it; 0 is nothing.
    package func takeError() -> CInt {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(self.descriptor, SOL_SOCKET, SO_ERROR, &code, &length) < 0 ? errno : code
    }

    private func bind(to address: IPAddress, port: UInt16) throws(SocketFailure) {
        _ = try SocketFailure.checkCall(SystemAddress.with(address, port: port) { Glibc.bind(self.descriptor, $0, $1) })
    }

    // MARK: Bytes

    /// What a read or a write has come to.
    package enum Transfer: Hashable, Sendable {
        /// So many bytes. None have been read: the other side has said all.
        case done(Int)
        /// Not now.
        case wait
        case failed(CInt)
    }

    @inline(__always)
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        Self.transfer { recv(self.descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    @inline(__always)
    package func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        Self.transfer { Glibc.send(self.descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
    }

    @inline(__always)
    static func transfer(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count >= 0 { return .done(count) }
            switch errno {
            case EAGAIN: return .wait
            case EINTR: continue
            case let code: return .failed(code)
            }
        }
    }

    /// How many segments have come in since the beginning, whether or not they carried anything.
    package var segmentsReceived: UInt64 {
        var information = TCPInformation()
        var length = socklen_t(MemoryLayout<TCPInformation>.size)
        guard getsockopt(self.descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &length) == 0 else { return 0 }
        return UInt64(information.segmentsIn)
    }

    // MARK: Ends

    /// Says that nothing more will come.
    package func finishOutput() {
        shutdown(self.descriptor, CInt(SHUT_WR))
    }

    package func close() {
        Glibc.close(self.descriptor)
    }

    /// Closes with a reset in place of a farewell, and throws away what has not been sent.
    package func reset() {
        // With SO_LINGER on and a time of 0 a close is a reset.
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        self.close()
    }

    private func set(_ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(self.descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}
