package import ELBConformance
package import ELBModel
import FoundationEssentials

/// The author's check of every lesson: schema and links, steps, and the exercise proved three ways: its starter fails, its
/// solution passes, and each wrong answer fails for the stated reason and no other.
package struct DevCheck: Sendable {
    package var library: LessonLibrary
    package var messages: Messages
    /// The balancer that grades, with faults or without.
    package var subject: @Sendable ([Quirk]) throws -> SubjectCommand
    package var curl: CurlClient
    package var threads: ThreadPool
    /// How the pages' steps are run; `nil` leaves them out.
    package var stepSettings: (@Sendable (_ lesson: Lesson, _ folder: String) throws -> StepShell.Settings)?
    /// Rewrites outputs and tables in place of complaining about them.
    package var update: Bool
    /// Answers judged at once.
    package var jobs: Int
    /// Carries out scripts of `aws` calls; `nil` leaves `cli` exercises out.
    package var replay: Grader.Replay?

    package init(
        library: LessonLibrary,
        messages: Messages,
        subject: @escaping @Sendable ([Quirk]) throws -> SubjectCommand,
        curl: CurlClient,
        threads: ThreadPool,
        stepSettings: (@Sendable (_ lesson: Lesson, _ folder: String) throws -> StepShell.Settings)?,
        update: Bool = false,
        jobs: Int = 3,
        replay: Grader.Replay? = nil
    ) {
        self.library = library
        self.messages = messages
        self.subject = subject
        self.curl = curl
        self.threads = threads
        self.stepSettings = stepSettings
        self.update = update
        self.jobs = jobs
        self.replay = replay
    }

    /// One thing that was checked, and what is wrong with it, if anything.
    package struct Finding: Sendable {
        package var lesson: String
        package var what: String
        package var problems: [String]
        /// How long finding it took.
        package var duration: Duration = .zero
    }

    /// With the time that it took.
    static func timed(_ find: () async -> Finding) async -> Finding {
        let started = ContinuousClock.now
        var finding = await find()
        finding.duration = ContinuousClock.now - started
        return finding
    }

    /// Checks the lessons named; findings come as they are made. Cancelling ends everything that runs, and nothing more is found.
    package func run(_ ids: [String], report found: @escaping @Sendable (Finding) -> Void) async {
        // What a check that was cut short finds is its end and nothing about the lesson.
        let report: @Sendable (Finding) -> Void = { if !Task.isCancelled { found($0) } }
        report(Finding(lesson: "-", what: "messages", problems: self.messageProblems()))
        await withTaskGroup(of: Void.self) { group in
            var queue: [@Sendable () async -> Void] = []
            for id in ids {
                do {
                    let lesson = try self.library.lesson(id)
                    report(Finding(lesson: id, what: "pages", problems: self.staticProblems(of: lesson)))
                    queue.append { report(await Self.timed { await self.steps(of: lesson) }) }
                    queue += self.gradings(of: lesson).map { grading in { report(await Self.timed(grading)) } }
                } catch {
                    report(Finding(lesson: id, what: "manifests", problems: ["\(error)"]))
                }
            }
            var waiting = queue[...]
            for _ in 0..<self.jobs {
                if let job = waiting.popFirst() { group.addTask { await job() } }
            }
            while await group.next() != nil {
                if let job = waiting.popFirst() { _ = group.addTaskUnlessCancelled { await job() } }
            }
        }
    }

    private func messageProblems() -> [String] {
        self.messages.gaps.map { "message '\($0.id)' is missing in \($0.missingIn.rawValue)" }
            + self.messages.unevenParameters.map { "message '\($0)' has other parameters in other languages" }
    }

    // MARK: Without running anything

    private func staticProblems(of lesson: Lesson) -> [String] {
        var problems: [String] = []
        do {
            if self.update { try self.updateTables(of: lesson) }
            let english = try lesson.page(.en)
            for language in Language.allCases {
                let page = try lesson.page(language)
                let text = try lesson.pageText(language)
                problems += PageRules.problems(of: page, text: text, lesson: lesson, messages: self.messages).map(
                    \.description
                )
                guard language != .en else { continue }
                problems += PageRules.differences(english, page).map(\.description)
                problems += Drift.findings(english: english, translationText: text).map { finding in
                    switch finding {
                    case .missing(let part): "\(page.file): \(part) is not translated"
                    case .stale(let part): "\(page.file): \(part) was translated from an older English text"
                    }
                }
            }
            for exercise in lesson.exercises { problems += try self.exerciseProblems(exercise) }
            _ = try lesson.quirks()
        } catch {
            problems.append("\(error)")
        }
        return problems
    }

    private func updateTables(of lesson: Lesson) throws {
        for language in Language.allCases {
            let text = try lesson.pageText(language)
            let table = CheckedSection.table(lesson.exercises, self.messages, in: language)
            guard let new = CheckedSection.updated(text, table: table), new != text else { continue }
            try Data(new.utf8).write(to: URL(filePath: lesson.pageFile(language)), options: .atomic)
        }
    }

    private func exerciseProblems(_ exercise: Exercise) throws -> [String] {
        var problems: [String] = []
        for check in exercise.checks {
            for id in check.neededMessages {
                for language in Language.allCases where !self.messages.has(id, in: language) {
                    problems.append("check '\(check.id)' has no text '\(id)' in \(language.rawValue)")
                }
            }
        }
        if exercise.wrongAnswers.count < 3 { problems.append("\(exercise.folder): fewer than three wrong answers") }
        let starter = Set(try LabFiles.text("\(exercise.starter)/\(exercise.manifest.answer)").split(separator: "\n"))
        // What the starter gives away already is no secret.
        let secrets = try LabFiles.text(exercise.solution).split(separator: "\n").filter { !starter.contains($0) }
            .map { $0.drop { $0 == " " || $0 == "-" } }.filter { $0.count >= 12 }
        for language in Language.allCases {
            let hints = try exercise.hints(language)
            for check in exercise.checks
            where check.visibility == .visible && hints.hints(for: check.id).count != 3 {
                problems.append("\(exercise.folder)/hints.\(language.rawValue).md: '\(check.id)' has not three hints")
            }
            for secret in secrets where hints.all.contains(where: { $0.contains(secret) }) {
                problems.append(
                    "\(exercise.folder)/hints.\(language.rawValue).md gives away a line of the solution: \(secret)"
                )
            }
            _ = try exercise.solutionReasons(language)
        }
        return problems
    }

    // MARK: Steps

    private func steps(of lesson: Lesson) async -> Finding {
        guard let stepSettings else { return Finding(lesson: lesson.id, what: "steps (left out)", problems: []) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-steps-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var what = "steps"
        do {
            let working = Workspace(folder: "\(folder)/lab")
            try working.start(lesson)
            var settings = try stepSettings(lesson, "\(folder)/private")
            settings.workingFolder = working.folder(of: lesson)
            let pages = try Language.allCases.map { try lesson.page($0) }
            let report = try await StepRunner(settings: settings).run(pages)
            if !report.skipped.isEmpty {
                what +=
                    " (" + report.skipped.map { "\($0.step) left out: needs \($0.missing)" }.joined(separator: "; ")
                    + ")"
            }
            var problems = report.problems
            for page in pages {
                problems += PageRules.answers(page, captures: report.captures)
                guard self.update else { continue }
                let text = try LabFiles.text(page.file)
                let new = PageUpdate.text(text, of: page, with: report)
                if new != text { try Data(new.utf8).write(to: URL(filePath: page.file), options: .atomic) }
            }
            return Finding(lesson: lesson.id, what: what, problems: problems.map(\.description))
        } catch {
            return Finding(lesson: lesson.id, what: what, problems: ["\(error)"])
        }
    }

    // MARK: Answers

    private func gradings(of lesson: Lesson) -> [@Sendable () async -> Finding] {
        lesson.exercises.flatMap { exercise -> [@Sendable () async -> Finding] in
            if exercise.manifest.kind == .cli, self.replay == nil {
                let what = "\(exercise.id) left out: needs aws"
                return [{ Finding(lesson: lesson.id, what: what, problems: []) }]
            }
            let starter = "\(exercise.starter)/\(exercise.manifest.answer)"
            var jobs: [@Sendable () async -> Finding] = [
                {
                    await self.finding(lesson, exercise, "\(exercise.id): starter fails", file: starter, seed: 1) {
                        $0.verdict == .pass
                    }
                }
            ]
            for seed: UInt64 in [1, 2] {
                jobs.append {
                    await self.finding(
                        lesson,
                        exercise,
                        "\(exercise.id): solution passes, seed \(seed)",
                        file: exercise.solution,
                        seed: seed
                    ) {
                        $0.verdict != .pass
                    }
                }
            }
            for language in exercise.manifest.languages.dropFirst() {
                jobs += self.gradings(of: exercise, in: language, lesson)
            }
            for wrong in exercise.wrongAnswers {
                jobs.append { await self.expecting(wrong.expected, lesson, exercise, wrong.id, file: wrong.file) }
            }
            let quirks = ((try? lesson.quirks()) ?? []).filter {
                $0.expected.exercise.map { $0 == exercise.id } ?? exercise.isFirst
            }
            for (name, expected) in quirks {
                jobs.append {
                    guard let quirk = Quirk(rawValue: name) else {
                        return Finding(lesson: lesson.id, what: "quirk \(name)", problems: ["no such quirk"])
                    }
                    return await self.expecting(
                        expected,
                        lesson,
                        exercise,
                        "quirk \(name)",
                        file: exercise.solution,
                        quirks: [quirk]
                    )
                }
            }
            return jobs
        }
    }

    /// An exercise in another language than its usual one: its starter fails, its solution passes. What makes an answer wrong is the
    /// same in every language and is proved in the usual one.
    private func gradings(
        of exercise: Exercise,
        in language: String,
        _ lesson: Lesson
    ) -> [@Sendable () async -> Finding] {
        let name = "\(exercise.id) in \(language)"
        let starter = "\(exercise.starter(in: language))/\(exercise.manifest.answer)"
        let solution = exercise.solution(in: language)
        if let subject = try? SubjectCommand(file: solution), let missing = subject.missingProgram {
            return [{ Finding(lesson: lesson.id, what: "\(name) left out: needs \(missing)", problems: []) }]
        }
        return [
            {
                await self.finding(lesson, exercise, "\(name): starter fails", file: starter, seed: 1) {
                    $0.verdict == .pass || !$0.notGradable.isEmpty
                }
            },
            {
                await self.finding(lesson, exercise, "\(name): solution passes, seed 1", file: solution, seed: 1) {
                    $0.verdict != .pass
                }
            },
        ]
    }

    private func grade(
        _ lesson: Lesson,
        _ exercise: Exercise,
        file: String,
        seed: UInt64,
        quirks: [Quirk]
    ) async throws -> GradeReport {
        let subject = try self.subject(quirks)
        let grader = Grader(subject: subject, curl: self.curl, threads: self.threads, replay: self.replay)
        return await grader.grade(file: file, exercise: exercise, lesson: lesson.id, seed: seed)
    }

    private func finding(
        _ lesson: Lesson,
        _ exercise: Exercise,
        _ what: String,
        file: String,
        seed: UInt64,
        isWrong: @Sendable (GradeReport) -> Bool
    ) async -> Finding {
        do {
            let report = try await self.grade(lesson, exercise, file: file, seed: seed, quirks: [])
            return Finding(lesson: lesson.id, what: what, problems: isWrong(report) ? [self.short(report)] : [])
        } catch {
            return Finding(lesson: lesson.id, what: what, problems: ["\(error)"])
        }
    }

    private func expecting(
        _ expected: ExpectedFailures,
        _ lesson: Lesson,
        _ exercise: Exercise,
        _ name: String,
        file: String,
        quirks: [Quirk] = []
    ) async -> Finding {
        let outcome = expected.notGradable.map { "is refused: \($0)" }
        let what = "\(name) \(outcome ?? "fails \(expected.fails.sorted().joined(separator: ", "))")"
        return await {
            do {
                let report = try await self.grade(lesson, exercise, file: file, seed: 1, quirks: quirks)
                if let text = expected.notGradable {
                    let fits = report.notGradable.contains { $0.contains(text) }
                    return Finding(lesson: lesson.id, what: what, problems: fits ? [] : [self.short(report)])
                }
                let passes = Set(exercise.checks.map(\.id)).subtracting(expected.fails).subtracting(expected.blocked)
                let fits =
                    report.ids(.fail) == expected.fails && report.ids(.blocked) == expected.blocked
                    && report.ids(.pass) == passes
                return Finding(lesson: lesson.id, what: what, problems: fits ? [] : [self.short(report)])
            } catch {
                return Finding(lesson: lesson.id, what: what, problems: ["\(error)"])
            }
        }()
    }

    /// One line about a grading that came out otherwise than stated, then what was found.
    private func short(_ report: GradeReport) -> String {
        guard report.notGradable.isEmpty else { return "not gradable: \(report.notGradable.joined(separator: "; "))" }
        let verdicts = report.checks.map { "\($0.check.id) \($0.verdict.rawValue)" }.joined(separator: ", ")
        let details = report.checks.compactMap { graded -> String? in
            let text = graded.finding?.actual ?? (graded.verdict == .error ? graded.reason : nil)
            return text.map { "\n    \(graded.check.id): \(self.messages.text($0, in: .en))" }
        }
        return "came out as: \(verdicts)" + details.joined()
    }
}
