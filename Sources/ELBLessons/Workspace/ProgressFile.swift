import FoundationEssentials
import Glibc

/// What a learner has done so far, in `progress.json` of the workspace. Written whole into a new file and renamed, so that
/// a power cut leaves the old one or the new one, never half of one.
package struct Progress: Codable, Hashable, Sendable {
    package var schema = Self.schema
    /// The lesson that commands mean when none is named.
    package var lessonInHand: String?
    /// The language that the learner has chosen for the lessons, `en` or `ko`; `nil` leaves it to the environment.
    package var language: String?
    /// By lesson id.
    package var lessons: [String: LessonProgress] = [:]

    package static let schema = "elblab/progress/v1"

    package struct LessonProgress: Codable, Hashable, Sendable {
        /// Times the answer was checked.
        package var attempts = 0
        package var passed = false
        package var bestPoints = 0
        package var maxPoints = 0
        /// The first check that failed last time, of whichever exercise.
        package var lastFailedCheck: String?
        /// Hints shown as programs before counted them, for all exercises together: by check (`any` for the general ones). Each exercise
        /// goes on from there.
        package var hintsShown: [String: Int] = [:]
        /// Times the solution was asked for before passing, as programs before counted them.
        package var solutionRequests = 0
        /// By the exercise's id: each may be checked by itself.
        package var exercises: [String: ExerciseProgress] = [:]
        /// The exercise that was watched last.
        package var exerciseInHand: String?

        package init() {}

        /// What an older program has not written is as at the beginning.
        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.attempts = try values.decodeIfPresent(Int.self, forKey: .attempts) ?? 0
            self.passed = try values.decodeIfPresent(Bool.self, forKey: .passed) ?? false
            self.bestPoints = try values.decodeIfPresent(Int.self, forKey: .bestPoints) ?? 0
            self.maxPoints = try values.decodeIfPresent(Int.self, forKey: .maxPoints) ?? 0
            self.lastFailedCheck = try values.decodeIfPresent(String.self, forKey: .lastFailedCheck)
            self.hintsShown = try values.decodeIfPresent([String: Int].self, forKey: .hintsShown) ?? [:]
            self.solutionRequests = try values.decodeIfPresent(Int.self, forKey: .solutionRequests) ?? 0
            self.exercises = try values.decodeIfPresent([String: ExerciseProgress].self, forKey: .exercises) ?? [:]
            self.exerciseInHand = try values.decodeIfPresent(String.self, forKey: .exerciseInHand)
        }
    }

    /// How far one exercise of a lesson is.
    package struct ExerciseProgress: Codable, Hashable, Sendable {
        package var attempts = 0
        package var passed = false
        package var bestPoints = 0
        package var maxPoints = 0
        /// Of the last check, so that anybody can ask the same questions again.
        package var lastSeed: UInt64 = 0
        package var lastVerdict = ""
        /// The moment of the last check, and of the first that passed, as `2026-11-20T09:12:03Z`.
        package var lastChecked = ""
        package var passedAt: String?
        /// The first check that failed last time; hints are about it.
        package var lastFailedCheck: String?
        /// Hints shown so far, by check (`any` for the general ones).
        package var hintsShown: [String: Int] = [:]
        /// Times the solution was asked for before passing.
        package var solutionRequests = 0

        package init() {}

        /// What an older program has not written is as at the beginning.
        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.attempts = try values.decodeIfPresent(Int.self, forKey: .attempts) ?? 0
            self.passed = try values.decodeIfPresent(Bool.self, forKey: .passed) ?? false
            self.bestPoints = try values.decodeIfPresent(Int.self, forKey: .bestPoints) ?? 0
            self.maxPoints = try values.decodeIfPresent(Int.self, forKey: .maxPoints) ?? 0
            self.lastSeed = try values.decodeIfPresent(UInt64.self, forKey: .lastSeed) ?? 0
            self.lastVerdict = try values.decodeIfPresent(String.self, forKey: .lastVerdict) ?? ""
            self.lastChecked = try values.decodeIfPresent(String.self, forKey: .lastChecked) ?? ""
            self.passedAt = try values.decodeIfPresent(String.self, forKey: .passedAt)
            self.lastFailedCheck = try values.decodeIfPresent(String.self, forKey: .lastFailedCheck)
            self.hintsShown = try values.decodeIfPresent([String: Int].self, forKey: .hintsShown) ?? [:]
            self.solutionRequests = try values.decodeIfPresent(Int.self, forKey: .solutionRequests) ?? 0
        }
    }

    package init() {}

    package subscript(lesson: String) -> LessonProgress {
        get { self.lessons[lesson] ?? LessonProgress() }
        set { self.lessons[lesson] = newValue }
    }
}

