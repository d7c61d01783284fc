package import ELBModel
internal import FoundationEssentials
internal import Glibc
internal import Subprocess

/// What a run asks of a subject, however it came to be running.
protocol RunningSubject: Sendable {
    /// The end of what it has written so far.
    var outputText: String { get }
    /// Whether it has ended by itself.
    var hasExited: Bool { get }
    /// Replaces its configuration; when it has taken over is for the caller to find out.
    func reload(_ configuration: SubjectConfiguration) async throws
}

/// A running subject. It lives as long as the scope of `Subject.withRunning` and never longer.
package struct Subject: RunningSubject, Sendable {
    package let command: SubjectCommand
    private let folder: String
    private let output: OutputTail
    private let process: pid_t
    private let threads: ThreadPool

    /// How long a subject may take to accept connections, and to stop; both from the contract.
    package static let readinessLimit = Duration.seconds(10)
    package static let stopLimit = Duration.seconds(5)

    /// The end of what it has written so far, both streams together.
    package var outputText: String { self.output.text }

    /// Starts the command with the configuration, waits until every listener accepts a connection, runs `body`, and stops
    /// the subject: SIGTERM, and SIGKILL to its process group when it takes too long. Cancelling does the same.
    package static func withRunning<Value: Sendable>(
        _ command: SubjectCommand,
        configuration: SubjectConfiguration,
        threads: ThreadPool,
        readinessLimit: Duration = Self.readinessLimit,
        body: @Sendable @escaping (Subject) async throws -> Value
    ) async throws -> Value {
        let folder = try Self.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try command.write(configuration, to: folder)
        let launch = try SubjectLaunch(command, folder: folder)
        let output = OutputTail()
        let outcome: (status: String, result: Result<Value, any Error>)
        do {
            let executed = try await run(
                launch.executable,
                arguments: Arguments(launch.arguments),
                environment: launch.environment,
                workingDirectory: launch.workingFolder.map { SubjectLaunch.path($0) },
                platformOptions: launch.options,
                // Held open and never written to: however we end, the subject's input ends with us.
                input: .inputWriter,
                output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                await Self.whileReading(execution.standardOutput, into: output) {
                    let subject = Subject(
                        command: command,
                        folder: folder,
                        output: output,
                        process: execution.processIdentifier.value,
                        threads: threads
                    )
                    let result = await Self.outcome {
                        try await subject.waitUntilListening(configuration, threads: threads, limit: readinessLimit)
                        return try await body(subject)
                    }
                    await execution.teardown(using: launch.options.teardownSequence)
                    try? await execution.standardInputWriter.finish()
                    // What the subject left behind goes too, in its group or out of it.
                    kill(-execution.processIdentifier.value, SIGKILL)
                    Leftovers.end(markedBy: folder)
                    return result
                }
            }
            outcome = ("\(executed.terminationStatus)", executed.closureResult)
        } catch let error as SubprocessError {
            throw SubjectFailure.notStarted("\(command.executable) cannot be started: \(error)")
        }
        let report = command.sandbox?.report(in: folder)
        do {
            return try outcome.result.get()
        } catch SubjectFailure.exited {
            let status = report?.ended.map { "it was ended: \($0)" } ?? outcome.status
            throw SubjectFailure.exited(status: status, output: output.text)
        }
    }

    /// Replaces the configuration file and tells the subject.
    package func reload(_ configuration: SubjectConfiguration) async throws {
        try self.command.write(configuration, to: self.folder)
        let isThere =
            switch self.command.engine?.reload ?? .signal(SIGHUP) {
            case .signal(let signal): kill(self.process, signal) == 0
            case .command(let text, let socket, let question, let count):
                await self.threads.run {
                    self.tell(text, at: "\(self.folder)/\(socket)") { LocalSocket.ask(question, at: $0).flatMap(count) }
                }
            case .watches: true
            }
        guard isThere, !self.hasExited else {
            throw SubjectFailure.exited(status: "before the reload", output: self.outputText)
        }
    }

    /// Says a line on the subject's own socket until it has been heard. Blocking.
    private func tell(_ text: String, at path: String, count: (String) -> Int?) -> Bool {
        let deadline = ContinuousClock.now + Self.readinessLimit
        var before: Int?
        while ContinuousClock.now < deadline, !self.hasExited {
            before = before ?? count(path)
            if let before {
                LocalSocket.ask(text, at: path)
                let patience = ContinuousClock.now + .seconds(2)
                while ContinuousClock.now < patience {
                    if let now = count(path), now > before { return true }
                    usleep(5000)
                }
            } else {
                usleep(5000)
            }
        }
        // What it did not hear shows in what it does.
        return !self.hasExited
    }

    /// Whether the process has ended; it stays in the table until it is stopped.
    package var hasExited: Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(self.process)/stat", encoding: .utf8),
            let end = status.lastIndex(of: ")")
        else { return true }
        let state = status[end...].dropFirst(2).first
        return state == "Z" || state == "X"
    }

    private func waitUntilListening(
        _ configuration: SubjectConfiguration,
        threads: ThreadPool,
        limit: Duration
    ) async throws {
        let deadline = ContinuousClock.now + limit
        for endpoint in configuration.listenerEndpoints {
            while !(await threads.run { Self.accepts(endpoint) }) {
                if self.hasExited { throw SubjectFailure.exited(status: "", output: self.outputText) }
                guard ContinuousClock.now < deadline else {
                    throw SubjectFailure.neverListened("\(endpoint)", output: self.outputText)
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Whether somebody takes a connection there. Blocking.
    static func accepts(_ endpoint: Endpoint) -> Bool {
        (try? RawConnection(to: endpoint, within: .seconds(1))) != nil
    }

    private static func outcome<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// Reads the output beside `body`, and stops reading with it: a grandchild may hold the pipe open.
    private static func whileReading<Value: Sendable>(
        _ sequence: SubprocessOutputSequence,
        into output: OutputTail,
        _ body: @Sendable @escaping () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask {
                // A read error ends the output, which is all that matters here.
                do {
                    for try await buffer in sequence {
                        buffer.withUnsafeBytes { output.append($0) }
                        // Who writes more than anybody reads gets less and less of our time.
                        if output.isExcessive { try await Task.sleep(for: .milliseconds(20)) }
                    }
                } catch {}
                return nil
            }
            group.addTask { await body() }
            for await value in group {
                guard let value else { continue }
                group.cancelAll()
                return value
            }
            preconditionFailure("the task that ran the subject's scope returned nothing")
        }
    }

    /// A new temporary folder.
    static func makeFolder() throws(SubjectFailure) -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-subject-\(UUID().uuidString)").path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw SubjectFailure.ours("a temporary folder cannot be made: \(folder)")
        }
        return Sandbox.canonical(folder)
    }
}

