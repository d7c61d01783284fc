import ELBLessons
import FoundationEssentials
import Testing

@Suite struct `What authors write` {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func read(checks text: String) throws -> [LessonCheck] {
        var checks: [LessonCheck] = []
        try self.withFolder { folder in
            let path = "\(folder)/checks.yaml"
            try Data(text.utf8).write(to: URL(filePath: path))
            checks = try LessonCheck.read(path: path)
        }
        return checks
    }

    private func check(_ judge: String) -> String {
        """
        checks:
          - id: a.b
            uuid: u
            level: core
            feature: f
            points: 1
            behaviours: [ALB-RULE-003]
            ref: https://docs.aws.amazon.com/
            rule: { en: the rule, ko: 규칙 }
            look: { en: look there, ko: 저기 }
            \(judge)
        """
    }

    @Test(arguments: ExerciseManifest.Kind.allCases)
    func `a new lesson's files can be read as they are made`(kind: ExerciseManifest.Kind) throws {
        try self.withFolder { root in
            let id = "42-new-lesson"
            let written = try LessonScaffold(id: id, kind: kind, root: root).write()
            let lesson = try Lesson(folder: "\(root)/\(id)", solutions: "\(root)/solutions/\(id)")
            #expect(lesson.exercises.map(\.manifest.kind) == [kind])
            #expect(lesson.exercises[0].wrongAnswers.map(\.id) == ["w-todo"])
            #expect(try lesson.page(.ko).sections.count >= 11)
            #expect(written.contains("\(root)/\(id)/en.md"))
            // A second time nothing is overwritten.
            #expect(try LessonScaffold(id: id, kind: kind, root: root).write() == [])
        }
    }

    @Test(arguments: ["18", "18-", "1-a", "18-Auto", "18-a/b", "../18-a", "18-a b"])
    func `what is no lesson's id is refused`(text: String) {
        #expect(!LessonScaffold.isID(text))
        #expect(LessonScaffold.isID("18-auto-scaling"))
    }

    @Test func `a check's sentences may stand beside it`() throws {
        let check = try #require(try self.read(checks: self.check("judge: reachable\n    with: { zones: 2 }")).first)
        let messages = Messages(texts: [.en: ["check.a.b.rule": "elsewhere"], .ko: [:]])
        #expect(check.rule(messages, in: .en) == "the rule")
        #expect(check.look(messages, in: .ko) == "저기")
        #expect(check.neededMessages == [])
    }

    @Test(arguments: [
        ("judge: responses\n    with: { cases: [{ request: {} }] }", "expects nothing"),
        ("judge: responses\n    with: { cases: [{ request: { lisener: 80 }, status: 200 }] }", "unknown key 'lisener'"),
        (
            "judge: responses\n    with: { cases: [{ request: {}, connection: silent, status: 200 }] }",
            "a connection that fails"
        ),
        ("judge: sticky\n    with: { question: expires, seconds: 3600 }", "1 to 120"),
        ("judge: websocket\n    with: { question: status }", "'status' is missing"),
        ("judge: draining\n    with: { question: finishes, server: WebA }", "'seconds' must be"),
        ("judge: flows", "'with' is missing"),
        ("judge: flows\n    with: { question: spread, client: here }", "must be an address"),
        ("judge: template\n    with: { resources: [{ type: \"AWS::EC2::EIP\" }] }", "expects nothing"),
        ("judge: conformance\n    with: { check: no.such }", "is no check of the suite"),
        ("judge: prediction\n    with: { of: q }", "'attribute' is missing"),
        ("judge: nobody", "'nobody' is not a judge"),
    ])
    func `a check that cannot be meant is refused, with its line`(judge: String, reason: String) throws {
        let error = #expect(throws: LessonError.self) { try self.read(checks: self.check(judge)) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("fails: []", "names no check"),
        ("not-gradable: \"InvalidTarget\"\nfails: [a]", "fails no check"),
    ])
    func `a wrong answer must prove something, and one thing only`(text: String, reason: String) throws {
        try self.withFolder { folder in
            let path = "\(folder)/expect.yaml"
            try Data("why: { en: a, ko: b }\n\(text)\n".utf8).write(to: URL(filePath: path))
            let error = #expect(throws: LessonError.self) { try ExpectedFailures.wrongAnswer(path: path) }
            #expect(error?.description.contains(reason) == true)
        }
    }

    @Test func `a wrong answer may be one that is refused`() throws {
        try self.withFolder { folder in
            let path = "\(folder)/expect.yaml"
            let text = "why: { en: a, ko: b }\nnot-gradable: InvalidTarget\nexercise: b-cli\n"
            try Data(text.utf8).write(to: URL(filePath: path))
            let expected = try ExpectedFailures.wrongAnswer(path: path).expected
            #expect(expected.notGradable == "InvalidTarget" && expected.exercise == "b-cli" && expected.fails.isEmpty)
        }
    }
}
