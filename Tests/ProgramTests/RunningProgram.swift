import ELBTestSupport
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization

/// The built program while it runs.
struct RunningProgram: Sendable {
    let processID: pid_t
    private let output: Mutexed

    /// Both streams so far.
    var text: String { self.output.value.withLock { $0 } }

    /// A lock that can be shared.
    private final class Mutexed: Sendable {
        let value = Mutex("")
    }

    /// Starts the program, runs `body`, ends the program if `body` did not, and tells how it ended.
    static func with(
        _ arguments: [String],
        environment: [String: String] = [:],
        body: @Sendable @escaping (RunningProgram) async throws -> Void
    ) async throws -> Program.Outcome {
        let output = Mutexed()
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(10))]
        let result = try await Subprocess.run(
            .path(Program.filePath(Program.path)),
            arguments: Arguments(arguments),
            environment: Program.environment(environment),
            platformOptions: options,
            input: .inputWriter,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            let program = RunningProgram(processID: execution.processIdentifier.value, output: output)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let stream = execution.standardOutput
                group.addTask {
                    for try await buffer in stream {
                        let text = buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                        output.value.withLock { $0 += text }
                    }
                }
                do {
                    try await body(program)
                } catch {
                    kill(program.processID, SIGKILL)
                    throw error
                }
                if !program.hasEnded { kill(program.processID, SIGTERM) }
                try await group.waitForAll()
            }
        }
        return Program.Outcome(
            code: Program.code(result.terminationStatus),
            output: output.value.withLock { $0 },
            error: ""
        )
    }

    /// Whether the process is gone, but for its place in the table.
    var hasEnded: Bool { Self.hasEnded(self.processID) }

    static func hasEnded(_ process: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = status.lastIndex(of: ")")
        else { return true }
        return status[end...].dropFirst(2).first == "Z"
    }

    /// The processes that it started.
    var children: [pid_t] { Self.children(of: self.processID) }

    /// The processes that it started, those that these started, and so on.
    var descendants: [pid_t] { Self.descendants(of: self.processID) }

    static func descendants(of process: pid_t) -> [pid_t] {
        var found: [pid_t] = []
        var next = Self.children(of: process)
        while !next.isEmpty {
            found += next
            next = next.flatMap { Self.children(of: $0) }
        }
        return found
    }

    private static func children(of process: pid_t) -> [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return tasks.flatMap { task in
            let file = "/proc/\(process)/task/\(task)/children"
            return ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: " ").compactMap {
                pid_t($0)
            }
        }
    }

    /// What a process was started with, in one line.
    static func commandLine(of process: pid_t) -> String {
        let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: bytes.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }

    func signal(_ signal: Int32) { kill(self.processID, signal) }

    /// Waits until it has printed the text.
    func waits(for text: String) async throws {
        try await Self.waits("the text '\(text)' in '\(self.text)'") { self.text.contains(text) }
    }

    /// Waits until a condition holds.
    static func waits(
        _ what: @autoclosure () -> String,
        atMost limit: Duration = .seconds(15),
        until holds: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while !(try await holds()) {
            guard ContinuousClock.now < deadline else {
                throw RawHTTP.Failure(description: "waited \(limit) for \(what())")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
