/// Base64 with the alphabet for URLs and file names (RFC 4648, section 5), which tokens are written in.
package enum Base64URL {
    /// Appends the bytes' encoding.
    ///
    /// - Parameter padded: whether `=` fills the last group up. Tokens have none (RFC 7515, section 2), except those that the
    ///   load balancer itself signs (ALB-AUTH-015).
    package static func append(_ bytes: Span<UInt8>, padded: Bool = false, to output: inout [UInt8]) {
        let start = output.count
        Base64.append(bytes, to: &output)
        for index in start..<output.count {
            switch output[index] {
            case UInt8(ascii: "+"): output[index] = UInt8(ascii: "-")
            case UInt8(ascii: "/"): output[index] = UInt8(ascii: "_")
            default: break
            }
        }
        if padded { return }
        while output.count > start, output.last == UInt8(ascii: "=") { output.removeLast() }
    }

    /// The bytes that an unpadded text encodes; `nil` for anything else, surplus bits included.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var standard: [UInt8] = []
        standard.reserveCapacity(text.count + 2)
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.append(text[index])
            }
        }
        while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
        return Base64.decode(standard.span)
    }
}
