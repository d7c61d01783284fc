/// A command's end that a person has to know about: one line that says what is wrong, and, where there is one, the fix.
///
/// Throw it from a command's `run()`: `throw CommandFailure("port 8080 is taken", fix: "free it, or choose another with
/// --port", status: .internalError)`.
struct CommandFailure: Error, Equatable, Sendable {
    /// What is wrong, in lower case and without a full stop: it follows `elblab: `.
    let message: String
    /// What the reader can do about it, if that is known.
    let fix: String?
    let status: ExitStatus

    init(_ message: String, fix: String? = nil, status: ExitStatus = .internalError) {
        self.message = message
        self.fix = fix
        self.status = status
    }

    /// The checks ran, were reported, and some failed: the exit code says so and nothing more is printed.
    static func reported(_ status: ExitStatus) -> CommandFailure {
        CommandFailure("", status: status)
    }
}
