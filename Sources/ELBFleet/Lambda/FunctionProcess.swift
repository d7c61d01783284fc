import Subprocess
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// One run of a function's program: bytes in, bytes out, and an end in time. The program and whatever it starts are one process
/// group, and none of them outlives the call, nor the process that made it.
final class FunctionProcess: Sendable {
    /// How a run ended and what it wrote.
    struct Outcome: Hashable, Sendable {
        enum Ending: Hashable, Sendable {
            case exited(Int32)
            case signaled(Int32)
            case timedOut
            case tooMuchOutput
            case notStarted(String)
        }

        var ending: Ending
        var output: [UInt8] = []
        /// The end of standard error.
        var log: [UInt8] = []
    }

    private struct State {
        /// The process group, once there is one.
        var group: Int32?
        /// Why we ended it, if we did.
        var verdict: Outcome.Ending?
        var output: [UInt8] = []
        var log: [UInt8] = []
    }

    /// Most bytes of standard output: Lambda's limit of a response, 6 MB.
    static let outputLimit = 6 << 20
    /// Bytes of standard error that are kept, the last ones: as many as the Invoke API returns.
    static let logLimit = 4096

    private let arguments: [String]
    private let environment: [String: String]
    private let timeout: Duration
    private let state = Mutex(State())

    init(_ arguments: [String], environment: [String: String], timeout: Duration) {
        self.arguments = arguments
        self.environment = environment
        self.timeout = timeout
    }

    /// Ends the group when the process that started it is gone, because nobody is left to do it then.
    private static let script = """
        parent=$PPID
        (while kill -0 "$parent"; do sleep 1; done; kill -s KILL -- "-$$") </dev/null >/dev/null 2>&1 &
        exec "$@"
        """

    /// Runs the program once; cancelling the task ends it.
    func run(input: [UInt8]) async -> Outcome {
        await withTaskCancellationHandler {
            await self.launch(input)
        } onCancel: {
            self.end(.signaled(SIGKILL))
        }
    }

    private func launch(_ input: [UInt8]) async -> Outcome {
        var options = PlatformOptions()
        options.processGroupID = 0
        let watch = Task {
            try await Task.sleep(for: self.timeout)
            self.end(.timedOut)
        }
        var ending: Outcome.Ending
        do {
            let result = try await Subprocess.run(
                .path(Self.literal("/bin/sh")),
                arguments: Arguments(["-c", Self.script, "sh"] + self.arguments),
                environment: .inherit.updating(Self.updates(self.environment)),
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .sequence
            ) { execution in
                self.started(Int32(execution.processIdentifier.value))
                await self.exchange(
                    input,
                    execution.standardInputWriter,
                    execution.standardOutput,
                    execution.standardError
                )
            }
            switch result.terminationStatus {
            case .exited(let code): ending = .exited(Int32(code))
            case .signaled(let signal): ending = .signaled(Int32(signal))
            }
        } catch {
            ending = .notStarted("\(error)")
        }
        watch.cancel()
        // The watching shell, and whatever the program left running.
        self.killGroup()
        return self.state.withLock { state in
            Outcome(ending: state.verdict ?? ending, output: state.output, log: state.log)
        }
    }

    private static func updates(_ environment: [String: String]) -> [Environment.Key: String?] {
        var updates: [Environment.Key: String?] = [:]
        for (name, value) in environment { updates[Self.literal(name)] = value }
        return updates
    }

    /// A value of a type that is only made from literals, or whose module is not one of ours to import.
    private static func literal<Value: ExpressibleByStringLiteral>(_ text: String) -> Value
    where Value.StringLiteralType == String {
        Value(stringLiteral: text)
    }

    private func exchange(
        _ input: [UInt8],
        _ writer: StandardInputWriter,
        _ output: SubprocessOutputSequence,
        _ errors: SubprocessOutputSequence
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // A program that does not read its event is free to.
                _ = try? await writer.write(input.span.bytes)
                try? await writer.finish()
            }
            group.addTask { try? await self.readOutput(output) }
            group.addTask { try? await self.readLog(errors) }
            await group.waitForAll()
        }
    }

    private func readOutput(_ sequence: SubprocessOutputSequence) async throws {
        for try await buffer in sequence {
            let isTooMuch = self.state.withLock { state in
                guard state.output.count + buffer.count <= Self.outputLimit else { return true }
                buffer.withUnsafeBytes { state.output += $0 }
                return false
            }
            if isTooMuch { self.end(.tooMuchOutput) }
        }
    }

    private func readLog(_ sequence: SubprocessOutputSequence) async throws {
        for try await buffer in sequence {
            self.state.withLock { state in
                buffer.withUnsafeBytes { state.log += $0 }
                if state.log.count > Self.logLimit { state.log.removeFirst(state.log.count - Self.logLimit) }
            }
        }
    }

    private func started(_ group: Int32) {
        let isOver = self.state.withLock { state in
            state.group = group
            return state.verdict != nil
        }
        if isOver { self.killGroup() }
    }

    private func end(_ verdict: Outcome.Ending) {
        self.state.withLock { state in
            if state.verdict == nil { state.verdict = verdict }
        }
        self.killGroup()
    }

    private func killGroup() {
        guard let group = self.state.withLock({ $0.group }) else { return }
        // While somebody is left in a group, its number belongs to nobody else.
        _ = kill(-group, SIGKILL)
    }
}
