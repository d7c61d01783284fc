package import ELBModel
internal import Glibc

/// A TCP connection for bytes that libcurl will not send. Calls block and obey a deadline; nothing raises SIGPIPE.
package final class RawConnection {
    private var descriptor: Int32
    /// Everything received so far.
    package private(set) var received: [UInt8] = []
    /// Why nothing more will come, once that is known.
    package private(set) var end: End?

    package enum End: String, Sendable {
        /// The other side finished in good order.
        case closed
        /// The other side reset the connection.
        case reset
    }

    package enum Wait: Sendable {
        case satisfied
        case ended
        case timedOut
    }

    package struct Failure: Error, Sendable, CustomStringConvertible {
        package var call: String
        package var errorNumber: Int32
        package var description: String { "\(self.call): \(String(cString: strerror(self.errorNumber)))" }
    }

    /// Connects, from `source` if it is given.
    package init(to endpoint: Endpoint, from source: IPAddress? = nil, within limit: Duration) throws(Failure) {
        let family = endpoint.address.isIPv4 ? AF_INET : AF_INET6
        self.descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw Failure(call: "socket", errorNumber: errno) }
        var on: Int32 = 1
        setsockopt(self.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        if let source {
            let code = withSocketAddress(source, port: 0) { bind(self.descriptor, $0, $1) }
            guard code == 0 else { throw self.fail("bind") }
        }
        guard fcntl(self.descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw self.fail("fcntl") }
        let code = withSocketAddress(endpoint.address, port: endpoint.port.rawValue) {
            connect(self.descriptor, $0, $1)
        }
        guard code == 0 || errno == EINPROGRESS else { throw self.fail("connect") }
        guard self.poll(for: Int16(POLLOUT), until: .now + limit) else {
            errno = ETIMEDOUT
            throw self.fail("connect")
        }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(self.descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        guard error == 0 else {
            errno = error
            throw self.fail("connect")
        }
    }

    deinit { self.close() }

    /// Sends all bytes; false when the other side is gone or the limit is reached.
    @discardableResult
    package func send(_ bytes: [UInt8], within limit: Duration = .seconds(5)) -> Bool {
        let deadline = ContinuousClock.now + limit
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                guard self.poll(for: Int16(POLLOUT), until: deadline) else { return false }
            } else {
                // Told once: the next `recv` would only see an end.
                if errno == ECONNRESET { self.end = .reset }
                return false
            }
        }
        return true
    }

    /// Sends text as UTF-8.
    @discardableResult
    package func send(_ text: String) -> Bool { self.send(Array(text.utf8)) }

    /// Says that no more will be sent; receiving goes on.
    package func finishSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Sends all bytes and then FIN, and meanwhile receives what comes, until the other side ends or the limit is reached.
    package func sendAndFinish(_ bytes: [UInt8], within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        var rest = bytes[...]
        while self.end == nil, ContinuousClock.now < deadline {
            if !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count >= 0 {
                    rest = rest.dropFirst(count)
                    if rest.isEmpty { self.finishSending() }
                } else if errno != EAGAIN, errno != EINTR {
                    if errno == ECONNRESET { self.end = .reset }
                    return
                }
            }
            self.receive(within: .milliseconds(rest.isEmpty ? 50 : 1))
        }
    }

    /// Receives until `isEnough` holds for everything received so far, the other side ends, or the limit is reached.
    @discardableResult
    package func receive(within limit: Duration, until isEnough: ([UInt8]) -> Bool = { _ in false }) -> Wait {
        let deadline = ContinuousClock.now + limit
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if isEnough(self.received) { return .satisfied }
            if self.end != nil { return .ended }
            let count = buffer.withUnsafeMutableBytes { recv(self.descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                self.received.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                self.end = .closed
            } else if errno == EAGAIN || errno == EINTR {
                guard self.poll(for: Int16(POLLIN), until: deadline) else { return .timedOut }
            } else {
                self.end = .reset
            }
        }
    }

    /// Has the system send keepalive packets, one a second, when nothing else is sent.
    package func keepAlive() {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(self.descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
        for option in [TCP_KEEPIDLE, TCP_KEEPINTVL] {
            setsockopt(self.descriptor, Int32(IPPROTO_TCP), option, &on, size)
        }
    }

    /// The connection's own port.
    package var localPort: UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(self.descriptor, $0, &length) }
        }
        // At the same place in both families' structures, most significant byte first.
        return code == 0 ? withUnsafeBytes(of: &storage) { UInt16($0[2]) << 8 | UInt16($0[3]) } : 0
    }

    /// Closes; with `abruptly` the other side sees a reset.
    package func close(abruptly: Bool = false) {
        guard self.descriptor >= 0 else { return }
        if abruptly {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        Glibc.close(self.descriptor)
        self.descriptor = -1
    }

    private func fail(_ call: String) -> Failure {
        let failure = Failure(call: call, errorNumber: errno)
        self.close()
        return failure
    }

    private func poll(for events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = deadline - .now
            guard left > .zero else { return false }
            var entry = pollfd(fd: self.descriptor, events: events, revents: 0)
            let count = Glibc.poll(&entry, 1, Int32(clamping: left.milliseconds))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}

extension IPAddress {
    fileprivate var isIPv4: Bool {
        switch self {
        case .v4: true
        case .v6: false
        }
    }
}

/// Lends the address in the operating system's form.
func withSocketAddress<Value>(
    _ address: IPAddress,
    port: UInt16,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) -> Value {
    switch address {
    case .v4(let address):
        var storage = sockaddr_in()
        storage.sin_family = sa_family_t(AF_INET)
        storage.sin_port = port.bigEndian
        storage.sin_addr.s_addr = address.rawValue.bigEndian
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    case .v6(let address):
        var storage = sockaddr_in6()
        storage.sin6_family = sa_family_t(AF_INET6)
        storage.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &storage.sin6_addr) { $0.copyBytes(from: address.octets) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