extension Progress.LessonProgress {
    package subscript(exercise: String) -> Progress.ExerciseProgress {
        get { self.exercises[exercise] ?? Progress.ExerciseProgress() }
        set { self.exercises[exercise] = newValue }
    }

    /// How many hints about a check (`any`: the general ones) were shown of an exercise.
    func hintsShown(of exercise: String, about check: String) -> Int {
        self[exercise].hintsShown[check] ?? self.hintsShown[check] ?? 0
    }
}

/// Reads and writes the progress file of one workspace.
package struct ProgressFile: Sendable {
    package let path: String

    package init(workspace: String) {
        self.path = "\(workspace)/progress.json"
    }

    /// Whether there is a file that can be understood.
    package var isUsable: Bool {
        guard let data = FileManager.default.contents(atPath: self.path) else { return false }
        return (try? JSONDecoder().decode(Progress.self, from: data))?.schema == Progress.schema
    }

    /// The language that the learner has chosen, if any. Looks and changes nothing, whatever the file is like.
    package var language: Language? {
        guard let data = FileManager.default.contents(atPath: self.path) else { return nil }
        return (try? JSONDecoder().decode(Progress.self, from: data))?.language.flatMap(Language.init)
    }

    /// The progress so far; a file that cannot be understood is set aside under another name, never overwritten.
    /// - Returns: the progress, and the name under which a damaged file was kept.
    /// - Throws: when the file cannot be read, or a newer program has written it: what it says must not be lost.
    package func load() throws -> (progress: Progress, damagedKeptAs: String?) {
        guard FileManager.default.fileExists(atPath: self.path) else { return (Progress(), nil) }
        guard let data = FileManager.default.contents(atPath: self.path) else {
            throw LessonError(file: self.path, "cannot be read")
        }
        if let progress = try? JSONDecoder().decode(Progress.self, from: data), progress.schema == Progress.schema {
            return (progress, nil)
        }
        if let other = try? JSONDecoder().decode(SchemaOnly.self, from: data), Self.isNewer(other.schema) {
            throw LessonError(file: self.path, "was written by a newer elblab (\(other.schema)); use that one")
        }
        let kept = Self.freeName(beside: self.path, word: "damaged")
        try FileManager.default.moveItem(atPath: self.path, toPath: kept)
        return (Progress(), kept)
    }

    package func save(_ progress: Progress) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        var data = try encoder.encode(progress)
        data.append(0x0A)
        do {
            try FileManager.default.createDirectory(
                atPath: LabFiles.folder(of: self.path),
                withIntermediateDirectories: true
            )
            try data.write(to: URL(filePath: self.path), options: .atomic)
        } catch {
            throw LessonError(file: self.path, "cannot be written: \(LessonError.reason(error))")
        }
    }

    /// Reads, changes and writes the progress while no other process does: a check that runs, and a hint in another window.
    /// - Returns: the progress as it is now, and the name under which a damaged file was kept.
    @discardableResult
    package func update(
        _ change: (inout Progress) throws -> Void
    ) throws -> (progress: Progress, damagedKeptAs: String?) {
        let folder = LabFiles.folder(of: self.path)
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Where a file system knows no locks, writing is still whole; only two changes at one moment could undo each other.
        if lock >= 0 { flock(lock, LOCK_EX) }
        defer { if lock >= 0 { close(lock) } }
        var (progress, kept) = try self.load()
        let before = progress
        try change(&progress)
        if progress != before || kept != nil { try self.save(progress) }
        return (progress, kept)
    }

    private struct SchemaOnly: Codable { var schema: String }

    private static func isNewer(_ schema: String) -> Bool {
        let name = "elblab/progress/v"
        guard schema.hasPrefix(name), let version = Int(schema.dropFirst(name.count)) else { return false }
        return version > 1
    }

    /// `path.word-1`, or the next number that is free.
    static func freeName(beside path: String, word: String) -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).\(word)-\(number)") { number += 1 }
        return "\(path).\(word)-\(number)"
    }
}
