import ELBLessons
import Synchronization

/// Prints what the author's check finds as it comes, and counts.
final class DevTally: Sendable {
    private struct Counts {
        var checked = 0
        var wrong = 0
        var durations: [(name: String, duration: Duration)] = []
    }

    /// As many of what took longest are named at the end.
    private static let slowest = 10
    /// From this on a line says how long its finding took.
    private static let notable = Duration.seconds(1)

    private let counts = Mutex(Counts())

    func add(_ finding: DevCheck.Finding) {
        self.counts.withLock { counts in
            counts.checked += 1
            if !finding.problems.isEmpty { counts.wrong += 1 }
            // Under the lock, so that lines of findings made side by side do not mix.
            let word = finding.problems.isEmpty ? "ok    " : "WRONG "
            let name = "\(finding.lesson)  \(finding.what)"
            let time = finding.duration < Self.notable ? "" : "  (\(Self.seconds(finding.duration)))"
            StandardStream.output.printLine("\(word) \(name)\(time)")
            counts.durations.append((name, finding.duration))
            for problem in finding.problems {
                StandardStream.output.printLine("    " + problem.replacing("\n", with: "\n    "))
            }
        }
    }

    var isClean: Bool { self.counts.withLock { $0.wrong == 0 } }

    /// What took longest, then the counts.
    var summary: String {
        self.counts.withLock { counts in
            let long = counts.durations.filter { $0.duration >= Self.notable }.sorted { $0.duration > $1.duration }
            let lines = long.prefix(Self.slowest).map { "slow   \(Self.seconds($0.duration))  \($0.name)" }
            return (lines + ["\(counts.checked) checked, \(counts.wrong) wrong"]).joined(separator: "\n")
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = Int(duration / .milliseconds(100))
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
