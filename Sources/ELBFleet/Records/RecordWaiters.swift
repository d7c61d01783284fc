import NIOCore

/// Callers that wait for records. Confined to the backend's event loop.
struct RecordWaiters {
    /// What a caller waits for: so many records with a number above `after`.
    struct Condition {
        var count: Int
        var after: Int
        var kind: RequestRecord.Kind?
        /// Whether records count only once their outcome is final.
        var mustBeSettled: Bool
        /// What else a record must fulfil, such as a number of frames.
        var fulfils: @Sendable (RequestRecord) -> Bool = { _ in true }

        func matching(_ journal: RequestJournal) -> [RequestRecord] {
            journal.page(after: self.after).records.filter { record in
                (self.kind == nil || record.kind == self.kind) && (!self.mustBeSettled || record.isSettled)
                    && self.fulfils(record)
            }
        }
    }

    private struct Waiter {
        let condition: Condition
        let promise: EventLoopPromise<[RequestRecord]>
    }

    private var waiters: [Waiter] = []

    mutating func add(
        _ condition: Condition,
        _ promise: EventLoopPromise<[RequestRecord]>,
        _ journal: RequestJournal
    ) {
        self.waiters.append(Waiter(condition: condition, promise: promise))
        self.check(journal)
    }

    mutating func recordArrived(_ kind: RequestRecord.Kind, _ journal: RequestJournal) {
        self.check(journal) { !$0.mustBeSettled && ($0.kind == nil || $0.kind == kind) }
    }

    mutating func recordSettled(_ journal: RequestJournal) {
        self.check(journal) { $0.mustBeSettled }
    }

    /// A record has changed otherwise: a frame came, a WebSocket ended.
    mutating func recordChanged(_ journal: RequestJournal) {
        self.check(journal)
    }

    /// Ends all waiting.
    mutating func failAll(_ error: any Error) {
        let waiters = self.waiters
        self.waiters = []
        for waiter in waiters { waiter.promise.fail(error) }
    }

    private mutating func check(_ journal: RequestJournal, _ concerns: (Condition) -> Bool = { _ in true }) {
        guard !self.waiters.isEmpty else { return }
        self.waiters.removeAll { waiter in
            guard concerns(waiter.condition) else { return false }
            let records = waiter.condition.matching(journal)
            guard records.count >= waiter.condition.count else { return false }
            waiter.promise.succeed(records)
            return true
        }
    }
}
