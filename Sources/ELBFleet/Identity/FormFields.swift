/// The fields of a query or of a form, in order.
struct FormFields {
    private var fields: [(name: String, value: String)] = []

    /// - Parameter text: `a=1&b=2`; `+` is a space, `%xx` a byte.
    init(_ text: some StringProtocol) {
        for part in text.split(separator: "&") {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            self.fields.append((Self.decoded(pieces[0]), pieces.count > 1 ? Self.decoded(pieces[1]) : ""))
        }
    }

    /// The first value of that name; `nil` if there is none.
    subscript(name: String) -> String? {
        self.fields.first { $0.name == name }?.value
    }

    /// What is listed under the name, separated by commas.
    func list(_ name: String) -> [String] {
        (self[name] ?? "").split(separator: ",").map(String.init)
    }

    func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        self[name].flatMap { Int($0) }.map { min(max($0, range.lowerBound), range.upperBound) }
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let high = Self.digit(rest.first),
                let low = Self.digit(rest.dropFirst().first)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map { UInt8($0) }
    }

    /// A value as it stands in a URL.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
