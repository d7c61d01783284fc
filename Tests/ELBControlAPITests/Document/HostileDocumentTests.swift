import ELBControlAPI
import Testing

@Suite struct `Hostile documents` {
    private static func errors(_ bytes: [UInt8]) -> [String] {
        DocumentLoader.diagnostics(of: bytes, file: "t").map(\.description)
    }

    private static func errors(_ text: String) -> [String] {
        self.errors(Array(text.utf8))
    }

    private static let aliasAdvice =
        "CloudFormation has no anchors and aliases: write the value out, or quote it if it is text"

    @Test func `an alias bomb ends at its first anchor`() {
        let bomb = "a: &a [x, x]\n" + (1...30).map { "b\($0): &b\($0) [*a, *a]\n" }.joined()
        #expect(Self.errors(bomb) == ["t:1:4: error: an anchor (&); \(Self.aliasAdvice)"])
    }

    @Test(arguments: [
        "? &a x\n: y", "*a : x", "{*a : x}", "- - - *a", "a: !Ref *b", "a:\n  - b: |\n      text\n    c: *x",
    ])
    func `anchors and aliases are found wherever a value may begin`(text: String) {
        let errors = Self.errors(text)
        #expect(errors.count == 1)
        #expect(errors.first?.contains("an a") == true)
    }

    @Test(arguments: [
        "a: b & c * d", "a: '*.example.com'", "a: \"&x\"", "a: x # *y", "a: |\n  *y\n  &z\n\n  more\nb: 1",
        "a: !Sub |\n  #!/bin/sh\n  ls * && true\n", "- |\n  * x\n- >-\n  & y", "[\"*\", '&']", "a: {b: \"*\"}",
        "a: x*", "a: it's *fine", "a: \"two\n  * lines\"", "a: 'it''s'\nb: c",
    ])
    func `text that only looks like an alias is read`(text: String) {
        #expect(Self.errors(text) == [])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `nesting without end is refused`(opening: String) {
        let errors = Self.errors(String(repeating: opening, count: 100_000))
        #expect(errors.count == 1)
        #expect(errors.first?.contains("nested deeper than 64 levels") == true)
    }

    @Test func `nesting by indentation is refused`() {
        let text = (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(Self.errors(text).first?.contains("nested deeper than 64 levels") == true)
    }

    @Test func `a tab as indentation is named`() {
        #expect(
            Self.errors("a:\n\tb: 1") == ["t:2:1: error: a tab indents this line; YAML is indented by spaces only"]
        )
    }

    @Test func `JSON may be indented by tabs`() {
        #expect(Self.errors("{\n\t\"a\": [\n\t\t1\n\t]\n}\n") == [])
    }

    @Test func `bytes that are no UTF-8 are placed`() {
        #expect(
            Self.errors(Array("a: 1\nb: ".utf8) + [0xff, 0xfe]) == [
                "t:2:4: error: the file is not UTF-8 text; save it as UTF-8"
            ]
        )
    }

    @Test func `a file beyond AWS's limit is not parsed`() {
        let errors = Self.errors([UInt8](repeating: 0x20, count: DocumentLoader.maximumBytes + 1))
        #expect(
            errors == [
                "t: error: the file has 1048577 bytes; at most 1048576 are read; AWS takes no larger template either"
            ]
        )
    }

    @Test func `a key that is written twice is an error`() {
        #expect(
            Self.errors("a: 1\nb: 2\na: 3") == [
                "t:1:1: error: 'a' is written more than once in this mapping; one of them would be lost"
            ]
        )
    }

    @Test(arguments: [
        "", "# only a comment\n", "---\n", "a: [1", "a: \"x", "a: 1\n---\nb: 2\n", "\u{0}", "%YAML 9\n---\na", "a: !!",
        "{\"a\":}}",
    ])
    func `what is no single document is an error or empty, never a crash`(text: String) {
        #expect(Self.errors(text).allSatisfy { $0.hasPrefix("t:") })
    }
}
