import CSockets
import ELBConformance
import FoundationEssentials
import Subprocess

/// Which levels of the sandbox this machine offers: each is tried with a program that does nothing.
enum SandboxProbe {
    /// Why a level is not possible here; nil when it is.
    static func refusal(of level: SandboxLevel) async -> String? {
        guard level != .none else { return nil }
        do {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let sandbox = Sandbox(level: level, launcher: ThisProgram.path)
            var words = try sandbox.prepare(Sandbox.Program(["/bin/sh", "-c", ":"]), in: scratch.path)
            if level == .netns { words = [ThisProgram.path, "confine", "--alone", "--"] + words }
            let tried = try await Subprocess.run(
                .path(ThisProgram.filePath(words[0])),
                arguments: Arguments(Array(words.dropFirst())),
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            if case .exited(0) = tried.terminationStatus { return nil }
            let line = tried.standardError.split(separator: "\n").first ?? "\(tried.terminationStatus)"
            return String(line.hasPrefix("elblab: ") ? line.dropFirst("elblab: ".count) : line)
        } catch {
            return "\(error)"
        }
    }

    /// What is weaker at the level `limits` on this kernel; nil when nothing is.
    static var weakness: String? {
        switch elblab_landlock_version() {
        case 0: "without Landlock, programs at that level can read what everybody on this machine can read"
        case 1..<6:
            "before Landlock 6 (Linux 6.12), programs at that level can signal the grader unless it runs as root"
        default: nil
        }
    }

    static func findings() async -> [Finding] {
        var findings: [Finding] = []
        if let reason = await Self.refusal(of: .limits) {
            let cost = "submissions can only be graded with --sandbox none"
            findings.append(.limited(.isolation, "sandbox limits", reason, cost: cost))
        } else if let weakness = Self.weakness {
            findings.append(.limited(.isolation, "sandbox limits", "possible, and weaker", cost: weakness))
        } else {
            let version = elblab_landlock_version()
            findings.append(.ok(.isolation, "sandbox limits", "possible, with Landlock \(version)"))
        }
        if let reason = await Self.refusal(of: .netns) {
            let cost = "submissions can be graded with --sandbox limits at most"
            findings.append(.limited(.isolation, "sandbox netns", reason, cost: cost))
        } else {
            findings.append(.ok(.isolation, "sandbox netns", "possible"))
        }
        return findings
    }
}
