import FoundationEssentials
import Glibc

/// A workspace with one lesson in hand.
final class WatchedLesson: Sendable {
    let lesson: String
    let workspace: String

    init(_ lesson: String) throws {
        self.lesson = lesson
        self.workspace = FileManager.default.temporaryDirectory.path + "/elblab-watch-\(UUID().uuidString)"
    }

    deinit { try? FileManager.default.removeItem(atPath: self.workspace) }

    var folder: String { "\(self.workspace)/\(self.lesson)/a-config" }
    var answer: String { "\(self.folder)/answer.yaml" }

    var solution: String {
        let file = Program.projectFile("lessons/solutions/\(self.lesson)/a-config/answer.yaml")
        return (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    }

    /// How often an answer was judged to the end.
    var attempts: Int {
        let text = (try? String(contentsOfFile: "\(self.workspace)/progress.json", encoding: .utf8)) ?? ""
        let found = text.firstMatch(of: #/"attempts" : ([0-9]+),\s*"bestPoints" : [0-9]+,\s*"exerciseInHand"/#)
        return found.flatMap { Int($0.output.1) } ?? 0
    }

    func write(_ text: String) throws { try text.write(toFile: self.answer, atomically: false, encoding: .utf8) }

    var arguments: [String] { ["lesson", "watch", self.lesson, "--workspace", self.workspace, "--lang", "en"] }

    func watch(_ options: [String] = [], environment: [String: String] = [:]) throws -> PseudoTerminal {
        try PseudoTerminal(self.arguments + options, environment: environment)
    }

    /// The check that runs, and the balancer that it has started.
    ///
    /// - Parameter process: the watch, or the shell that it was started from.
    func balancer(of process: pid_t, on terminal: PseudoTerminal) async throws -> [pid_t] {
        var found: [pid_t] = []
        try await terminal.waits("a check and its balancer; the screen is '\(terminal.screen)'") {
            found = RunningProgram.descendants(of: process)
            return found.contains { RunningProgram.commandLine(of: $0).contains("elblab balancer") }
        }
        return found
    }
}
