import ArgumentParser

/// Signals as an asynchronous sequence. While a watch lives, its signals no longer end the process: whoever watches them
/// must act on them.
///
///     let watch = SignalWatch([.interrupt, .terminate])
///     for await signal in watch.signals { … }
struct SignalWatch: Sendable {
    enum Signal: Int32, CaseIterable, Sendable {
        /// SIGHUP: read the configuration again.
        case hangUp = 1
        /// SIGINT: Ctrl-C.
        case interrupt = 2
        /// SIGTERM: stop in order.
        case terminate = 15
        /// SIGCONT: the process goes on after it was stopped.
        case goOn = 18
        /// SIGTSTP: Ctrl-Z.
        case suspend = 20
        /// SIGWINCH: the terminal has another size.
        case resize = 28
    }

    /// Each signal as it arrives. Ends never; cancel the task that reads it.
    let signals: AsyncStream<Signal>
    private let continuation: AsyncStream<Signal>.Continuation

    /// Signals that `SignalRecorder` has kept so far come first.
    init(_ watched: [Signal]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(8))
        let number = SignalRecorder.watch(watched) { continuation.yield($0) }
        continuation.onTermination = { _ in SignalRecorder.leave(number) }
        self.signals = stream
        self.continuation = continuation
    }

    /// Acts as if the signal had come.
    func deliver(_ signal: Signal) {
        self.continuation.yield(signal)
    }

    /// Runs `body` until it ends or Ctrl-C or SIGTERM comes; then `body` is cancelled and waited for, so that it can stop
    /// its children and free its ports.
    ///
    /// - Parameter orInputEnds: whether the end of standard input counts as a signal: whoever started us has gone.
    /// - Returns: what `body` returned, or nil when a signal ended it.
    static func untilTerminated<Result: Sendable>(
        orInputEnds: Bool = false,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        let watch = SignalWatch([.interrupt, .terminate])
        if orInputEnds { InputWatch.terminateAtEnd(watch) }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in watch.signals { return nil }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                group.cancelAll()
                // Whatever the interrupted body ends with now is the interruption's doing.
                _ = try? await group.next()
                return nil
            }
            return result
        }
    }
}

/// A command that acts on Ctrl-C and SIGTERM itself. They are kept for it from the first moment of the process, so that one that comes
/// before it watches ends it in order too.
protocol EndsInOrder: AsyncParsableCommand {}
