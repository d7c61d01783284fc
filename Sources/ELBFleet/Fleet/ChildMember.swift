import Subprocess
import Synchronization

/// A backend in a child process of its own. The child answers one JSON line per command on its standard output and ends
/// itself when its standard input does, so it cannot outlive us, whatever kills us.
final class ChildMember: FleetMember {
    private struct Exchange {
        let line: [UInt8]
        let reply: CheckedContinuation<FleetReply, any Error>
    }

    private struct State {
        var processID: Int32?
        var execution: (@Sendable (Signal) -> Void)?
        /// Commands that the child has been given and not answered, oldest first.
        var unanswered: [CheckedContinuation<FleetReply, any Error>] = []
        /// The last status that the child told; a dead child is shown by it.
        var lastStatus: BackendStatus
        /// How the process ended; set once it has been reaped.
        var ending: String?
        var isStopping = false
        /// Who waits for that end.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let description: BackendDescription
    private let state: Mutex<State>
    private let commands: AsyncStream<Exchange>.Continuation

    /// Starts the child and waits until its ports accept connections.
    /// - Parameters:
    ///   - executable: the program, `elblab`.
    ///   - arguments: what makes it a backend, `["backend"]`.
    /// - Throws: `BackendError`: what the child refused, or that it could not be started.
    static func launch(
        _ description: BackendDescription,
        executable: String,
        arguments: [String]
    ) async throws -> ChildMember {
        let (stream, continuation) = AsyncStream.makeStream(of: Exchange.self)
        let child = ChildMember(description, continuation)
        Task { await child.run(executable, arguments, stream) }
        let reply = try await child.send(.launch([description]))
        if case .refused(let refusal) = reply {
            await child.shutDown()
            throw BackendError(refusal.code, refusal.message)
        }
        return child
    }

    private init(_ description: BackendDescription, _ commands: AsyncStream<Exchange>.Continuation) {
        self.description = description
        self.commands = commands
        self.state = Mutex(State(lastStatus: BackendStatus(description: description, ports: description.ports)))
    }

    func perform(_ command: FleetCommand) async throws -> FleetReply {
        let reply = try await self.send(command)
        if case .refused(let refusal) = reply { throw BackendError(refusal.code, refusal.message) }
        return reply
    }

    func status() async -> BackendStatus {
        _ = try? await self.send(.status(.all))
        return self.state.withLock { state in
            var status = state.lastStatus
            status.processID = state.ending == nil ? state.processID : nil
            if let ending = state.ending {
                status.state = state.isStopping ? .stopped : .dead
                status.ending = ending
                (status.serving, status.waiting, status.connections) = (0, 0, 0)
            }
            return status
        }
    }

    func kill() async {
        self.state.withLock { $0.execution }?(.kill)
        await self.waitUntilEnded()
    }

    func shutDown() async {
        self.state.withLock { $0.isStopping = true }
        // The end of its standard input tells the child to end.
        self.commands.finish()
        let giveUp = Task {
            try await Task.sleep(for: .seconds(5))
            self.state.withLock { $0.execution }?(.kill)
        }
        await self.waitUntilEnded()
        giveUp.cancel()
    }

    /// Waits also in a task that was cancelled: that is how Ctrl-C stops the fleet, and it must not leave before its children.
    private func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let isOver = self.state.withLock { state in
                if state.ending == nil { state.waiters.append(continuation) }
                return state.ending != nil
            }
            if isOver { continuation.resume() }
        }
    }

    private func send(_ command: FleetCommand) async throws -> FleetReply {
        let line = try ControlLines.encode(command)
        return try await withCheckedThrowingContinuation { continuation in
            let isOver = self.state.withLock { $0.ending != nil }
            guard !isOver, case .enqueued = self.commands.yield(Exchange(line: line, reply: continuation)) else {
                continuation.resume(throwing: self.deadError())
                return
            }
        }
    }

    private func deadError() -> BackendError {
        let ending = self.state.withLock { $0.ending } ?? "it is being stopped"
        return BackendError(.notRunning, "\(self.description.name) does not run: \(ending)")
    }

    // The child's life, in one task.

    private func run(_ executable: String, _ arguments: [String], _ stream: AsyncStream<Exchange>) async {
        var options = PlatformOptions()
        // A group of its own: Ctrl-C in the terminal reaches the parent, which ends its children in order.
        options.processGroupID = 0
        var ending: String
        do {
            let result = try await Subprocess.run(
                .path(Self.filePath(executable)),
                arguments: Arguments(arguments),
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { execution in
                self.state.withLock { state in
                    state.processID = Int32(execution.processIdentifier.value)
                    state.execution = { signal in try? execution.send(signal: signal) }
                }
                await self.serve(execution.standardInputWriter, execution.standardOutput, stream)
            }
            ending = Self.words(result.terminationStatus)
        } catch {
            ending = "cannot start \(executable): \(error)"
        }
        self.childEnded(ending)
        // Commands that were handed over when nobody read them any more.
        for await exchange in stream { exchange.reply.resume(throwing: self.deadError()) }
    }

    private func serve(
        _ input: StandardInputWriter,
        _ output: SubprocessOutputSequence,
        _ stream: AsyncStream<Exchange>
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await exchange in stream {
                    self.state.withLock { $0.unanswered.append(exchange.reply) }
                    // A child that is gone does not read; the end of its output tells all who wait.
                    _ = try? await input.write(exchange.line.span.bytes)
                }
                try? await input.finish()
            }
            group.addTask {
                try? await self.readReplies(output)
            }
            // Whichever side ends first, the other has nothing left to do: the child ended, or was asked to.
            await group.next()
            self.commands.finish()
            await group.waitForAll()
        }
    }

    private func readReplies(_ output: SubprocessOutputSequence) async throws {
        var lines = ControlLines.Splitter()
        for try await buffer in output {
            lines.append(buffer.withUnsafeBytes { Array($0) })
            while let line = try lines.next() {
                let reply = Result { try ControlLines.decode(FleetReply.self, from: line) }
                self.state.withLock { state in
                    if case .success(.status(let statuses)) = reply, let status = statuses.first {
                        state.lastStatus = status
                    }
                    return state.unanswered.isEmpty ? nil : state.unanswered.removeFirst()
                }?.resume(with: reply)
            }
        }
    }

    private func childEnded(_ ending: String) {
        let (unanswered, waiters) = self.state.withLock { state in
            state.ending = ending
            state.execution = nil
            defer { (state.unanswered, state.waiters) = ([], []) }
            return (state.unanswered, state.waiters)
        }
        self.commands.finish()
        let error = self.deadError()
        for continuation in unanswered { continuation.resume(throwing: error) }
        for continuation in waiters { continuation.resume() }
    }

    /// A `FilePath`, whose module belongs to Subprocess and is not one of ours to import.
    private static func filePath<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }

    private static func words(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "ended with code \(code)"
        case .signaled(let signal): "killed by signal \(signal)"
        }
    }
}
