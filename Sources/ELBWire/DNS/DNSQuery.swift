/// A question to a name server.
package struct DNSQuery: Hashable, Sendable {
    /// What the client can take, and wants to know, beyond RFC 1035 (RFC 6891).
    package struct Extensions: Hashable, Sendable {
        /// Bytes of a UDP message; less than 512 mean 512.
        package var payloadSize: Int
        package var version: UInt8
        /// The DO bit, which goes back as it came.
        package var wantsDNSSEC: Bool

        package init(payloadSize: Int, version: UInt8, wantsDNSSEC: Bool) {
            self.payloadSize = payloadSize
            self.version = version
            self.wantsDNSSEC = wantsDNSSEC
        }
    }

    package var id: UInt16
    package var recursionDesired: Bool
    package var name: DomainName
    package var type: DNSRecordType
    /// 1 is the internet's.
    package var `class`: UInt16
    /// `nil` if the client does not know them.
    package var extensions: Extensions?
    /// The question as it came: it goes back to the letter, so that a client that mixes cases finds its own mix.
    package var question: [UInt8]

    package init(
        id: UInt16,
        recursionDesired: Bool,
        name: DomainName,
        type: DNSRecordType,
        class: UInt16,
        extensions: Extensions? = nil,
        question: [UInt8]
    ) {
        self.id = id
        self.recursionDesired = recursionDesired
        self.name = name
        self.type = type
        self.class = `class`
        self.extensions = extensions
        self.question = question
    }
}

/// Reads a query out of one message (RFC 1035, section 4.1). Whatever comes, it ends: a name in a question holds no pointers, and
/// those in other sections are skipped and not followed.
package enum DNSQueryParser {
    package enum Outcome: Hashable, Sendable {
        case query(DNSQuery)
        /// To be answered with this code and without a question.
        case unreadable(id: UInt16, opcode: UInt8, DNSResponseCode)
        /// A response, or too short to be anything: answering could start a loop between two servers.
        case ignored
    }

    static let headerLength = 12
    /// Records that are looked through for EDNS. Clients send one or two.
    private static let mostRecords = 16

    package static func parse(_ message: Span<UInt8>) -> Outcome {
        guard message.count >= Self.headerLength else { return .ignored }
        let number = { (index: Int, message: Span<UInt8>) in UInt16(message[index]) << 8 | UInt16(message[index + 1]) }
        let id = number(0, message)
        let flags = number(2, message)
        guard flags & 0x8000 == 0 else { return .ignored }
        let opcode = UInt8(truncatingIfNeeded: flags >> 11 & 0xF)
        guard opcode == 0 else { return .unreadable(id: id, opcode: opcode, .notImplemented) }
        let unreadable = Outcome.unreadable(id: id, opcode: opcode, .formatError)
        let others = number(6, message) &+ number(8, message)
        guard number(4, message) == 1, others == 0 else { return unreadable }
        var position = Self.headerLength
        guard let name = Self.name(message, &position), message.count - position >= 4 else { return unreadable }
        var query = DNSQuery(
            id: id,
            recursionDesired: flags & 0x0100 != 0,
            name: name,
            type: DNSRecordType(rawValue: number(position, message)),
            class: number(position + 2, message),
            question: []
        )
        position += 4
        for index in Self.headerLength..<position { query.question.append(message[index]) }
        let additional = Int(number(10, message))
        guard additional <= Self.mostRecords else { return unreadable }
        for _ in 0..<additional {
            guard Self.readAdditional(message, &position, into: &query) else { return unreadable }
        }
        return .query(query)
    }

    /// The name at the position, which is moved behind it; `nil` if there is none, or if it is cut, too long or compressed.
    private static func name(_ message: Span<UInt8>, _ position: inout Int) -> DomainName? {
        var labels: [[UInt8]] = []
        var length = 1
        while position < message.count {
            let count = Int(message[position])
            position += 1
            if count == 0 { return DomainName(labels: labels) }
            length += count + 1
            guard count <= DomainName.longestLabel, length <= DomainName.longest, message.count - position > count
            else {
                return nil
            }
            labels.append((position..<position + count).map { message[$0] })
            position += count
        }
        return nil
    }

    /// Reads over a record; takes what it says if it is the one of EDNS. False if it is cut, or the second of its kind.
    private static func readAdditional(
        _ message: Span<UInt8>,
        _ position: inout Int,
        into query: inout DNSQuery
    ) -> Bool {
        let start = position
        guard Self.skipName(message, &position), message.count - position >= 10 else { return false }
        let isRoot = position - start == 1
        let number = { (index: Int, message: Span<UInt8>) in Int(message[index]) << 8 | Int(message[index + 1]) }
        let type = number(position, message)
        let size = number(position + 2, message)
        let version = message[position + 5]
        let wantsDNSSEC = message[position + 6] & 0x80 != 0
        position += 10 + number(position + 8, message)
        guard position <= message.count else { return false }
        guard type == Int(DNSRecordType.opt.rawValue) else { return true }
        guard isRoot, query.extensions == nil else { return false }
        query.extensions = .init(payloadSize: max(512, size), version: version, wantsDNSSEC: wantsDNSSEC)
        return true
    }

    private static func skipName(_ message: Span<UInt8>, _ position: inout Int) -> Bool {
        while position < message.count {
            let count = Int(message[position])
            position += 1
            if count == 0 { return true }
            if count & 0xC0 == 0xC0 {
                position += 1
                return true
            }
            guard count <= DomainName.longestLabel else { return false }
            position += count
        }
        return false
    }
}
