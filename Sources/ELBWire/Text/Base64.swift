/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends the bytes' encoding.
    package static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + (bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group = UInt32(bytes[index]) << 16
            if count > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if count > 2 { group |= UInt32(bytes[index + 2]) }
            for place in 0..<4 {
                guard place <= count else {
                    output.append(UInt8(ascii: "="))
                    continue
                }
                output.append(Self.alphabet[Int(group >> (18 - 6 * UInt32(place))) & 63])
            }
            index += count
        }
    }

    /// The bytes that the text encodes; `nil` if it is not Base64, its padding and unused bits included (section 3.5).
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var padding = 0
        while padding < 2, padding < text.count, text[text.count - 1 - padding] == UInt8(ascii: "=") { padding += 1 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        for index in 0..<(text.count - padding) {
            guard let value = Self.value(of: text[index]) else { return nil }
            bits = bits << 6 | UInt32(value)
            guard index % 4 != 0 else { continue }
            // 12, 18 and 24 bits of the group are there: one more byte each.
            let unused = UInt32(4 - 2 * (index % 4 - 1))
            bytes.append(UInt8(truncatingIfNeeded: bits >> unused))
        }
        let unusedBits: UInt32 = padding == 2 ? 0xf : padding == 1 ? 0x3 : 0
        return bits & unusedBits == 0 ? bytes : nil
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
