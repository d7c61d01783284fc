import ELBCore
import Testing

@Suite struct `Text under construction` {
    @Test func `grows and keeps what it holds`() {
        var output = ByteOutput()
        var expected: [UInt8] = []
        for number in 0..<1000 {
            output.append(UInt8(truncatingIfNeeded: number))
            output.append(" and ")
            output.append(Array(expected.prefix(number % 7)))
            expected += [UInt8(truncatingIfNeeded: number)] + Array(" and ".utf8) + expected.prefix(number % 7)
        }
        #expect(output.bytes == expected)
        let count = output.count
        #expect(count == expected.count)
    }

    @Test func `begins anew, and takes back its end`() {
        var output = ByteOutput(capacity: 4)
        #expect(output.bytes.isEmpty)
        output.append(text: "한글 and more than four bytes")
        output.truncate(to: 6)
        #expect(String(decoding: output.bytes, as: UTF8.self) == "한글")
        output.removeAll()
        #expect(output.bytes.isEmpty)
        output.append("x")
        #expect(output.bytes == [UInt8(ascii: "x")])
    }

    @Test(arguments: [0, 9, 10, 99, 100, 65_535, 1_234_567_890, .max])
    func `writes numbers as Swift does`(number: Int) {
        var output = ByteOutput()
        output.append(decimal: number)
        output.append(" ")
        output.append(hexadecimal: UInt64(number), digits: 16)
        let hexadecimal = String(number, radix: 16)
        let padding = String(repeating: "0", count: 16 - hexadecimal.count)
        #expect(String(decoding: output.bytes, as: UTF8.self) == "\(number) \(padding)\(hexadecimal)")
    }

    @Test(arguments: [(0, "0.000"), (7, "0.007"), (1234, "1.234"), (60_000, "60.000")])
    func `writes thousandths`(number: Int, text: String) {
        var output = ByteOutput()
        output.append(thousandths: number)
        #expect(String(decoding: output.bytes, as: UTF8.self) == text)
    }

    @Test func `writes as many digits as asked for`() {
        var output = ByteOutput()
        output.append(padded: 42, digits: 6)
        output.append(padded: 123, digits: 2)
        #expect(String(decoding: output.bytes, as: UTF8.self) == "00004223")
    }
}
