/// How far a program that nobody vouches for is kept from the machine it runs on. What each level holds, and against whom, is told in
/// docs/threat-model.md.
package enum SandboxLevel: String, CaseIterable, Hashable, Sendable, Codable {
    /// A process like any other of the user's; its group is ended with it.
    case none
    /// A copy of the submission in a folder of its own, an environment of four variables, bounds on everything that can be used up, and
    /// an end for whatever it leaves behind. Where the kernel has Landlock, only the system and the copy can be read, and only processes
    /// of its own signalled.
    case limits
    /// All that, in namespaces: no file but the system's and the copy, no process but its own, and no network but a loopback on which
    /// only the fleet stands.
    case netns
}

/// How much a program may use. It is ended when it uses more, or the system refuses it.
package struct SandboxLimits: Hashable, Sendable, Codable {
    /// Processes and threads.
    package var processes = 400
    /// Open files of each process.
    package var descriptors = 4096
    /// Private memory of all its processes together.
    package var memoryBytes = 1 << 30
    /// Of one file.
    package var fileBytes = 32 << 20
    /// Of all its files together.
    package var scratchBytes = 64 << 20
    package var scratchFiles = 8192
    /// Of each process.
    package var cpuSeconds = 300
    /// From its start.
    package var wallSeconds = 900

    package init() {}
}

/// What the launcher saw of a program.
package struct SandboxReport: Hashable, Sendable, Codable {
    /// Why the launcher ended it; `nil` when it did not.
    package var ended: String?

    package init() {}
}
