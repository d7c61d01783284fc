/// One frame of RFC 9113, section 4, as it stands on the wire. Anything can be said with it, right or wrong.
package struct HTTP2Frame: Hashable, Sendable {
    /// A number, not an enumeration: a check may send a type that nobody knows.
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let data = Self(rawValue: 0x0)
        package static let headers = Self(rawValue: 0x1)
        package static let priority = Self(rawValue: 0x2)
        package static let reset = Self(rawValue: 0x3)
        package static let settings = Self(rawValue: 0x4)
        package static let pushPromise = Self(rawValue: 0x5)
        package static let ping = Self(rawValue: 0x6)
        package static let goAway = Self(rawValue: 0x7)
        package static let windowUpdate = Self(rawValue: 0x8)
        package static let continuation = Self(rawValue: 0x9)
    }

    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let endStream = Self(rawValue: 0x1)
        /// Of SETTINGS and PING; the same bit as END_STREAM.
        package static let acknowledgement = Self(rawValue: 0x1)
        package static let endHeaders = Self(rawValue: 0x4)
        package static let padded = Self(rawValue: 0x8)
        package static let priority = Self(rawValue: 0x20)
    }

    package var kind: Kind
    package var flags: Flags
    package var stream: Int
    package var payload: [UInt8]

    package init(_ kind: Kind, _ flags: Flags = [], on stream: Int = 0, _ payload: [UInt8] = []) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    package var serialized: [UInt8] {
        let length = self.payload.count
        let head = [
            UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), self.kind.rawValue,
            self.flags.rawValue,
        ]
        return head + Self.number(self.stream) + self.payload
    }

    /// Reads the frame at the start of the bytes; `nil` when it is not whole.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 9 else { return nil }
        let length = bytes.prefix(3).reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 9 + length else { return nil }
        let start = bytes.startIndex
        self.kind = Kind(rawValue: bytes[start + 3])
        self.flags = Flags(rawValue: bytes[start + 4])
        self.stream = Self.number(bytes[(start + 5)...].prefix(4)) & 0x7FFF_FFFF
        self.payload = Array(bytes.dropFirst(9).prefix(length))
    }

    /// Bytes on the wire.
    package var length: Int { 9 + self.payload.count }

    /// The payload without padding and priority; what cannot be is empty.
    package var content: ArraySlice<UInt8> {
        var content = self.payload[...]
        guard self.kind == .data || self.kind == .headers else { return content }
        if self.flags.contains(.padded) {
            guard let padding = content.popFirst(), content.count >= Int(padding) else { return [] }
            content = content.dropLast(Int(padding))
        }
        if self.kind == .headers, self.flags.contains(.priority) { content = content.dropFirst(5) }
        return content
    }

    /// Four bytes, most significant first.
    package static func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    package static func number(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// The longest payload that everybody takes (RFC 9113, section 4.2).
    package static let sizeLimit = 16384

    /// What a client says first.
    package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
}

/// Header blocks for requests: every field a literal, no table and no Huffman code, so that each byte is what a check said
/// it should be (RFC 7541, section 6.2.2).
package enum PlainHeaderBlock {
    package static func encoded(_ fields: [CurlHeader]) -> [UInt8] {
        fields.flatMap { field in [0x00] + Self.text(field.name) + Self.text(field.value) }
    }

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return Self.integer(bytes.count) + bytes
    }

    /// With a prefix of seven bits (section 5.1).
    private static func integer(_ value: Int) -> [UInt8] {
        guard value >= 127 else { return [UInt8(value)] }
        var bytes: [UInt8] = [127]
        var rest = value - 127
        while rest >= 128 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
