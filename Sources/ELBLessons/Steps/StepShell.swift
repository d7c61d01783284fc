import FoundationEssentials
internal import Subprocess

/// The one bash in which a lesson's commands run, so that `cd` and variables last from step to step.
///
/// It leads a process group of its own: whatever the steps leave behind ends with it, and all of it ends with us, however our end
/// comes. Commands are written to its standard input; each command's output and exit code go to files of a private folder, which
/// keeps a background command's words apart from those of the next.
package struct StepShell {
    /// What the runner asks for and what comes of it.
    private let writer: StandardInputWriter
    private let folder: String
    private var commands = 0

    /// Where and with what the shell runs.
    package struct Settings: Sendable {
        /// Working folder of the commands, which exists.
        package var workingFolder: String
        /// Private folder for HOME, TMPDIR and the shell's own files, which exists.
        package var privateFolder: String
        /// Put in front of PATH; holds `elblab`.
        package var programFolder: String
        /// Beside the fixed ones.
        package var variables: [String: String]

        package init(
            workingFolder: String,
            privateFolder: String,
            programFolder: String,
            variables: [String: String] = [:]
        ) {
            self.workingFolder = workingFolder
            self.privateFolder = privateFolder
            self.programFolder = programFolder
            self.variables = variables
        }

        /// The whole environment: nothing of the caller's but where programs are.
        package func environment(path: String) -> [String: String] {
            [
                "COLUMNS": "80",
                "ELBLAB_SEED": "1",
                "HOME": "\(self.privateFolder)/home",
                "LANG": "C.UTF-8",
                "LC_ALL": "C.UTF-8",
                "NO_COLOR": "1",
                "PATH": "\(self.programFolder):\(path)",
                "TERM": "dumb",
                "TMPDIR": "\(self.privateFolder)/tmp",
                "TZ": "UTC",
            ].merging(self.variables) { _, given in given }
        }
    }

    /// How a command ended.
    package enum Outcome: Hashable, Sendable {
        case exited(code: Int, output: [String])
        /// Still running when time was up; the output so far.
        case timedOut(output: [String])
    }

    /// How long what the steps left behind may take to end; `elblab up` stops its backends meanwhile.
    private static let stopLimit = Duration.seconds(5)

    /// Ends the group when the shell has got another parent, since then we are gone, and could not even say so. What commands wait
    /// for does not include it.
    private static let watch = """
        { while read -r _ _ _ parent _ </proc/$$/stat && [ "$parent" = $PPID ]; do sleep 1; done; kill 0; } & disown
        """

    /// Starts the shell, lets `body` run commands, and ends everything the commands started. Cancelling does the same.
    package static func run<Value: Sendable>(
        _ settings: Settings,
        body: (inout StepShell) async throws -> Value
    ) async throws -> Value {
        let folder = "\(settings.privateFolder)/steps"
        for path in [folder, "\(settings.privateFolder)/home", "\(settings.privateFolder)/tmp"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment = settings.environment(path: path).map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        var options = PlatformOptions()
        options.processGroupID = 0
        return try await Subprocess.run(
            .name("bash"),
            arguments: ["--noprofile", "--norc"],
            environment: .custom(Dictionary(uniqueKeysWithValues: environment)),
            platformOptions: options,
            input: .inputWriter,
            output: .discarded,
            error: .discarded
        ) { execution in
            var shell = StepShell(writer: execution.standardInputWriter, folder: folder)
            let result: Result<Value, any Error>
            do {
                try await shell.write("\(Self.watch)\ncd '\(settings.workingFolder)'\n")
                result = .success(try await body(&shell))
            } catch {
                result = .failure(error)
            }
            await ProcessGroup(leader: execution.processIdentifier.value).end(within: Self.stopLimit)
            return try result.get()
        }.closureResult
    }

    private init(writer: StandardInputWriter, folder: String) {
        self.writer = writer
        self.folder = folder
    }

    /// Runs one command to its end, or until the deadline.
    package mutating func run(_ command: String, until deadline: ContinuousClock.Instant) async throws -> Outcome {
        let (output, status) = self.nextFiles()
        // The status is renamed into place, so that it is whole when it is there.
        try await self.write("{\n\(command)\n} >'\(output)' 2>&1 </dev/null\n")
        try await self.write("echo $? >'\(status).new'; mv '\(status).new' '\(status)'\n")
        while ContinuousClock.now < deadline {
            if let text = Self.text(status), let code = Int(text.filter(\.isNumber)) {
                return .exited(code: code, output: Self.lines(output))
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return .timedOut(output: Self.lines(output))
    }

    /// Starts a command and leaves it running; returns when `isReady` is content with what it printed, with that output, or
    /// at the deadline.
    package mutating func start(
        _ command: String,
        until deadline: ContinuousClock.Instant,
        isReady: ([String]) -> Bool
    ) async throws -> Outcome {
        let (output, _) = self.nextFiles()
        try await self.write("{\n\(command)\n} >'\(output)' 2>&1 </dev/null &\n")
        while ContinuousClock.now < deadline {
            let lines = Self.lines(output)
            if isReady(lines) { return .exited(code: 0, output: lines) }
            try await Task.sleep(for: .milliseconds(20))
        }
        return .timedOut(output: Self.lines(output))
    }

    /// Goes on inside another shell, which reads what follows from the same input.
    package mutating func enter(_ shell: String) async throws {
        try await self.write("\(shell) 2>/dev/null\n")
    }

    private mutating func nextFiles() -> (output: String, status: String) {
        self.commands += 1
        return ("\(self.folder)/\(self.commands).out", "\(self.folder)/\(self.commands).status")
    }

    private func write(_ text: String) async throws {
        _ = try await self.writer.write(text)
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The output's lines; a last line without its end counts, an end without a line does not.
    private static func lines(_ path: String) -> [String] {
        guard let text = Self.text(path), !text.isEmpty else { return [] }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
