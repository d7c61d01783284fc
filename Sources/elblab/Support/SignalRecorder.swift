import Dispatch
import Glibc
import Synchronization

// What the handler needs: plain storage, written before the handler is set.
private nonisolated(unsafe) var pipeEnd: Int32 = -1
private nonisolated(unsafe) var ownProcess: pid_t = 0

/// Keeps signals from the moment they are asked for until somebody acts on them, so that none is lost while a command only begins.
///
/// A handler writes the signal's number into a pipe, which is all that a handler may do, and a thread reads it there. Handlers, and no
/// blocked signals: what a process blocks its children inherit, and a child that nobody can interrupt stays behind.
enum SignalRecorder {
    private struct Watcher {
        var number: Int
        var signals: [SignalWatch.Signal]
        var tell: @Sendable (SignalWatch.Signal) -> Void
    }

    private struct State {
        /// The end of the pipe that is read; nil before the first signal is asked for.
        var input: Int32?
        var isRead = false
        var watchers: [Watcher] = []
        var watchersSoFar = 0
        /// Signals that have come and that nobody has watched yet.
        var kept: [SignalWatch.Signal] = []
    }

    private static let state = Mutex(State())

    /// From now on these signals are kept and no longer end the process. This thread takes them, even if whoever started us has blocked
    /// them.
    static func record(_ signals: [SignalWatch.Signal]) {
        Self.state.withLock { Self.record(signals, &$0) }
        for signal in signals { SignalMask.unblock(signal.rawValue) }
    }

    /// For a command that watches nothing: the signals mean again what they mean to any process, those that have come too.
    static func release() {
        let kept = Self.state.withLock { state in
            var kept = state.kept
            // While nobody watches nobody reads, so what has come is in the pipe.
            if !state.isRead, let input = state.input { kept += Self.drain(input) }
            state.kept = []
            return kept
        }
        for signal in SignalWatch.Signal.allCases { Self.restore(signal) }
        for signal in kept { raise(signal.rawValue) }
    }

    /// - Returns: the number by which to leave.
    static func watch(
        _ signals: [SignalWatch.Signal],
        _ tell: @escaping @Sendable (SignalWatch.Signal) -> Void
    ) -> Int {
        Self.state.withLock { state in
            Self.record(signals, &state)
            state.watchersSoFar += 1
            state.watchers.append(Watcher(number: state.watchersSoFar, signals: signals, tell: tell))
            for signal in state.kept where signals.contains(signal) { tell(signal) }
            state.kept.removeAll { signals.contains($0) }
            if !state.isRead, let input = state.input {
                state.isRead = true
                // A blocking read on a thread of its own: what is in the pipe waits for it, however late it comes.
                DispatchQueue(label: "elblab.signals").async { Self.read(input) }
            }
            return state.watchersSoFar
        }
    }

    /// Signals that nobody else watches end the process again.
    static func leave(_ number: Int) {
        Self.state.withLock { state in
            guard let index = state.watchers.firstIndex(where: { $0.number == number }) else { return }
            let watcher = state.watchers.remove(at: index)
            for signal in watcher.signals where !state.watchers.contains(where: { $0.signals.contains(signal) }) {
                Self.restore(signal)
            }
        }
    }

    private static func record(_ signals: [SignalWatch.Signal], _ state: inout State) {
        if state.input == nil {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            // A handler must never wait; a pipe that is full has enough to tell.
            _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
            state.input = ends[0]
            pipeEnd = ends[1]
            ownProcess = getpid()
        }
        var handler = sigaction()
        handler.__sigaction_handler.sa_handler = Self.note
        handler.sa_flags = SA_RESTART
        sigfillset(&handler.sa_mask)
        for signal in signals { sigaction(signal.rawValue, &handler, nil) }
    }

    private static func restore(_ signal: SignalWatch.Signal) {
        Glibc.signal(signal.rawValue, SIG_DFL)
    }

    private static let note: @convention(c) (Int32) -> Void = { number in
        let reason = errno
        if getpid() == ownProcess {
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(pipeEnd, &byte, 1)
        } else {
            // A child on its way to another program shares the pipe and must not speak for us.
            Glibc.signal(number, SIG_DFL)
            raise(number)
        }
        errno = reason
    }

    /// What is in the pipe now.
    private static func drain(_ input: Int32) -> [SignalWatch.Signal] {
        var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 0) > 0 else { return [] }
        return Self.next(input)
    }

    private static func next(_ input: Int32) -> [SignalWatch.Signal] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(input, &bytes, bytes.count)
        return bytes.prefix(max(0, count)).compactMap { SignalWatch.Signal(rawValue: Int32($0)) }
    }

    private static func read(_ input: Int32) {
        while true {
            for signal in Self.next(input) {
                let watchers = Self.state.withLock { state in
                    let watchers = state.watchers.filter { $0.signals.contains(signal) }
                    if watchers.isEmpty { state.kept.append(signal) }
                    return watchers
                }
                for watcher in watchers { watcher.tell(signal) }
            }
        }
    }
}

/// Which signals this thread takes. The threads of Dispatch's pool block every one.
enum SignalMask {
    static func unblock(_ signal: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Runs `body` while this thread takes the signal.
    static func taking<Value>(_ signal: Int32, _ body: () -> Value) -> Value {
        var set = sigset_t()
        var before = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_UNBLOCK, &set, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }
}
