/// What a server's first answer fixes: read on its way out, because the TLS library keeps it to itself.
package struct ServerFlight: Hashable, Sendable {
    package var version: UInt16
    package var cipherSuite: UInt16
    /// The curve or hybrid group; `nil` for key exchanges without one, and for sessions resumed below TLS 1.3.
    package var keyExchange: UInt16?
    package var isResumed: Bool

    package init(version: UInt16, cipherSuite: UInt16, keyExchange: UInt16?, isResumed: Bool) {
        self.version = version
        self.cipherSuite = cipherSuite
        self.keyExchange = keyExchange
        self.isResumed = isResumed
    }
}

/// Reads the plaintext part of a server's first flight as it is written, in whatever pieces, until it knows everything or
/// gives up. TLS 1.3 says all in its ServerHello; before, resumption shows in what follows: a full handshake sends its
/// certificate in plaintext, a resumed one changes the cipher at once (RFC 5246, section 7.3).
package struct ServerFlightReader: Sendable {
    package enum Outcome: Hashable, Sendable {
        case incomplete
        case complete(ServerFlight)
        /// An alert, or nothing that a server would send.
        case failed
    }

    /// A certificate message is 64K at most by our own limits; what is longer is not read to its end.
    private static let limit = 131_072

    private var pending: [UInt8] = []
    /// Handshake bytes without the records around them.
    private var messages: [UInt8] = []
    private var flight: ServerFlight?
    private var total = 0
    private var isOver = false

    package init() {}

    /// Takes the next bytes. After an outcome other than `incomplete` nothing more is read.
    package mutating func read(_ bytes: Span<UInt8>) -> Outcome {
        guard !self.isOver else { return .failed }
        self.total += bytes.count
        for index in bytes.indices { self.pending.append(bytes[index]) }
        let outcome = self.total > Self.limit ? .failed : self.readRecords()
        if outcome != .incomplete {
            self.isOver = true
            self.pending = []
            self.messages = []
        }
        return outcome
    }

    private mutating func readRecords() -> Outcome {
        while self.pending.count >= 5 {
            let type = Int(self.pending[0])
            let length = Int(self.pending[3]) << 8 | Int(self.pending[4])
            guard self.pending.count >= 5 + length else { return .incomplete }
            let payload = self.pending[5..<5 + length]
            switch type {
            case TLSNumbers.handshakeRecord:
                self.messages += payload
                self.pending.removeFirst(5 + length)
                let outcome = self.readMessages()
                guard outcome == .incomplete else { return outcome }
            case TLSNumbers.changeCipherSpecRecord:
                // Below TLS 1.3, in the server's first flight, only a resumed session does this.
                guard var flight = self.flight else { return .failed }
                flight.isResumed = true
                return .complete(flight)
            default:
                return .failed
            }
        }
        return .incomplete
    }

    private mutating func readMessages() -> Outcome {
        while self.messages.count >= 4 {
            let type = Int(self.messages[0])
            let size = Int(self.messages[1]) << 16 | Int(self.messages[2]) << 8 | Int(self.messages[3])
            guard self.messages.count >= 4 + size else { return .incomplete }
            let body = Array(self.messages[4..<4 + size])
            self.messages.removeFirst(4 + size)
            switch type {
            case TLSNumbers.serverHello:
                switch Self.serverHello(body.span) {
                case .malformed: return .failed
                case .retry: break
                case .final(let flight): return .complete(flight)
                case .continues(let flight): self.flight = flight
                }
            case TLSNumbers.serverKeyExchange:
                guard var flight = self.flight else { return .failed }
                var reader = TLSByteReader(body.span)
                // A named curve (RFC 8422, section 5.4).
                if reader.number(bytes: 1) == 3 { flight.keyExchange = reader.uint16() }
                return .complete(flight)
            case TLSNumbers.serverHelloDone:
                // RSA key exchange has no message of its own.
                guard let flight = self.flight else { return .failed }
                return .complete(flight)
            default:
                guard self.flight != nil else { return .failed }
            }
        }
        return .incomplete
    }

    private enum Hello {
        case malformed
        /// HelloRetryRequest, which is a ServerHello in disguise: the real one comes.
        case retry
        case final(ServerFlight)
        case continues(ServerFlight)
    }

    /// SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3).
    private static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]

    private static func serverHello(_ body: Span<UInt8>) -> Hello {
        var reader = TLSByteReader(body)
        guard var version = reader.uint16(), var random = reader.part(32), reader.vector(lengthBytes: 1) != nil,
            let suite = reader.uint16(), reader.skip(1)
        else { return .malformed }
        if random.rest() == Self.retryRandom { return .retry }
        var group: UInt16?
        var isResumed = false
        if !reader.isAtEnd {
            guard var extensions = reader.vector(lengthBytes: 2) else { return .malformed }
            while !extensions.isAtEnd {
                guard let type = extensions.uint16(), var content = extensions.vector(lengthBytes: 2) else {
                    return .malformed
                }
                switch type {
                case 41: isResumed = true
                case 43: version = content.uint16() ?? version
                case 51: group = content.uint16()
                default: break
                }
            }
        }
        let flight = ServerFlight(version: version, cipherSuite: suite, keyExchange: group, isResumed: isResumed)
        return version >= 0x0304 ? .final(flight) : .continues(flight)
    }
}
