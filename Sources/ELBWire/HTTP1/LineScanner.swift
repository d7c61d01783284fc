/// Finds the end of a line and notes what is odd in it, looking at each byte once however the bytes arrive.
///
/// Eight bytes at a time are tested for "below space, DEL, or above ASCII". In a well-formed line the first such byte is
/// the CR of its end; only other lines are read byte by byte. How far the search came is remembered between calls.
struct LineScanner: Sendable {
    /// Unusual bytes in a line.
    struct Oddities: OptionSet, Sendable {
        let rawValue: UInt8

        static let nul = Self(rawValue: 1 << 0)
        static let bareCarriageReturn = Self(rawValue: 1 << 1)
        static let tab = Self(rawValue: 1 << 2)
        static let control = Self(rawValue: 1 << 3)
        static let nonASCII = Self(rawValue: 1 << 4)
        static let bareLineFeed = Self(rawValue: 1 << 5)
    }

    /// Offset of the current line's first byte.
    private(set) var lineStart = 0
    /// Everything before this has been looked at.
    private(set) var scanned = 0
    /// What the current line holds so far.
    private(set) var oddities: Oddities = []

    /// A complete line: `start..<end` without its line end, which reaches to `next`.
    struct Line {
        var start: Int
        var end: Int
        var next: Int
        var oddities: Oddities
    }

    /// The next line, or `nil` until more bytes arrive. `bytes` always begins with the head's first byte.
    mutating func nextLine(_ bytes: Span<UInt8>) -> Line? {
        let raw = bytes.bytes
        var index = self.scanned
        while true {
            while index &+ 8 <= bytes.count {
                let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                let marks = Self.unusualBytes(UInt64(littleEndian: word))
                guard marks == 0 else {
                    index &+= marks.trailingZeroBitCount &>> 3
                    break
                }
                index &+= 8
            }
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte == ByteClass.carriageReturn {
                // Without its successor a CR says nothing yet; it is the one byte that is looked at again.
                guard index &+ 1 < bytes.count else { break }
                if bytes[index &+ 1] == ByteClass.lineFeed { return self.endLine(at: index, next: index &+ 2) }
                self.oddities.insert(.bareCarriageReturn)
            } else if byte == ByteClass.lineFeed {
                self.oddities.insert(.bareLineFeed)
                return self.endLine(at: index, next: index &+ 1)
            } else {
                self.note(byte)
            }
            index &+= 1
        }
        self.scanned = index
        return nil
    }

    private mutating func endLine(at end: Int, next: Int) -> Line {
        let line = Line(start: self.lineStart, end: end, next: next, oddities: self.oddities)
        self.lineStart = next
        self.scanned = next
        self.oddities = []
        return line
    }

    private mutating func note(_ byte: UInt8) {
        switch byte {
        case 0: self.oddities.insert(.nul)
        case ByteClass.tab: self.oddities.insert(.tab)
        case 1..<32, 127: self.oddities.insert(.control)
        case 128...: self.oddities.insert(.nonASCII)
        default: break
        }
    }

    /// The high bit of each byte that is below 0x20, is 0x7f or is above it. A borrow or carry can mark a byte too many,
    /// never one too few, and never below the first true one.
    @inline(__always)
    private static func unusualBytes(_ word: UInt64) -> UInt64 {
        let high: UInt64 = 0x8080_8080_8080_8080
        let below = (word &- 0x2020_2020_2020_2020) & ~word
        let above = word | (word &+ 0x0101_0101_0101_0101)
        return (below | above) & high
    }
}
