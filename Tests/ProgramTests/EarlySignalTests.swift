import FoundationEssentials
import Glibc
import Testing

/// Ctrl-C and SIGTERM that come before a command watches for them: here before its first instruction, which no machine can be too fast for.
@Suite(.timeLimit(.minutes(3)), .serialized) struct `A signal that comes early` {
    @Test(arguments: [SIGINT, SIGTERM])
    func `ends a lab in order, as one that comes later does`(signal: Int32) async throws {
        let folder = try LabFolder()
        let terminal = try PseudoTerminal(folder.arguments, pending: signal)
        #expect(try await terminal.end() == 0)
    }

    @Test func `ends a check, which says so, and an answer's grading`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let check = ["lesson", "check", "04", "--workspace", lab.workspace, "--lang", "en"]
        let answer = Program.projectFile("lessons/solutions/04-health-checks/a-config/answer.yaml")
        for arguments in [check, ["grade", answer, "--lesson", "04", "--exercise", "a-config", "--lang", "en"]] {
            let terminal = try PseudoTerminal(arguments, pending: SIGTERM)
            #expect(try await terminal.end() == 4)
            #expect(terminal.text.contains("interrupted"))
        }
    }

    @Test func `ends a check in its midst, which decides nothing more`() async throws {
        let lab = try WatchedLesson("04-health-checks")
        let folder = ["--workspace", lab.workspace, "--lang", "en"]
        _ = try await Program.run(["lesson", "start", "04"] + folder)
        try lab.write(lab.solution)
        let arguments = ["lesson", "check", "04", "--exercise", "a-config", "--stream"] + folder
        let outcome = try await RunningProgram.with(arguments) { program in
            try await RunningProgram.waits("the check's balancer", atMost: PseudoTerminal.patience) {
                program.descendants.contains { RunningProgram.commandLine(of: $0).contains("elblab balancer") }
            }
            program.signal(SIGTERM)
            try await RunningProgram.waits("its end", atMost: PseudoTerminal.patience) { program.hasEnded }
        }
        #expect(outcome.code == 4)
        #expect(outcome.output.contains("interrupted"))
        #expect(!outcome.output.contains(#""status": "error""#), "\(outcome.output)")
    }

    @Test func `ends a watch and leaves the terminal as it was`() async throws {
        let lab = try WatchedLesson("01-vertical-scaling")
        let terminal = try PseudoTerminal(lab.arguments, pending: SIGINT)
        #expect(try await terminal.end() == 0)
        #expect(terminal.isAsBefore)
    }

    @Test func `ends a command that watches nothing as it ends any process`() async throws {
        // Nobody accepts there, and the command waits for who does.
        let holder = try #require(PortHolder())
        let place = "http://127.50.1.62:\(holder.port)/"
        let terminal = try PseudoTerminal(["load", place, "--requests", "1"], pending: SIGINT)
        #expect(try await terminal.end() == -SIGINT)
    }
}
