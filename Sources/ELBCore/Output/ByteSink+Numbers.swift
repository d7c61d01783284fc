// Numbers are written backwards into a few bytes of their own and appended at once.
extension ByteSink where Self: ~Copyable {
    /// Appends a number that is not negative, in decimal.
    package mutating func append(decimal number: Int) {
        if (0..<10).contains(number) {
            self.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number))
            return
        }
        self.appendDigits { digits in
            var rest = UInt(bitPattern: number)
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
    package mutating func append(padded number: Int, digits count: Int) {
        self.appendDigits { digits in
            var rest = UInt(bitPattern: number)
            let start = digits.count &- count
            var index = digits.count
            while index > start {
                index &-= 1
                digits[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return start
        }
    }

    /// Appends a thousandth of a number that is not negative, to three places: `0.012`.
    package mutating func append(thousandths number: Int) {
        self.append(decimal: number / 1000)
        self.append(UInt8(ascii: "."))
        self.append(padded: number % 1000, digits: 3)
    }

    /// Appends the number's lowest hexadecimal digits, at most 16, in lower case.
    package mutating func append(hexadecimal number: UInt64, digits count: Int) {
        self.appendDigits { digits in
            var rest = number
            let start = digits.count &- count
            var index = digits.count
            while index > start {
                index &-= 1
                let digit = UInt8(truncatingIfNeeded: rest) & 15
                digits[index] = digit < 10 ? 0x30 &+ digit : 0x57 &+ digit
                rest >>= 4
            }
            return start
        }
    }

    /// Appends what `write` put at the end of 20 bytes, from the index it returns.
    @inline(__always)
    private mutating func appendDigits(_ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            let start = write(digits)
            self.append(UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }
}
