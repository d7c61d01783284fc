import FoundationEssentials
import Glibc

/// Something wrong in a lesson's files, named by file and line so that an author finds it.
package struct LessonError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; `nil` when the whole file is meant.
    package var line: Int?
    package var message: String

    package init(file: String, line: Int? = nil, _ message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `lessons/04-health-checks/en.md:12: …`, the form editors jump to.
    package var description: String {
        self.line.map { "\(self.file):\($0): \(self.message)" } ?? "\(self.file): \(self.message)"
    }
}

extension LessonError {
    /// What the system says of a failure, in a few words: a learner can do nothing with an error's domain and code.
    package static func reason(_ error: any Error) -> String {
        let cause = (error as? CocoaError)?.underlying ?? error
        guard let system = cause as? POSIXError else { return "\(cause)" }
        return String(cString: strerror(system.code.rawValue))
    }
}
