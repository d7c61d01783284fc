import FoundationEssentials

/// What a learner has done so far, in `progress.json` of the workspace. Written whole into a new file and renamed, so that
/// a power cut leaves the old one or the new one, never half of one.
package struct Progress: Codable, Hashable, Sendable {
    package var schema = Self.schema
    /// The lesson that commands mean when none is named.
    package var lessonInHand: String?
    /// By lesson id.
    package var lessons: [String: LessonProgress] = [:]

    package static let schema = "elblab/progress/v1"

    package struct LessonProgress: Codable, Hashable, Sendable {
        /// Times the answer was checked.
        package var attempts = 0
        package var passed = false
        package var bestPoints = 0
        package var maxPoints = 0
        /// The first check that failed last time; hints are about it.
        package var lastFailedCheck: String?
        /// Hints shown so far, by check (`any` for the general ones).
        package var hintsShown: [String: Int] = [:]
        /// Times the solution was asked for before passing.
        package var solutionRequests = 0

        package init() {}
    }

    package init() {}

    package subscript(lesson: String) -> LessonProgress {
        get { self.lessons[lesson] ?? LessonProgress() }
        set { self.lessons[lesson] = newValue }
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

    /// The progress so far; a file that cannot be understood is set aside under another name, never overwritten.
    /// - Returns: the progress, and the name under which a damaged file was kept.
    package func load() throws -> (progress: Progress, damagedKeptAs: String?) {
        guard let data = FileManager.default.contents(atPath: self.path) else { return (Progress(), nil) }
        if let progress = try? JSONDecoder().decode(Progress.self, from: data), progress.schema == Progress.schema {
            return (progress, nil)
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

    /// `path.word-1`, or the next number that is free.
    static func freeName(beside path: String, word: String) -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).\(word)-\(number)") { number += 1 }
        return "\(path).\(word)-\(number)"
    }
}
