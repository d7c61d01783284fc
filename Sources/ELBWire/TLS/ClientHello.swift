/// What a client says of itself in its first message: enough to choose a certificate, a version and a cipher suite before the
/// TLS library sees a byte.
package struct ClientHello: Hashable, Sendable {
    /// The versions offered, whatever the way (RFC 8446, section 4.2.1), in the order sent; also those that nobody knows.
    package var versions: [UInt16] = []
    package var cipherSuites: [UInt16] = []
    /// The name of the `server_name` extension as sent; `nil` without one. Only bytes that a host name can have.
    package var serverName: String?
    /// In the client's order.
    package var applicationProtocols: [String] = []
    package var supportedGroups: [UInt16] = []
    package var signatureAlgorithms: [UInt16] = []
    /// Whether it asks to resume a session of before, with whatever means.
    package var offersResumption = false
    package var offersEarlyData = false

    package init() {}
}

/// Reads a ClientHello out of the records that carry it (RFC 8446, section 5.1; RFC 5246, section 6.2.1). Called again with all
/// bytes so far once those are there that the last answer asked for, so that a hello that drips in costs no more than its size.
package enum ClientHelloParser {
    package enum Outcome: Hashable, Sendable {
        /// More bytes are needed: nothing will be different before so many are here in all.
        case incomplete(until: Int)
        case complete(ClientHello)
        /// The first byte is not a handshake record's: somebody speaks another protocol.
        case notTLS
        case malformed
        /// Longer than `limit`.
        case tooLong
    }

    /// Bytes of the message and of the records around it. Post-quantum key shares make a hello of about 1,800 bytes; AWS's limit
    /// of a TLS message is 64K (ALB-TLS-024).
    package static let limit = 65_536

    package static func parse(_ bytes: Span<UInt8>) -> Outcome {
        guard bytes.count > 0 else { return .incomplete(until: 1) }
        guard bytes[0] == TLSNumbers.handshakeRecord else { return .notTLS }
        var records = TLSByteReader(bytes)
        var message: [UInt8] = []
        while true {
            guard let type = records.number(bytes: 1) else { return Self.incomplete(bytes) }
            // An alert, say, in the middle of the message.
            guard type == TLSNumbers.handshakeRecord else { return .malformed }
            guard let major = records.number(bytes: 1) else { return Self.incomplete(bytes) }
            guard major == 3 else { return .malformed }
            guard records.skip(1), let length = records.number(bytes: 2) else { return Self.incomplete(bytes) }
            guard length > 0, length <= TLSNumbers.longestRecord else { return .malformed }
            guard var payload = records.part(length) else {
                return Self.incomplete(bytes, until: records.position + length)
            }
            message += payload.rest()
            guard message[0] == TLSNumbers.clientHello else { return .malformed }
            guard message.count >= 4 else { continue }
            let size = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
            guard size + 4 <= Self.limit else { return .tooLong }
            guard message.count >= size + 4 else { continue }
            guard message.count == size + 4, let hello = Self.hello(message.span.extracting(4...)) else {
                return .malformed
            }
            return .complete(hello)
        }
    }

    private static func incomplete(_ bytes: Span<UInt8>, until count: Int = 0) -> Outcome {
        bytes.count >= Self.limit ? .tooLong : .incomplete(until: max(count, bytes.count + 1))
    }

    private static func hello(_ body: Span<UInt8>) -> ClientHello? {
        var reader = TLSByteReader(body)
        var hello = ClientHello()
        guard let version = reader.uint16(), reader.skip(32),
            let sessionID = reader.vector(lengthBytes: 1), sessionID.remaining <= 32,
            var suites = reader.vector(lengthBytes: 2), let cipherSuites = suites.uint16List(), !cipherSuites.isEmpty,
            let compression = reader.vector(lengthBytes: 1), compression.remaining > 0
        else { return nil }
        hello.cipherSuites = cipherSuites
        // Before extensions existed, and still legal up to TLS 1.2.
        guard !reader.isAtEnd else {
            hello.versions = Self.versions(upTo: version)
            hello.offersResumption = sessionID.remaining > 0
            return hello
        }
        guard var extensions = reader.vector(lengthBytes: 2), reader.isAtEnd else { return nil }
        while !extensions.isAtEnd {
            guard let type = extensions.uint16(), var content = extensions.vector(lengthBytes: 2),
                Self.read(type, &content, into: &hello)
            else { return nil }
        }
        if hello.versions.isEmpty {
            hello.versions = Self.versions(upTo: version)
            // A session id of TLS 1.3 is there for old middleboxes only (RFC 8446, section D.4).
            if sessionID.remaining > 0 { hello.offersResumption = true }
        }
        return hello
    }

    /// All versions up to the one that an older hello names.
    private static func versions(upTo version: UInt16) -> [UInt16] {
        guard version >= 0x0301 else { return [version] }
        return (0x0301...min(version, 0x0303)).reversed()
    }

    /// One extension. False if it is malformed.
    private static func read(_ type: UInt16, _ content: inout TLSByteReader, into hello: inout ClientHello) -> Bool {
        switch type {
        case 0: return Self.readServerName(&content, into: &hello)
        case 10: return Self.readList(&content, lengthBytes: 2, into: &hello.supportedGroups)
        case 13: return Self.readList(&content, lengthBytes: 2, into: &hello.signatureAlgorithms)
        case 16: return Self.readProtocols(&content, into: &hello)
        // A ticket of TLS 1.2; an empty one only says that the client would take one.
        case 35:
            if content.remaining > 0 { hello.offersResumption = true }
        case 41: hello.offersResumption = true
        case 42: hello.offersEarlyData = true
        case 43: return Self.readList(&content, lengthBytes: 1, into: &hello.versions)
        default: break
        }
        return true
    }

    private static func readList(
        _ content: inout TLSByteReader,
        lengthBytes: Int,
        into list: inout [UInt16]
    ) -> Bool {
        guard var vector = content.vector(lengthBytes: lengthBytes), content.isAtEnd,
            let numbers = vector.uint16List()
        else { return false }
        list = numbers
        return true
    }

    // RFC 6066, section 3: a list of names, of which only the type 0 exists.
    private static func readServerName(_ content: inout TLSByteReader, into hello: inout ClientHello) -> Bool {
        guard var names = content.vector(lengthBytes: 2), content.isAtEnd, !names.isAtEnd else { return false }
        while !names.isAtEnd {
            guard let type = names.number(bytes: 1), var name = names.vector(lengthBytes: 2) else { return false }
            guard type == 0, hello.serverName == nil else { continue }
            let text = name.rest()
            guard !text.isEmpty, text.count <= 255, text.allSatisfy(Self.isHostCharacter) else { return false }
            hello.serverName = String(decoding: text, as: UTF8.self)
        }
        return true
    }

    /// What may stand in the log and be compared with certificates: visible ASCII without quotes, colons and the like.
    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // RFC 7301, section 3.1.
    private static func readProtocols(_ content: inout TLSByteReader, into hello: inout ClientHello) -> Bool {
        guard var list = content.vector(lengthBytes: 2), content.isAtEnd, !list.isAtEnd else { return false }
        while !list.isAtEnd {
            guard var name = list.vector(lengthBytes: 1), name.remaining > 0 else { return false }
            hello.applicationProtocols.append(String(decoding: name.rest(), as: UTF8.self))
        }
        return true
    }
}
