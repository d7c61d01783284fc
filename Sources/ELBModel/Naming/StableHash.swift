/// A number that stays the same from run to run and on every machine, which Swift's `Hasher` is not: for identifiers derived from
/// names (FNV-1a, 64 bits).
package enum StableHash {
    package static func of(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// Sixteen hexadecimal digits, as AWS ends its ARNs.
    package static func hexadecimal(of text: String) -> String {
        let digits = String(Self.of(text), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
