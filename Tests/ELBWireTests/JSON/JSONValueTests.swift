import ELBTestSupport
import ELBWire
import Testing

@Suite struct `JSON as a tree` {
    private static func value(_ text: String) -> JSONValue? {
        let bytes = Array(text.utf8)
        return try? JSONValue(bytes.span)
    }

    @Test func `reads every kind of value`() {
        let value = Self.value(#" {"a":[1,-2,1.5,1e3],"b":{"c":"é\u00e9\n"},"d":true,"e":null} "#)
        #expect(value?["a"]?.elements == [.number(1), .number(-2), .number(nil), .number(nil)])
        #expect(value?["b"]?["c"]?.text == "éé\n")
        #expect(value?["d"] == .boolean(true))
        #expect(value?["e"] == .null)
        #expect(value?["f"] == nil)
    }

    @Test(arguments: [
        "", "{", "{}x", #"{"a":1,"a":2}"#, "[1,]", #"{"a":1,}"#, "01", "nul", #""\ud800""#, "'a'",
    ])
    func `refuses what two readers could understand differently`(text: String) {
        #expect(Self.value(text) == nil)
    }

    @Test func `refuses bytes that are not UTF-8`() {
        let bytes: [UInt8] = [0x22, 0xff, 0x22]
        #expect((try? JSONValue(bytes.span)) == nil)
    }

    @Test func `does not go deeper than its limit`() {
        #expect(Self.value(String(repeating: "[", count: 100_000)) == nil)
    }
}

@Suite struct `Base64 for URLs` {
    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{fb}\u{ff}\u{3e}?"])
    func `reads what it writes, without padding`(text: String) {
        let bytes = Array(text.utf8)
        var encoded: [UInt8] = []
        Base64URL.append(bytes.span, to: &encoded)
        #expect(!encoded.contains(where: { "+/=".utf8.contains($0) }))
        #expect(Base64URL.decode(encoded.span) == bytes)
        var padded: [UInt8] = []
        Base64URL.append(bytes.span, padded: true, to: &padded)
        #expect(padded.count % 4 == 0)
        #expect(padded.starts(with: encoded))
    }

    @Test(arguments: ["Zg==", "Zm9v+", "Zm9v/", "Z", "Zh", "Zm9 v"])
    func `refuses the other alphabet, padding and surplus bits`(text: String) {
        let bytes = Array(text.utf8)
        #expect(Base64URL.decode(bytes.span) == nil)
    }
}
