import FoundationEssentials

/// Runs the steps of a lesson once and compares what they print with what each language's page says they print.
///
/// The commands of all pages are identical (`elblab dev check` sees to it), so one run answers for every language.
package struct StepRunner: Sendable {
    package var settings: StepShell.Settings
    /// Names of what this host offers; a step that needs more is skipped.
    package var features: Set<String>
    /// Told as things happen, for a demo on a terminal.
    package var observer: @Sendable (Event) -> Void

    package init(
        settings: StepShell.Settings,
        features: Set<String> = [],
        observer: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.settings = settings
        self.features = features
        self.observer = observer
    }

    package enum Event: Sendable {
        case willRun(step: String, command: String)
        case printed([String])
        /// All values captured so far, when a command has added some.
        case captured([String: String])
    }

    /// What one command printed; the steps' commands in order.
    package struct Run: Hashable, Sendable {
        package var step: String
        package var command: Int
        package var outcome: StepShell.Outcome
    }

    /// What happened: outputs by step and command, the values captured on the way, and what does not fit each page.
    package struct Report: Sendable {
        package var runs: [Run] = []
        package var captures: [String: String] = [:]
        package var skipped: [(step: String, missing: String)] = []
        package var problems: [LessonError] = []
    }

    /// Runs the first page's commands; every page's expectations are judged. A step that fails does not stop the rest:
    /// an author wants to see all at once.
    package func run(_ pages: [LessonPage]) async throws -> Report {
        guard let leader = pages.first else { return Report() }
        try self.writeFiles(of: leader)
        return try await StepShell.run(self.settings) { shell in
            var report = Report()
            for step in leader.steps {
                if let missing = step.needs.first(where: { !self.features.contains($0) }) {
                    report.skipped.append((step.id, missing))
                    continue
                }
                try await self.run(step, pages, &shell, &report)
                if step.entersShell { try await shell.enter("elblab shell -- bash --noprofile --norc") }
            }
            return report
        }
    }

    private func writeFiles(of page: LessonPage) throws {
        for case .file(let block) in page.sections.flatMap(\.blocks) where !block.isExcerpt {
            let path = "\(self.settings.workingFolder)/\(block.name)"
            guard FileManager.default.createFile(atPath: path, contents: Data(block.text.utf8)) else {
                throw LessonError(file: page.file, line: block.line, "cannot write \(block.name)")
            }
        }
    }

    private func run(
        _ step: LessonPage.ConsoleStep,
        _ pages: [LessonPage],
        _ shell: inout StepShell,
        _ report: inout Report
    ) async throws {
        var end: ContinuousClock.Instant?
        for (index, command) in step.commands.enumerated() {
            self.observer(.willRun(step: step.id, command: command.text))
            // A demo asks its questions before the first command; whoever thinks about them has not used up the step's time.
            let deadline = end ?? .now + .seconds(step.timeoutSeconds)
            end = deadline
            let outcome: StepShell.Outcome
            if step.isBackground, index == step.commands.count - 1 {
                let known = report.captures
                let pattern = try? OutputPattern(command.output)
                outcome = try await shell.start(command.text, until: deadline) { lines in
                    if case .match? = pattern?.match(lines, known: known) { true } else { false }
                }
            } else {
                outcome = try await shell.run(command.text, until: deadline)
            }
            switch outcome {
            case .exited(_, let output), .timedOut(let output): self.observer(.printed(output))
            }
            report.runs.append(Run(step: step.id, command: index, outcome: outcome))
            let before = report.captures
            for page in pages {
                guard let own = page.steps.first(where: { $0.id == step.id }), index < own.commands.count else {
                    continue
                }
                self.judge(outcome, own.commands[index], of: own, on: page, known: before, &report)
            }
            if report.captures != before { self.observer(.captured(report.captures)) }
        }
        for page in pages {
            for assertion in page.steps.first(where: { $0.id == step.id })?.assertions ?? [] {
                do throws(StepAssertion.Failure) {
                    try StepAssertion.check(assertion.text, with: report.captures)
                } catch {
                    report.problems.append(LessonError(file: page.file, line: assertion.line, error.message))
                }
            }
        }
    }

    private func judge(
        _ outcome: StepShell.Outcome,
        _ command: LessonPage.Command,
        of step: LessonPage.ConsoleStep,
        on page: LessonPage,
        known: [String: String],
        _ report: inout Report
    ) {
        let problem = { (line: Int, message: String) in
            LessonError(file: page.file, line: line, "step '\(step.id)': \(message)")
        }
        let output: [String]
        switch outcome {
        case .timedOut(let soFar):
            let said = soFar.suffix(5).joined(separator: "\n    ")
            let text = "'\(command.text)' was not done after \(step.timeoutSeconds) s; it printed:\n    \(said)"
            report.problems.append(problem(command.line, text))
            return
        case .exited(let code, let lines):
            if code != command.exitCode {
                report.problems.append(problem(command.line, "exit code \(code), the page says \(command.exitCode)"))
            }
            output = lines
        }
        do throws(OutputPattern.PatternError) {
            switch try OutputPattern(command.output).match(output, known: known) {
            case .match(let captures):
                report.captures.merge(captures) { _, new in new }
            case .mismatch(let line, let expected):
                let actual = line < output.count ? output[line] : "(nothing more)"
                let text = "line \(line + 1) of the output is\n    \(actual)\n  and the page says\n    \(expected)"
                report.problems.append(problem(command.line, text))
            }
        } catch {
            report.problems.append(problem(command.line, error.message))
        }
    }
}
