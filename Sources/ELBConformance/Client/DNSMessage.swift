/// Messages of DNS as this suite reads and writes them, by itself: it shares nothing with any balancer's own name server
/// (RFC 1035, section 4; RFC 6891).
package enum DNSMessage {
    /// Types of records that checks ask for.
    package enum RecordType: UInt16, Sendable {
        case a = 1
        case canonicalName = 5
        case authority = 6
        case aaaa = 28
    }

    /// A question, written with the letters as they are.
    package struct Question: Hashable, Sendable {
        package var id: UInt16
        package var name: String
        package var type: RecordType
        /// What a datagram may hold, told by EDNS; `nil` does not speak of it.
        package var payloadSize: UInt16?

        package init(id: UInt16, name: String, type: RecordType, payloadSize: UInt16?) {
            self.id = id
            self.name = name
            self.type = type
            self.payloadSize = payloadSize
        }

        package var bytes: [UInt8] {
            var bytes: [UInt8] = []
            // A query that wants recursion, as every client's does.
            for number in [self.id, 0x0100, 1, 0, 0, self.payloadSize == nil ? 0 : 1] {
                bytes += DNSMessage.bytes(number)
            }
            for label in self.name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + label.utf8 }
            bytes.append(0)
            bytes += DNSMessage.bytes(self.type.rawValue) + DNSMessage.bytes(1)
            guard let payloadSize else { return bytes }
            return bytes + [0] + DNSMessage.bytes(41) + DNSMessage.bytes(payloadSize) + [0, 0, 0, 0, 0, 0]
        }
    }

    /// A message is no answer, and why.
    package struct Malformed: Error, Hashable, Sendable {
        package var reason: String
    }

    fileprivate static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }
}

/// An answer as it came.
package struct DNSAnswer: Hashable, Sendable {
    package struct Record: Hashable, Sendable {
        package var name: String
        package var type: UInt16
        package var timeToLive: UInt32
        /// An address, or a name; of other types the number of bytes.
        package var value: String

        package init(name: String, type: UInt16, timeToLive: UInt32, value: String) {
            self.name = name
            self.type = type
            self.timeToLive = timeToLive
            self.value = value
        }
    }

    package var id: UInt16
    package var flags: UInt16
    /// The question's name, letter by letter.
    package var question: String
    package var answers: [Record] = []
    package var authorities: [Record] = []
    /// What the server says that datagrams may hold; `nil` if it does not speak EDNS.
    package var payloadSize: UInt16?
    /// Bytes of the whole message.
    package var size: Int

    package var code: UInt16 { self.flags & 0xF }
    package var isAuthoritative: Bool { self.flags & 0x0400 != 0 }
    package var isTruncated: Bool { self.flags & 0x0200 != 0 }
    /// The addresses, sorted as text.
    package var addresses: [String] { self.answers.filter { $0.type == 1 || $0.type == 28 }.map(\.value).sorted() }
    /// Whether the zone says of itself that there is nothing (RFC 2308).
    package var hasAuthority: Bool { self.authorities.contains { $0.type == DNSMessage.RecordType.authority.rawValue } }

    package init(_ bytes: [UInt8]) throws(DNSMessage.Malformed) {
        var reader = Reader(bytes: bytes)
        self.size = bytes.count
        self.id = try reader.number()
        self.flags = try reader.number()
        guard self.flags & 0x8000 != 0 else { throw DNSMessage.Malformed(reason: "the message is a query") }
        let counts = (
            questions: try reader.number(), answers: try reader.number(), authorities: try reader.number(),
            others: try reader.number()
        )
        self.question = ""
        for _ in 0..<counts.questions {
            self.question = try reader.name()
            _ = try reader.number()
            _ = try reader.number()
        }
        for _ in 0..<counts.answers { self.answers.append(try reader.record().record) }
        for _ in 0..<counts.authorities { self.authorities.append(try reader.record().record) }
        for _ in 0..<counts.others {
            let (record, number) = try reader.record()
            if record.type == 41 { self.payloadSize = number }
        }
        guard reader.isAtEnd else { throw DNSMessage.Malformed(reason: "bytes stand behind the message") }
    }

    /// The code as people say it.
    package var codeName: String {
        let names: [UInt16: String] = [
            0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
        ]
        return names[self.code] ?? "code \(self.code)"
    }

    /// `NOERROR: 127.50.1.4 (60 s), 127.50.2.4 (60 s)`.
    package var summary: String {
        let records = self.answers.map { "\($0.type == 5 ? "CNAME " : "")\($0.value) (\($0.timeToLive) s)" }
        let text = records.isEmpty ? "no record" : records.joined(separator: ", ")
        return "\(self.codeName)\(self.isTruncated ? ", truncated" : ""): \(text)"
    }
}

/// Reads a message from its beginning; every step may find it cut.
private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func take(_ count: Int) throws(DNSMessage.Malformed) -> ArraySlice<UInt8> {
        guard self.bytes.count - self.position >= count else {
            throw DNSMessage.Malformed(reason: "the message is cut at byte \(self.bytes.count)")
        }
        defer { self.position += count }
        return self.bytes[self.position..<self.position + count]
    }

    mutating func number() throws(DNSMessage.Malformed) -> UInt16 {
        try self.take(2).reduce(0) { $0 << 8 | UInt16($1) }
    }

    mutating func long() throws(DNSMessage.Malformed) -> UInt32 {
        try self.take(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A name, with its pointers followed. Each must lead further back, so that it ends.
    mutating func name() throws(DNSMessage.Malformed) -> String {
        var labels: [String] = []
        var back: Int?
        var limit = self.position
        while true {
            let length = Int(try self.take(1).first ?? 0)
            switch length {
            case 0:
                if let back { self.position = back }
                return labels.joined(separator: ".")
            case 1...63:
                labels.append(String(decoding: try self.take(length), as: UTF8.self))
            case 0xC0...0xFF:
                let target = (length & 0x3F) << 8 | Int(try self.take(1).first ?? 0)
                back = back ?? self.position
                guard target < limit else { throw DNSMessage.Malformed(reason: "a name points forward") }
                limit = target
                self.position = target
            default:
                throw DNSMessage.Malformed(reason: "a label is \(length) bytes long")
            }
        }
    }

    /// A record, and the number that stands where others have their class.
    mutating func record() throws(DNSMessage.Malformed) -> (record: DNSAnswer.Record, class: UInt16) {
        let name = try self.name()
        let type = try self.number()
        let `class` = try self.number()
        let timeToLive = try self.long()
        let end = Int(try self.number()) + self.position
        guard end <= self.bytes.count else { throw DNSMessage.Malformed(reason: "a record is longer than the message") }
        let value: String
        switch type {
        case 1 where end - self.position == 4:
            value = try self.take(4).map(String.init).joined(separator: ".")
        case 5:
            value = try self.name()
        default:
            value = "\(try self.take(end - self.position).count) bytes"
        }
        guard self.position == end else { throw DNSMessage.Malformed(reason: "a record's length is wrong") }
        return (DNSAnswer.Record(name: name, type: type, timeToLive: timeToLive, value: value), `class`)
    }
}
