/// Characters by the classes of RFC 9110, section 5.6, as bit maps over the 128 ASCII codes.
package enum ByteClass {
    package static let space = UInt8(ascii: " ")
    package static let tab = UInt8(ascii: "\t")
    package static let carriageReturn = UInt8(ascii: "\r")
    package static let lineFeed = UInt8(ascii: "\n")
    package static let colon = UInt8(ascii: ":")

    // token = 1*tchar; tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"
    //         / DIGIT / ALPHA
    @usableFromInline static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
    @usableFromInline static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE

    @inlinable @inline(__always)
    package static func isToken(_ byte: UInt8) -> Bool {
        if byte < 64 { return Self.tokenLow >> UInt64(byte) & 1 != 0 }
        return byte < 128 && Self.tokenHigh >> UInt64(byte &- 64) & 1 != 0
    }

    @inlinable @inline(__always)
    package static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    @inlinable @inline(__always)
    package static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    @inlinable @inline(__always)
    package static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == Self.space || byte == Self.tab
    }

    /// The value of a hexadecimal digit.
    @inlinable @inline(__always)
    package static func hexValue(_ byte: UInt8) -> UInt8? {
        if Self.isDigit(byte) { return byte &- UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }
}

extension Span<UInt8> {
    /// Whether the bytes of `range` spell `expected`, which is written in lower case. Meant for names and tokens: the
    /// comparison folds bit 5, so it is exact for letters, digits and hyphens only.
    @inlinable @inline(__always)
    package func equalsIgnoringCase(_ expected: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == expected.utf8CodeUnitCount, range.upperBound <= self.count else { return false }
        let wanted = expected.utf8Start
        for offset in 0..<range.count {
            let byte = self[range.lowerBound &+ offset]
            guard byte | 0x20 == wanted[offset], byte >= 0x20 else { return false }
        }
        return true
    }

    /// The range without spaces and tabs at its ends (OWS of RFC 9110, section 5.6.3).
    package func trimmingWhitespace(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, ByteClass.isWhitespace(self[lower]) { lower &+= 1 }
        while upper > lower, ByteClass.isWhitespace(self[upper &- 1]) { upper &-= 1 }
        return lower..<upper
    }

    /// The first index of `byte` within the range.
    package func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if self[index] == byte { return index }
            index &+= 1
        }
        return nil
    }
}
