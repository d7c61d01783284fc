internal import FoundationEssentials
internal import Glibc
internal import Subprocess

extension SubjectCommand {
    /// The engine as a subject, with the version that the program says it has.
    ///
    /// - Returns: `nil` if the program is not on the path.
    package static func installed(_ engine: any Engine) async -> Self? {
        guard let program = Self.find(engine.name) else { return nil }
        return Self(
            name: engine.name,
            executable: program,
            kind: .engine,
            version: await Self.version(program, engine.versionArguments),
            claims: engine.claims,
            engine: engine
        )
    }

    /// The program that its build or, without one, its start begins with, if that is not on the path.
    package var missingProgram: String? {
        let program = self.build?.command.first ?? self.executable
        return program.contains("/") || Self.find(program) != nil ? nil : program
    }

    /// Where the program of that name is; `nil` if it is not on the path.
    package static func find(_ name: String) -> String? {
        // Debian keeps some servers where only root's path leads.
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let folders = path.split(separator: ":").map { String($0) } + ["/usr/sbin"]
        return folders.lazy.map { folder -> String in "\(folder)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The first word of the form 1.2.3, wherever it stands and whatever is glued to it; but behind the word version, if that is
    /// there, since a program may say first where it was found.
    private static func version(_ program: String, _ arguments: [String]) async -> String? {
        let result = try? await run(
            .path(SubjectLaunch.path(program)),
            arguments: Arguments(arguments),
            output: .string(limit: 4096),
            error: .combinedWithOutput
        )
        let text = result?.standardOutput ?? ""
        let start = text.firstRange(of: " version")?.upperBound ?? text.startIndex
        let words = text[start...].split { " \n/:".contains($0) }
        return words.lazy.map { $0.hasPrefix("v") ? $0.dropFirst() : $0 }
            .map { String($0.prefix { $0.isNumber || $0 == "." }) }
            .first { $0.split(separator: ".").count >= 3 }
    }
}
