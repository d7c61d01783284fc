import ELBConformance
import ELBLessons
import FoundationEssentials
import Testing

@Suite struct `When an answer counts as changed` {
    private let start = ContinuousClock.now

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { self.start + .milliseconds(milliseconds) }

    @Test func `touching a file, or writing what was there, is no change`() {
        var debounce = ChangeDebounce(told: .written(1))
        #expect(debounce.saw(.written(1), at: self.after(0)) == .nothing)
        #expect(debounce.saw(.written(1), at: self.after(5000)) == .nothing)
    }

    @Test func `content must stay the same for a moment`() {
        var debounce = ChangeDebounce(told: .written(1))
        #expect(debounce.saw(.written(2), at: self.after(0)) == .lookAgain(after: .milliseconds(200)))
        #expect(debounce.saw(.written(3), at: self.after(150)) == .lookAgain(after: .milliseconds(200)))
        #expect(debounce.saw(.written(3), at: self.after(250)) == .lookAgain(after: .milliseconds(100)))
        #expect(debounce.saw(.written(3), at: self.after(350)) == .changed(.written(3)))
        #expect(debounce.saw(.written(3), at: self.after(351)) == .nothing)
    }

    @Test func `a file that is back before anybody looked has not changed`() {
        var debounce = ChangeDebounce(told: .written(1))
        _ = debounce.saw(.written(2), at: self.after(0))
        #expect(debounce.saw(.written(1), at: self.after(100)) == .nothing)
        #expect(debounce.saw(.written(2), at: self.after(300)) == .lookAgain(after: .milliseconds(200)))
    }

    @Test(arguments: [AnswerContent.missing, .empty])
    func `a hole is given time, since saving looks like one`(hole: AnswerContent) {
        var debounce = ChangeDebounce(told: .written(1))
        #expect(debounce.saw(hole, at: self.after(0)) == .lookAgain(after: .seconds(2)))
        #expect(debounce.saw(hole, at: self.after(1500)) == .lookAgain(after: .milliseconds(500)))
        #expect(debounce.saw(.written(1), at: self.after(1600)) == .nothing)
        _ = debounce.saw(hole, at: self.after(2000))
        #expect(debounce.saw(hole, at: self.after(4000)) == .changed(hole))
    }
}

@Suite struct `The files of an answer` {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try body(folder)
    }

    private func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    @Test func `one letter far inside a long answer counts`() throws {
        try self.withFolder { folder in
            let files = AnswerFiles(folder: folder, answer: "answer.yaml", kind: .config)
            #expect(files.content == .missing)
            try self.write(" \n\t", "\(folder)/answer.yaml")
            #expect(files.content == .empty)
            try self.write(String(repeating: "a", count: 5000) + "b", "\(folder)/answer.yaml")
            let before = files.content
            try self.write(String(repeating: "a", count: 5000) + "c", "\(folder)/answer.yaml")
            #expect(files.content != before)
        }
    }

    @Test func `of a program every source counts, and nothing that an editor or an interpreter leaves`() throws {
        try self.withFolder { folder in
            let files = AnswerFiles(folder: folder, answer: "subject.yaml", kind: .code)
            try self.write("Command: [python3]", "\(folder)/subject.yaml")
            let bare = files.content
            for name in [".balancer.py.swp", "balancer.py~", "4913", "x.pyc"] {
                try self.write("x", "\(folder)/\(name)")
            }
            #expect(files.content == bare)
            try self.write("x = 1", "\(folder)/balancer.py")
            #expect(files.content != bare)
        }
    }

    @Test func `a starter that nobody has touched is known`() throws {
        try self.withFolder { folder in
            let lesson = try LessonLibrary(root: `The learner's workspace`.lessons).lesson("03-why-a-load-balancer")
            let workspace = Workspace(folder: folder)
            try workspace.start(lesson)
            for exercise in lesson.exercises {
                let files = AnswerFiles(
                    folder: workspace.folder(of: exercise, in: lesson),
                    answer: exercise.manifest.answer,
                    kind: exercise.manifest.kind
                )
                #expect(files.isAsIn(starter: exercise.starter), "\(exercise.id)")
                try self.write("mine", workspace.answer(of: exercise, in: lesson))
                #expect(!files.isAsIn(starter: exercise.starter), "\(exercise.id)")
            }
        }
    }
}

