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
