import Synchronization

/// A bar on standard error for work that takes longer than two seconds; silent on anything but a terminal.
final class ProgressBar: Sendable {
    private struct State {
        var shown = -1
        var started: ContinuousClock.Instant
    }

    private let label: String
    private let total: Int
    private let enabled: Bool
    private let state: Mutex<State>

    /// - Parameter total: how many units make the whole; 0 shows nothing.
    init(_ label: String, total: Int, enabled: Bool = true) {
        self.label = label
        self.total = total
        self.enabled = enabled && total > 0 && Terminal.error.isInteractive
        self.state = Mutex(State(started: .now))
    }

    /// Shows that `done` units are finished; call it as often as you like, from any thread.
    func update(_ done: Int) {
        guard self.enabled else { return }
        let percent = min(max(done, 0), self.total) * 100 / self.total
        self.state.withLock { state in
            guard percent != state.shown, ContinuousClock.now - state.started > .seconds(2) else { return }
            state.shown = percent
            let width = 30
            let filled = percent * width / 100
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            StandardStream.error.write("\r\(self.label) [\(bar)] \(percent)%")
        }
    }

    /// Removes the bar.
    func finish() {
        self.state.withLock { state in
            guard state.shown >= 0 else { return }
            StandardStream.error.write("\r\u{1B}[K")
            state.shown = -1
        }
    }
}
