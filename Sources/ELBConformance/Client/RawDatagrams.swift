package import ELBModel
internal import Glibc

/// Datagrams from one port to one place, and what comes back from there. Calls block and obey a limit.
package final class RawDatagrams {
    private let descriptor: Int32

    /// Takes a port, of `source` if it is given.
    package init(to endpoint: Endpoint, from source: IPAddress? = nil) throws(RawConnection.Failure) {
        self.descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw RawConnection.Failure(call: "socket", errorNumber: errno) }
        if let source {
            let code = withSocketAddress(source, port: 0) { bind(self.descriptor, $0, $1) }
            guard code == 0 else { throw RawConnection.Failure(call: "bind", errorNumber: errno) }
        }
        // Connected, so that answers from anywhere else are not heard.
        let code = withSocketAddress(endpoint.address, port: endpoint.port.rawValue) {
            connect(self.descriptor, $0, $1)
        }
        guard code == 0 else { throw RawConnection.Failure(call: "connect", errorNumber: errno) }
    }

    deinit { close(self.descriptor) }

    package func send(_ text: String) { self.send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// The next datagram that comes; `nil` if none does.
    package func receive(within limit: Duration) -> String? {
        self.receiveBytes(within: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same as it came. An error, such as that nobody listens there, is waited out: it may be over soon.
    package func receiveBytes(within limit: Duration) -> [UInt8]? {
        var entry = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&entry, 1, Int32(clamping: limit.milliseconds)) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { recv(self.descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else {
            usleep(5000)
            return nil
        }
        return Array(buffer[..<count])
    }
}
