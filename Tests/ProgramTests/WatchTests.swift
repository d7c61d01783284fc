import FoundationEssentials
import Glibc
import Testing

/// Lesson 01's answer is judged without a lab, so that these are about watching; lesson 04's model answer takes a while, for what happens
/// meanwhile.
@Suite(.timeLimit(.minutes(5)), .serialized) struct `A watched answer` {
    @Test func `is judged when it is saved, however an editor saves it, and not when it is touched`() async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        try lab.write(lab.solution)
        try await terminal.shows("passed. s says why")
        try await terminal.waits("the first attempt's record") { lab.attempts == 1 }
        // Touched: nothing to judge. Saved by rename: judged. What is judged second is judged after both.
        utimes(lab.answer, nil)
        try lab.solution.replacing("t3.", with: "t9.").write(
            toFile: lab.answer + ".new",
            atomically: false,
            encoding: .utf8
        )
        rename(lab.answer + ".new", lab.answer)
        try await terminal.shows("cannot be graded")
        try await terminal.waits("the second attempt's record") { lab.attempts == 2 }
        unlink(lab.answer)
        try await terminal.shows("the answer is not there")
        try lab.write("")
        try await terminal.shows("the answer is empty")
        try lab.write(lab.solution)
        try await terminal.shows("passed. s says why")
        terminal.type("q")
        #expect(try await terminal.end() == 0)
        #expect(terminal.isAsBefore)
        #expect(terminal.text.contains("\u{1B}[?1049l"))
    }

    @Test func `shows hints, explanations and lists, and asks before it resets or tells the solution`() async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        terminal.type("r")
        try await terminal.shows("FAIL")
        terminal.type("h")
        try await terminal.shows("hint 1 of 3")
        terminal.type("ㄷ")
        try await terminal.shows("exercise")
        terminal.type("l")
        try await terminal.shows("* 01-vertical-scaling")
        terminal.type("s")
        try await terminal.shows("press s again")
        try lab.write("mine")
        try await terminal.shows("cannot be graded")
        terminal.type("x")
        try await terminal.shows("x again puts the starter back")
        terminal.type("x")
        try await terminal.shows("not checked yet")
        #expect(try String(contentsOfFile: lab.folder + ".backup-1/answer.yaml", encoding: .utf8) == "mine")
        terminal.type("n")
        try await terminal.shows("02-horizontal-scaling / a-config")
        terminal.type("\u{4}")
        #expect(try await terminal.end() == 0)
        #expect(terminal.isAsBefore)
    }

    @Test(arguments: ["\u{3}", "TERM", "HUP"])
    func `leaves the terminal as it was and no process behind`(end: String) async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        #expect(!terminal.isAsBefore)
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: terminal.processID, on: terminal)
        switch end {
        case "TERM": kill(terminal.processID, SIGTERM)
        case "HUP": kill(terminal.processID, SIGHUP)
        case _: terminal.type(end)
        }
        #expect(try await terminal.end() == 0)
        #expect(terminal.isAsBefore)
        try await terminal.outlives(started)
    }

    @Test func `takes its check along even when it is killed`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: terminal.processID, on: terminal)
        kill(terminal.processID, SIGKILL)
        try await terminal.outlives(started)
    }

    @Test func `survives a check that dies`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: terminal.processID, on: terminal)
        kill(started[0], SIGKILL)
        try await terminal.shows("the check ended before it was done")
        terminal.type("q")
        #expect(try await terminal.end() == 0)
        #expect(terminal.isAsBefore)
    }

    @Test func `is judged anew when it changes during a check, and the check before leaves nothing`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: terminal.processID, on: terminal)
        try lab.write("Resources: [")
        try await terminal.shows("cannot be graded")
        try await terminal.outlives(started)
        try await terminal.waits("the record of one attempt") { lab.attempts == 1 }
        terminal.type("q")
        #expect(try await terminal.end() == 0)
    }

    @Test func `draws itself anew in the size that the terminal has by then`() async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        terminal.resize(columns: 60, rows: 20)
        try await terminal.waits("a smaller screen, not '\(terminal.screen)'") {
            terminal.screen.split(separator: "\r\n", omittingEmptySubsequences: false).count == 20
        }
        terminal.type("q")
        #expect(try await terminal.end() == 0)
        #expect(terminal.isAsBefore)
    }

    @Test func `is over when the terminal is closed, and leaves no process behind`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let terminal = try lab.watch()
        try await terminal.shows("not checked yet")
        try lab.write(lab.solution)
        let started = try await lab.balancer(of: terminal.processID, on: terminal)
        terminal.hangUp()
        _ = try await terminal.end()
        try await terminal.outlives(started)
    }

    @Test func `is told of line by line where there is no terminal`() async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let arguments = ["lesson", "watch", "01", "--workspace", lab.workspace, "--lang", "ko", "--poll"]
        let outcome = try await RunningProgram.with(arguments) { program in
            try await program.waits(for: "저장할 때마다 채점합니다")
            try lab.write(lab.solution)
            try await program.waits(for: "통과했습니다")
        }
        #expect(outcome.code == 0)
        #expect(!outcome.output.contains("\u{1B}"))
        #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix("통과 ") })
    }

    @Test(arguments: ["dumb", "xterm"])
    func `moves no cursor on a terminal that asks for that, and takes letters with Enter`(name: String) async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try lab.watch(name == "dumb" ? [] : ["--plain"], environment: ["TERM": name])
        try await terminal.shows("keys, each followed by Enter")
        terminal.type("h\n")
        try await terminal.shows("hint 1 of 3")
        terminal.type("q\n")
        #expect(try await terminal.end() == 0)
        #expect(!terminal.text.contains("\u{1B}"))
    }
}
