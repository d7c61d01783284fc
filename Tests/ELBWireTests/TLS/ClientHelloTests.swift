import ELBTestSupport
import ELBWire
import Testing

/// Builds a ClientHello by name, layer by layer.
struct HelloBytes {
    var version: UInt16 = 0x0303
    var sessionID: [UInt8] = []
    var suites: [UInt16] = [0x1301, 0xc02b, 0xc02f]
    var extensions: [(UInt16, [UInt8])]? = []
    /// Payload bytes per record.
    var recordSize = 16_384

    static func vector(_ bytes: [UInt8], _ lengthBytes: Int) -> [UInt8] {
        (0..<lengthBytes).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
    }

    static func numbers(_ list: [UInt16]) -> [UInt8] {
        list.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }

    static func serverName(_ name: String) -> (UInt16, [UInt8]) {
        (0, Self.vector([0] + Self.vector(Array(name.utf8), 2), 2))
    }

    static func protocols(_ names: String...) -> (UInt16, [UInt8]) {
        (16, Self.vector(names.flatMap { Self.vector(Array($0.utf8), 1) }, 2))
    }

    static func versions(_ versions: UInt16...) -> (UInt16, [UInt8]) {
        (43, Self.vector(Self.numbers(versions), 1))
    }

    var bytes: [UInt8] {
        var body = Self.numbers([self.version]) + [UInt8](repeating: 7, count: 32)
        body += Self.vector(self.sessionID, 1)
        body += Self.vector(Self.numbers(self.suites), 2)
        body += [1, 0]
        if let extensions = self.extensions {
            body += Self.vector(extensions.flatMap { Self.numbers([$0.0]) + Self.vector($0.1, 2) }, 2)
        }
        let message = [1] + Self.vector(body, 3)
        var records: [UInt8] = []
        for start in stride(from: 0, to: message.count, by: self.recordSize) {
            records += [22, 3, 1] + Self.vector(Array(message[start..<min(start + self.recordSize, message.count)]), 2)
        }
        return records
    }
}

@Suite struct `Reading a ClientHello` {
    private static func hello(_ bytes: [UInt8]) -> ClientHello? {
        guard case .complete(let hello) = ClientHelloParser.parse(bytes.span) else { return nil }
        return hello
    }

    private static let rich = HelloBytes(extensions: [
        HelloBytes.serverName("WWW.example.com"), HelloBytes.protocols("h2", "http/1.1"),
        HelloBytes.versions(0x0304, 0x0303), (10, HelloBytes.vector(HelloBytes.numbers([0x11ec, 29]), 2)),
        (13, HelloBytes.vector(HelloBytes.numbers([0x0403, 0x0804]), 2)), (0x1234, [1, 2, 3]),
    ])

    @Test(.covers("ALB-TLS-007", "ALB-HTTP-002"))
    func `finds the name, the protocols, the versions and the algorithms`() throws {
        let hello = try #require(Self.hello(Self.rich.bytes))
        #expect(hello.serverName == "WWW.example.com")
        #expect(hello.applicationProtocols == ["h2", "http/1.1"])
        #expect(hello.versions == [0x0304, 0x0303])
        #expect(hello.cipherSuites == [0x1301, 0xc02b, 0xc02f])
        #expect(hello.supportedGroups == [0x11ec, 29])
        #expect(hello.signatureAlgorithms == [0x0403, 0x0804])
        #expect(!hello.offersResumption && !hello.offersEarlyData)
    }

    @Test func `reads the same however the hello is cut into records and reads`() throws {
        let whole = try #require(Self.hello(Self.rich.bytes))
        for size in 1...40 {
            var pieces = Self.rich
            pieces.recordSize = size
            #expect(Self.hello(pieces.bytes) == whole)
        }
        let bytes = Self.rich.bytes
        for count in 0..<bytes.count {
            guard case .incomplete(let until) = ClientHelloParser.parse(Array(bytes[..<count]).span) else {
                Issue.record("\(count) bytes are not a whole hello")
                return
            }
            #expect(until > count && until <= bytes.count)
        }
    }

    @Test func `takes a hello without extensions for one of all versions up to its own`() throws {
        let hello = try #require(Self.hello(HelloBytes(version: 0x0302, extensions: nil).bytes))
        #expect(hello.versions == [0x0302, 0x0301])
        #expect(hello.serverName == nil)
    }

    @Test(arguments: [
        ("a ticket", HelloBytes(extensions: [(35, [1, 2])]), true),
        ("an empty ticket", HelloBytes(extensions: [(35, [])]), false),
        ("a pre-shared key", HelloBytes(extensions: [HelloBytes.versions(0x0304), (41, [0])]), true),
        ("a session id", HelloBytes(sessionID: [1, 2, 3]), true),
        ("a session id beside TLS 1.3", HelloBytes(sessionID: [1], extensions: [HelloBytes.versions(0x0304)]), false),
    ])
    func `sees who wants to resume`(name: String, bytes: HelloBytes, expected: Bool) throws {
        #expect(try #require(Self.hello(bytes.bytes)).offersResumption == expected, "\(name)")
    }

