import ELBFleet
import ELBTestSupport
import FoundationEssentials
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1))) struct `A backend's control program` {
    /// Runs it with this input, which then ends, and gives the lines that it answers.
    private func replies(to input: String) async throws -> [FleetReply] {
        let directory = FileManager.default.temporaryDirectory
        let commands = directory.appending(path: "elblab-test-\(UUID().uuidString)")
        let answers = directory.appending(path: "elblab-test-\(UUID().uuidString)")
        defer {
            try? FileManager.default.removeItem(at: commands)
            try? FileManager.default.removeItem(at: answers)
        }
        try Data(input.utf8).write(to: commands)
        let from = open(commands.path, O_RDONLY)
        let to = open(answers.path, O_WRONLY | O_CREAT, 0o600)
        defer {
            close(from)
            close(to)
        }
        try await ControlProgram.run(input: from, output: to)
        return try Data(contentsOf: answers).split(separator: 0x0A).map {
            try ControlLines.decode(FleetReply.self, from: $0)
        }
    }

    @Test func `answers everything that it read before the input's end`() async throws {
        let replies = try await self.replies(
            to: """
                {"launch":{"backends":[{"name":"a","ports":[0]}]}}
                {"log":{"query":{"containing":"x"}}}
                {"status":{}}
                """
        )
        guard replies.count == 3, case .status(let statuses) = replies[0], case .log = replies[1] else {
            Issue.record("\(replies)")
            return
        }
        // The last line has no line feed and counts all the same.
        #expect(replies[2] == .status(statuses))
        // With the program, its backends are gone.
        let port = Int(try #require(statuses.first?.ports.first))
        await #expect(throws: (any Error).self) { try await RawClient.connect(port) }
    }

    @Test func `refuses what is not a command and goes on`() async throws {
        let replies = try await self.replies(
            to: """
                rubbish

                {"status":{},"heal":{}}
                {"launch":{"backends":[{"ports":[0]}]}}
                {"fault":{"rule":{"fault":{"hang":{}},"scope":"all","after":9223372036854775807,"count":1}}}
                {"status":{}}

                """
        )
        #expect(replies.count == 6)
        for reply in replies.dropLast() {
            guard case .refused(let refusal) = reply else {
                Issue.record("\(reply)")
                continue
            }
            #expect(refusal.code == .invalid && !refusal.message.contains("\n"))
        }
        #expect(replies.last == .status([]))
    }

    @Test func `says when it cannot read or write`() async throws {
        let error = await #expect(throws: BackendError.self) { try await ControlProgram.run(input: -1, output: -1) }
        #expect(error?.message.contains("cannot read standard input: ") == true)
    }
}
