/// How texts that others chose get into a line of a log without breaking it apart.
enum LogText {
    /// Appends the bytes with every quote, backslash and byte that is not printable ASCII as `\xNN` (ALB-LOG-005).
    static func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout some ByteSink & ~Copyable) {
        guard range.upperBound <= bytes.count, range.lowerBound < range.upperBound else { return }
        var run = range.lowerBound
        while let index = Self.firstBreak(in: bytes, run..<range.upperBound) {
            output.append(bytes.extracting(run..<index))
            output.append("\\x")
            output.append(hexadecimal: UInt64(bytes[index]), digits: 2)
            run = index + 1
        }
        output.append(bytes.extracting(run..<range.upperBound))
    }

    /// Where the first byte is that would break the line. Almost always nowhere, so eight bytes are asked at once.
    private static func firstBreak(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        bytes.withUnsafeBytes { bytes in
            while range.upperBound &- index >= 8,
                !Self.mayBreak(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            {
                index &+= 8
            }
        }
        while index < range.upperBound, !Self.breaks(bytes[index]) { index += 1 }
        return index < range.upperBound ? index : nil
    }

    /// False if none of the eight bytes breaks a line. A byte less than `n` is one whose difference to `n` borrows and that has no
    /// high bit itself; one that equals `n` is less than 1 after an exclusive or.
    @inline(__always)
    private static func mayBreak(_ block: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = block ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = block ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (block &- ones &* 0x20) & ~block
        let isBroken =
            controls | block | (block &+ ones) | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
        return isBroken & (ones &* 0x80) != 0
    }

    /// Appends a text of that kind, or `-` for none.
    static func append(_ text: Span<UInt8>, to output: inout some ByteSink & ~Copyable) {
        if text.isEmpty {
            output.append(UInt8(ascii: "-"))
        } else {
            Self.append(text, 0..<text.count, to: &output)
        }
    }

    /// Appends a text of that kind, or `-` for none.
    static func append(_ text: [UInt8], to output: inout some ByteSink & ~Copyable) {
        Self.append(text.span, to: &output)
    }

    /// Appends a text that is known to be harmless, or `-` for none.
    static func append(trusted text: [UInt8], to output: inout some ByteSink & ~Copyable) {
        if text.isEmpty { output.append(UInt8(ascii: "-")) } else { output.append(text) }
    }

    /// Appends a status, or `-` for 0.
    static func append(status: Int, to output: inout some ByteSink & ~Copyable) {
        if status == 0 { output.append(UInt8(ascii: "-")) } else { output.append(decimal: status) }
    }

    @inline(__always)
    private static func breaks(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte > 0x7e || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
