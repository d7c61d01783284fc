/// How texts that others chose get into a line of a log without breaking it apart.
enum LogText {
    /// Appends the bytes with every quote, backslash and byte that is not printable ASCII as `\xNN` (ALB-LOG-005).
    static func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        guard range.upperBound <= bytes.count, range.lowerBound < range.upperBound else { return }
        var run = range.lowerBound
        for index in range where Self.breaks(bytes[index]) {
            output.append(bytes.extracting(run..<index))
            output.append("\\x")
            output.append(hexadecimal: UInt64(bytes[index]), digits: 2)
            run = index + 1
        }
        output.append(bytes.extracting(run..<range.upperBound))
    }

    /// Appends a text of that kind, or `-` for none.
    static func append(_ text: [UInt8], to output: inout [UInt8]) {
        if text.isEmpty {
            output.append(UInt8(ascii: "-"))
        } else {
            Self.append(text.span, 0..<text.count, to: &output)
        }
    }

    /// Appends a text that is known to be harmless, or `-` for none.
    static func append(trusted text: [UInt8], to output: inout [UInt8]) {
        if text.isEmpty { output.append(UInt8(ascii: "-")) } else { output += text }
    }

    /// Appends a status, or `-` for 0.
    static func append(status: Int, to output: inout [UInt8]) {
        if status == 0 { output.append(UInt8(ascii: "-")) } else { output.append(decimal: status) }
    }

    @inline(__always)
    private static func breaks(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte > 0x7e || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
