/// Makes gzip files (RFC 1952) of bytes that are all there, with the compression of RFC 1951.
///
/// Log lines repeat themselves, so most of the gain lies in copying what has stood there before. The writer looks for the last place
/// where the same four bytes stood, within 32 KiB, takes the longest match from there, and writes literals, lengths and distances with
/// the fixed codes of section 3.2.6. That makes an access log about a fifth of its size, in one pass, without a tree to build:
/// enough for a lab, and no library to install (docs/decisions).
package struct GzipWriter {
    /// How far back a copy may reach, and how long it may be (RFC 1951, section 2).
    private static let window = 32_768
    private static let longestMatch = 258
    /// Three bytes would do; a fourth makes matches rarer and longer.
    private static let shortestMatch = 4
    private static let hashBits = 15

    private var output: [UInt8]
    /// Bits that do not fill a byte yet, the first one lowest.
    private var bits: UInt64 = 0
    private var bitCount: UInt64 = 0

    private init(capacity: Int) {
        self.output = []
        self.output.reserveCapacity(capacity)
    }

    /// The bytes as a gzip file of one member.
    package static func compress(_ input: [UInt8]) -> [UInt8] {
        var writer = Self(capacity: input.count / 4 + 64)
        // Magic, deflate, no flags, no time (RFC 1952, section 2.3.1: 0 is "not available"), no hints, Unix.
        writer.output += [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        writer.deflate(input.span)
        writer.append(littleEndian: CRC32.of(input.span))
        writer.append(littleEndian: UInt32(truncatingIfNeeded: input.count))
        return writer.output
    }

    // MARK: Deflate

    private mutating func deflate(_ input: Span<UInt8>) {
        // One block, the last one, with fixed codes.
        self.write(0b011, bits: 3)
        var latest = Array(repeating: -1, count: 1 << Self.hashBits)
        var position = 0
        while position < input.count {
            let candidate = Self.remember(position, in: input, &latest)
            let length = Self.matchLength(input, candidate, position)
            if length >= Self.shortestMatch {
                self.writeCopy(length: length, distance: position - candidate)
                for skipped in position + 1..<position + length { _ = Self.remember(skipped, in: input, &latest) }
                position += length
            } else {
                self.writeSymbol(Int(input[position]))
                position += 1
            }
        }
        self.writeSymbol(256)
        if self.bitCount > 0 { self.write(0, bits: 8 - self.bitCount) }
    }

    /// Notes that the four bytes at `position` stand there, and returns where bytes like them stood before; -1 for nowhere.
    @inline(__always)
    private static func remember(_ position: Int, in input: Span<UInt8>, _ latest: inout [Int]) -> Int {
        guard position + Self.shortestMatch <= input.count else { return -1 }
        let word = input.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
        let hash = Int(truncatingIfNeeded: (word &* 2_654_435_761) >> UInt32(32 - Self.hashBits))
        let before = latest[hash]
        latest[hash] = position
        return before
    }

    private static func matchLength(_ input: Span<UInt8>, _ candidate: Int, _ position: Int) -> Int {
        guard candidate >= 0, position - candidate <= Self.window else { return 0 }
        let limit = min(Self.longestMatch, input.count - position)
        var length = 0
        while length < limit, input[candidate + length] == input[position + length] { length += 1 }
        return length
    }

    // MARK: Codes (RFC 1951, sections 3.2.5 and 3.2.6)

    /// A literal, a length's code, or 256 for the end.
    private mutating func writeSymbol(_ symbol: Int) {
        switch symbol {
        case ..<144: self.write(reversing: UInt64(symbol) + 0x30, bits: 8)
        case ..<256: self.write(reversing: UInt64(symbol) - 144 + 0x190, bits: 9)
        case ..<280: self.write(reversing: UInt64(symbol) - 256, bits: 7)
        default: self.write(reversing: UInt64(symbol) - 280 + 0xc0, bits: 8)
        }
    }

    /// Lengths from 3 to 258 and distances from 1 to 32,768 come in groups that double in size; a group's code is followed by the
    /// place within it. Length groups of one size come in fours, distance groups in twos.
    private mutating func writeCopy(length: Int, distance: Int) {
        if length == Self.longestMatch {
            self.writeSymbol(285)
        } else if length < 11 {
            self.writeSymbol(254 + length)
        } else {
            let offset = length - 3
            let extra = Self.exponent(offset) - 2
            self.writeSymbol(257 + 4 * (extra + 1) + (offset >> extra & 3))
            self.write(UInt64(offset & (1 << extra - 1)), bits: UInt64(extra))
        }
        let offset = distance - 1
        if offset < 4 {
            self.write(reversing: UInt64(offset), bits: 5)
        } else {
            let extra = Self.exponent(offset) - 1
            self.write(reversing: UInt64(2 * (extra + 1) + (offset >> extra & 1)), bits: 5)
            self.write(UInt64(offset & (1 << extra - 1)), bits: UInt64(extra))
        }
    }

    private static func exponent(_ number: Int) -> Int {
        Int.bitWidth - 1 - number.leadingZeroBitCount
    }

    // MARK: Bits

    /// Numbers go out with their lowest bit first.
    private mutating func write(_ value: UInt64, bits count: UInt64) {
        self.bits |= value << self.bitCount
        self.bitCount += count
        while self.bitCount >= 8 {
            self.output.append(UInt8(truncatingIfNeeded: self.bits))
            self.bits >>= 8
            self.bitCount -= 8
        }
    }

    /// Codes go out with their highest bit first.
    private mutating func write(reversing code: UInt64, bits count: UInt64) {
        var reversed: UInt64 = 0
        for bit in 0..<count { reversed |= (code >> bit & 1) << (count - 1 - bit) }
        self.write(reversed, bits: count)
    }

    private mutating func append(littleEndian number: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { self.output.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}

/// The check sum of gzip (RFC 1952, section 8).
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
    }

    package static func of(_ bytes: Span<UInt8>) -> UInt32 {
        let table = Self.table
        var sum: UInt32 = .max
        for index in bytes.indices {
            sum = table[Int(truncatingIfNeeded: (sum ^ UInt32(bytes[index])) & 0xff)] ^ sum >> 8
        }
        return ~sum
    }
}
