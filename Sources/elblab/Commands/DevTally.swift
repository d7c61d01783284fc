import ELBLessons
import Synchronization

/// Prints what the author's check finds as it comes, and counts.
final class DevTally: Sendable {
    private struct Counts {
        var checked = 0
        var wrong = 0
    }

    private let counts = Mutex(Counts())

    func add(_ finding: DevCheck.Finding) {
        self.counts.withLock { counts in
            counts.checked += 1
            if !finding.problems.isEmpty { counts.wrong += 1 }
            // Under the lock, so that lines of findings made side by side do not mix.
            let word = finding.problems.isEmpty ? "ok    " : "WRONG "
            StandardStream.output.printLine("\(word) \(finding.lesson)  \(finding.what)")
            for problem in finding.problems {
                StandardStream.output.printLine("    " + problem.replacing("\n", with: "\n    "))
            }
        }
    }

    var isClean: Bool { self.counts.withLock { $0.wrong == 0 } }

    var summary: String {
        self.counts.withLock { "\($0.checked) checked, \($0.wrong) wrong" }
    }
}
