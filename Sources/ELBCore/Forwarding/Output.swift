extension [UInt8] {
    /// Appends a stretch of a span.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        bytes.extracting(range).withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }

    /// Appends a number that is not negative, in decimal.
    mutating func append(decimal number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        var rest = number
        while divisor > 0 {
            self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Appends the lowest `digits` hexadecimal digits of a number, in lower case.
    mutating func append(hexadecimal number: UInt64, digits: Int) {
        for index in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(4 * index)) & 15
            self.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
