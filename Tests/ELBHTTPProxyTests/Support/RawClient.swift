import ELBModel
import Glibc
import NIOPosix

/// A blocking socket on a helper thread: sends exactly the bytes it is told and reports exactly what came back.
final class RawClient: Sendable {
    private let descriptor: CInt

    /// Enough for all tests at once: a client that waits must not keep another one's bytes from being sent in time.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 32)
        pool.start()
        return pool
    }()

    struct Failure: Error { var text: String }

    /// What came until the wait was over.
    struct Received: Sendable {
        var text: String
        /// How the wait ended.
        var ending: Ending

        enum Ending: Equatable, Sendable {
            case matched
            case closed
            case reset
            case timedOut
        }
    }

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// - Parameter receiveBuffer: how much the system may take in for this client before it reads; the system's own choice if nil.
    static func connect(
        port: UInt16,
        of host: IPv4Address = IPv4Address(127, 0, 0, 1),
        receiveBuffer: CInt? = nil
    ) async throws -> RawClient {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.rawValue.bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw Failure(text: "connect: \(reason)")
        }
        return RawClient(descriptor: descriptor)
    }

    /// Sends all bytes. Errors are ignored: a peer that has closed shows in what is received.
    func send(_ bytes: [UInt8]) async {
        let descriptor = self.descriptor
        _ = try? await Self.threads.runIfActive {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    func send(_ text: String) async {
        await self.send(Array(text.utf8))
    }

    /// Reads until `isEnough` says so, the peer closes, or `milliseconds` have passed.
    func receive(milliseconds: Int32 = 5000, until isEnough: @Sendable @escaping (String) -> Bool) async -> Received {
        let descriptor = self.descriptor
        let received = try? await Self.threads.runIfActive { () -> Received in
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let text = String(decoding: bytes, as: UTF8.self)
                if isEnough(text) { return Received(text: text, ending: .matched) }
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return Received(text: text, ending: .timedOut) }
                let count = recv(descriptor, &chunk, chunk.count, 0)
                if count == 0 { return Received(text: text, ending: .closed) }
                if count < 0 { return Received(text: text, ending: .reset) }
                bytes += chunk[..<count]
            }
        }
        return received ?? Received(text: "", ending: .timedOut)
    }

    /// Reads and throws away until `wanted` bytes have come or none come any more; returns how many came.
    func receiveCount(_ wanted: Int) async -> Int {
        let descriptor = self.descriptor
        let count = try? await Self.threads.runIfActive { () -> Int in
            var chunk = [UInt8](repeating: 0, count: 1 << 20)
            var total = 0
            while total < wanted {
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard Glibc.poll(&poll, 1, 5000) > 0 else { break }
                let count = recv(descriptor, &chunk, chunk.count, 0)
                guard count > 0 else { break }
                total += count
            }
            return total
        }
        return count ?? 0
    }

    /// Reads once, at most so many bytes of what is there; returns how many came, 0 at the end.
    func receiveSome(_ most: Int) async -> Int {
        let descriptor = self.descriptor
        let count = try? await Self.threads.runIfActive { () -> Int in
            var chunk = [UInt8](repeating: 0, count: most)
            return max(0, recv(descriptor, &chunk, most, 0))
        }
        return count ?? 0
    }

    /// Everything until the peer closes.
    func receiveAll(milliseconds: Int32 = 5000) async -> Received {
        await self.receive(milliseconds: milliseconds) { _ in false }
    }

    /// One response with a Content-Length.
    func receiveResponse(milliseconds: Int32 = 5000) async -> Received {
        await self.receive(milliseconds: milliseconds) { ResponseText.isComplete($0) }
    }

    /// Has the system send probes of TCP while nothing is said.
    func probe(everySeconds seconds: CInt) {
        var (isOn, seconds): (CInt, CInt) = (1, seconds)
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(self.descriptor, SOL_SOCKET, SO_KEEPALIVE, &isOn, size)
        setsockopt(self.descriptor, CInt(IPPROTO_TCP), TCP_KEEPIDLE, &seconds, size)
        setsockopt(self.descriptor, CInt(IPPROTO_TCP), TCP_KEEPINTVL, &seconds, size)
    }

    /// Closes; with `reset` the peer sees RST.
    func close(reset: Bool = false) {
        if reset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        Glibc.close(self.descriptor)
    }

    /// Ends our side only.
    func shutdownOutput() {
        Glibc.shutdown(self.descriptor, Int32(SHUT_WR))
    }
}

/// Just enough understanding of responses to know when one is whole.
enum ResponseText {
    static func isComplete(_ text: String) -> Bool {
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let head = text[..<end.lowerBound].lowercased()
        let body = text[end.upperBound...]
        if head.contains("transfer-encoding: chunked") {
            return body.hasSuffix("0\r\n\r\n") || body.contains("\r\n0\r\n")
        }
        guard let field = head.range(of: "content-length: ") else { return true }
        let digits = head[field.upperBound...].prefix { $0.isNumber }
        return body.utf8.count >= Int(digits) ?? 0
    }
}

extension String {
    /// Foundation's `range(of:)` for plain text.
    func range(of needle: String) -> Range<String.Index>? {
        self.firstRange(of: needle)
    }

    /// How often the text occurs.
    func count(of needle: String) -> Int {
        self.ranges(of: needle).count
    }
}
