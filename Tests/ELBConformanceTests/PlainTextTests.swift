import ELBConformance
import Testing

@Suite struct `Words that nobody vouches for` {
    @Test(arguments: [
        ("plain text, 한국어 too", "plain text, 한국어 too"),
        ("\u{1B}[2J", "\\u{1b}[2J"),
        ("one\r\u{7}\u{9B}", "one\\u{d}\\u{7}\\u{9b}"),
        ("abc\u{202E}d\u{2028}ef", "abc\\u{202e}d\\u{2028}ef"),
        ("a\tb\nc", "a b c"),
    ])
    func `are one line that no terminal obeys`(text: String, shown: String) {
        #expect(PlainText.line(text) == shown)
    }

    @Test(arguments: [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("a ::error::x", "a ::error::x"),
        ("a ##[group] ##vso[x]", "a # #[group] # #vso[x]"),
        ("##teamcity[x]", "# #teamcity[x]"),
        ("###[x]", "## #[x]"),
    ])
    func `are no command of a build server`(text: String, shown: String) {
        #expect(PlainText.line(text) == shown)
    }

    @Test func `keep their lines and tabs where they are a text`() {
        #expect(PlainText.lines("a\tb\r\n::c\rd\n") == "a\tb\n: :c\\u{d}d\n")
    }

    @Test func `cannot close the fence they stand behind`() {
        #expect(PlainText.fenced("```\nx````") == "`````text\n```\nx````\n`````")
    }

    @Test func `are nothing but text to Markdown`() {
        #expect(PlainText.markdown("a|b <i>*c*") == "a\\|b \\<i\\>\\*c\\*")
    }
}
