import CSockets
import Glibc

/// What a socket may be ready for, or told to be watched for. A set, without what makes `OptionSet` general: it is asked several times
/// per read.
package struct Readiness: Hashable, Sendable {
    package let rawValue: UInt32

    private init(_ value: elblab_ready) {
        self.rawValue = value.rawValue
    }

    fileprivate init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let none = Self(rawValue: 0)
    package static let input = Self(ELBLAB_READY_INPUT)
    package static let output = Self(ELBLAB_READY_OUTPUT)
    /// The other side has said all that it will say; behind what is left to be read.
    package static let inputEnd = Self(ELBLAB_READY_INPUT_END)
    /// Both directions are over. Comes unasked.
    package static let hangup = Self(ELBLAB_READY_HANGUP)
    /// Comes unasked.
    package static let error = Self(ELBLAB_READY_ERROR)

    package static func | (one: Self, other: Self) -> Self {
        Self(rawValue: one.rawValue | other.rawValue)
    }

    /// Whether anything is in both.
    @inline(__always)
    package func has(anyOf other: Self) -> Bool { self.rawValue & other.rawValue != 0 }
}

/// Whoever owns a socket of a `SocketLoop`.
package protocol SocketObserver: AnyObject {
    /// The socket is ready. Called by the loop's thread, which holds the loop's lock.
    func ready(_ readiness: Readiness)
}