    @Test func `tells other protocols from broken TLS`() {
        #expect(ClientHelloParser.parse(Array("GET / HTTP/1.1\r\n".utf8).span) == .notTLS)
        #expect(ClientHelloParser.parse([22, 3, 1, 0, 1, 2].span) == .malformed)
        #expect(ClientHelloParser.parse([22, 2].span) == .malformed)
        #expect(ClientHelloParser.parse([22, 3, 1, 0, 0].span) == .malformed)
        #expect(ClientHelloParser.parse([22, 3, 1, 0, 4, 1, 1, 0, 0].span) == .tooLong)
        #expect(Self.hello(HelloBytes(suites: []).bytes) == nil)
        #expect(Self.hello(HelloBytes(extensions: [HelloBytes.serverName("a\"b")]).bytes) == nil)
        #expect(Self.hello(HelloBytes(extensions: [HelloBytes.serverName("")]).bytes) == nil)
    }

    @Test func `never traps, whatever comes`() {
        var generator = SplitMix(state: 4217)
        let good = Self.rich.bytes
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
            _ = ClientHelloParser.parse(bytes.span)
            var reader = ServerFlightReader()
            bytes.withUnsafeBufferPointer { if $0.count > 5 { _ = reader.read($0.span) } }
        }
    }
}

/// A seeded generator, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite struct `Reading a server's first flight` {
    private static func hello(
        _ version: UInt16,
        suite: UInt16,
        extensions: [(UInt16, [UInt8])] = [],
        random: [UInt8] = .init(repeating: 3, count: 32)
    ) -> [UInt8] {
        var body = HelloBytes.numbers([version]) + random + [0] + HelloBytes.numbers([suite]) + [0]
        body += HelloBytes.vector(extensions.flatMap { HelloBytes.numbers([$0.0]) + HelloBytes.vector($0.1, 2) }, 2)
        return [2] + HelloBytes.vector(body, 3)
    }

    private static func record(_ payload: [UInt8], type: UInt8 = 22) -> [UInt8] {
        [type, 3, 3] + HelloBytes.vector(payload, 2)
    }

    private static func read(_ bytes: [UInt8]) -> ServerFlightReader.Outcome {
        // Byte by byte, which must make no difference.
        var reader = ServerFlightReader()
        var outcome = ServerFlightReader.Outcome.incomplete
        for byte in bytes where outcome == .incomplete { outcome = reader.read([byte].span) }
        return outcome
    }

    @Test(.covers("ALB-CLOG-004", "ALB-LOG-024"))
    func `finds version, suite, group and resumption in TLS 1.3's ServerHello`() {
        let versions: (UInt16, [UInt8]) = (43, [3, 4])
        let share: (UInt16, [UInt8]) = (51, [0x11, 0xec, 0, 1, 9])
        #expect(
            Self.read(Self.record(Self.hello(0x0303, suite: 0x1301, extensions: [versions, share])))
                == .complete(ServerFlight(version: 0x0304, cipherSuite: 0x1301, keyExchange: 0x11ec, isResumed: false))
        )
        #expect(
            Self.read(Self.record(Self.hello(0x0303, suite: 0x1301, extensions: [versions, share, (41, [0, 0])])))
                == .complete(ServerFlight(version: 0x0304, cipherSuite: 0x1301, keyExchange: 0x11ec, isResumed: true))
        )
    }

    @Test func `waits for the real ServerHello after a retry`() {
        let retry: [UInt8] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
            0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
        ]
        let first = Self.record(Self.hello(0x0303, suite: 0x1301, extensions: [(43, [3, 4])], random: retry))
        let second = Self.record(Self.hello(0x0303, suite: 0x1302, extensions: [(43, [3, 4])]))
        #expect(Self.read(first) == .incomplete)
        #expect(
            Self.read(first + second)
                == .complete(ServerFlight(version: 0x0304, cipherSuite: 0x1302, keyExchange: nil, isResumed: false))
        )
    }

    @Test(.covers("ALB-LOG-024"))
    func `tells a resumed session of TLS 1.2 from a full handshake`() {
        let hello = Self.hello(0x0303, suite: 0xc02f)
        let certificate: [UInt8] = [11, 0, 0, 2, 1, 1]
        let exchange: [UInt8] = [12, 0, 0, 4, 3, 0, 29, 9]
        #expect(
            Self.read(Self.record(hello + certificate + exchange))
                == .complete(ServerFlight(version: 0x0303, cipherSuite: 0xc02f, keyExchange: 29, isResumed: false))
        )
        #expect(
            Self.read(Self.record(hello) + Self.record(certificate) + Self.record([14, 0, 0, 0]))
                == .complete(ServerFlight(version: 0x0303, cipherSuite: 0xc02f, keyExchange: nil, isResumed: false))
        )
        #expect(
            Self.read(Self.record(hello) + Self.record([1], type: 20))
                == .complete(ServerFlight(version: 0x0303, cipherSuite: 0xc02f, keyExchange: nil, isResumed: true))
        )
    }

    @Test func `gives up on an alert`() {
        #expect(Self.read(Self.record([2, 40], type: 21)) == .failed)
    }
}
