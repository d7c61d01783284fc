/// An IPv4 address as one number in host byte order: 127.0.0.1 is `0x7f00_0001`.
package struct IPv4Address: Hashable, Codable, Sendable, Comparable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        self.rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Reads dotted decimal with exactly four parts of 0 to 255 and no leading zeros (RFC 6943, section 3.1.1: other
    /// spellings mean different things to different readers). Anything else is `nil`.
    package init?(_ text: some StringProtocol) {
        var value: UInt32 = 0
        var parts = 0
        for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var octet: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard octet <= 255 else { return nil }
            value = value << 8 | octet
            parts += 1
        }
        guard parts == 4 else { return nil }
        self.rawValue = value
    }

    /// The four octets, most significant first.
    package var octets: (UInt8, UInt8, UInt8, UInt8) {
        (
            UInt8(truncatingIfNeeded: self.rawValue >> 24), UInt8(truncatingIfNeeded: self.rawValue >> 16),
            UInt8(truncatingIfNeeded: self.rawValue >> 8), UInt8(truncatingIfNeeded: self.rawValue)
        )
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension IPv4Address: CustomStringConvertible {
    package var description: String {
        let (a, b, c, d) = self.octets
        return "\(a).\(b).\(c).\(d)"
    }
}

/// An IPv6 address as two numbers in host byte order; a zone index is not part of it.
package struct IPv6Address: Hashable, Codable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The loopback address `::1`.
    package static let loopback = Self(high: 0, low: 1)

    /// The eight 16-bit groups, most significant first.
    package var groups: [UInt16] {
        (0..<8).map { index in
            let half = index < 4 ? self.high : self.low
            return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index % 4)))
        }
    }

    /// The 16 octets, most significant first.
    package var octets: [UInt8] {
        self.groups.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }

    package init(groups: some Collection<UInt16>) {
        precondition(groups.count == 8, "an IPv6 address has 8 groups, not \(groups.count)")
        self.high = groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) }
        self.low = groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) }
    }

    /// Reads the text forms of RFC 4291, section 2.2, `::` and a dotted-decimal tail included; no brackets, no zone index.
    package init?(_ text: some StringProtocol) {
        let halves = Self.split(text)
        guard let head = Self.groups(of: halves.head), halves.tail.map({ Self.groups(of: $0) != nil }) ?? true else {
            return nil
        }
        if let tailText = halves.tail, let tail = Self.groups(of: tailText) {
            // "::" stands for at least one group (RFC 5952, section 4.2.2, allows readers to be strict).
            guard head.count + tail.count <= 7 else { return nil }
            self.init(groups: head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
        } else {
            guard head.count == 8 else { return nil }
            self.init(groups: head)
        }
    }

    private static func split(_ text: some StringProtocol) -> (head: String, tail: String?) {
        let bytes = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        guard bytes.count >= 2 else { return (String(text), nil) }
        for index in 0..<(bytes.count - 1) where bytes[index] == colon && bytes[index + 1] == colon {
            let head = String(decoding: bytes[..<index], as: UTF8.self)
            return (head, String(decoding: bytes[(index + 2)...], as: UTF8.self))
        }
        return (String(text), nil)
    }

    private static func groups(of text: String) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let tail = IPv4Address(part) {
                groups.append(UInt16(truncatingIfNeeded: tail.rawValue >> 16))
                groups.append(UInt16(truncatingIfNeeded: tail.rawValue))
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(Self.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default:
            false
        }
    }
}

extension IPv6Address: CustomStringConvertible {
    /// The canonical form of RFC 5952: lower case, no leading zeros, the first longest run of zero groups as `::`.
    package var description: String {
        let groups = self.groups
        var best = 0..<0
        var index = 0
        while index < 8 {
            guard groups[index] == 0 else {
                index += 1
                continue
            }
            let start = index
            while index < 8, groups[index] == 0 { index += 1 }
            if index - start > best.count, index - start >= 2 { best = start..<index }
        }
        let text = { (range: Range<Int>) in range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? text(0..<8) : "\(text(0..<best.lowerBound))::\(text(best.upperBound..<8))"
    }
}

/// An address of either family.
package enum IPAddress: Hashable, Codable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Reads either text form; brackets, masks and zone indexes are refused.
    package init?(_ text: some StringProtocol) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// 127.0.0.1.
    package static let loopback = Self.v4(IPv4Address(127, 0, 0, 1))
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}