@Suite struct `Keys of a watch` {
    @Test func `letters, capitals and a Korean keyboard's mean the same`() {
        var parser = KeyParser()
        #expect(parser.parse("nhrxsleq".utf8) == WatchKey.letters.map(\.key))
        #expect(parser.parse("NHRXSLEQ".utf8) == WatchKey.letters.map(\.key))
        #expect(parser.parse("ㅜㅗㄱㅌㄴㅣㄷㅂ".utf8) == WatchKey.letters.map(\.key))
    }

    @Test func `a letter and a sequence may come in pieces`() {
        var parser = KeyParser()
        let bytes = Array("ㅗ".utf8)
        #expect(parser.parse(bytes[..<1]) == [])
        #expect(parser.parse(bytes[1...]) == [.hint])
        #expect(parser.parse([0x1B], isPause: false) == [])
        #expect(parser.parse([0x5B], isPause: false) == [])
        #expect(parser.parse([0x42]) == [.scroll(1)])
    }

    @Test func `arrows and pages scroll, others are swallowed, an escape alone leads back`() {
        var parser = KeyParser()
        #expect(
            parser.parse("\u{1B}[A\u{1B}[B\u{1B}OA\u{1B}[5~\u{1B}[6~\u{1B}[1;5C".utf8)
                == [.scroll(-1), .scroll(1), .scroll(-1), .page(-1), .page(1)]
        )
        #expect(parser.parse([0x1B]) == [.back])
        #expect(parser.parse([0x04]) == [.quit])
        #expect(parser.parse([0xFF, 0x80, UInt8(ascii: "q")]) == [.other, .other, .quit])
    }
}

@Suite struct `A watched exercise` {
    private static let library = try? LessonLibrary(root: `The learner's workspace`.lessons)

    private func session(_ lesson: String = "04-health-checks") throws -> WatchSession {
        let lesson = try #require(try Self.library?.lesson(lesson))
        let exercise = try #require(lesson.exercises.first)
        return WatchSession(
            lesson: lesson.id,
            exercise: exercise,
            answer: "lab/\(lesson.id)/\(exercise.id)/answer.yaml"
        )
    }

    private static func decided(
        _ id: String,
        _ status: String,
        _ points: Int = 0,
        of most: Int = 2
    ) throws -> CheckEvent {
        let line = """
            {"event":"check","id":"\(id)","status":"\(status)","points":\(points),"maxPoints":\(most),"ref":"https://docs.aws.amazon.com/x",\
            "text":{"en":"the rule","ko":"규칙입니다"},"tried":{"en":"this","ko":"이것"},"expected":{"en":"a","ko":"가"},\
            "actual":{"en":"b","ko":"나"},"evidence":[{"name":"wire","text":"GET /\\u001b[31m HTTP/1.1"}],"lookNext":{"en":"there","ko":"저기"}}
            """
        return try #require(CheckEvent(line: line))
    }

    private static func failed() throws -> CheckEvent {
        try #require(
            CheckEvent(line: #"{"event":"end","verdict":"fail","score":2,"maxScore":17,"formatErrors":[]}"#)
        )
    }

    @Test func `a new answer ends the check that runs, and what that one still says counts for nothing`() throws {
        var session = try self.session()
        #expect(session.handle(.answer(.written(1))) == [.start(run: 1)])
        _ = session.handle(.check(run: 1, try Self.decided("hc.probe-shape", "pass", 2)))
        #expect(session.points == 2)
        #expect(session.handle(.answer(.written(2))) == [.cancel, .start(run: 2)])
        #expect(session.points == 0)
        _ = session.handle(.check(run: 1, try Self.decided("hc.first-pass", "pass", 2)))
        _ = session.handle(.checkGone(run: 1, reason: "cancelled"))
        #expect(session.points == 0)
        #expect(session.phase == .checking)
    }

    @Test func `a missing answer ends the check, and one that comes back is checked`() throws {
        var session = try self.session()
        _ = session.handle(.answer(.written(1)))
        #expect(session.handle(.answer(.missing)) == [.cancel])
        #expect(session.phase == .missing)
        #expect(session.handle(.answer(.written(1))) == [.start(run: 3)])
    }

    @Test func `a check that dies says so, and r runs it again`() throws {
        var session = try self.session()
        _ = session.handle(.answer(.written(1)))
        #expect(session.handle(.checkGone(run: 1, reason: "signal 5")) == [])
        #expect(session.phase == .broken("signal 5"))
        #expect(session.handle(.key(.runAgain)) == [.start(run: 2)])
    }

