internal import FoundationEssentials
internal import Glibc

/// Starts programs that nobody vouches for by a launcher, which is this program run as `confine`: it limits them, watches them, and
/// ends all they have started.
package struct Sandbox: Sendable {
    package var level: SandboxLevel
    /// The path of this program.
    package var launcher: String
    package var limits = SandboxLimits()
    /// Folders that programs need besides the system's.
    package var readable: [String]
    /// Never to be read, wherever they lie: lessons with their solutions, submissions, results.
    package var hidden: [String]

    package init(level: SandboxLevel, launcher: String, readable: [String] = [], hidden: [String] = []) {
        self.level = level
        self.launcher = launcher
        self.readable = readable
        self.hidden = hidden
    }

    /// A program and what it comes with.
    package struct Program: Sendable {
        /// With the program itself.
        package var arguments: [String]
        /// In addition to PATH, HOME, TMPDIR and LANG, or in their place.
        package var environment: [String: String]
        /// A folder that is copied into the sandbox.
        package var submission: String?
        /// In the submission.
        package var workingFolder: String?
        /// Folders that this program needs.
        package var readable: [String]

        package init(
            _ arguments: [String],
            environment: [String: String] = [:],
            submission: String? = nil,
            workingFolder: String? = nil,
            readable: [String] = []
        ) {
            self.arguments = arguments
            self.environment = environment
            self.submission = submission
            self.workingFolder = workingFolder
            self.readable = readable
        }
    }

    /// Puts everything in place in a folder of its own, which exists and is empty but for what the program is to read.
    ///
    /// - Returns: the command that starts the program. Its standard input must end when the caller does.
    package func prepare(_ program: Program, in folder: String) throws(SubjectFailure) -> [String] {
        let folder = Self.canonical(folder)
        let account = Self.freeAccount
        let scratch = "\(folder)/scratch"
        for path in ["\(folder)/root", scratch] + ["home", "tmp", "submission"].map({ "\(scratch)/\($0)" }) {
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .ours("\(path) cannot be made") }
            if path.hasPrefix(scratch), account != 0 { chown(path, account, account) }
        }
        chmod(folder, 0o755)
        let copy = "\(scratch)/submission"
        let submission = program.submission.map { Self.canonical($0) }
        if let submission { try SubmissionCopy(account: account).copy(submission, to: copy) }
        let inside = { (path: String) -> String? in
            guard let submission else { return nil }
            if path == submission { return copy }
            return path.hasPrefix("\(submission)/") ? copy + path.dropFirst(submission.utf8.count) : nil
        }
        var workingFolder = copy
        if let wanted = program.workingFolder {
            guard let path = inside(Self.canonical(wanted)) else {
                throw .badFile("the working directory leads out of the submission: \(PlainText.line(wanted))")
            }
            workingFolder = path
        }
        let readable = ReadablePaths(adding: self.readable + program.readable, without: self.hidden)
        var environment = [
            "PATH": readable.searchPath, "HOME": "\(scratch)/home", "TMPDIR": "\(scratch)/tmp", "LANG": "C.UTF-8",
        ]
        environment.merge(program.environment) { $1 }
        var arguments = program.arguments
        if let first = arguments.first {
            if first.contains("/") {
                arguments[0] = inside(first) ?? inside(Self.canonical(first)) ?? first
            } else {
                try readable.requireProgram(first, in: environment["PATH"] ?? "")
            }
        }
        let plan = SandboxPlan(
            level: self.level,
            arguments: arguments,
            environment: environment,
            folder: folder,
            workingFolder: workingFolder,
            readable: readable.paths + [folder],
            account: account,
            limits: self.limits
        )
        let file = "\(folder)/plan.json"
        try plan.write(to: file)
        return [self.launcher, "confine", file]
    }

    /// What the launcher has written in the folder.
    package func report(in folder: String) -> SandboxReport? {
        FileManager.default.contents(atPath: "\(folder)/report.json").flatMap {
            try? JSONDecoder().decode(SandboxReport.self, from: $0)
        }
    }

    /// Root can give each program a user of its own, whom nothing on the machine belongs to. The number is free as long as we live.
    private static var freeAccount: UInt32 {
        guard geteuid() == 0 else { return 0 }
        return 0x6000_0000 | UInt32.random(in: 1..<(1 << 28))
    }

    static func canonical(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return URL(filePath: path).standardized.path }
        defer { free(real) }
        return String(cString: real)
    }
}
