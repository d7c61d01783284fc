/// A set of byte values, as 256 bits.
package struct ByteSet: Hashable, Sendable, ExpressibleByArrayLiteral {
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    package static let all = Self(0...255)
    package static let digits = Self(0x30...0x39)
    /// Letters, digits and the underscore.
    package static let word = Self(0x61...0x7a).union(Self(0x41...0x5a)).union(.digits).union([UInt8(ascii: "_")])
    package static let space: Self = [0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]
    package static let hexadecimal = Self(0x30...0x39).union(Self(0x41...0x46)).union(Self(0x61...0x66))
    package static let newline: Self = [0x0a]

    package init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { self.insert(byte) }
    }

    package init(arrayLiteral elements: UInt8...) {
        self.init(elements)
    }

    @inlinable
    package func contains(_ byte: UInt8) -> Bool {
        let bit = UInt64(1) << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: self.words.0 & bit != 0
        case 1: self.words.1 & bit != 0
        case 2: self.words.2 & bit != 0
        default: self.words.3 & bit != 0
        }
    }

    package mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: self.words.0 |= bit
        case 1: self.words.1 |= bit
        case 2: self.words.2 |= bit
        default: self.words.3 |= bit
        }
    }

    package func union(_ other: Self) -> Self {
        self.combined(with: other, |)
    }

    package func subtracting(_ other: Self) -> Self {
        self.combined(with: other) { $0 & ~$1 }
    }

    /// With the other case of every letter in it.
    package func foldingCase() -> Self {
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

    package static func == (left: Self, right: Self) -> Bool {
        left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }
}
