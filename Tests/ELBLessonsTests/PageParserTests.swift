import ELBLessons
import Testing

@Suite struct `Lesson pages` {
    private func parse(_ text: String) throws -> LessonPage {
        try PageParser.parse(text, file: "en.md", language: .en)
    }

    @Test func `steps carry commands, expected lines, exit codes and assertions`() throws {
        let page = try self.parse(
            """
            # 04 Title

            ## Run it

            Prose.

            ```console elb step=one timeout=7s background
            $ first
            a <n:int>
            $ second \\
            > more
            [7]
            ```
            <!-- assert n < 3 -->
            """
        )
        let step = try #require(page.steps.first)
        #expect(page.title == "04 Title")
        #expect(step.id == "one" && step.timeoutSeconds == 7 && step.isBackground)
        #expect(step.commands.map(\.text) == ["first", "second \\\nmore"])
        #expect(step.commands.map(\.output) == [["a <n:int>"], []])
        #expect(step.commands.map(\.exitCode) == [0, 7])
        #expect(step.assertions.map(\.text) == ["n < 3"])
    }

    @Test func `a plain fenced block stays part of the prose`() throws {
        let page = try self.parse("# T\n\n## Idea\n\ntext\n\n```\ndrawing\n```\nafter\n")
        #expect(page.sections.first?.blocks.count == 1)
    }

    @Test func `predictions name a capture and have options, but no answer`() throws {
        let page = try self.parse("# T\n\n```predict elb id=q shows=n\nHow many?\n- [ ] 5 a\n- [ ] 6 b\n```\n")
        let question = try #require(page.predictions.first)
        #expect(question.capture == "n" && question.options == ["5 a", "6 b"] && question.question == "How many?")
    }

    @Test(arguments: [
        ("# T\n```console elb step=a\n$ x\n", 2, "never closed"),
        ("# T\n```console elb\n$ x\n```\n", 2, "'step=' is missing"),
        ("# T\n```console elb step=a\nno prompt\n```\n", 3, "starts with '$ '"),
        ("# T\n```console elb step=a tiemout=3s\n$ x\n```\n", 2, "unknown option 'tiemout'"),
        ("# T\n```console elb step=a\n$ x\n```\n```console elb step=a\n$ x\n```\n", 5, "stands here twice"),
        ("# T\n<!-- assert n == 1 -->\n", 2, "directly after a console block"),
        ("no title\n", 1, "heading"),
    ])
    func `mistakes are named by file and line`(text: String, line: Int, part: String) {
        let error = #expect(throws: LessonError.self) { try self.parse(text) }
        #expect(error?.line == line && error?.message.contains(part) == true, "\(String(describing: error))")
    }
}

@Suite struct `Drift of translations` {
    private func page(_ prose: String) throws -> LessonPage {
        try PageParser.parse(
            "# T\n\n## One\n\n\(prose)\n\n```console elb step=go\n$ x\n```\n\nAfter.\n",
            file: "en.md",
            language: .en
        )
    }

    @Test func `a page recorded from the English text is current until that text changes`() throws {
        let english = try self.page("Some words.")
        let korean = Drift.recording(english, in: "# T\n")
        #expect(Drift.findings(english: english, translationText: korean).isEmpty)
        let changed = try self.page("Other words.")
        #expect(Drift.findings(english: changed, translationText: korean) == [.stale(part: "section:1")])
    }

    @Test func `a line broken elsewhere is no change`() throws {
        let korean = Drift.recording(try self.page("Some words here."), in: "# T\n")
        #expect(Drift.findings(english: try self.page("Some\nwords here."), translationText: korean).isEmpty)
    }

    @Test func `a step that the translation does not know is missing`() throws {
        let english = try self.page("Some words.")
        let record = Drift.recording(english, in: "# T\n").replacing("step:go", with: "step:gone")
        #expect(Drift.findings(english: english, translationText: record) == [.missing(part: "step:go")])
    }

    @Test func `recording twice leaves one record`() throws {
        let english = try self.page("Some words.")
        let once = Drift.recording(english, in: "# T\n")
        #expect(Drift.recording(english, in: once) == once)
    }
}
