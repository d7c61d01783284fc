import ELBConformance
import FoundationEssentials

/// The learner's folder: one subfolder per lesson, with the demo's files and one folder per exercise, and `progress.json`.
package struct Workspace: Sendable {
    package let folder: String

    /// The default workspace, relative to where the command runs.
    package static let usualFolder = "elblab-lessons"

    /// The workspace that commands mean in a folder: the usual one in it, or else in or around the nearest folder above, so
    /// that they mean the same inside a lesson's folder, where its commands are typed. The usual one when there is none yet.
    package static func nearest(to folder: String) -> String {
        let parts = folder.split(separator: "/")
        for count in stride(from: parts.count, through: 0, by: -1) {
            let above = "/" + parts.prefix(count).joined(separator: "/")
            if FileManager.default.fileExists(atPath: "\(above)/\(self.usualFolder)") {
                return count == parts.count ? self.usualFolder : "\(above)/\(self.usualFolder)"
            }
            if ProgressFile(workspace: above).isUsable { return above }
        }
        return self.usualFolder
    }

    package init(folder: String) {
        self.folder = folder
    }

    package var progressFile: ProgressFile { ProgressFile(workspace: self.folder) }

    package func folder(of lesson: Lesson) -> String { "\(self.folder)/\(lesson.id)" }

    package func folder(of exercise: Exercise, in lesson: Lesson) -> String {
        "\(self.folder(of: lesson))/\(exercise.id)"
    }

    package func answer(of exercise: Exercise, in lesson: Lesson) -> String {
        "\(self.folder(of: exercise, in: lesson))/\(exercise.manifest.answer)"
    }

    /// What the learner opens: the answer, or the folder of a program, whose page says which of its files is theirs to write.
    package func edited(of exercise: Exercise, in lesson: Lesson) -> String {
        switch exercise.manifest.kind {
        case .code: "\(self.folder(of: exercise, in: lesson))/"
        case .config, .cli, .predict: self.answer(of: exercise, in: lesson)
        }
    }

    /// Puts the lesson's files in place. What the learner already has is left as it is; but an exercise that was begun in another
    /// language than the one asked for is put aside.
    ///
    /// - Parameter language: of exercises that have it; `nil` for their usual one.
    /// - Returns: the files that were new.
    @discardableResult
    package func start(_ lesson: Lesson, in language: String? = nil) throws -> [String] {
        var new = try self.copyMissing(from: "\(lesson.folder)/demo", to: "\(self.folder(of: lesson))/demo")
        for exercise in lesson.exercises {
            let folder = self.folder(of: exercise, in: lesson)
            let begun = self.language(of: exercise, in: lesson)
            let wanted = language.flatMap { exercise.manifest.languages.contains($0) ? $0 : nil }
            if let begun, let wanted, begun != wanted { try self.putAside(folder) }
            new += try self.copyMissing(from: exercise.starter(in: wanted ?? begun), to: folder)
        }
        return new
    }

    /// The language in which the learner has begun an exercise: the first all of whose files are there. `nil` if there is none.
    package func language(of exercise: Exercise, in lesson: Lesson) -> String? {
        let folder = self.folder(of: exercise, in: lesson)
        return exercise.manifest.languages.first { language in
            let names = LabFiles.names(in: exercise.starter(in: language)).filter { !$0.hasPrefix(".") }
            return !names.isEmpty && names.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
        }
    }

    /// What stands between an exercise and being judged.
    package enum Obstacle: Hashable, Sendable {
        /// The exercise's folder is there and the answer is not: moved, renamed or deleted.
        case noAnswer(String)
    }

    /// - Returns: `nil` when the answer is there, or nothing of the exercise is, so that it only has to be started.
    package func obstacle(to exercise: Exercise, in lesson: Lesson) -> Obstacle? {
        let answer = self.answer(of: exercise, in: lesson)
        let files = FileManager.default
        guard files.fileExists(atPath: self.folder(of: exercise, in: lesson)), !files.fileExists(atPath: answer) else {
            return nil
        }
        return .noAnswer(answer)
    }

    /// The learner's copy of the template that the exercise is judged with, when it says something else than the kit's: it was edited, or
    /// comes from an older kit. The kit's counts.
    package func staleTemplate(of exercise: Exercise, in lesson: Lesson) -> String? {
        guard let name = exercise.manifest.template else { return nil }
        let copy = "\(self.folder(of: exercise, in: lesson))/\(name)"
        guard let mine = FileManager.default.contents(atPath: copy) else { return nil }
        return mine == FileManager.default.contents(atPath: "\(exercise.starter)/\(name)") ? nil : copy
    }

    /// Puts an exercise's starter back, in the language in which it was begun. What the learner wrote is kept beside it.
    /// - Returns: where the old folder went; `nil` when there was none.
    package func reset(_ exercise: Exercise, in lesson: Lesson) throws -> String? {
        let folder = self.folder(of: exercise, in: lesson)
        let language = self.language(of: exercise, in: lesson)
        let kept = FileManager.default.fileExists(atPath: folder) ? try self.putAside(folder) : nil
        try self.copyMissing(from: exercise.starter(in: language), to: folder)
        return kept
    }

    /// - Returns: where the folder went.
    @discardableResult
    private func putAside(_ folder: String) throws -> String {
        let name = ProgressFile.freeName(beside: folder, word: "backup")
        try FileManager.default.moveItem(atPath: folder, toPath: name)
        return name
    }

    @discardableResult
    private func copyMissing(from source: String, to target: String) throws -> [String] {
        var new: [String] = []
        // What a build has left in `.build` is not the starter's.
        for name in LabFiles.names(in: source) where !name.hasPrefix(".") {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            var isFolder: Bool = false
            guard FileManager.default.fileExists(atPath: from, isDirectory: &isFolder) else { continue }
            if isFolder {
                new += try self.copyMissing(from: from, to: to)
            } else if !FileManager.default.fileExists(atPath: to) {
                do {
                    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
                    // Lessons share files by links, which would lead nowhere from here.
                    let original = URL(filePath: from).resolvingSymlinksInPath().path
                    try FileManager.default.copyItem(atPath: original, toPath: to)
                } catch {
                    throw LessonError(file: to, "cannot be written: \(LessonError.reason(error))")
                }
                new.append(to)
            }
        }
        return new
    }
}

