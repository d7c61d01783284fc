internal import FoundationEssentials
internal import Subprocess

/// How a subject's process is started: by itself, or by the launcher of its sandbox.
struct SubjectLaunch: Sendable {
    let executable: Executable
    let arguments: [String]
    let environment: Environment
    let workingFolder: String?
    let options: PlatformOptions

    init(_ command: SubjectCommand, folder: String) throws(SubjectFailure) {
        let inherited = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        var stopLimit = Subject.stopLimit
        if let sandbox = command.sandbox, sandbox.level != .none {
            let words = try sandbox.prepare(
                Sandbox.Program(
                    [command.executable] + command.arguments(folder: folder),
                    environment: command.environment,
                    submission: command.submission,
                    workingFolder: command.workingDirectory
                ),
                in: folder
            )
            self.executable = .path(Self.path(words[0]))
            self.arguments = Array(words.dropFirst())
            // What the subject's file sets is for the subject, not for its launcher.
            self.environment = Self.custom(["PATH": inherited, "LANG": "C.UTF-8"])
            self.workingFolder = "/"
            // The launcher keeps the subject's limit, and sweeps up after it.
            stopLimit += .seconds(10)
        } else {
            self.executable =
                command.executable.contains("/") ? .path(Self.path(command.executable)) : .name(command.executable)
            self.arguments = command.arguments(folder: folder)
            // Little and always the same, so that a subject cannot depend on who runs it.
            let values = ["PATH": inherited, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"]
            self.environment = Self.custom(values.merging(command.environment) { $1 })
            self.workingFolder = command.workingDirectory
        }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: false, allowedDurationToNextStep: stopLimit),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
        ]
        self.options = options
    }

    /// A `FilePath`, whose module belongs to Subprocess and is not one of ours to import.
    static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }

    private static func custom(_ values: [String: String]) -> Environment {
        .custom(Dictionary(uniqueKeysWithValues: values.map { (Environment.Key(stringLiteral: $0), $1) }))
    }
}
