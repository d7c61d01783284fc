/// Writes JSON (RFC 8259).
package enum JSONText {
    /// Appends the bytes, which must be UTF-8, as a string in quotes.
    package static func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var run = 0
        for index in 0..<text.count {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            Self.copy(text, run..<index, to: &output)
            Self.appendEscape(byte, to: &output)
            run = index + 1
        }
        Self.copy(text, run..<text.count, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends the text as a string in quotes.
    package static func append(_ text: String, to output: inout [UInt8]) {
        let bytes = Array(text.utf8)
        Self.append(bytes.span, to: &output)
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0a: output.append(UInt8(ascii: "n"))
        case 0x0d: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            output.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 15
            output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }

    private static func copy(_ text: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        guard !range.isEmpty else { return }
        text.extracting(range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }
}
