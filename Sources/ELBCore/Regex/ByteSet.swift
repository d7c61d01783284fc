/// A set of byte values, as 256 bits.
struct ByteSet: Hashable, Sendable, ExpressibleByArrayLiteral {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static let all = Self(0...255)
    static let digits = Self(0x30...0x39)
    /// Letters, digits and the underscore.
    static let word = Self(0x61...0x7a).union(Self(0x41...0x5a)).union(.digits).union([UInt8(ascii: "_")])
    static let space: Self = [0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]
    static let newline: Self = [0x0a]

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { self.insert(byte) }
    }

    init(arrayLiteral elements: UInt8...) {
        self.init(elements)
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let bit = UInt64(1) << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: self.words.0 & bit != 0
        case 1: self.words.1 & bit != 0
        case 2: self.words.2 & bit != 0
        default: self.words.3 & bit != 0
        }
    }

    mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: self.words.0 |= bit
        case 1: self.words.1 |= bit
        case 2: self.words.2 |= bit
        default: self.words.3 |= bit
        }
    }

    func union(_ other: Self) -> Self {
        self.combined(with: other, |)
    }

    func subtracting(_ other: Self) -> Self {
        self.combined(with: other) { $0 & ~$1 }
    }

    /// With the other case of every letter in it.
    func foldingCase() -> Self {
        var folded = self
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") {
            let capital = letter - 0x20
            if self.contains(letter) { folded.insert(capital) }
            if self.contains(capital) { folded.insert(letter) }
        }
        return folded
    }

    private func combined(with other: Self, _ operation: (UInt64, UInt64) -> UInt64) -> Self {
        var result = Self()
        result.words = (
            operation(self.words.0, other.words.0), operation(self.words.1, other.words.1),
            operation(self.words.2, other.words.2), operation(self.words.3, other.words.3)
        )
        return result
    }

    static func == (left: Self, right: Self) -> Bool {
        left.words == right.words
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }
}
