import ELBLessons
import FoundationEssentials
import Testing

@Suite struct `The learner's workspace` {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func `progress is what was saved`() throws {
        try self.withFolder { folder in
            let file = ProgressFile(workspace: folder)
            var progress = Progress()
            progress.lessonInHand = "04-health-checks"
            progress["04-health-checks"].bestPoints = 5
            try file.save(progress)
            #expect(try file.load().progress == progress)
        }
    }

    @Test(arguments: ["", "{", "{\"schema\": \"elblab/progress/v0\", \"lessons\": {}}"])
    func `a damaged progress file is kept under another name and starts afresh`(text: String) throws {
        try self.withFolder { folder in
            let file = ProgressFile(workspace: folder)
            try Data(text.utf8).write(to: URL(filePath: file.path))
            let loaded = try file.load()
            let kept = try #require(loaded.damagedKeptAs)
            #expect(loaded.progress == Progress())
            #expect(FileManager.default.contents(atPath: kept) == Data(text.utf8))
            #expect(try file.load().damagedKeptAs == nil)
        }
    }

    @Test func `the language that was chosen is kept, and found without touching a file that is damaged`() throws {
        try self.withFolder { folder in
            let file = ProgressFile(workspace: folder)
            #expect(file.language == nil)
            var progress = Progress()
            progress.language = "ko"
            try file.save(progress)
            #expect(file.language == .ko)
            #expect(try file.load().progress.language == "ko")
            try Data("{".utf8).write(to: URL(filePath: file.path))
            #expect(file.language == nil)
            #expect(FileManager.default.contents(atPath: file.path) == Data("{".utf8))
        }
    }

    @Test func `commands in a lesson's folder mean the workspace around it`() throws {
        try self.withFolder { folder in
            let usual = "\(folder)/elblab-lessons"
            try ProgressFile(workspace: usual).save(Progress())
            #expect(Workspace.nearest(to: folder) == "elblab-lessons")
            #expect(Workspace.nearest(to: "\(usual)/04-health-checks/demo") == usual)
            let named = "\(folder)/mine"
            try ProgressFile(workspace: named).save(Progress())
            #expect(Workspace.nearest(to: "\(named)/04-health-checks") == named)
        }
    }

    @Test func `a page is read without what is for tools, in lines of the terminal's width`() {
        let page = """
            <!-- slip: x -->
            a page whose lines are
            longer than this terminal is

            - an item that is longer than the forty columns of it
            | check | rule | points |
            |---|---|---|
            | `a` | [a rule that is longer than forty columns](https://example.com) | 2 |

            ```console elb step=up background
            $ elblab up lab.yaml
            the lab is up: <url:word>
            [1]
            ```
            """
        let expected = """
            a page whose lines are longer than this
            terminal is

            - an item that is longer than the forty
              columns of it
            - check | rule | points
            - `a` | a rule that is longer than forty
              columns | 2

            (own terminal)

            ```
            $ elblab up lab.yaml
            the lab is up: ...
            ```
            """
        #expect(PageReading.text(page, width: 40, ownTerminal: "(own terminal)") == expected)
    }

    @Test func `the solution is shown after passing, or when asked twice`() {
        var progress = Progress()
        #expect(progress.requestSolution(of: "a", in: "x") == .askAgain)
        #expect(progress.requestSolution(of: "b", in: "x") == .askAgain)
        #expect(progress.requestSolution(of: "a", in: "x") == .shown)
        progress["y"].passed = true
        #expect(progress.requestSolution(of: "a", in: "y") == .shown)
    }

    @Test func `hints are about what failed last, one more each time, and the last one stays`() throws {
        let hints = try Hints(
            "# H\n\n## any\n\n### 1\n\nx\n\n## a\n\n### 1\n\none\n\n### 2\n\ntwo\n",
            file: "hints.en.md"
        )
        var progress = Progress()
        #expect(progress.nextHint(for: "e", in: "l", from: hints)?.text == "x")
        progress["l"]["e"].lastFailedCheck = "a"
        #expect(progress.nextHint(for: "e", in: "l", from: hints)?.number == 1)
        #expect(progress.nextHint(for: "e", in: "l", from: hints)?.number == 2)
        #expect(progress.nextHint(for: "e", in: "l", from: hints)?.number == 2)
    }

