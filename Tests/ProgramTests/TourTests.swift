import ELBTestSupport
import FoundationEssentials
import Glibc
import Subprocess
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized) struct `The tour` {
    @Test func `shows what it promises and leaves no process behind`() async throws {
        let outcome = try await Program.run("tour", "--plain", "--seed", "3")
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.error)")
        #expect(outcome.output.contains("200 requests by libcurl"))
        #expect(outcome.output.contains("ok: no client sees an error"))
        #expect(!outcome.output.contains("NOT SO"))
        let children = Self.children(in: outcome.output)
        #expect(children.count == 4)
        #expect(children.allSatisfy { !Self.isAlive($0) })
    }

    @Test func `loses a zone under load, and clients notice as long as they may`() async throws {
        let outcome = try await Program.run("tour", "--zones", "--plain", "--seed", "3")
        #expect(outcome.code == 0, "\(outcome.output)\(outcome.error)")
        #expect(outcome.output.contains(/\+ 80 s +\d+ sent +0 failed +the name stands for: b\n/))
        #expect(!outcome.output.contains("NOT SO"))
        #expect(Self.children(in: outcome.output).allSatisfy { !Self.isAlive($0) })
    }

    @Test func `stops everything on Ctrl-C, and says so`() async throws {
        let result = try await Subprocess.run(
            .path(Program.filePath(Program.path)),
            arguments: ["tour", "--plain", "--seed", "3"],
            input: .none,
            output: .sequence,
            error: .string(limit: 65_536)
        ) { execution in
            var text = ""
            for try await line in execution.standardOutput.strings() {
                text += line + "\n"
                // The backends run and the balancer is being set up.
                if line.hasPrefix("2. ") { try execution.send(signal: .interrupt) }
            }
            return text
        }
        #expect(Program.code(result.terminationStatus) == 1)
        #expect(result.standardError.contains("interrupted; everything is stopped"))
        let children = Self.children(in: result.closureResult)
        #expect(children.count == 4)
        #expect(children.allSatisfy { !Self.isAlive($0) })
    }

    /// The process ids that the tour prints.
    private static func children(in output: String) -> [Int32] {
        output.matches(of: /process (\d+)/).compactMap { Int32($0.output.1) }
    }

    private static func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 }
}
