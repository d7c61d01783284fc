import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Regular expressions` {
    @Test(arguments: [
        ("", "", true), ("", "abc", true), ("abc", "xabcx", true), ("abc", "ab", false), ("^abc$", "abc", true),
        ("^abc$", "abcd", false), ("a|b|c", "c", true), ("^(a|bc)d$", "bcd", true), ("^a*$", "", true),
        ("^a+$", "", false),
        ("^a?b$", "b", true), ("^a{2}$", "aa", true), ("^a{2}$", "aaa", false), ("^a{2,}$", "aaaa", true),
        ("^a{2,3}$", "aaaa", false),
        ("^a{0}$", "", true), ("a{,2}", "a{,2}", true), ("^[a-c]+$", "abcabc", true), ("^[^a-c]$", "d", true),
        ("^[^a-c]$", "b", false),
        ("^[]a]$", "]", true), ("^[a-]$", "-", true), ("^[\\d-]+$", "1-2", true),
        ("^\\d\\D\\w\\W\\s\\S$", "1a_- x", true),
        ("^\\.\\/\\?$", "./?", true), ("^.$", "\n", false), ("\\bfoo\\b", "a foo b", true),
        ("\\bfoo\\b", "afoo b", false),
        ("\\Bo", "foo", true), ("^(?:ab)+$", "ababab", true), ("^(?<name>a)b$", "ab", true), ("^(a*)*$", "aaaa", true),
        ("^(a|a)*b$", "aaaaaaaaaaaaaaaaaaaaaaaac", false), ("\\x41", "A", true), ("^a*?b$", "aab", true),
        ("^(|a)b$", "b", true), ("$^", "", true),
        ("x*", "", true), ("^(a|b|)*c$", "abac", true), ("é", "café", true),
    ])
    func `match as their notation says`(pattern: String, text: String, matches: Bool) throws {
        let expression = try RegularExpression(pattern)
        #expect(expression.matches(text) == matches)
    }

    @Test(
        .covers("ALB-COND-032"),
        arguments: [
            "(?=x)", "(?!x)", "(?<=x)", "(?<!x)", "(?>x)", "(a)\\1", "\\k<n>", "\\g<1>", "(?R)", "(?1)", "(?&n)", "a++",
            "a*+", "\\p{L}", "\\P{L}",
            "(?i)a", "(*FAIL)",
        ]
    )
    func `refuse what AWS refuses`(pattern: String) {
        #expect(throws: ModelError.self) { try RegularExpression(pattern) }
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[a", "*", "+a", "a**", "\\", "[z-a]", "a{3,2}", "a{1001}", "\\q", "\\x4", "(?<>a)",
        "[[:alpha:]]",
        "(((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))", "((a{100}){100}){100}",
    ])
    func `refuse what is malformed or too large`(pattern: String) {
        #expect(throws: ModelError.self) { try RegularExpression(pattern) }
    }

    @Test func `take linear time where backtracking would explode`() throws {
        let expression = try RegularExpression("^(a?){60}a{60}$")
        #expect(expression.matches(String(repeating: "a", count: 60)))
        #expect(try !RegularExpression("^(a+)+$").matches(String(repeating: "a", count: 5000) + "b"))
    }

    @Test func `ignore case where the condition does`() throws {
        #expect(try RegularExpression("^ab[c-d]$", foldsCase: true).matches("aBD"))
        #expect(try !RegularExpression("^ab$").matches("AB"))
    }
}

extension RegularExpression {
    fileprivate func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return self.matches(bytes.span)
    }
}
