/// Byte-wise ASCII, without locale and without `String`.
enum ASCII {
    /// `A` to `Z` in lower case, everything else untouched.
    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// The eight bytes of a word in lower case. Adding 0x3f carries into bit 7 from `A` on, adding 0x25 from behind `Z`
    /// on; bytes with bit 7 set are masked out, so nothing carries into a neighbour.
    @inline(__always)
    static func lowercase(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        let fromA = low &+ 0x3f3f_3f3f_3f3f_3f3f
        let behindZ = low &+ 0x2525_2525_2525_2525
        let upper = fromA & ~behindZ & ~word & 0x8080_8080_8080_8080
        return word | upper >> 2
    }

    static func lowercase(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { Self.lowercase($0) }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        Self.isDigit(byte) || (byte | 0x20) &- 0x61 < 6
    }
}