/// A thread that waits for sockets, and the lock under which whatever belongs to them is used.
///
/// SwiftNIO's channels are right for TLS and for whoever speaks a protocol. A Network Load Balancer speaks none: it moves bytes, and
/// opens and closes two sockets per connection, and there what a channel costs is what everything costs. So its plain connections
/// have sockets and nothing else (docs/decisions/0015).
///
/// What belongs to a node is used by two threads, then: by this one, and by the event loop that everything else of the node runs on.
/// They take turns by the lock, which may be taken again by whoever has it.
package final class SocketLoop: @unchecked Sendable {
    /// Names a socket that the loop watches; never used twice.
    package struct Registration: Hashable, Sendable {
        fileprivate var token: UInt64
    }

    private struct Slot {
        var observer: (any SocketObserver)?
        /// Tells an event of the slot's last socket, already fetched, from one of this one.
        var generation: UInt32 = 0
    }

    private static let mostEvents = 256
    /// Most that is read at once; with it bulk costs few system calls.
    private static let bufferSize = 256 << 10

    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let epoll: CInt
    private let wakeup: CInt
    // Unchecked: what observers add and remove while one is called is meant to.
    @exclusivity(unchecked) private var slots: [Slot] = []
    @exclusivity(unchecked) private var free: [Int] = []
    private var postponed: [any SocketObserver] = []
    @exclusivity(unchecked) private var isStopped = false
    /// The thread has the lock and is calling observers.
    private var isHandling = false
    /// What was read last, by whoever reads: nobody keeps it. One for all, so that a connection at rest costs no memory.
    package let buffer: UnsafeMutableRawBufferPointer
    @exclusivity(unchecked) private var pipes = PipePool()

    /// A write into a pipe or by one, to a socket that is closed, would end the program; send(2) has a flag against that, splice(2) none.
    private static let withoutBrokenPipes: Void = { signal(SIGPIPE, SIG_IGN) }()

    /// Starts the thread.
    ///
    /// - Throws: if the system has no more descriptors or threads.
    package init() throws(SocketFailure) {
        _ = Self.withoutBrokenPipes
        self.epoll = try SocketFailure.check(elblab_epoll_create())
        do {
            self.wakeup = try SocketFailure.check(elblab_wakeup_create())
        } catch {
            close(self.epoll)
            throw error
        }
        self.buffer = .allocate(byteCount: Self.bufferSize, alignment: 4096)
        self.lock = .allocate(capacity: 1)
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, CInt(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(self.lock, &attributes)
        pthread_mutexattr_destroy(&attributes)
        elblab_epoll_add(self.epoll, self.wakeup, Readiness.input.rawValue, 0, UInt64.max)
        try self.startThread()
    }

    deinit {
        close(self.epoll)
        close(self.wakeup)
        pthread_mutex_destroy(self.lock)
        self.lock.deallocate()
        self.buffer.deallocate()
    }

    // MARK: Taking turns

    /// Runs `body` while nobody else uses what belongs to the loop's sockets. May be nested.
    @inline(__always)
    package func exclusively<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        return try body()
    }

    // MARK: Sockets

    /// Watches a socket. Under the lock, as all that follows.
    ///
    /// - Parameter changesOnly: tell once that the socket has become ready, not again for as long as it is.
    /// - Returns: `nil` if the loop has stopped or the system can watch no more.
    package func add(
        _ observer: any SocketObserver,
        on descriptor: CInt,
        for interest: Readiness,
        changesOnly: Bool = true
    ) -> Registration? {
        guard !self.isStopped else { return nil }
        let index = self.free.popLast() ?? self.slots.count
        if index == self.slots.count { self.slots.append(Slot()) }
        let token = UInt64(self.slots[index].generation) << 32 | UInt64(index)
        guard elblab_epoll_add(self.epoll, descriptor, interest.rawValue, changesOnly ? 1 : 0, token) >= 0 else {
            self.free.append(index)
            return nil
        }
        self.slots[index].observer = observer
        return Registration(token: token)
    }

    /// Watches for something else from now on. What the socket is ready for already is told again.
    package func change(
        _ registration: Registration,
        on descriptor: CInt,
        to interest: Readiness,
        changesOnly: Bool = true
    ) {
        elblab_epoll_change(
            self.epoll,
            descriptor,
            interest.rawValue,
            changesOnly ? 1 : 0,
            registration.token
        )
    }

    /// Forgets a socket that is about to be closed, which takes it out of the system's list, too.
    package func remove(_ registration: Registration) {
        let index = Int(truncatingIfNeeded: registration.token & 0xffff_ffff)
        guard self.slots[index].generation == UInt32(truncatingIfNeeded: registration.token >> 32) else { return }
        self.slots[index].observer = nil
        self.slots[index].generation &+= 1
        self.free.append(index)
    }

    /// Calls `ready` with nothing when the others have had their turn.
    package func postpone(_ observer: any SocketObserver) {
        self.postponed.append(observer)
        if !self.isHandling { self.wake() }
    }

    /// An empty pipe, to be given back. `nil`: do without.
    package func takePipe() -> BytePipe? { self.pipes.take() }

    package func giveBack(_ pipe: BytePipe) { self.pipes.giveBack(pipe) }

    // MARK: The thread

    private func startThread() throws(SocketFailure) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 20)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<SocketLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            this.toOpaque()
        )
        guard code == 0 else {
            this.release()
            throw SocketFailure(code: code)
        }
    }

    private func run() {
        elblab_name_thread("sockets")
        // Signals are for the program's own threads.
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        withUnsafeTemporaryAllocation(of: elblab_event.self, capacity: Self.mostEvents) { events in
            var goesOn = true
            var isPatient = true
            while goesOn {
                let count = elblab_epoll_wait(
                    self.epoll,
                    events.baseAddress,
                    CInt(events.count),
                    isPatient ? -1 : 0
                )
                self.exclusively {
                    self.isHandling = true
                    for index in 0..<max(0, Int(count)) where !self.isStopped { self.handle(events[index]) }
                    self.handlePostponed()
                    self.isHandling = false
                    isPatient = self.postponed.isEmpty
                    goesOn = !self.isStopped
                }
            }
        }
        self.exclusively { self.slots = [] }
    }

    private func handle(_ event: elblab_event) {
        guard event.token != UInt64.max else {
            var count: UInt64 = 0
            read(self.wakeup, &count, MemoryLayout.size(ofValue: count))
            return
        }
        let slot = self.slots[Int(truncatingIfNeeded: event.token & 0xffff_ffff)]
        guard slot.generation == UInt32(truncatingIfNeeded: event.token >> 32) else { return }
        slot.observer?.ready(Readiness(rawValue: event.ready))
    }

    private func handlePostponed() {
        guard !self.postponed.isEmpty else { return }
        let postponed = self.postponed
        self.postponed = []
        for observer in postponed { observer.ready(.none) }
    }

    private func wake() {
        var one: UInt64 = 1
        write(self.wakeup, &one, MemoryLayout.size(ofValue: one))
    }

    /// Ends the thread. Sockets stay open: closing them is their owners' business, and done already.
    package func stop() {
        guard !self.isStopped else { return }
        self.isStopped = true
        if !self.isHandling { self.wake() }
    }
}