extension SubjectCommand {
    func arguments(folder: String) -> [String] {
        self.arguments + (self.engine?.arguments(folder: folder) ?? ["--config", "\(folder)/config.json"])
    }

    /// Writes what the subject reads, in the contract's form or its own.
    fileprivate func write(_ configuration: SubjectConfiguration, to folder: String) throws {
        let files =
            try self.engine?.files(for: configuration, folder: folder)
            ?? [EngineFile(name: "config.json", text: configuration.text)]
        // New ones first: who watches the others may be told by them to read those.
        let isThere = { (file: EngineFile) in FileManager.default.fileExists(atPath: "\(folder)/\(file.name)") }
        let (old, new) = (files.filter(isThere), files.filter { !isThere($0) })
        for file in new + old {
            let path = "\(folder)/\(file.name)"
            do {
                // By rename, so that the subject never reads half a file.
                try Data(file.text.utf8).write(to: URL(filePath: path), options: .atomic)
                // In a sandbox the reader is perhaps somebody else.
                if self.sandbox != nil { chmod(path, 0o644) }
            } catch {
                throw SubjectFailure.ours("the configuration file cannot be written: \(path)")
            }
        }
    }
}

extension SubjectConfiguration {
    /// Every node listens on every listener's port.
    package var listenerEndpoints: [Endpoint] {
        if let classic {
            return classic.nodes.flatMap { node in
                classic.listeners.map { Endpoint(address: node.address, port: $0.port) }
            }
        }
        return self.usualEndpoints
    }

    private var usualEndpoints: [Endpoint] {
        self.loadBalancer.nodes.flatMap { node in
            // Nobody can tell from outside whether a port takes datagrams.
            self.loadBalancer.listeners.filter { $0.protocol != .udp }
                .map { Endpoint(address: node.address, port: $0.port) }
        }
    }
}
