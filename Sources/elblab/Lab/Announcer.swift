import Synchronization

/// What happens in the lab, one line each, for standard output. Whoever announces never waits for the terminal: when it
/// stalls, lines beyond a limit are dropped, and their number is told once it reads again.
final class Announcer: Sendable {
    /// Lines that wait for the terminal.
    private static let capacity = 256

    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let dropped = Mutex(0)
    private let print: @Sendable (String) -> Void

    init(print: @escaping @Sendable (String) -> Void) {
        (self.lines, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
        self.print = print
    }

    /// Safe on an event loop.
    func announce(_ line: String) {
        if case .dropped = self.continuation.yield(line) { self.dropped.withLock { $0 += 1 } }
    }

    /// Prints what was announced and what will be, until `finish`. Call it once.
    func run() async {
        for await line in self.lines {
            self.print(line)
            let dropped = self.dropped.withLock { dropped in
                defer { dropped = 0 }
                return dropped
            }
            if dropped > 0 { self.print("(\(dropped) lines left out: the terminal did not read)") }
        }
    }

    /// Ends `run` after the lines that wait.
    func finish() {
        self.continuation.finish()
    }
}