    @Test func `a reset must be asked for twice, and any other key forgets it`() throws {
        var session = try self.session()
        #expect(session.handle(.key(.reset)) == [])
        #expect(session.handle(.key(.other)) == [])
        #expect(session.handle(.key(.reset)) == [])
        #expect(session.handle(.key(.reset)) == [.reset])
    }

    @Test func `leaving ends the check first`() throws {
        var session = try self.session()
        #expect(session.handle(.key(.quit)) == [.quit])
        _ = session.handle(.key(.runAgain))
        #expect(session.handle(.key(.quit)) == [.cancel, .quit])
    }

    @Test(arguments: [(80, 24), (40, 10), (20, 5), (1, 1), (200, 60)], Language.allCases)
    func `the screen keeps to its size in both languages, and shows no control character`(
        size: (columns: Int, rows: Int),
        language: Language
    ) throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        let screen = WatchScreen(messages: messages, language: language)
        var session = try self.session()
        var screens = [screen.draw(session, columns: size.columns, rows: size.rows)]
        _ = session.handle(.answer(.written(1)))
        _ = session.handle(.check(run: 1, try Self.decided("hc.probe-shape", "pass", 2)))
        _ = session.handle(.check(run: 1, try Self.decided("hc.first-pass", "fail")))
        screens.append(screen.draw(session, columns: size.columns, rows: size.rows))
        _ = session.handle(.check(run: 1, try Self.failed()))
        screens.append(screen.draw(session, columns: size.columns, rows: size.rows))
        session.show(.hint, String(repeating: "한국어 힌트와 words ", count: 100))
        screens.append(screen.draw(session, columns: size.columns, rows: size.rows))
        for (lines, _) in screens {
            #expect(lines.count == size.rows || lines.count < size.rows && size.rows < 7)
            for line in lines {
                #expect(Columns.width(of: line.text) <= size.columns, "\(line.text)")
                #expect(!line.text.unicodeScalars.contains { $0.value < 0x20 })
            }
        }
    }

    @Test(arguments: Language.allCases)
    func `at 80 by 24 the failure's seven parts are on the screen`(language: Language) throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        var session = try self.session()
        _ = session.handle(.answer(.written(1)))
        _ = session.handle(.check(run: 1, try Self.decided("hc.probe-shape", "pass", 2)))
        _ = session.handle(.check(run: 1, try Self.decided("hc.first-pass", "fail")))
        for id in session.rows.dropFirst(2).map(\.id) {
            _ = session.handle(.check(run: 1, try Self.decided(id, "blocked")))
        }
        _ = session.handle(.check(run: 1, try Self.failed()))
        let lines = WatchScreen(messages: messages, language: language).draw(session, columns: 80, rows: 24).lines.map(
            \.text
        )
        for part in ["tried", "rule", "expected", "actual", "evidence", "read", "look"] {
            let label = messages.text("console.part.\(part)", in: language)
            #expect(lines.contains { $0.hasPrefix(label) }, "\(part)")
        }
        let keys = WatchKey.letters.map { "\($0.letter) \(messages.text($0.message, in: language))" }
        #expect(lines.last == keys.joined(separator: "  "), "no key is cut off")
    }

    @Test(arguments: Language.allCases)
    func `sentences of the screen fit a line of 80`(language: Language) throws {
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        for id in ["save", "missing", "empty", "checking", "run-again", "passed", "reset-sure", "solution-ask"] {
            #expect(Columns.width(of: messages.text("watch.\(id)", in: language)) <= 80, "\(id)")
        }
    }
}

@Suite struct `Columns of a terminal` {
    @Test(arguments: [("abc", 3), ("한글", 4), ("한글", 4), ("é", 1), ("…·×", 3), ("🙂", 2), ("", 0)])
    func `a Korean letter takes two, however it is composed`(text: String, width: Int) {
        #expect(Columns.width(of: text) == width)
    }

    @Test func `texts are cut between letters`() {
        #expect(Columns.clip("가나다", to: 5) == "가나")
        #expect(Columns.clipStart("/srv/kim/elblab-lessons/answer.yaml", to: 12) == "…answer.yaml")
        #expect(Columns.wrap("  하나 둘 셋 넷", to: 10) == ["  하나 둘", "  셋 넷"])
    }

    @Test func `an address that fits no line is broken only where that is wanted`() {
        #expect(Columns.wrap("see https://a.b/cdefgh now", to: 12) == ["see", "https://a.b/cdefgh", "now"])
        #expect(
            Columns.wrap("see https://a.b/cdefgh now", to: 12, breaksWords: true) == [
                "see https://", "a.b/cdefgh", "now",
            ]
        )
        #expect(Columns.wrap("가나다라마", to: 1, breaksWords: true).count < 6)
    }
}

