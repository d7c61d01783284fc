import FoundationEssentials
import Glibc
import Testing

/// A watch that was started from an interactive shell: Ctrl-Z, `fg`, `bg`, Ctrl-C, and a window that is closed.
@Suite(.timeLimit(.minutes(5)), .serialized) struct `A watched answer in a shell` {
    private static let shell = "shell> "
    private static let goodbye = "\u{1B}[?1049l"

    /// A shell at its prompt. Without line editing, so that the terminal is as usual while it waits.
    private static func bash() async throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            ["--norc", "--noprofile", "--noediting", "-i"],
            program: "/bin/bash",
            environment: ["PS1": Self.shell, "HISTFILE": "/dev/null", "LC_ALL": "C"]
        )
        try await terminal.writes(Self.shell, after: 0)
        return terminal
    }

    /// Types a command, and waits for a text that comes after it.
    private static func type(_ command: String, until text: String, on terminal: PseudoTerminal) async throws {
        let before = terminal.written.count
        terminal.type(command)
        try await terminal.writes(text, after: before)
    }

    private static func start(_ lab: WatchedLesson, on terminal: PseudoTerminal) async throws -> pid_t {
        let words = ([Program.path] + lab.arguments).map { "'\($0)'" }.joined(separator: " ")
        try await Self.type(words + "\n", until: "not checked yet", on: terminal)
        let watch = RunningProgram.descendants(of: terminal.processID).first {
            RunningProgram.commandLine(of: $0).contains("lesson watch")
        }
        return try #require(watch)
    }

    private static func isStopped(_ process: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        return status.split(separator: ")").last?.split(separator: " ").first == "T"
    }

    @Test func `gives the terminal back when it is stopped, and takes and draws it anew when it goes on`() async throws
    {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try await Self.bash()
        let watch = try await Self.start(lab, on: terminal)
        #expect(terminal.isRaw)
        var before = terminal.written.count
        try await Self.type("\u{1A}", until: "Stopped", on: terminal)
        #expect(Self.isStopped(watch))
        #expect(terminal.isAsBefore)
        let said = String(decoding: terminal.written.dropFirst(before), as: UTF8.self)
        #expect(said.contains(Self.goodbye))
        // In the size that the terminal has by then.
        terminal.resize(columns: 60, rows: 20)
        before = terminal.written.count
        try await Self.type("fg\n", until: "not checked yet", on: terminal)
        #expect(terminal.isRaw)
        #expect(String(decoding: terminal.written.dropFirst(before), as: UTF8.self).contains("\u{1B}[?1049h"))
        try await terminal.waits("a smaller screen, not '\(terminal.screen)'") {
            terminal.screen.split(separator: "\r\n", omittingEmptySubsequences: false).count == 20
        }
        // It watches as before.
        try lab.write(lab.solution)
        try await terminal.shows("passed. s says why")
        try await Self.type("q", until: Self.shell, on: terminal)
        #expect(terminal.isAsBefore)
        try await Self.type("echo ends with $?.\n", until: "ends with 0.", on: terminal)
    }

    @Test func `leaves the terminal alone while it is told to go on in the background`() async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try await Self.bash()
        let watch = try await Self.start(lab, on: terminal)
        try await Self.type("\u{1A}", until: "Stopped", on: terminal)
        let before = terminal.written.count
        terminal.type("bg\n")
        try await terminal.writes(" &", after: before)
        try await terminal.waits("its stop in the background, in '\(terminal.text)'") {
            try await Self.type("jobs; echo asked\n", until: "\r\nasked", on: terminal)
            return String(decoding: terminal.written.dropFirst(before), as: UTF8.self).contains("Stopped")
        }
        #expect(Self.isStopped(watch))
        #expect(terminal.isAsBefore)
        try await Self.type("fg\n", until: "not checked yet", on: terminal)
        #expect(terminal.isRaw)
        try await Self.type("q", until: Self.shell, on: terminal)
        #expect(terminal.isAsBefore)
        try await Self.type("echo ends with $?.\n", until: "ends with 0.", on: terminal)
    }

    @Test func `ends its check before it stops, and begins it again afterwards`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try await Self.bash()
        let watch = try await Self.start(lab, on: terminal)
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: watch, on: terminal)
        try await Self.type("\u{1A}", until: "Stopped", on: terminal)
        try await terminal.outlives(started)
        terminal.type("fg\n")
        let again = try await lab.balancer(of: watch, on: terminal)
        // Ctrl-C ends the watch and not the shell.
        try await Self.type("\u{3}", until: Self.shell, on: terminal)
        try await terminal.outlives(again)
        #expect(terminal.isAsBefore)
        try await Self.type("echo ends with $?.\n", until: "ends with 0.", on: terminal)
    }

    @Test(arguments: [true, false])
    func `ends with its shell when the window is closed, stopped or not`(isStopped: Bool) async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try await Self.bash()
        let watch = try await Self.start(lab, on: terminal)
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: watch, on: terminal)
        if isStopped { try await Self.type("\u{1A}", until: "Stopped", on: terminal) }
        terminal.hangUp()
        try await terminal.outlives([terminal.processID, watch] + started)
    }
}
