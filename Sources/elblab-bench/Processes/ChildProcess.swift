import Glibc

/// A child process with its output in a file. Ended by `stop`, by its own number.
struct ChildProcess {
    let pid: pid_t

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Starts `arguments[0]`, looked up in PATH, with standard output and error in `output`.
    init(_ arguments: [String], output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A child must neither ignore what we ignore, our own signals reach it through `Leftovers`, nor inherit the mask of Dispatch's
        // threads, which block nearly all signals.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, arguments[0], &actions, &attributes, pointers, environ)
        guard result == 0 else {
            throw Failure(description: "cannot start \(arguments[0]): \(String(cString: strerror(result)))")
        }
        self.pid = pid
        Leftovers.add(child: pid)
    }

    /// Asks the process to end, and makes it after one second.
    func stop() {
        Leftovers.remove(child: self.pid)
        kill(self.pid, SIGTERM)
        var status: CInt = 0
        for _ in 0..<100 {
            if waitpid(self.pid, &status, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        kill(self.pid, SIGKILL)
        self.wait()
    }

    /// Waits for the process to end by itself.
    ///
    /// - Returns: as `waitpid` tells it; 0 when the process ended well.
    @discardableResult
    func wait() -> CInt {
        var status: CInt = 0
        // Looked at first and reaped afterwards, so that its number stays its own for as long as a signal may end it.
        var information = siginfo_t()
        waitid(P_PID, id_t(self.pid), &information, WEXITED | WNOWAIT)
        Leftovers.remove(child: self.pid)
        waitpid(self.pid, &status, 0)
        return status
    }

    /// User and system time so far, in seconds, of all its threads; counted in nanoseconds, where /proc counts in ticks of 10 ms.
    var cpuSeconds: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(self.pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Resident memory in bytes.
    var residentBytes: Int {
        guard let fields = self.statFields, fields.count > 21, let pages = Int(fields[21]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The fields of /proc/PID/stat behind the command's name, which may hold blanks.
    private var statFields: [Substring]? {
        guard let text = try? TextFile.read("/proc/\(self.pid)/stat"), let end = text.lastIndex(of: ")") else {
            return nil
        }
        return text[text.index(after: end)...].split(separator: " ")
    }
}

/// Small files, without Foundation.
enum TextFile {
    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw ChildProcess.Failure(description: "cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw ChildProcess.Failure(description: "cannot write \(path)") }
        defer { fclose(file) }
        var text = text
        // Not `fputs`, which ends at the first zero.
        text.withUTF8 { _ = fwrite($0.baseAddress, 1, $0.count, file) }
    }
}

/// A folder for configurations and outputs, removed at the end.
struct WorkFolder {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
        var template = Array("\(parent)/elblab-bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ChildProcess.Failure(description: "cannot make a folder") }
        self.path = String(cString: made)
        Leftovers.add(folder: self.path)
    }

    func file(_ name: String) -> String {
        "\(self.path)/\(name)"
    }

    func remove() {
        Leftovers.remove(folder: self.path)
        Self.remove(self.path)
    }

    /// A folder with all that is in it.
    static func remove(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            if unlink("\(path)/\(name)") != 0 { Self.remove("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}

/// Which programs and ports there are.
enum System {
    static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// Whether a program of that name is in PATH or among the system's daemons.
    static func find(_ program: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders: [Substring] = path.split(separator: ":") + ["/usr/sbin", "/usr/local/sbin"]
        for folder in folders {
            let candidate = "\(folder)/\(program)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        return nil
    }

    /// A program that a measurement cannot do without.
    static func require(_ program: String, package: String) throws -> String {
        guard let path = Self.find(program) else {
            throw ChildProcess.Failure(description: "\(program) is not installed (apt-get install \(package))")
        }
        return path
    }

    static var cores: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// This program's own file.
    static var ownPath: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        return String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A TCP port of 127.0.0.1 that was free a moment ago.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Loopback.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> UInt16 in
                guard bind(descriptor, pointer, length) == 0, getsockname(descriptor, pointer, &length) == 0 else {
                    return 0
                }
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt16(bigEndian: $0.pointee.sin_port)
                }
            }
        }
        guard port != 0 else { throw ChildProcess.Failure(description: "no free port") }
        return port
    }
}

/// Plain sockets to 127.0.0.1.
enum Loopback {
    static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// A connected blocking socket, or `nil`.
    static func connect(port: UInt16) -> CInt? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = Self.address(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Waits until something accepts on the port.
    static func waitForListener(port: UInt16, seconds: Int) throws {
        for _ in 0..<(seconds * 50) {
            if let descriptor = Self.connect(port: port) {
                close(descriptor)
                return
            }
            usleep(20_000)
        }
        throw ChildProcess.Failure(description: "nothing listens on port \(port) after \(seconds) s")
    }
}
