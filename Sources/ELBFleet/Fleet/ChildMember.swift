import Subprocess
import Synchronization

/// A backend in a child process of its own. The child answers one JSON line per command on its standard output and ends
/// itself when its standard input does, so it cannot outlive us, whatever kills us.
final class ChildMember: FleetMember {
    private struct State {
        var processID: Int32?
        var execution: (@Sendable (Signal) -> Void)?
        /// Numbers of commands that were accepted and not answered, oldest first: the order of the replies.
        var unanswered: [Int] = []
        /// Who waits for the reply to the command of that number. Those who gave up are gone.
        var replies: [Int: CheckedContinuation<FleetReply, any Error>] = [:]
        var nextNumber = 1
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
    private let commands: AsyncStream<[UInt8]>.Continuation

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
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let child = ChildMember(description, continuation)
        Task { await child.run(executable, arguments, stream) }
        let reply = try await child.send(.launch([description]))
        if case .refused(let refusal) = reply {
            await child.shutDown()
            throw BackendError(refusal.code, refusal.message)
        }
        return child
    }

    private init(_ description: BackendDescription, _ commands: AsyncStream<[UInt8]>.Continuation) {
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
        let failure: (any Error)?
        do {
            _ = try await self.send(.status(.all), within: .seconds(5))
            failure = nil
        } catch {
            failure = error
        }
        return self.state.withLock { state in
            var status = state.lastStatus
            if (failure as? BackendError)?.code == .timedOut { status.faults.append("does not answer its fleet") }
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

    /// The child's reply.
    /// - Throws: `BackendError.notRunning`, or `.timedOut` when a child that stands still does not reply.
    private func send(_ command: FleetCommand, within limit: Duration = .seconds(30)) async throws -> FleetReply {
        let line = try ControlLines.encode(command)
        let number = self.state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        let watch = Task {
            try await Task.sleep(for: limit)
            let waiting = self.state.withLock { $0.replies.removeValue(forKey: number) }
            waiting?.resume(throwing: BackendError(.timedOut, "\(self.description.name) does not answer"))
        }
        defer { watch.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            let isAccepted = self.state.withLock { state in
                // Handed over under the lock, so that numbers stand in the order of the lines.
                guard state.ending == nil, case .enqueued = self.commands.yield(line) else { return false }
                state.unanswered.append(number)
                state.replies[number] = continuation
                return true
            }
            if !isAccepted { continuation.resume(throwing: self.deadError()) }
        }
    }

    private func deadError() -> BackendError {
        let ending = self.state.withLock { $0.ending } ?? "it is being stopped"
        return BackendError(.notRunning, "\(self.description.name) does not run: \(ending)")
    }

    // The child's life, in one task.

    private func run(_ executable: String, _ arguments: [String], _ stream: AsyncStream<[UInt8]>) async {
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
    }

    private func serve(
        _ input: StandardInputWriter,
        _ output: SubprocessOutputSequence,
        _ stream: AsyncStream<[UInt8]>
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await line in stream {
                    // A child that is gone does not read; the end of its output tells all who wait.
                    _ = try? await input.write(line.span.bytes)
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
                self.state.withLock { state -> CheckedContinuation<FleetReply, any Error>? in
                    if case .success(.status(let statuses)) = reply, let status = statuses.first {
                        state.lastStatus = status
                    }
                    guard !state.unanswered.isEmpty else { return nil }
                    return state.replies.removeValue(forKey: state.unanswered.removeFirst())
                }?.resume(with: reply)
            }
        }
    }

    private func childEnded(_ ending: String) {
        let (replies, waiters) = self.state.withLock { state in
            state.ending = ending
            state.execution = nil
            defer { (state.unanswered, state.replies, state.waiters) = ([], [:], []) }
            return (state.replies.values, state.waiters)
        }
        self.commands.finish()
        let error = self.deadError()
        for continuation in replies { continuation.resume(throwing: error) }
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
