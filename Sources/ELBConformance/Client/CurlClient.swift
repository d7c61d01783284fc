internal import Synchronization

/// Requests by libcurl from threads of their own; callers wait without holding one of Swift's.
///
/// Answers come back in the order of the requests. Sessions keep their connections open between calls, and are shared by
/// all callers of the client; who needs a connection of a known history asks for it with `performInOrder`.
package final class CurlClient: Sendable {
    private let pool: ThreadPool
    private let sessions = SessionShelf()
    private let parallelism: Int

    /// At most `parallelism` requests are under way at once, each on a thread.
    package init(parallelism: Int = 8) {
        self.parallelism = parallelism
        self.pool = ThreadPool(threads: parallelism)
    }

    /// One request.
    package func perform(_ request: CurlRequest) async -> CurlOutcome {
        let sessions = self.sessions
        return await self.pool.run { sessions.withSession { $0?.perform(request) ?? .failure(.cannotStart) } }
    }

    /// Many requests side by side, up to `atOnce` (default: as many as the client has threads). One thread serves its
    /// share on one session, so that connections are reused.
    package func perform(_ requests: [CurlRequest], atOnce: Int? = nil) async -> [CurlOutcome] {
        guard !requests.isEmpty else { return [] }
        let lanes = max(1, min(atOnce ?? self.parallelism, requests.count, self.parallelism))
        let sessions = self.sessions
        let next = SharedCounter()
        let finished = await withTaskGroup(of: [(Int, CurlOutcome)].self) { group in
            for _ in 0..<lanes {
                group.addTask {
                    await self.pool.run {
                        sessions.withSession { session in
                            var outcomes: [(Int, CurlOutcome)] = []
                            while let index = next.take(below: requests.count) {
                                let outcome = session?.perform(requests[index]) ?? .failure(.cannotStart)
                                outcomes.append((index, outcome))
                            }
                            return outcomes
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append(contentsOf: $1) }
        }
        return finished.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// One after the other on a new session: the first request opens a connection, the others reuse it as far as the
    /// other side allows.
    package func performInOrder(_ requests: [CurlRequest]) async -> [CurlOutcome] {
        await self.pool.run {
            guard let session = CurlSession() else { return requests.map { _ in .failure(.cannotStart) } }
            return requests.map { session.perform($0) }
        }
    }
}

/// Hands out 0, 1, 2 … to several threads.
private final class SharedCounter: Sendable {
    private let next = Atomic<Int>(0)

    /// The next number, or `nil` when the limit is reached.
    func take(below limit: Int) -> Int? {
        let index = self.next.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < limit ? index : nil
    }
}

/// Sessions that nobody uses at the moment. A session is in one thread's hands or on the shelf, never both.
private final class SessionShelf: Sendable {
    private let idle = Mutex<[CurlSession]>([])

    /// `body` gets `nil` when libcurl cannot start.
    func withSession<Value>(_ body: (CurlSession?) -> Value) -> Value {
        guard let session = self.idle.withLock({ $0.popLast() }) ?? CurlSession() else { return body(nil) }
        defer { self.idle.withLock { $0.append(session) } }
        return body(session)
    }
}

extension CurlFailure {
    static let cannotStart = Self(
        kind: .notSent,
        code: 2,
        message: "libcurl could not be started",
        status: nil,
        bodyBytes: 0
    )
}
