internal import FoundationEssentials

/// Everything that the launcher must know, in a file: `elblab confine PLAN`.
package struct SandboxPlan: Hashable, Sendable, Codable {
    package var level: SandboxLevel
    package var arguments: [String]
    package var environment: [String: String]
    /// Where the program begins.
    package var workingFolder: String
    /// The one folder that may be written to.
    package var scratch: String
    /// What may be read besides.
    package var readable: [String]
    /// An empty folder, in which the launcher mounts what is seen at the level `netns`.
    package var root: String
    /// The user whose the processes are; 0 for the caller.
    package var account: UInt32
    package var limits: SandboxLimits
    /// Where the launcher writes its `SandboxReport`.
    package var report: String

    package init(file: String) throws(SubjectFailure) {
        guard let data = FileManager.default.contents(atPath: file),
            let plan = try? JSONDecoder().decode(Self.self, from: data)
        else { throw .badFile("\(file): is no plan of a sandbox") }
        self = plan
    }

    init(
        level: SandboxLevel,
        arguments: [String],
        environment: [String: String],
        folder: String,
        workingFolder: String,
        readable: [String],
        account: UInt32,
        limits: SandboxLimits
    ) {
        self.level = level
        self.arguments = arguments
        self.environment = environment
        self.workingFolder = workingFolder
        self.scratch = "\(folder)/scratch"
        self.readable = readable
        self.root = "\(folder)/root"
        self.account = account
        self.limits = limits
        self.report = "\(folder)/report.json"
    }

    func write(to file: String) throws(SubjectFailure) {
        do {
            try JSONEncoder().encode(self).write(to: URL(filePath: file))
        } catch {
            throw .ours("\(file): cannot be written")
        }
    }
}
