internal import FoundationEssentials
internal import Glibc
internal import Subprocess

/// What makes a subject of its sources, before it is started for the first time. It is not run again while the folder's files stay as
/// they are: what it made, and a note of what it was made from, lie in `.build` there.
package struct SubjectBuild: Hashable, Sendable {
    /// A program and its arguments, run in the folder.
    package var command: [String]
    package var folder: String

    /// How long it may take, in real time.
    package static let limit = Duration.seconds(120)
    /// Sources of a balancer are small; this is what is looked at to tell whether they have changed.
    private static let mostFiles = 1000
    private static let largestFile = 16 << 20

    private var products: String { "\(self.folder)/.build" }

    /// Builds, or finds that it is built. Several callers at once build once.
    ///
    /// - Parameter sandbox: builds a copy in it, and takes what was made.
    func run(in sandbox: Sandbox?) async throws(SubjectFailure) {
        let inForce = sandbox.flatMap { $0.level == .none ? nil : $0 }
        if let failure = await SubjectBuilds.shared.result(of: self, in: inForce) { throw failure }
    }

    fileprivate func make(in sandbox: Sandbox?) async -> SubjectFailure? {
        let products = self.products
        let note = "\(products)/elblab-built"
        do {
            let state = try self.fingerprint
            if let known = try? String(contentsOfFile: note, encoding: .utf8), known == state { return nil }
            try? FileManager.default.removeItem(atPath: note)
            do {
                try FileManager.default.createDirectory(atPath: products, withIntermediateDirectories: true)
            } catch {
                throw SubjectFailure.ours("\(products) cannot be made")
            }
            try await self.execute(in: sandbox)
            try? Data(state.utf8).write(to: URL(filePath: note), options: .atomic)
            return nil
        } catch let failure as SubjectFailure {
            return failure
        } catch {
            return .ours("\(error)")
        }
    }

    private func execute(in sandbox: Sandbox?) async throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "elblab-build-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let launch = try self.launch(in: sandbox, folder: scratch)
        let output = OutputTail(limit: 8 * 1024)
        let succeeded = try await withThrowingTaskGroup(of: Bool?.self) { group in
            group.addTask { try await self.run(launch, into: output) }
            group.addTask {
                try await Task.sleep(for: Self.limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let succeeded else {
            throw SubjectFailure.notBuilt("it took longer than \(Self.limit.components.seconds) s", output: output.text)
        }
        guard succeeded else { throw SubjectFailure.notBuilt(self.command[0], output: output.text) }
        guard sandbox != nil else { return }
        // What was made in the sandbox's copy belongs to the sources that it was made of.
        let made = "\(scratch)/scratch/submission/.build"
        try? FileManager.default.removeItem(atPath: self.products)
        try FileManager.default.createDirectory(atPath: self.products, withIntermediateDirectories: true)
        try SubmissionCopy(account: 0).copy(made, to: self.products)
    }

    private struct Launch {
        var words: [String]
        var environment: [String: String]
        var folder: String
        var isConfined: Bool
    }

    private func launch(in sandbox: Sandbox?, folder: String) throws(SubjectFailure) -> Launch {
        var words = self.command
        if words[0].contains("/") { words[0] = URL(filePath: words[0], relativeTo: self.folderURL).path }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        guard let sandbox else {
            let values = ["PATH": path, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"]
            return Launch(words: words, environment: values, folder: self.folder, isConfined: false)
        }
        let program = Sandbox.Program(words, submission: self.folder, workingFolder: self.folder)
        return Launch(
            words: try sandbox.prepare(program, in: folder),
            environment: ["PATH": path, "LANG": "C.UTF-8"],
            folder: "/",
            isConfined: true
        )
    }

    private func run(_ launch: Launch, into output: OutputTail) async throws -> Bool {
        let program = launch.words[0]
        let environment = launch.environment.map { (Environment.Key(stringLiteral: $0), $1) }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
        ]
        if launch.isConfined {
            // The launcher of a sandbox sweeps up when it is told to stop.
            options.teardownSequence.insert(
                .send(signal: .terminate, toProcessGroup: false, allowedDurationToNextStep: .seconds(10)),
                at: 0
            )
        }
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(SubjectLaunch.path(program)) : .name(program),
                arguments: Arguments(Array(launch.words.dropFirst())),
                environment: .custom(Dictionary(uniqueKeysWithValues: environment)),
                workingDirectory: SubjectLaunch.path(launch.folder),
                platformOptions: options,
                // Held open and never written to: however we end, its input ends with us.
                input: .inputWriter,
                output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                for try await buffer in execution.standardOutput { buffer.withUnsafeBytes { output.append($0) } }
                try? await execution.standardInputWriter.finish()
            }
            return result.terminationStatus.isSuccess
        } catch let error as SubprocessError {
            throw SubjectFailure.notStarted("Build: \(self.command[0]) cannot be started: \(error)")
        }
    }

    private var folderURL: URL { URL(filePath: self.folder, directoryHint: .isDirectory) }

    /// Changes when a file does, or the command: FNV-1a over names and contents of all files but hidden ones.
    private var fingerprint: String {
        get throws(SubjectFailure) {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            func add(_ bytes: some Sequence<UInt8>) {
                for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
                hash = (hash ^ 0xff) &* 0x100_0000_01b3
            }
            for word in self.command { add(word.utf8) }
            var count = 0
            for name in self.sources(in: "") {
                count += 1
                guard count <= Self.mostFiles else {
                    throw .badFile("\(self.folder): more than \(Self.mostFiles) files")
                }
                add(name.utf8)
                let path = "\(self.folder)/\(name)"
                // Reading a pipe would never end.
                guard let status = FileStatus(of: path, followsLinks: true), status.kind == .file else { continue }
                guard status.size <= Self.largestFile else { throw .badFile("\(path): is larger than 16 MiB") }
                if let content = FileManager.default.contents(atPath: path) { add(content) }
            }
            return String(hash, radix: 16)
        }
    }

    private func sources(in subfolder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(self.folder)/\(subfolder)")) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [String] in
            var isFolder: Bool = false
            let path = subfolder + name
            guard FileManager.default.fileExists(atPath: "\(self.folder)/\(path)", isDirectory: &isFolder) else {
                return []
            }
            return isFolder && subfolder.split(separator: "/").count < 8 ? self.sources(in: path + "/") : [path]
        }
    }
}

/// Builds under way, so that nothing is built twice at the same time.
private actor SubjectBuilds {
    static let shared = SubjectBuilds()
    private var running: [SubjectBuild: Task<SubjectFailure?, Never>] = [:]

    func result(of build: SubjectBuild, in sandbox: Sandbox?) async -> SubjectFailure? {
        if let task = self.running[build] { return await task.value }
        let task = Task { await build.make(in: sandbox) }
        self.running[build] = task
        defer { self.running[build] = nil }
        return await task.value
    }
}

extension SubjectCommand {
    /// Makes the subject ready to be started, if it has to be built. What its sandbox cannot take in is found now, and once.
    package func prepare() async throws(SubjectFailure) {
        try await self.build?.run(in: self.sandbox)
        guard let sandbox, sandbox.level != .none else { return }
        let folder = try Subject.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try SubjectLaunch(self, folder: folder)
    }
}
