import ELBTestSupport
import FoundationEssentials
import Glibc
import Synchronization

/// A program on a terminal of its own, as a person at a keyboard has it.
final class PseudoTerminal: Sendable {
    let processID: pid_t
    /// Of the terminal's own end; nil once it is closed.
    private let master: Mutex<Int32?>
    /// Held open, so that the terminal's modes can be asked for when the program is gone.
    private let slave: Int32
    private let modesBefore: [UInt8]
    private let output = Mutex<[UInt8]>([])
    /// How the program ended, once that has been asked.
    private let status = Mutex<Int32?>(nil)
    /// `POSIX_SPAWN_SETSID`, which the module of the C library leaves out.
    private static let newSession: Int16 = 0x80

    /// A busy machine is slow to draw; what does not come at all is what these are about.
    static let patience = Duration.seconds(60)

    /// Starts a program, `elblab` unless another is named, in a session of its own, whose terminal has so many columns and rows.
    ///
    /// - Parameter signal: one that has come before the program's first instruction.
    init(
        _ arguments: [String],
        program: String = Program.path,
        columns: Int = 80,
        rows: Int = 24,
        environment: [String: String] = [:],
        pending signal: Int32? = nil
    ) throws {
        var (master, slave): (Int32, Int32) = (0, 0)
        var name = [CChar](repeating: 0, count: 256)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&master, &slave, &name, nil, &size) == 0 else {
            throw RawHTTP.Failure(description: "no pseudo-terminal: \(errno)")
        }
        for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        self.master = Mutex(master)
        self.slave = slave
        self.modesBefore = Self.modes(of: slave)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a new session opens becomes the session's own.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        sigemptyset(&blocked)
        if let signal { sigaddset(&blocked, signal) }
        posix_spawnattr_setsigmask(&attributes, &blocked)
        // Whoever runs the tests may ignore some, as `nohup` does; a person's terminal does not.
        var usual = sigset_t()
        sigemptyset(&usual)
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH] {
            sigaddset(&usual, number)
        }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        let flags = Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags)
        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        variables["TERM"] = environment["TERM"] ?? "xterm-256color"
        let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        let pairs: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + pairs { free(pointer) } }
        var process = pid_t()
        let failure = posix_spawn(&process, program, &actions, &attributes, words, pairs)
        guard failure == 0 else { throw RawHTTP.Failure(description: "\(program) does not start: \(failure)") }
        self.processID = process
        // Blocked there, so it waits until the program wants it.
        if let signal { kill(process, signal) }
    }

    deinit {
        self.hangUp()
        if self.status.withLock({ $0 }) == nil {
            kill(self.processID, SIGKILL)
            waitpid(self.processID, nil, 0)
        }
        close(self.slave)
    }

    /// Everything it has written.
    var text: String {
        self.read()
        return String(decoding: self.output.withLock { $0 }, as: UTF8.self)
    }

    /// What is on the screen since it was drawn last, without colours.
    var screen: String {
        let text = self.text
        let last = text.ranges(of: "\u{1B}[H\u{1B}[2K").last.map { text[$0.upperBound...] } ?? text[...]
        return String(last).replacing(#/\u{1B}\[[0-9;?]*[A-Za-z]/#, with: "")
    }

    func type(_ text: String) {
        self.master.withLock { master in
            guard let master else { return }
            _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
        }
    }

    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        self.master.withLock { master in
            if let master { _ = ioctl(master, UInt(TIOCSWINSZ), &size) }
        }
    }

    /// The window is closed, or the line is cut.
    func hangUp() {
        self.master.withLock { master in
            if let open = master { close(open) }
            master = nil
        }
    }

    /// Whether the terminal's modes are what they were before the program began.
    var isAsBefore: Bool { Self.modes(of: self.slave) == self.modesBefore }

    /// Whether keys are passed on one by one and are not shown.
    var isRaw: Bool {
        var modes = termios()
        return tcgetattr(self.slave, &modes) == 0 && modes.c_lflag & tcflag_t(ICANON | ECHO) == 0
    }

    var hasEnded: Bool { RunningProgram.hasEnded(self.processID) }

    /// The exit code, or minus the signal, once it has ended.
    func end() async throws -> Int32 {
        try await self.waits("the program's end; it shows '\(self.screen)'") {
            self.read()
            return self.hasEnded
        }
        return self.status.withLock { known in
            if known == nil {
                var status: Int32 = 0
                waitpid(self.processID, &status, 0)
                known = status
            }
            let status = known ?? 0
            return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
        }
    }

    func shows(_ text: String) async throws {
        try await self.waits("'\(text)' on the screen, which is '\(self.screen)'") { self.screen.contains(text) }
    }

    /// Waits for a text that is written after so many bytes.
    func writes(_ text: String, after count: Int) async throws {
        try await self.waits("'\(text)' in '\(self.text)'") {
            String(decoding: self.written.dropFirst(count), as: UTF8.self).contains(text)
        }
    }

    /// Everything it has written, as bytes.
    var written: [UInt8] {
        self.read()
        return self.output.withLock { $0 }
    }

    /// Waits until none of these processes is left.
    func outlives(_ processes: [pid_t]) async throws {
        try await self.waits("the end of \(processes.filter { !RunningProgram.hasEnded($0) })") {
            processes.allSatisfy { RunningProgram.hasEnded($0) }
        }
    }

    func waits(_ what: @autoclosure () -> String, until holds: () async throws -> Bool) async throws {
        try await RunningProgram.waits(what(), atMost: Self.patience, until: holds)
    }

    private func read() {
        self.master.withLock { master in
            guard let master else { return }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
                guard poll(&ready, 1, 0) > 0, ready.revents & Int16(POLLIN) != 0 else { return }
                let count = Glibc.read(master, &buffer, buffer.count)
                guard count > 0 else { return }
                self.output.withLock { $0 += buffer[..<count] }
            }
        }
    }

    private static func modes(of descriptor: Int32) -> [UInt8] {
        var modes = termios()
        guard tcgetattr(descriptor, &modes) == 0 else { return [] }
        return withUnsafeBytes(of: modes) { Array($0) }
    }
}