@Suite struct `Progress that others change too` {
    private func withFolder(_ body: (ProgressFile) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try body(ProgressFile(workspace: folder))
    }

    @Test func `what an older program wrote is read, and what it did not write begins`() throws {
        try self.withFolder { file in
            let old = """
                {"schema": "elblab/progress/v1", "lessonInHand": "04-health-checks", "lessons": {"04-health-checks":
                {"attempts": 3, "passed": true, "bestPoints": 17, "maxPoints": 17, "hintsShown": {"any": 1}, "solutionRequests": 0},
                "07-listener-rules": {"attempts": 1, "passed": false, "bestPoints": 3, "maxPoints": 9, "lastFailedCheck": "a",
                "hintsShown": {"a": 1, "any": 1}, "solutionRequests": 1, "exercises": {"a-config": {"attempts": 1, "passed": false,
                "bestPoints": 3, "maxPoints": 9, "lastSeed": 7, "lastVerdict": "fail", "lastChecked": "2026-11-20T09:12:03Z"}}}}}
                """
            try Data(old.utf8).write(to: URL(filePath: file.path))
            var progress = try file.load().progress
            #expect(progress["04-health-checks"].attempts == 3)
            #expect(progress["04-health-checks"].exercises.isEmpty)
            #expect(progress["07-listener-rules"]["a-config"].lastSeed == 7)
            // Hints and requests that were counted for the whole lesson are gone on from.
            let hints = try Hints("## any\n\n### 1\n\nx\n\n## a\n\n### 1\n\none\n\n### 2\n\ntwo\n", file: "hints.en.md")
            #expect(progress.nextHint(for: "a-config", in: "07-listener-rules", from: hints)?.text == "two")
            #expect(progress.requestSolution(of: "b-code", in: "07-listener-rules") == .shown)
        }
    }

    @Test func `what a newer program wrote is left alone`() throws {
        try self.withFolder { file in
            let new = Data("{\"schema\": \"elblab/progress/v2\", \"more\": 1}".utf8)
            try new.write(to: URL(filePath: file.path))
            #expect(throws: LessonError.self) { try file.load() }
            #expect(throws: LessonError.self) { try file.update { $0.lessonInHand = "x" } }
            #expect(FileManager.default.contents(atPath: file.path) == new)
        }
    }

    @Test func `each change is made to what is on disk by then`() throws {
        try self.withFolder { file in
            try file.update { $0.lessonInHand = "a" }
            try file.update { $0["a"].attempts += 1 }
            let progress = try file.load().progress
            #expect(progress.lessonInHand == "a")
            #expect(progress["a"].attempts == 1)
        }
    }

    @Test func `the solution is shown when all hints about what failed have been`() throws {
        let hints = try Hints("## any\n\n### 1\n\nx\n\n## a\n\n### 1\n\none\n\n### 2\n\ntwo\n", file: "hints.en.md")
        var progress = Progress()
        progress["l"]["e"].lastFailedCheck = "a"
        _ = progress.nextHint(for: "e", in: "l", from: hints)
        #expect(progress.requestSolution(of: "e", in: "l", hints: hints) == .askAgain)
        _ = progress.nextHint(for: "e", in: "l", from: hints)
        #expect(progress.requestSolution(of: "e", in: "l", hints: hints) == .shown)
    }

    @Test func `a report names every exercise, and takes a name for nothing but text`() throws {
        let library = try LessonLibrary(root: `The learner's workspace`.lessons)
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        let lesson = try library.lesson("03-why-a-load-balancer")
        var progress = Progress()
        progress[lesson.id].attempts = 1
        progress[lesson.id].exercises["a-config"] = .init()
        progress[lesson.id].exercises["a-config"]?.passed = true
        for language in Language.allCases {
            let report = ProgressReport(
                progress,
                [lesson],
                learner: "<b>Kim</b> | \u{1B}[31m",
                moment: "2026-11-20T09:12:03Z",
                messages: messages,
                language: language
            )
            for exercise in lesson.exercises {
                for format in ProgressReport.Format.allCases { #expect(report.text(format).contains(exercise.id)) }
            }
            #expect(report.text(.html).contains("&lt;b>Kim"))
            #expect(!report.text(.html).contains("\u{1B}"))
            #expect(report.text(.markdown).contains("\\<b\\>Kim\\</b\\> \\|"))
            #expect(report.text(.json).contains("\"passed\": 1"))
        }
    }
}