    @Test func `each exercise of a lesson has hints, and a count of them, of its own`() throws {
        let hints = try Hints("## any\n\n### 1\n\none\n\n### 2\n\ntwo\n\n## a\n\n### 1\n\nof a\n", file: "hints.en.md")
        var progress = Progress()
        #expect(progress.nextHint(for: "a-config", in: "l", from: hints)?.text == "one")
        #expect(progress.nextHint(for: "b-code", in: "l", from: hints)?.text == "one")
        #expect(progress.nextHint(for: "a-config", in: "l", from: hints)?.text == "two")
        // What one exercise has failed is not what the other's hints are about.
        progress["l"]["a-config"].lastFailedCheck = "a"
        #expect(progress.nextHint(for: "a-config", in: "l", from: hints)?.check == "a")
        #expect(progress.nextHint(for: "b-code", in: "l", from: hints)?.text == "two")
        #expect(progress["l"]["a-config"].hintsShown == ["any": 2, "a": 1])
    }

    @Test func `reset keeps what the learner wrote`() throws {
        try self.withFolder { folder in
            let library = try LessonLibrary(root: Self.lessons)
            let lesson = try library.lesson("04-health-checks")
            let workspace = Workspace(folder: folder)
            #expect(!(try workspace.start(lesson)).isEmpty)
            let exercise = try #require(lesson.exercises.first)
            let answer = workspace.answer(of: exercise, in: lesson)
            try Data("mine".utf8).write(to: URL(filePath: answer))
            #expect(try workspace.start(lesson).isEmpty, "starting again overwrites nothing")
            let kept = try #require(try workspace.reset(exercise, in: lesson))
            #expect(FileManager.default.contents(atPath: "\(kept)/answer.yaml") == Data("mine".utf8))
            #expect(FileManager.default.contents(atPath: answer) != Data("mine".utf8))
        }
    }

    @Test func `files that lessons share by links arrive as files`() throws {
        try self.withFolder { folder in
            let lesson = try LessonLibrary(root: Self.lessons).lesson("07-listener-rules")
            let new = try Workspace(folder: folder).start(lesson)
            let shared = try #require(new.first { $0.hasSuffix("/b-code/wire.py") })
            let type = try FileManager.default.attributesOfItem(atPath: shared)[.type] as? FileAttributeType
            #expect(type == .typeRegular)
        }
    }

    @Test func `an exercise begun in another language is put aside, and a reset keeps the language`() throws {
        try self.withFolder { folder in
            let lesson = try LessonLibrary(root: Self.lessons).lesson("07-listener-rules")
            let exercise = try #require(lesson.exercises.first { $0.manifest.kind == .code })
            let workspace = Workspace(folder: folder)
            let place = workspace.folder(of: exercise, in: lesson)
            func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(place)/\(name)") }
            try workspace.start(lesson)
            #expect(workspace.language(of: exercise, in: lesson) == "python")
            try Data("mine".utf8).write(to: URL(filePath: "\(place)/rules.py"))
            try workspace.start(lesson, in: "swift")
            #expect(has("rules.swift") && !has("rules.py"))
            #expect(FileManager.default.contents(atPath: "\(place).backup-1/rules.py") == Data("mine".utf8))
            #expect(try workspace.start(lesson).isEmpty, "without a language what was begun goes on")
            _ = try workspace.reset(exercise, in: lesson)
            #expect(workspace.language(of: exercise, in: lesson) == "swift")
        }
    }

    @Test func `a lesson is found by number and by name`() throws {
        let library = try LessonLibrary(root: Self.lessons)
        #expect(library.resolve("4") == "04-health-checks")
        #expect(library.resolve("04") == "04-health-checks")
        #expect(library.resolve("listener-rules") == "07-listener-rules")
        #expect(library.resolve("99") == nil)
    }

    static let lessons: String = {
        // Tests/ELBLessonsTests/File.swift stands two folders below the package.
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/lessons"
    }()
}

@Suite struct `Lessons as they are shipped` {
    @Test func `every page keeps the skeleton, the same commands and the generated table`() throws {
        let library = try LessonLibrary(root: `The learner's workspace`.lessons)
        let messages = try Messages(folder: `The learner's workspace`.lessons + "/../fixtures/locale")
        #expect(messages.gaps.isEmpty)
        #expect(messages.unevenParameters.isEmpty)
        for entry in library.index.entries {
            let lesson = try library.lesson(entry.id)
            let english = try lesson.page(.en)
            for language in Language.allCases {
                let (page, text) = (try lesson.page(language), try lesson.pageText(language))
                #expect(PageRules.problems(of: page, text: text, lesson: lesson, messages: messages).isEmpty)
                #expect(PageRules.differences(english, page).isEmpty)
            }
        }
        let glossary = try Glossary(path: `The learner's workspace`.lessons + "/glossary.yaml")
        #expect(Set(glossary.terms.map(\.term)).count == glossary.terms.count)
    }
}
