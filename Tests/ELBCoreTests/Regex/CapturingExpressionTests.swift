import ELBCore
import ELBTestSupport
import Testing

@Suite struct `Capturing expressions` {
    /// The match and its groups as texts; `nil` without a match, `-` for a group that took no part.
    private func captures(_ pattern: String, _ text: String) throws -> [String]? {
        let expression = try CapturingExpression(pattern)
        let bytes = Array(text.utf8)
        guard let match = expression.firstMatch(in: bytes.span) else { return nil }
        return (0...expression.groups).map { group in
            match[group: group].map { String(decoding: bytes[$0], as: UTF8.self) } ?? "-"
        }
    }

    // What a backtracking matcher (PCRE, Python's re) finds.
    @Test(arguments: [
        ("a", "xay", ["a"]), ("", "abc", [""]), ("b*", "abb", [""]), ("a+", "baab", ["aa"]),
        ("(a|ab)(c|bcd)?", "abcd", ["abcd", "a", "bcd"]), ("(ab|a)(bc)?", "abc", ["ab", "ab", "-"]),
        ("^/(.*)/(.*)$", "/a/b/c", ["/a/b/c", "a/b", "c"]), ("^/(.*?)/(.*)$", "/a/b/c", ["/a/b/c", "a", "b/c"]),
        ("(a+?)(a*)", "aaa", ["aaa", "a", "aa"]), ("(a){2,3}", "aaaa", ["aaa", "a"]),
        ("(a){2,3}?", "aaaa", ["aa", "a"]),
        ("(?:a)(b)", "ab", ["ab", "b"]), ("(?<n>a)(b)", "ab", ["ab", "a", "b"]), ("(a)|(b)", "b", ["b", "-", "b"]),
        ("((a)b)?c", "c", ["c", "-", "-"]), ("x??y", "xy", ["xy"]), ("a|b|", "b", ["b"]),
        ("(\\d+)-(\\d+)", "tel 12-345", ["12-345", "12", "345"]), ("\\bfoo\\b", "a foo", ["foo"]),
        ("(a?)(ab)?", "ab", ["a", "a", "-"]),
    ])
    func `find what a backtracking matcher finds`(pattern: String, text: String, expected: [String]) throws {
        #expect(try self.captures(pattern, text) == expected)
    }

    @Test(arguments: [("^b", "ab"), ("a$", "ab"), ("[^a]", "aaa"), ("a{4}", "aaa")])
    func `find nothing where nothing is`(pattern: String, text: String) throws {
        #expect(try self.captures(pattern, text) == nil)
    }

    @Test(.timeLimit(.minutes(1))) func `take linear time where backtracking would explode`() throws {
        #expect(try self.captures("^(a?){60}a{60}$", String(repeating: "a", count: 60)) != nil)
        #expect(try self.captures("^(a+)+$", String(repeating: "a", count: 5000) + "b") == nil)
    }

    @Test(.covers("ALB-XFRM-011")) func `say why they cannot be compiled`() {
        #expect(throws: CapturingExpression.Unusable.tooBig) { try CapturingExpression("((a{100}){100}){100}") }
        #expect(throws: CapturingExpression.Unusable.malformed) { try CapturingExpression("(a") }
    }
}
