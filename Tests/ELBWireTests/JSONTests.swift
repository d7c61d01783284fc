import ELBTestSupport
import ELBWire
import Testing

@Suite struct `JSON, value by value` {
    /// The text with everything resolved, or the error.
    private static func read(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var reader = JSONReader()
        do throws(JSONError) {
            let value = try Self.value(&reader, bytes.span)
            try reader.finish(bytes.span)
            return value
        } catch {
            return "\(error)"
        }
    }

    private static func value(_ reader: inout JSONReader, _ bytes: Span<UInt8>) throws(JSONError) -> String {
        switch try reader.kind(bytes) {
        case .string: return "'\(String(decoding: try reader.string(bytes), as: UTF8.self))'"
        case .number: return "\(try reader.integer(bytes))"
        case .boolean: return "\(try reader.boolean(bytes))"
        case .null:
            try reader.null(bytes)
            return "null"
        case .object:
            var parts: [String] = []
            try reader.enterObject(bytes)
            while let key = try reader.nextKey(bytes) {
                parts.append("\(String(decoding: key, as: UTF8.self)):\(try Self.value(&reader, bytes))")
            }
            return "{\(parts.joined(separator: ","))}"
        case .array:
            var parts: [String] = []
            try reader.enterArray(bytes)
            while try reader.nextElement(bytes) { parts.append(try Self.value(&reader, bytes)) }
            return "[\(parts.joined(separator: ","))]"
        }
    }

    @Test(arguments: [
        ("{}", "{}"), (" [ ] ", "[]"), (#"{"a":1,"b":[true,false,null]}"#, "{a:1,b:[true,false,null]}"),
        (#"{"a":{"b":{}},"c":[[],[{}]]}"#, "{a:{b:{}},c:[[],[{}]]}"), ("-12", "-12"), ("0", "0"), ("\"\"", "''"),
        (#""a\"\\\/\b\f\n\r\t\u0041""#, "'a\"\\/\u{8}\u{c}\n\r\tA'"), (#""\ud83d\ude00""#, "'😀'"), ("\"é\"", "'é'"),
        ("1.5", "mismatch"), ("1e3", "mismatch"), ("99999999999999999999", "mismatch"),
    ])
    func `reads what is JSON`(text: String, expected: String) {
        #expect(Self.read(text) == expected)
    }

    @Test(arguments: [
        "", " ", "{", "[", "{}}", "[]]", "{,}", "[,]", "[1,]", "[1 2]", #"{"a":1,}"#, #"{"a"}"#, #"{"a":}"#, "{1:2}",
        "{a:1}",
        "'a'", "\"", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\ud83d""#, #""\ud83d\u0041""#, #""\ude00""#, "01", "+1", "-",
        "1.",
        ".5", "1e", "tru", "nul", "True", "NaN", "1 1", "// a\n1", "\u{feff}1",
    ])
    func `refuses what is not`(text: String) {
        #expect(Self.read(text) == "malformed")
    }

    @Test func `goes only so deep`() {
        let deep = JSONReader.depthLimit
        #expect(Self.read(String(repeating: "[", count: deep) + String(repeating: "]", count: deep)).hasPrefix("[["))
        #expect(Self.read(String(repeating: "[", count: 1_000_000)) == "tooDeep")
        let bytes = Array(String(repeating: "{\"a\":", count: 1_000_000).utf8)
        var reader = JSONReader()
        #expect(throws: JSONError.tooDeep) { try reader.skip(bytes.span) }
    }

    @Test func `never traps, whatever is cut off or changed`() {
        let sample = Array(#"{"a":[1,-2.5e+3,"x\u00e9\n"],"b":{"c":null,"d":true},"e":"\ud83d\ude00"}"#.utf8)
        for end in 0...sample.count {
            for place in 0..<end {
                for byte in [0, 0x22, 0x5b, 0x5c, 0x7b, 0x7d, 0xff] as [UInt8] {
                    var bytes = Array(sample[..<end])
                    bytes[place] = byte
                    var reader = JSONReader()
                    do throws(JSONError) {
                        try reader.skip(bytes.span)
                        try reader.finish(bytes.span)
                    } catch {}
                }
            }
        }
    }

    @Test(arguments: [
        ("", "\"\""), ("a", "\"a\""), ("\"\\/", #""\"\\/""#),
        ("\n\r\t\u{1}\u{1f}\u{7f}é", "\"\\n\\r\\t\\u0001\\u001f\u{7f}é\""),
    ])
    func `writes strings that it reads again`(text: String, expected: String) {
        var output: [UInt8] = []
        JSONText.append(text, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == expected)
        #expect(Self.read(String(decoding: output, as: UTF8.self)) == "'\(text)'")
    }
}

@Suite struct `Base64 text` {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `gives the vectors of RFC 4648`(text: String, encoded: String) {
        var output: [UInt8] = []
        Base64.append(Array(text.utf8).span, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == encoded)
        #expect(Base64.decode(Array(encoded.utf8).span) == Array(text.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm9v\n", "Zm-v", "Zm 9", "=Zg=", "Zg==Zg==",
    ])
    func `refuses anything else`(text: String) {
        #expect(Base64.decode(Array(text.utf8).span) == nil)
    }

    @Test func `brings every byte back`() {
        let bytes = (0...255).map { UInt8($0) } + [0xfb, 0xff]
        for end in bytes.indices {
            var output: [UInt8] = []
            let beginning = Array(bytes[..<end])
            Base64.append(beginning.span, to: &output)
            #expect(Base64.decode(output.span) == beginning)
        }
    }
}
