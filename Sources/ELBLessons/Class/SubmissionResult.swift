package import ELBConformance
import FoundationEssentials

/// One graded submission as it is kept: `elblab/result/v1`, as `elblab grade --json` prints it, and the key by which a later run sees
/// whether it still holds. Whatever is told of a class is made from these.
package struct SubmissionResult: Codable, Hashable, Sendable {
    package var schema = Self.schema
    package var lesson: String
    package var exercise: String
    package var subject: Subject
    package var seed: UInt64
    package var timeScale: Int
    /// The isolation that was really had.
    package var sandbox: String
    package var gradable: Bool
    /// Why it could not be judged; lines as for an editor.
    package var formatErrors: [String]
    /// Of `RunVerdict`.
    package var verdict: String
    package var score: Int
    package var maxScore: Int
    package var checks: [Check]
    package var durationMs: Int
    /// Why there is no verdict on the submission, when the fault is ours or time was up.
    package var reason: String?
    /// Digest of everything that the result depends on.
    package var key: String?

    package static let schema = "elblab/result/v1"

    /// Whose it is.
    package struct Subject: Codable, Hashable, Sendable {
        package var kind = "student"
        package var id: String

        package init(id: String) {
            self.id = id
        }
    }

    /// A text in every language.
    package typealias Text = [String: String]

    /// One check's outcome.
    package struct Check: Codable, Hashable, Sendable {
        package var id: String
        package var level: String
        package var status: String
        package var points: Int
        package var maxPoints: Int
        /// The check that blocks it.
        package var needs: String?
        package var reason: Text?
        package var tried: Text?
        package var expected: Text?
        package var actual: Text?
        package var evidence: [Evidence]?
        package var lookNext: Text?

        package init(id: String, level: String, status: Verdict, points: Int, maxPoints: Int) {
            self.id = id
            self.level = level
            self.status = status.rawValue
            self.points = points
            self.maxPoints = maxPoints
        }

        package var verdict: Verdict { Verdict(rawValue: self.status) ?? .error }

        /// What was seen.
        package struct Evidence: Codable, Hashable, Sendable {
            package var name: String
            package var text: String

            package init(name: String, text: String) {
                self.name = name
                self.text = text
            }
        }
    }

    /// Reads a result; `nil` when it is none, or one of another format.
    package init?(_ bytes: [UInt8]) {
        guard let result = try? JSONDecoder().decode(Self.self, from: Data(bytes)), result.schema == Self.schema
        else { return nil }
        self = result
    }

    /// A result of ours about a submission on which nothing could be said.
    package init(lesson: String, exercise: Exercise, seed: UInt64, verdict: RunVerdict, reason: String? = nil) {
        self.lesson = lesson
        self.exercise = exercise.id
        self.subject = Subject(id: "")
        self.seed = seed
        self.timeScale = exercise.manifest.timeScale
        self.sandbox = "none"
        self.gradable = verdict != .notGradable
        self.formatErrors = []
        self.verdict = verdict.rawValue
        self.score = 0
        self.maxScore = exercise.maxPoints
        self.checks = []
        self.durationMs = 0
        self.reason = reason
    }

    package var runVerdict: RunVerdict { RunVerdict(rawValue: self.verdict) ?? .error }

    /// What became of a submission whose time was up: the checks that were decided count, the others have no verdict.
    package mutating func endByTimeout(_ exercise: Exercise, reason: String) {
        let known = Set(self.checks.map(\.id))
        for check in exercise.checks where !known.contains(check.id) {
            self.checks.append(
                Check(
                    id: check.id,
                    level: check.level.rawValue,
                    status: .timeout,
                    points: 0,
                    maxPoints: check.level == .provisional ? 0 : check.points
                )
            )
        }
        self.maxScore = exercise.maxPoints
        self.verdict = RunVerdict.timeout.rawValue
        self.reason = reason
    }

    /// As the file has it.
    package var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [0x0A]
        }
    }
}

extension Exercise {
    /// What there is to earn.
    package var maxPoints: Int { self.checks.reduce(0) { $0 + ($1.level == .provisional ? 0 : $1.points) } }
}
