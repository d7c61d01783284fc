import ArgumentParser
import ELBLessons

struct LessonDemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a lesson's steps before your eyes.",
        discussion: """
            Runs the commands of the page one by one in a shell of its own, and waits for Enter between steps on a \
            terminal. Questions are asked before the step that answers them.

            Example: elblab lesson demo 04 --no-pause
            """
    )

    @Argument(help: "The lesson; the one in hand by default.") var id: String?
    @Flag(name: .long, help: "Do not wait for Enter, and do not ask.") var noPause = false
    @OptionGroup var options: LessonOptions
    @OptionGroup var plain: PlainOption

    func run() async throws {
        let context = try LessonContext(self.options)
        let lesson = try context.lesson(self.id, try context.loadProgress())
        let page = try context.reporting { try lesson.page(context.language) }
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let workspace = Workspace(folder: scratch.path + "/lab")
        try context.reporting { _ = try workspace.start(lesson) }
        var settings = try LessonSteps.settings(privateFolder: scratch.path + "/private")
        settings.workingFolder = workspace.folder(of: lesson)
        let narrator = DemoNarrator(
            page: page,
            context: context,
            style: self.plain.style,
            pauses: !self.noPause && Terminal.output.isInteractive
        )
        let runner = StepRunner(settings: settings) { narrator.tell($0) }
        let report = try await context.reporting { runner }.run([page])
        narrator.conclude()
        guard report.problems.isEmpty else {
            throw CommandFailure(
                "the demo did not go as the page says: \(report.problems.map(\.description).joined(separator: "; "))",
                status: .failure
            )
        }
    }
}

/// Tells a demo: the prose before each step, the command, what it prints, and the page's questions.
private final class DemoNarrator: Sendable {
    private let page: LessonPage
    private let context: LessonContext
    private let style: TextStyle
    private let pauses: Bool
    private let told = Told()

    init(page: LessonPage, context: LessonContext, style: TextStyle, pauses: Bool) {
        self.page = page
        self.context = context
        self.style = style
        self.pauses = pauses
    }

    func tell(_ event: StepRunner.Event) {
        switch event {
        case .willRun(let step, let command):
            if self.told.lastStep != step { self.introduce(step) }
            StandardStream.output.printLine(self.style.bold("$ " + command.replacing("\n", with: "\n> ")))
        case .printed(let lines):
            for line in lines { StandardStream.output.printLine(line) }
        case .captured(let captures): self.resolve(captures)
        }
    }

    /// What the page still says of the last step.
    func conclude() {
        guard let step = self.told.lastStep else { return }
        self.tell(self.page.blocksAfter(lastStep: step))
    }

    private func tell(_ blocks: [LessonPage.Block]) {
        for block in blocks {
            switch block {
            case .prose(let prose):
                var text = self.context.reading(prose.text)
                while text.last?.isNewline == true { text.removeLast() }
                if !text.isEmpty { StandardStream.output.printLine("\n\(text)\n") }
            case .file(let file):
                let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
                StandardStream.output.printLine("\(file.name):\n\n\(lines.joined(separator: "\n"))\n")
            case .predict(let question) where self.pauses: self.ask(question)
            case .predict, .console: break
            }
        }
    }

    /// What the page says since the step before, and its questions.
    private func introduce(_ step: String) {
        if let last = self.told.lastStep { self.tell(self.page.blocksAfter(lastStep: last)) }
        self.told.begin(step)
        self.tell(self.page.blocksBefore(step: step))
        guard self.pauses else { return }
        StandardStream.output.write(self.style.dim(self.context.say("lesson.demo-enter")) + " ")
        _ = readLine()
    }

    private func ask(_ question: LessonPage.PredictBlock) {
        let letters = Array("abcdefghij")
        let options = Array(zip(letters, question.options))
        StandardStream.output.printLine("\n" + self.context.reading(question.question))
        for (letter, option) in options { StandardStream.output.printLine("  \(letter))  \(option)") }
        for _ in 1...3 {
            StandardStream.output.write(self.context.say("lesson.predict") + " ")
            let typed = (readLine() ?? "").lowercased().filter { !$0.isWhitespace && $0 != ")" }
            guard !typed.isEmpty else { return }
            let meant = options.first { letter, option in
                typed == String(letter) || PageRules.option(option.lowercased(), means: typed)
            }
            if let meant { return self.told.guess(question.id, meant.1) }
        }
    }

    /// Says which guesses were right, once a step has shown it.
    private func resolve(_ captures: [String: String]) {
        for question in self.page.predictions {
            guard let value = captures[question.capture],
                let answer = question.options.first(where: { PageRules.option($0, means: value) }),
                let guess = self.told.takeGuess(of: question.id)
            else { continue }
            let id = guess == answer ? "lesson.predict-right" : "lesson.predict-wrong"
            StandardStream.output.printLine("\n  " + self.style.bold(self.context.say(id, ["answer": answer])))
        }
    }
}
