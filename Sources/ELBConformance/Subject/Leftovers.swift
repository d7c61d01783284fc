internal import FoundationEssentials
internal import Glibc

/// Processes that a subject has left behind in groups and sessions of their own, where no signal to its group reaches them.
package enum Leftovers {
    /// Kills the processes whose environment has a value that begins with the text, which is the subject's own folder: children inherit
    /// it. Where there is no /proc they stay.
    static func end(markedBy text: String) {
        Self.end(whoseEnvironmentHolds: Array("=\(text)".utf8))
    }

    /// Kills the processes whose environment names a place below a folder.
    package static func end(below folder: String) {
        Self.end(whoseEnvironmentHolds: Array("=\(folder)/".utf8))
    }

    private static func end(whoseEnvironmentHolds mark: [UInt8]) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for process in names.compactMap({ pid_t($0) }) where process != getpid() {
            guard let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ"),
                environment.firstRange(of: mark) != nil
            else { continue }
            kill(process, SIGKILL)
        }
    }
}
