import FoundationEssentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(2)), .serialized) struct `The author's check` {
    @Test(arguments: [SIGINT, SIGTERM])
    func `ends everything that a page started when a signal ends it`(signal: Int32) async throws {
        let page = try HeldPage()
        let left = Collected<pid_t>()
        let outcome = try await page.check { program in
            left.add(try await Self.started(by: program, for: page))
            program.signal(signal)
            try await RunningProgram.waits("the end of the check") { program.hasEnded }
            #expect(Self.alive(left.all) == [])
        }
        #expect(outcome.code == 4)
        #expect(outcome.output.contains("interrupted"))
        #expect(!outcome.output.contains("WRONG"))
    }

    @Test func `takes what a page started along even when it is killed`() async throws {
        let page = try HeldPage()
        let outcome = try await page.check { program in
            let left = try await Self.started(by: program, for: page)
            program.signal(SIGKILL)
            try await RunningProgram.waits("the end of \(Self.alive(left))") { Self.alive(left).isEmpty }
        }
        #expect(outcome.code == -SIGKILL)
    }

    /// The page's processes once it hangs: two shells, a lab with its backends, and a loop in the background among them.
    private static func started(by program: RunningProgram, for page: HeldPage) async throws -> [pid_t] {
        try await RunningProgram.waits("the page's last command; it said '\(program.text)'") { page.isReached }
        let processes = program.descendants
        let lines = processes.map { RunningProgram.commandLine(of: $0) }
        #expect(lines.contains { $0.contains("elblab up ") })
        #expect(lines.count { $0.contains("elblab backend ") } == 2)
        #expect(lines.count { $0.contains("bash --noprofile --norc") } >= 3)
        return processes
    }

    private static func alive(_ processes: [pid_t]) -> [String] {
        processes.filter { !RunningProgram.hasEnded($0) }.map { RunningProgram.commandLine(of: $0) }
    }
}

/// A folder in which the program finds one example, which starts a lab and a loop and then hangs.
private final class HeldPage: Sendable {
    private let lab: LabFolder
    private let home: String

    init() throws {
        self.lab = try LabFolder()
        self.home = FileManager.default.temporaryDirectory.path + "/elblab-home-\(UUID().uuidString)"
        let examples = self.home + "/docs/examples"
        try FileManager.default.createDirectory(atPath: examples, withIntermediateDirectories: true)
        for shared in ["lessons", "fixtures"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(self.home)/\(shared)",
                withDestinationPath: Program.projectFile(shared)
            )
        }
        try "[held](held.md)\n".write(toFile: "\(examples)/README.md", atomically: true, encoding: .utf8)
        try """
        # Held

        ```console
        $ elblab up \(self.lab.template) --time-scale 50
        ```

        ```console
        $ while :; do sleep 0.1; done &
        $ touch \(self.home)/reached
        $ sleep 100
        ```

        """.write(toFile: "\(examples)/held.md", atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.home) }

    var isReached: Bool { FileManager.default.fileExists(atPath: self.home + "/reached") }

    func check(_ body: @Sendable @escaping (RunningProgram) async throws -> Void) async throws -> Program.Outcome {
        try await RunningProgram.with(
            ["dev", "check", "--example", "held"],
            environment: ["ELBLAB_HOME": self.home],
            body: body
        )
    }
}