extension Progress {
    /// What asking for the solution leads to.
    package enum SolutionAnswer: Hashable, Sendable {
        case shown
        /// Not passed yet and asked for the first time: asking again shows it.
        case askAgain
    }

    /// The solution is for who has passed, who has seen every hint there is about what failed last, or who asks twice: a model answer read
    /// too early teaches little. Each exercise counts for itself.
    ///
    /// - Parameter hints: of the exercise, to know whether there are more.
    package mutating func requestSolution(
        of exercise: String,
        in lesson: String,
        hints: Hints? = nil
    ) -> SolutionAnswer {
        let state = self[lesson]
        if state.passed || state[exercise].passed { return .shown }
        if let hints {
            let check = self.lastFailedCheck(of: exercise, in: lesson, hints)
            let count = hints.hints(for: check).count
            if count > 0, state.hintsShown(of: exercise, about: check ?? "any") >= count { return .shown }
        }
        let requests = max(state[exercise].solutionRequests, state.solutionRequests) + 1
        self[lesson][exercise].solutionRequests = requests
        return requests >= 2 ? .shown : .askAgain
    }

    /// One hint of several.
    package struct NextHint: Hashable, Sendable {
        package var text: String
        package var number: Int
        package var count: Int
        /// The check that it is about; `nil` when none has failed.
        package var check: String?
    }

    /// The next hint about what failed last in an exercise; the last one stays when all are shown.
    package mutating func nextHint(for exercise: String, in lesson: String, from hints: Hints) -> NextHint? {
        let check = self.lastFailedCheck(of: exercise, in: lesson, hints)
        let list = hints.hints(for: check)
        guard !list.isEmpty else { return nil }
        let key = check ?? "any"
        let number = min(self[lesson].hintsShown(of: exercise, about: key) + 1, list.count)
        self[lesson][exercise].hintsShown[key] = number
        return NextHint(text: list[number - 1], number: number, count: list.count, check: check)
    }

    /// Programs before noted one failure for all exercises of a lesson.
    private func lastFailedCheck(of exercise: String, in lesson: String, _ hints: Hints) -> String? {
        let state = self[lesson]
        return state[exercise].lastFailedCheck
            ?? state.lastFailedCheck.flatMap { hints.checks.contains($0) ? $0 : nil }
    }

    /// Notes what became of a lesson's exercises, one or all. The lesson is passed when each of them has passed, whenever that was.
    package mutating func record(_ reports: [GradeReport], of lesson: Lesson, at moment: String) {
        // Of checks that are hidden nothing is noted but what may be shown.
        let reports = reports.map(\.shown)
        var state = self[lesson.id]
        state.attempts += 1
        for report in reports {
            var exercise = state.exercises[report.exercise] ?? ExerciseProgress()
            exercise.attempts += 1
            exercise.lastSeed = report.seed
            exercise.lastVerdict = report.verdict.rawValue
            exercise.lastChecked = moment
            exercise.lastFailedCheck = report.checks.first { $0.verdict == .fail }?.check.id
            if report.notGradable.isEmpty {
                exercise.maxPoints = report.maxPoints
                exercise.bestPoints = max(exercise.bestPoints, report.points)
            }
            if report.verdict == .pass {
                exercise.passed = true
                exercise.passedAt = exercise.passedAt ?? moment
            }
            state.exercises[report.exercise] = exercise
        }
        let failed = reports.flatMap(\.checks).first { $0.verdict == .fail }?.check.id
        let looked = Set(reports.map(\.exercise))
        let owner = lesson.exercises.first { exercise in exercise.checks.contains { $0.id == state.lastFailedCheck } }
        // What another exercise was about stays until that one is looked at again.
        if failed != nil || owner.map({ looked.contains($0.id) }) ?? true { state.lastFailedCheck = failed }
        let known = lesson.exercises.compactMap { state.exercises[$0.id] }
        state.maxPoints = lesson.exercises.reduce(0) { sum, exercise in
            sum + exercise.checks.reduce(0) { $0 + ($1.level == .provisional ? 0 : $1.points) }
        }
        state.bestPoints = max(state.bestPoints, known.reduce(0) { $0 + $1.bestPoints })
        if known.count == lesson.exercises.count, known.allSatisfy(\.passed) { state.passed = true }
        self[lesson.id] = state
    }
}
