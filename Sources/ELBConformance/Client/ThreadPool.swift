internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#endif

/// Threads for calls that block. Swift's own pool has one thread per core and must never wait; these may.
package final class ThreadPool: Sendable {
    package typealias Job = @Sendable () -> Void

    private let queue: Queue

    /// Threads start at once and live as long as the pool.
    package init(threads: Int) {
        precondition(threads > 0, "a pool of \(threads) threads does nothing")
        let queue = Queue()
        self.queue = queue
        for _ in 0..<threads { Self.startThread(of: queue) }
    }

    deinit { self.queue.close() }

    /// Runs the job on one of the threads and waits for its result without holding the caller's.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            self.queue.add { continuation.resume(returning: body()) }
        }
    }

    private static func startThread(of queue: Queue) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(queue).toOpaque()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let queue = Unmanaged<Queue>.fromOpaque(argument).takeRetainedValue()
                while let job = queue.next() { job() }
                return nil
            },
            argument
        )
        guard code == 0 else {
            Unmanaged<Queue>.fromOpaque(argument).release()
            preconditionFailure("no thread could be started: error \(code)")
        }
        pthread_detach(thread)
    }

    /// Jobs in order. The semaphore counts them, so that idle threads sleep in the kernel; the mutex guards the list.
    private final class Queue: Sendable {
        private struct State {
            var jobs: [Job] = []
            var head = 0
        }

        private let state = Mutex(State())
        private let available = Semaphore()

        func add(_ job: @escaping Job) {
            self.state.withLock { $0.jobs.append(job) }
            self.available.signal()
        }

        /// `nil` when the pool is gone and the list is empty.
        func next() -> Job? {
            self.available.wait()
            return self.state.withLock { state in
                guard state.head < state.jobs.count else {
                    self.available.signal()
                    return nil
                }
                let job = state.jobs[state.head]
                state.head += 1
                if state.head == state.jobs.count {
                    state.jobs.removeAll(keepingCapacity: true)
                    state.head = 0
                }
                return job
            }
        }

        /// A signal without a job: the thread that takes it ends and passes it on.
        func close() {
            self.available.signal()
        }
    }
}

/// A counting semaphore of the operating system.
final class Semaphore: @unchecked Sendable {
    // Unchecked: a POSIX semaphore is made to be shared, and the pointer never changes.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        self.semaphore = .allocate(capacity: 1)
        sem_init(self.semaphore, 0, 0)
    }

    deinit {
        sem_destroy(self.semaphore)
        self.semaphore.deallocate()
    }

    func signal() { sem_post(self.semaphore) }

    func wait() {
        while sem_wait(self.semaphore) != 0 {}
    }
}
