import Crypto
import ELBConformance
import ELBModel

/// As much of TLS 1.2 as it takes to send a record that no library would: a client that speaks
/// ECDHE-ECDSA-AES128-GCM-SHA256 over x25519 and believes everything (RFC 5246, RFC 5288, RFC 8422). Blocking.
final class BareTLSClient {
    struct Failure: Error { var text: String }

    /// A record's type.
    enum Content: UInt8 {
        case changeCipherSpec = 20
        case alert = 21
        case handshake = 22
        case data = 23
    }

    private enum Message: UInt8 {
        case clientHello = 1
        case serverHello = 2
        case serverKeyExchange = 12
        case serverHelloDone = 14
        case clientKeyExchange = 16
        case finished = 20
    }

    private struct Direction {
        var key: SymmetricKey
        var salt: [UInt8]
        var sequence: UInt64 = 0
    }

    private let connection: RawConnection
    private var readCount = 0
    private var transcript: [UInt8] = []
    private var mine: Direction?
    private var theirs: Direction?
    private static let random = [UInt8](repeating: 7, count: 32)
    /// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, and that renegotiation is meant to be secure (RFC 5746).
    private static let suites: [UInt8] = [0xc0, 0x2b, 0x00, 0xff]

    /// Connects and shakes hands.
    init(to endpoint: Endpoint) throws {
        self.connection = try RawConnection(to: endpoint, within: .seconds(5))
        try self.send(.handshake, self.message(.clientHello, Self.hello))
        let (serverRandom, serverKey) = try self.readServerFlight()
        let key = Curve25519.KeyAgreement.PrivateKey()
        let point = Array(key.publicKey.rawRepresentation)
        try self.send(.handshake, self.message(.clientKeyExchange, [UInt8(point.count)] + point))
        let shared = try key.sharedSecretFromKeyAgreement(with: .init(rawRepresentation: serverKey))
        let secret = shared.withUnsafeBytes { Array($0) }
        let master = Self.expand(secret, "master secret", Self.random + serverRandom, to: 48)
        let block = Self.expand(master, "key expansion", serverRandom + Self.random, to: 40)
        try self.send(.changeCipherSpec, [1])
        self.mine = Direction(key: SymmetricKey(data: block[0..<16]), salt: Array(block[32..<36]))
        let digest = Array(SHA256.hash(data: self.transcript))
        try self.send(
            .handshake,
            self.message(.finished, Self.expand(master, "client finished", digest, to: 12))
        )
        guard case (.changeCipherSpec, _)? = try self.receive() else { throw Failure(text: "the handshake failed") }
        self.theirs = Direction(key: SymmetricKey(data: block[16..<32]), salt: Array(block[36..<40]))
        guard case (.handshake, _)? = try self.receive() else { throw Failure(text: "no Finished came") }
    }

    /// Asks for another handshake inside the first one.
    func renegotiate() throws {
        try self.send(.handshake, self.message(.clientHello, Self.hello))
    }

    // MARK: Messages

    private static var hello: [UInt8] {
        let extensions: [[UInt8]] = [
            [0, 10, 0, 6, 0, 4, 0, 29, 0, 23],  // x25519, and P-256 for the certificate's key
            [0, 11, 0, 2, 1, 0],  // points uncompressed
            [0, 13, 0, 4, 0, 2, 4, 3],  // ECDSA with SHA-256 on P-256
        ]
        let list = extensions.flatMap { $0 }
        return [3, 3] + Self.random + [0, 0, UInt8(Self.suites.count)] + Self.suites + [1, 0, 0, UInt8(list.count)]
            + list
    }

    private func message(_ type: Message, _ body: [UInt8]) -> [UInt8] {
        let message = [type.rawValue, 0, UInt8(body.count >> 8), UInt8(body.count & 0xff)] + body
        self.transcript += message
        return message
    }

    private func readServerFlight() throws -> (random: [UInt8], key: [UInt8]) {
        var (random, key): ([UInt8], [UInt8]) = ([], [])
        var pending: [UInt8] = []
        while true {
            let record = try self.receive()
            guard case (.handshake, let payload)? = record else {
                throw Failure(text: "no ServerHello, but \(String(describing: record))")
            }
            pending += payload
            while pending.count >= 4 {
                let length = Int(pending[2]) << 8 | Int(pending[3])
                guard pending.count >= 4 + length else { break }
                let body = Array(pending[4..<4 + length])
                let type = Message(rawValue: pending[0])
                self.transcript += pending.prefix(4 + length)
                pending.removeFirst(4 + length)
                switch type {
                case .serverHello: random = Array(body[2..<34])
                // The kind of curve, its number, and a point with its length before it.
                case .serverKeyExchange: key = Array(body[4..<4 + Int(body[3])])
                case .serverHelloDone: return (random, key)
                case .clientHello, .clientKeyExchange, .finished, nil: break
                }
            }
        }
    }

    /// The pseudorandom function of TLS 1.2 (RFC 5246, section 5).
    private static func expand(_ secret: [UInt8], _ label: String, _ seed: [UInt8], to count: Int) -> [UInt8] {
        let key = SymmetricKey(data: secret)
        let seed = Array(label.utf8) + seed
        var (output, link): ([UInt8], [UInt8]) = ([], seed)
        while output.count < count {
            link = Array(HMAC<SHA256>.authenticationCode(for: link, using: key))
            output += HMAC<SHA256>.authenticationCode(for: link + seed, using: key)
        }
        return Array(output.prefix(count))
    }

    // MARK: Records

    func send(_ content: Content, _ bytes: [UInt8]) throws {
        var payload = bytes
        if var direction = self.mine {
            let number = Self.bytes(of: direction.sequence)
            let sealed = try AES.GCM.seal(
                bytes,
                using: direction.key,
                nonce: AES.GCM.Nonce(data: direction.salt + number),
                authenticating: number + [content.rawValue, 3, 3, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)]
            )
            payload = number + sealed.ciphertext + sealed.tag
            direction.sequence += 1
            self.mine = direction
        }
        self.connection.send(
            [content.rawValue, 3, 3, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)] + payload,
            within: .seconds(5)
        )
    }

    /// The next record; `nil` when the connection has ended.
    func receive() throws -> (Content, [UInt8])? {
        let start = self.readCount
        let wait = self.connection.receive(within: .seconds(5)) { bytes in
            bytes.count >= start + 5 && bytes.count >= start + 5 + Self.length(of: bytes[start...])
        }
        guard wait == .satisfied else {
            if wait == .ended { return nil }
            throw Failure(text: "nothing came in five seconds")
        }
        let bytes = self.connection.received[start...]
        let length = Self.length(of: bytes)
        self.readCount += 5 + length
        guard let content = Content(rawValue: bytes[start]) else { throw Failure(text: "no record") }
        let payload = Array(bytes.dropFirst(5).prefix(length))
        guard var direction = self.theirs else { return (content, payload) }
        let size = length - 24
        let box = try AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: direction.salt + payload.prefix(8)),
            ciphertext: payload.dropFirst(8).prefix(size),
            tag: payload.suffix(16)
        )
        let header = [content.rawValue, 3, 3, UInt8(size >> 8), UInt8(size & 0xff)]
        let opened = try AES.GCM.open(
            box,
            using: direction.key,
            authenticating: Self.bytes(of: direction.sequence) + header
        )
        direction.sequence += 1
        self.theirs = direction
        return (content, Array(opened))
    }

    private static func length(of record: ArraySlice<UInt8>) -> Int {
        Int(record[record.startIndex + 3]) << 8 | Int(record[record.startIndex + 4])
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    }
}
