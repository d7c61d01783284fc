import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Using the program` {
    @Test func `shows its help, on standard output, and ends well`() async throws {
        let outcome = try await Program.run("--help")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("A laboratory for Elastic Load Balancing"))
        #expect(outcome.output.contains("Exit codes: 0 done"))
        #expect(outcome.error.isEmpty)
    }

    @Test func `shows its help when nothing is asked of it`() async throws {
        let outcome = try await Program.run()
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("USAGE: elblab"))
    }

    @Test func `says its version in one word`() async throws {
        let outcome = try await Program.run("--version")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains(/^\d+\.\d+\.\d+\n$/))
    }

    @Test(arguments: ["--no-such-option", "no-such-verb"])
    func `ends wrong usage with 2, and says on standard error what is wrong`(argument: String) async throws {
        let outcome = try await Program.run(argument)
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains(argument))
    }

    @Test func `has help with an example for every verb that it lists`() async throws {
        for verb in try await self.verbs() {
            let outcome = try await Program.run(verb, "--help")
            #expect(outcome.code == 0, "\(verb)")
            #expect(outcome.output.contains("elblab \(verb)"), "\(verb)")
        }
    }

    @Test func `writes no colours and moves no cursor when its output is no terminal`() async throws {
        for verb in try await self.verbs() {
            let outcome = try await Program.run(verb, "--help", environment: ["TERM": "xterm-256color"])
            #expect(!outcome.output.contains("\u{1B}"), "\(verb)")
        }
    }

    @Test func `is what the README says: every command named there exists`() async throws {
        let readme = try String(contentsOfFile: Program.projectFile("README.md"), encoding: .utf8)
        let known = Set(try await self.verbs()).union(["balancer", "backend"])
        for command in readme.matches(of: /`elblab ([a-z]+)/) {
            #expect(known.contains(String(command.output.1)), "elblab \(command.output.1)")
        }
    }

    /// The subcommands in the order of the help.
    private func verbs() async throws -> [String] {
        let help = try await Program.run("--help").output
        return help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst().compactMap { line in
            line.firstMatch(of: /^  ([a-z]+)(?:$| )/).map { String($0.output.1) }
        }
    }
}
