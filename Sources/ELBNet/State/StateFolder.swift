import FoundationEssentials
import Glibc
import NIOPosix
import Synchronization

/// Lines that outlive the process, in a folder that one process has for itself:
///
///     FOLDER/lock                  held while a lab runs
///     FOLDER/account/snapshot      what was there at some moment, line by line
///     FOLDER/account/journal-N     what has been added since snapshot N, line by line
///
/// `append` returns when the line will survive: a kill at any moment, and a machine that stops, leave everything that was appended.
/// A line that was cut short by that was never appended, and is dropped. The journal is bounded, because `rewrite` begins a new one:
/// the next snapshot is written beside the old one, synced, and renamed, and only the rename makes the next journal count.
///
/// What has been damaged is moved aside whole, and nothing of it is ever written to.
package final class StateFolder: Sendable {
    /// What a folder held when it was opened.
    package struct Contents: Sendable {
        /// `nil` for a folder without a snapshot, which is a new one.
        package var snapshot: [[UInt8]]?
        package var journal: [[UInt8]] = []
    }

    /// A secret that is made with the folder and stays the same.
    package let secret: [UInt8]

    private let folder: String
    private let lock: FileDescriptor
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let state: Mutex<State>

    private struct State {
        var generation: UInt64
        var journal: FileDescriptor?
        var text: StateText
        /// Bytes of whole lines in the journal.
        var length = 0
        /// Bytes that the disk has set aside for the journal.
        var reserved = 0
        var snapshotLength = 0
        /// Something may stand behind the last whole line.
        var isSoiled = false
    }

    /// A journal is not worth a new snapshot before it has so many bytes.
    private static let shortestJournal = 1 << 20
    /// The disk is asked for so much at a time, so that most lines need not ask.
    private static let step = 64 << 10
    private static let format: UInt64 = 1

    // MARK: Opening

    /// Takes the folder, which is created if missing, and reads it.
    ///
    /// - Throws: `inUse` when another process has it; `damaged` when a file is not as it was written, after the account's files have
    ///   been moved aside.
    package static func open(_ path: String) throws(StateError) -> (folder: StateFolder, contents: Contents) {
        // A limit on a file's size is an error like a full disk, not a reason to die.
        signal(SIGXFSZ, SIG_IGN)
        let account = "\(path)/account"
        try Self.makeFolder(path)
        let lock = try Self.lock("\(path)/lock")
        // It holds private keys and a secret.
        try Self.makeFolder(account, mode: 0o700)
        do throws(DamagedFile) {
            let (header, secret, contents, state) = try Self.read(account)
            let folder = StateFolder(account, secret: secret, lock: lock, state)
            folder.removeLeftovers(except: header)
            return (folder, contents)
        } catch {
            switch error.reason {
            case .unreadable(let code): throw .failed(path: error.path, code: code)
            case .foreignFormat: throw .foreign(path: error.path)
            case .line(let line): throw .damaged(path: error.path, line: line, aside: try Self.moveAside(account))
            case .missing: throw .damaged(path: error.path, line: nil, aside: try Self.moveAside(account))
            }
        }
    }

    private init(_ folder: String, secret: [UInt8], lock: FileDescriptor, _ state: sending State) {
        self.folder = folder
        self.secret = secret
        self.lock = lock
        self.state = Mutex(state)
        self.pool.start()
    }

    deinit { self.pool.shutdownGracefully { _ in } }

    /// What is wrong with a file, before anything is done about it.
    private struct DamagedFile: Error {
        enum Reason {
            case line(Int)
            case missing
            case unreadable(CInt)
            case foreignFormat
        }

        var path: String
        var reason: Reason
    }

    private struct Header: Codable {
        var format: UInt64
        var generation: UInt64
        var secret: [UInt8]
    }

    private static func read(
        _ folder: String
    ) throws(DamagedFile) -> (generation: UInt64?, secret: [UInt8], Contents, State) {
        let path = "\(folder)/snapshot"
        guard let snapshot = try Self.contents(path, file: "snapshot") else {
            // A journal without its snapshot has lost what it goes on from.
            for name in Self.names(folder) where name.hasPrefix("journal-") && name != "journal-1" {
                throw DamagedFile(path: path, reason: .missing)
            }
            let journal = "\(folder)/journal-1"
            if let begun = try Self.contents(journal, file: "journal-1"), !begun.lines.isEmpty {
                throw DamagedFile(path: path, reason: .missing)
            }
            var random = SystemRandomNumberGenerator()
            let secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
            return (nil, secret, Contents(), State(generation: 0, text: StateText(file: "journal-0")))
        }
        guard let first = snapshot.lines.first, snapshot.lines.count >= 2, !snapshot.isTorn,
            snapshot.lines[snapshot.lines.count - 1] == Self.end
        else { throw DamagedFile(path: path, reason: .line(snapshot.lines.count + 1)) }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(first)), header.format == Self.format
        else { throw DamagedFile(path: path, reason: .foreignFormat) }
        let name = "journal-\(header.generation)"
        guard let journal = try Self.contents("\(folder)/\(name)", file: name) else {
            throw DamagedFile(path: "\(folder)/\(name)", reason: .missing)
        }
        let state = State(
            generation: header.generation,
            text: journal.next,
            length: journal.length,
            reserved: journal.length,
            snapshotLength: snapshot.length,
            isSoiled: journal.isTorn
        )
        let contents = Contents(snapshot: Array(snapshot.lines.dropFirst().dropLast()), journal: journal.lines)
        return (header.generation, header.secret, contents, state)
    }

    private static let end = Array("end".utf8)

    /// `nil` if there is no such file.
    private static func contents(_ path: String, file: String) throws(DamagedFile) -> StateText.Contents? {
        let bytes: [UInt8]
        do throws(FileDescriptor.Failure) {
            bytes = try FileDescriptor(opening: path, O_RDONLY).readAll()
        } catch {
            guard error.code != ENOENT else { return nil }
            throw DamagedFile(path: path, reason: .unreadable(error.code))
        }
        do throws(StateText.Damage) {
            return try StateText.read(bytes, file: file)
        } catch {
            throw DamagedFile(path: path, reason: .line(error.line))
        }
    }

    private static func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    private static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(StateError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made == "/" ? "\(part)" : "/\(part)"
            guard mkdir(made, mode) == 0 || errno == EEXIST else { throw .failed(path: made, code: errno) }
        }
    }

    private static func lock(_ path: String) throws(StateError) -> FileDescriptor {
        let file: FileDescriptor
        let isOurs: Bool
        do throws(FileDescriptor.Failure) {
            file = try FileDescriptor(opening: path, O_RDWR | O_CREAT)
            isOurs = try file.lock()
        } catch {
            throw .failed(path: path, code: error.code)
        }
        guard isOurs else { throw .inUse(path: path) }
        return file
    }

    /// - Returns: where the account's files are now.
    private static func moveAside(_ account: String) throws(StateError) -> String {
        for number in 1... {
            let aside = "\(account).damaged-\(number)"
            // A name that is taken is somebody's; the next one, then.
            guard access(aside, F_OK) != 0 else { continue }
            guard rename(account, aside) == 0 else { throw .failed(path: account, code: errno) }
            return aside
        }
        return account
    }

    /// Files of an earlier generation, and of a snapshot that was never finished.
    private func removeLeftovers(except generation: UInt64?) {
        for name in Self.names(self.folder) where name != "snapshot" && name != "journal-\(generation ?? 0)" {
            guard name.hasPrefix("journal-") || name == "snapshot.new" else { continue }
            unlink("\(self.folder)/\(name)")
        }
    }

    // MARK: Writing

    /// Whether the journal has grown so long that a new snapshot is due.
    package var isLong: Bool {
        self.state.withLock { $0.length > max(Self.shortestJournal, 2 * $0.snapshotLength) }
    }

    /// Makes sure that the disk has room for one more line of so many bytes.
    package func reserve(_ count: Int) async throws {
        try await self.perform { state throws(StateError) in
            let needed = state.length + StateText.length(ofLine: count)
            guard needed > state.reserved else { return }
            let journal = try self.journal(&state)
            do throws(FileDescriptor.Failure) {
                let generous = needed + Self.step
                do throws(FileDescriptor.Failure) {
                    try journal.reserve(generous)
                    state.reserved = generous
                } catch {
                    try journal.reserve(needed)
                    state.reserved = needed
                }
            } catch {
                // Half of what was asked for may have been set aside.
                state.isSoiled = true
                throw .failed(path: self.journalPath(state.generation), code: error.code)
            }
        }
    }

    /// Returns when the line will survive. When it throws, nothing has been appended.
    package func append(_ line: [UInt8]) async throws {
        try await self.perform { state throws(StateError) in
            let journal = try self.journal(&state)
            var text = state.text
            text.append(line)
            do throws(FileDescriptor.Failure) {
                state.isSoiled = true
                try journal.write(text.bytes, at: state.length)
                try journal.sync()
                state.isSoiled = false
            } catch {
                // Now if it can be, and before the next line if not.
                try? self.clean(journal, &state)
                throw .failed(path: self.journalPath(state.generation), code: error.code)
            }
            state.length += text.bytes.count
            text.flush()
            state.text = text
        }
    }

    /// Makes these lines what is there, in place of everything before. When it throws, nothing has changed.
    package func rewrite(_ lines: [[UInt8]]) async throws {
        try await self.perform { state throws(StateError) in
            let generation = state.generation + 1
            var text = StateText(file: "snapshot")
            let header = Header(format: Self.format, generation: generation, secret: self.secret)
            text.append((try? JSONEncoder().encode(header)) ?? Data())
            for line in lines { text.append(line) }
            text.append(Self.end)
            let (new, path) = ("\(self.folder)/snapshot.new", "\(self.folder)/snapshot")
            do throws(FileDescriptor.Failure) {
                // The journal first: a snapshot that counts must have one.
                let journal = try FileDescriptor(
                    opening: self.journalPath(generation),
                    O_RDWR | O_CREAT | O_TRUNC,
                    mode: 0o600
                )
                try journal.sync()
                let file = try FileDescriptor(opening: new, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
                try file.write(text.bytes)
                try file.sync()
                try Self.sync(self.folder)
                guard rename(new, path) == 0 else { throw FileDescriptor.Failure(code: errno) }
                let old = state.generation
                state = State(
                    generation: generation,
                    journal: journal,
                    text: StateText(file: "journal-\(generation)"),
                    snapshotLength: text.bytes.count
                )
                // It counts already; that the name survives a machine that stops is all that is left.
                try? Self.sync(self.folder)
                unlink(self.journalPath(old))
            } catch {
                unlink(new)
                unlink(self.journalPath(generation))
                throw .failed(path: path, code: error.code)
            }
        }
    }

    private static func sync(_ folder: String) throws(FileDescriptor.Failure) {
        try FileDescriptor(opening: folder, O_RDONLY | O_DIRECTORY).sync()
    }

    private func journalPath(_ generation: UInt64) -> String { "\(self.folder)/journal-\(generation)" }

    /// The journal, open and with nothing behind its last whole line.
    private func journal(_ state: inout State) throws(StateError) -> FileDescriptor {
        let path = self.journalPath(state.generation)
        do throws(FileDescriptor.Failure) {
            let journal: FileDescriptor
            if let open = state.journal {
                journal = open
            } else {
                journal = try FileDescriptor(opening: path, O_RDWR)
                state.journal = journal
            }
            if state.isSoiled { try self.clean(journal, &state) }
            return journal
        } catch {
            throw .failed(path: path, code: error.code)
        }
    }

    private func clean(_ journal: FileDescriptor, _ state: inout State) throws(FileDescriptor.Failure) {
        try journal.cut(to: state.length)
        // Cutting gives back what was set aside.
        state.reserved = state.length
        try journal.sync()
        state.isSoiled = false
    }

    /// On the folder's own thread: a slow disk delays the caller and nobody else.
    private func perform(_ body: @escaping @Sendable (inout State) throws(StateError) -> Void) async throws {
        try await self.pool.runIfActive { try self.state.withLock { state throws(StateError) in try body(&state) } }
    }
}

/// Why a state cannot be opened or written.
package enum StateError: Error, Hashable, Sendable, CustomStringConvertible {
    case failed(path: String, code: CInt)
    case inUse(path: String)
    /// A line of the file is not as it was written, or, without a line, the file is missing. All is kept in `aside`.
    case damaged(path: String, line: Int?, aside: String)
    /// Another version of the program wrote it.
    case foreign(path: String)

    package var description: String {
        switch self {
        case .failed(let path, let code): "cannot keep state in \(path): \(String(cString: strerror(code)))"
        case .inUse(let path): "another lab uses this state: it holds \(path)"
        case .damaged(let path, let line?, let aside):
            "the state is damaged: \(path), line \(line), is not as it was written; everything is kept in \(aside)"
        case .damaged(let path, nil, let aside):
            "the state is damaged: \(path) is missing; what is there is kept in \(aside)"
        case .foreign(let path): "another version of elblab wrote the state in \(path)"
        }
    }
}
