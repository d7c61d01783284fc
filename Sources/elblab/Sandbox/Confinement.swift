import CSockets
import ELBConformance
import FoundationEssentials
import Glibc

/// Starts the program of a plan, watches what it takes, passes signals on to it, and ends everything that it has started. It ends with
/// the program, and the program with it.
struct Confinement {
    let plan: SandboxPlan
    private var report = SandboxReport()

    /// What a shell makes of a program that a signal has ended.
    private static let signalled: Int32 = 128
    private static let failed: Int32 = 125
    /// From SIGTERM to SIGKILL: the subject contract's.
    private static let stopLimit = Duration.seconds(5)
    private static let stackBytes = 8 << 20
    private static let sweepLimit = Duration.seconds(10)

    init(_ plan: SandboxPlan) {
        self.plan = plan
    }

    /// Runs the program to its end; its exit code.
    mutating func run() -> Int32 {
        elblab_adopt_orphans()
        // Signals that come too early are remembered, and end nobody.
        elblab_forward_signals(0)
        let program = self.start()
        guard program > 0 else {
            Self.say("the sandbox cannot be made: \(String(cString: strerror(-program)))")
            return Self.failed
        }
        elblab_forward_signals(program)
        let code = self.watch(program)
        self.sweep()
        if let reason = self.report.ended { Self.say("the program was ended: \(reason)") }
        if let data = try? JSONEncoder().encode(self.report) {
            _ = FileManager.default.createFile(atPath: self.plan.report, contents: data)
        }
        elblab_remove_tree(self.plan.scratch)
        rmdir(self.plan.root)
        return code
    }

    private func start() -> pid_t {
        let environment = self.plan.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let limits = self.plan.limits
        var sandbox = elblab_sandbox()
        sandbox.makes_namespaces = self.plan.level == .netns
        sandbox.account = self.plan.account
        sandbox.processes = UInt64(limits.processes + (self.plan.account == 0 ? self.tasksOfOthers : 0))
        sandbox.descriptors = UInt64(limits.descriptors)
        sandbox.file_bytes = UInt64(limits.fileBytes)
        // Threads' stacks count whole, though little of them is ever used; what is used is watched.
        sandbox.data_bytes = UInt64(limits.memoryBytes + limits.processes * Self.stackBytes)
        sandbox.cpu_seconds = UInt64(limits.cpuSeconds)
        sandbox.scratch_bytes = UInt64(limits.scratchBytes)
        sandbox.scratch_files = UInt64(limits.scratchFiles)
        return CStrings.with(self.plan.arguments) { arguments in
            CStrings.with(environment) { environment in
                CStrings.with(self.plan.readable) { readable in
                    CStrings.with([self.plan.workingFolder, self.plan.scratch, self.plan.root]) { folders in
                        sandbox.arguments = UnsafePointer(arguments)
                        sandbox.environment = UnsafePointer(environment)
                        sandbox.folder = UnsafePointer(folders[0])
                        sandbox.scratch = UnsafePointer(folders[1])
                        sandbox.root = UnsafePointer(folders[2])
                        return readable.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: 1) {
                            sandbox.readable = UnsafePointer($0)
                            return elblab_sandbox_start(&sandbox)
                        }
                    }
                }
            }
        }
    }

    /// The system counts processes and threads by user: those that are there already come on top. In a user namespace it counts anew.
    private var tasksOfOthers: Int {
        guard self.plan.level == .limits else { return 0 }
        return ProcessTable.tasks(of: getuid())
    }

    /// Waits for the program and looks at what it takes meanwhile; ends it when that is too much, or its time is up.
    private mutating func watch(_ program: pid_t) -> Int32 {
        let begin = ContinuousClock.now
        var nextLook = begin
        var looks = 0
        var killAt: ContinuousClock.Instant?
        while true {
            var status: Int32 = 0
            let ended = waitpid(-1, &status, WNOHANG)
            if ended == program { return Self.code(status) }
            if ended > 0 { continue }
            if ended < 0, errno == ECHILD { return Self.failed }
            let now = ContinuousClock.now
            if elblab_was_told_to_end(), killAt == nil {
                kill(program, SIGTERM)
                killAt = now + Self.stopLimit
            }
            if let killAt, now > killAt { kill(program, SIGKILL) }
            if now >= nextLook, self.report.ended == nil {
                self.report.ended = self.excess(tree: looks % 2 == 0)
                if now - begin > .seconds(self.plan.limits.wallSeconds) {
                    self.report.ended = "it ran for more than \(self.plan.limits.wallSeconds) s"
                }
                if self.report.ended != nil { self.end(program) }
                looks += 1
                nextLook = now + .milliseconds(100)
            }
            // Our input ends when whoever started us does, however that came about.
            if elblab_wait_for_input_end(50) {
                self.end(program)
                usleep(5000)
            }
        }
    }

    private static func code(_ status: Int32) -> Int32 {
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : Self.signalled + signal
    }

    /// Everybody at once, so that nobody is left to start others.
    private func end(_ program: pid_t) {
        kill(program, SIGKILL)
        for process in ProcessTable.descendants(of: getpid()) { kill(process, SIGKILL) }
    }

    /// Why the program must end, if it must.
    private func excess(tree: Bool) -> String? {
        let limits = self.plan.limits
        var memory = 0
        var tasks = 0
        for process in ProcessTable.descendants(of: getpid()) {
            let usage = ProcessTable.usage(of: process)
            memory += usage.memoryBytes
            tasks += usage.tasks
        }
        if memory > limits.memoryBytes { return "it took more than \(limits.memoryBytes >> 20) MiB of memory" }
        if tasks > limits.processes + 2 { return "it had more than \(limits.processes) processes and threads" }
        // In namespaces the folder's own size is the limit.
        guard tree, self.plan.level == .limits else { return nil }
        let size = elblab_tree_size(self.plan.scratch)
        if size.bytes > Int64(limits.scratchBytes) {
            return "it wrote more than \(limits.scratchBytes >> 20) MiB of files"
        }
        if size.entries < 0 || size.entries > Int64(limits.scratchFiles) {
            return "it made more than \(limits.scratchFiles) files, or folders without end"
        }
        return nil
    }

    /// Ends what the program has left behind. All of it is ours by now, since orphans come to us; when we have no children, there is
    /// nobody.
    private func sweep() {
        let deadline = ContinuousClock.now + Self.sweepLimit
        while ContinuousClock.now < deadline {
            for process in ProcessTable.descendants(of: getpid()) { kill(process, SIGKILL) }
            if self.plan.account != 0 { elblab_end_account(self.plan.account) }
            while true {
                var status: Int32 = 0
                let ended = waitpid(-1, &status, WNOHANG)
                if ended < 0, errno == ECHILD { return }
                if ended <= 0 { break }
            }
            usleep(5000)
        }
        Self.say("the program has left processes that cannot be ended")
    }

    private static func say(_ text: String) {
        StandardStream.error.write("elblab: \(text)\n")
    }
}

/// Lists of C strings that end with a null pointer, as exec takes them.
enum CStrings {
    static func with<Result>(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}
