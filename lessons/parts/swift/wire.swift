import Glibc

/// What ended a connection, or made what came on it useless.
enum WireError: Error {
    /// The other side refused, ended or reset the connection.
    case lost
    /// Nothing came in time.
    case timedOut
    /// It is not HTTP.
    case malformed
}

/// One end of a connection, read line by line and piece by piece. `Secure` says the same in TLS.
class Connection {
    let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    private var isOpen = true

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects, or throws `lost` or `timedOut`.
    convenience init(to address: String, _ port: UInt16, within seconds: Double) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw WireError.lost }
        self.init(descriptor)
        self.setTimeout(seconds)
        var peer = try socketAddress(address, port)
        let result = withUnsafePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw errno == EINPROGRESS || errno == EAGAIN ? WireError.timedOut : .lost }
    }

    deinit { self.close() }

    /// How long the other side may be silent; `nil` for as long as it likes.
    func setTimeout(_ seconds: Double?) {
        let microseconds = Int(max(seconds ?? 0, seconds == nil ? 0 : 0.001) * 1_000_000)
        var limit = timeval(tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(self.descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// The next bytes as they come; none at the end.
    func receive() throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: 65536) { space, count in
            let result = recv(self.descriptor, space.baseAddress, space.count, 0)
            guard result >= 0 else { throw errno == EAGAIN || errno == EWOULDBLOCK ? WireError.timedOut : .lost }
            count = result
        }
    }

    func send(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                Glibc.send(self.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw WireError.lost }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ bytes: [UInt8]) throws { try self.send(bytes[...]) }

    /// At most so many bytes of what comes next; none at the end.
    func piece(atMost limit: Int = .max) throws -> ArraySlice<UInt8> {
        if self.position == self.buffer.count {
            self.buffer = try self.receive()
            self.position = 0
        }
        let end = self.position + min(limit, self.buffer.count - self.position)
        defer { self.position = end }
        return self.buffer[self.position..<end]
    }

    /// The next line with its end; what is left at the end of the connection, if anything.
    func line() throws -> [UInt8] {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), line.count < 65536 {
            if self.position == self.buffer.count {
                self.buffer = try self.receive()
                self.position = 0
                if self.buffer.isEmpty { return line }
            }
            let rest = self.buffer[self.position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            line += rest[..<end]
            self.position = end
        }
        return line
    }

    /// Whether the other side has neither ended the connection nor said anything unasked.
    var isQuiet: Bool {
        guard self.position == self.buffer.count else { return false }
        var byte: UInt8 = 0
        return recv(self.descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    /// Ends both directions at once; whoever reads on the connection sees the end.
    func shut() { shutdown(self.descriptor, Int32(SHUT_RDWR)) }

    func close() {
        guard self.isOpen else { return }
        self.isOpen = false
        Glibc.close(self.descriptor)
    }
}

func socketAddress(_ address: String, _ port: UInt16) throws -> sockaddr_in {
    var result = sockaddr_in()
    result.sin_family = sa_family_t(AF_INET)
    result.sin_port = port.bigEndian
    guard inet_pton(AF_INET, address, &result.sin_addr) == 1 else { throw WireError.lost }
    return result
}

/// A request or an answer: its first line in words, and its header fields in the order in which they came.
struct Message {
    typealias Field = (name: String, value: String)

    var start: [String]
    var fields: [Field] = []

    /// Reads a head; `nil` when the other side has ended.
    init?(from connection: Connection) throws {
        var line = try connection.line()
        while line == [13, 10] || line == [10] { line = try connection.line() }
        guard !line.isEmpty else { return nil }
        self.start = latin(line).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map { String($0) }
        while self.start.count < 3 { self.start.append("") }
        while true {
            line = try connection.line()
            guard !line.isEmpty else { throw WireError.lost }
            let text = latin(line)
            if text.isEmpty { return }
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            self.fields.append((trimmed(text[..<colon]), trimmed(text[colon...].dropFirst())))
        }
    }

    /// Every value of a field, in order; names have no case.
    func all(_ name: String) -> [String] {
        self.fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    func first(_ name: String) -> String? { self.all(name).first }

    var path: String { String(self.start[1].prefix { $0 != "?" }) }
    var query: String { String(self.start[1].drop { $0 != "?" }.dropFirst()) }

    /// The length of the body, if it is told; throws when it is told twice, differently.
    var length: Int? {
        get throws {
            let lengths = Set(self.all("Content-Length"))
            guard lengths.count <= 1 else { throw WireError.malformed }
            guard let text = lengths.first else { return nil }
            guard let length = Int(text), length >= 0 else { throw WireError.malformed }
            return length
        }
    }

    var isChunked: Bool { self.first("Transfer-Encoding")?.lowercased().contains("chunked") ?? false }
    var closes: Bool { self.all("Connection").contains { $0.lowercased().contains("close") } }
    var hasBody: Bool { get throws { try self.isChunked || (self.length ?? 0) > 0 } }

    /// The head with these fields, or with its own.
    func bytes(_ fields: [Field]? = nil) -> [UInt8] {
        let lines = (fields ?? self.fields).map { "\($0.name): \($0.value)" }
        return unlatin(([self.start.joined(separator: " ")] + lines + ["", ""]).joined(separator: "\r\n"))
    }
}

/// Text of bytes, one character for each, without the line's end.
func latin(_ bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: bytes.lazy.filter { $0 != 13 && $0 != 10 }.map { Unicode.Scalar($0) })
    return String(text)
}

func unlatin(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
}

/// Hands so many bytes on; whoever sends fewer has broken its promise.
func copy(_ length: Int, from source: Connection, to sink: (ArraySlice<UInt8>) throws -> Void) throws {
    var rest = length
    while rest > 0 {
        let piece = try source.piece(atMost: rest)
        guard !piece.isEmpty else { throw WireError.lost }
        try sink(piece)
        rest -= piece.count
    }
}

/// Hands the body behind a head on, chunks and trailers as they stand; one without a length goes on to the connection's end if it may.
func copyBody(
    of message: Message,
    from source: Connection,
    untilEnd: Bool = false,
    to sink: (ArraySlice<UInt8>) throws -> Void
) throws {
    if message.isChunked {
        while true {
            let line = try source.line()
            guard let size = Int(trimmed(latin(line).prefix { $0 != ";" }), radix: 16), size >= 0 else { throw WireError.lost }
            try sink(line[...])
            if size == 0 { break }
            try copy(size + 2, from: source, to: sink)
        }
        while true {
            let line = try source.line()
            guard !line.isEmpty else { throw WireError.lost }
            try sink(line[...])
            if line == [13, 10] || line == [10] { return }
        }
    } else if let length = try message.length {
        try copy(length, from: source, to: sink)
    } else if untilEnd {
        while case let piece = try source.piece(), !piece.isEmpty { try sink(piece) }
    }
}

/// Reads past a body that nobody wants, so that the next request can be read.
func discardBody(of message: Message, from source: Connection) throws {
    try copyBody(of: message, from: source) { _ in }
}

/// A client's connection, and what is known of who stands at its other end.
struct Client {
    var connection: Connection
    var address: String
    var port: UInt16
    var isSecure: Bool

    /// An answer of the balancer's own.
    func answer(_ status: Int, _ text: String? = nil, fields: [Message.Field] = [], headOnly: Bool = false) throws {
        let body = Array((text ?? "\(status)\n").utf8)
        let lines = ["HTTP/1.1 \(status) "] + fields.map { "\($0.name): \($0.value)" } + ["Content-Length: \(body.count)", "", ""]
        try self.connection.send(unlatin(lines.joined(separator: "\r\n")) + (headOnly ? [] : body))
    }
}

/// Keeps threads from one another.
final class Lock {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(self.mutex, nil) }

    func callAsFunction<Value>(_ body: () throws -> Value) rethrows -> Value {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return try body()
    }
}

/// Does something on a thread of its own.
func detach(_ body: @escaping () -> Void) {
    final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let result = pthread_create(&thread, nil, { pointer in
        guard let pointer else { return nil }
        Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
    }, work.toOpaque())
    if result == 0 { pthread_detach(thread) } else { work.release() }
}

/// Seconds of a clock that never jumps.
var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func pause(_ seconds: Double) {
    if seconds > 0 { usleep(UInt32(min(seconds, 1000) * 1_000_000)) }
}
