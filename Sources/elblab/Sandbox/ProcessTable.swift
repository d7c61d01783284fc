import ELBConformance
import FoundationEssentials
import Glibc

/// What /proc tells of processes.
enum ProcessTable {
    struct Usage {
        /// What is the process's alone, and what it shares without a file.
        var memoryBytes = 0
        var tasks = 0
    }

    /// Children, their children, and so on.
    static func descendants(of process: pid_t) -> [pid_t] {
        var found = Self.children(of: process)
        var next = 0
        while next < found.count, found.count < 10_000 {
            found += Self.children(of: found[next])
            next += 1
        }
        return found
    }

    private static func children(of process: pid_t) -> [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return tasks.flatMap { task in
            Self.text("/proc/\(process)/task/\(task)/children").split(separator: " ").compactMap { pid_t($0) }
        }
    }

    static func usage(of process: pid_t) -> Usage {
        var usage = Usage()
        for line in Self.text("/proc/\(process)/status").split(separator: "\n") {
            let words = line.split { $0 == ":" || $0 == "\t" || $0 == " " }
            guard words.count > 1, let number = Int(words[1]) else { continue }
            switch words[0] {
            case "RssAnon", "RssShmem": usage.memoryBytes += number << 10
            case "Threads": usage.tasks = number
            default: continue
            }
        }
        return usage
    }

    /// Processes and threads of a user.
    static func tasks(of user: uid_t) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.reduce(0) { sum, process in
            guard FileStatus(of: "/proc/\(process)", followsLinks: true)?.owner == user else { return sum }
            return sum + Self.usage(of: process).tasks
        }
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
