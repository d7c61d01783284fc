extension [UInt8] {
    /// Appends a stretch of a span.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        bytes.extracting(range).withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }

    /// Appends a number that is not negative, in decimal.
    mutating func append(decimal number: Int) {
        self.appendDigits { digits in
            var rest = number
            var start = digits.count
            repeat {
                start &-= 1
                digits[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0 && start > 0
            return start
        }
    }

    /// Appends the number's lowest decimal digits, at most 20, with zeros in front.
    mutating func append(padded number: Int, digits count: Int) {
        self.appendDigits { digits in
            var rest = number
            let start = digits.count - count
            for index in stride(from: digits.count - 1, through: start, by: -1) {
                digits[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return start
        }
    }

    /// Appends a thousandth of a number that is not negative, to three places: `0.012`.
    mutating func append(thousandths number: Int) {
        self.appendDigits { digits in
            var rest = number
            var start = digits.count
            repeat {
                start &-= 1
                if digits.count &- start == 4 {
                    digits[start] = UInt8(ascii: ".")
                } else {
                    digits[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
            } while (rest > 0 || digits.count &- start < 5) && start > 0
            return start
        }
    }

    /// Appends the number's lowest hexadecimal digits, at most 16, in lower case.
    mutating func append(hexadecimal number: UInt64, digits count: Int) {
        self.appendDigits { digits in
            var rest = number
            let start = digits.count - count
            for index in stride(from: digits.count - 1, through: start, by: -1) {
                let digit = UInt8(truncatingIfNeeded: rest) & 15
                digits[index] = digit < 10 ? 0x30 &+ digit : 0x57 &+ digit
                rest >>= 4
            }
            return start
        }
    }

    /// Appends what `write` put at the end of a buffer for 20 digits, from the index it returns: one append for all, because each
    /// asks whether the array is shared and large enough.
    @inline(__always)
    private mutating func appendDigits(_ write: (inout InlineArray<20, UInt8>) -> Int) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        let start = write(&digits)
        let text = digits.span.extracting(start..<20)
        text.withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }
}
