import Dispatch
import Glibc

/// HTTP as bytes over a socket of its own: sends what it is given, and reads until the other side closes.
public enum RawHTTP {
    public struct Answer: Sendable {
        public let status: Int
        public let head: String
        public let body: String
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// Sends the request, `POST /path` or, for GET, just `/path`, with a `Connection: close` that makes the answer end, and waits for at most ten seconds.
    public static func send(
        _ target: String,
        to address: String = "127.0.0.1",
        port: Int,
        headers: [String] = [],
        host: String? = nil,
        body: String = ""
    ) async throws -> Answer {
        let line = target.hasPrefix("/") ? "GET \(target)" : target
        var lines = ["\(line) HTTP/1.1", "Host: \(host ?? "\(address):\(port)")", "Connection: close"] + headers
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        return try await withCheckedThrowingContinuation { continuation in
            // A queue of its own has a thread of its own; those that tasks share may be what the server under test needs.
            DispatchQueue(label: "raw-http").async {
                continuation.resume(with: Result { try Self.exchange(request, address, port) })
            }
        }
    }

    private static func exchange(_ request: String, _ address: String, _ port: Int) throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        place.sin_addr.s_addr = inet_addr(address)
        let connected = withUnsafeBytes(of: &place) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                connect(descriptor, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Self.failure("connect to \(address):\(port)") }
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Self.failure("send") }
            rest = rest.dropFirst(count)
        }
        return try Self.read(descriptor)
    }

    private static func read(_ descriptor: Int32) throws -> Answer {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Self.failure("receive, after \(received.count) bytes") }
            if count == 0 { break }
            received += buffer[..<count]
        }
        let text = String(decoding: received, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 2, words.count > 1, let status = Int(words[1]) else {
            throw Failure(description: "no HTTP answer: '\(text)'")
        }
        return Answer(status: status, head: String(parts[0]), body: String(parts[1]))
    }

    private static func failure(_ call: String) -> Failure {
        Failure(description: "\(call): \(String(cString: strerror(errno)))")
    }
}
