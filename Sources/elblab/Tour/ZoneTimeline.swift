/// What became of requests, by when they were sent: a row for every few seconds of AWS time.
struct ZoneTimeline: Sendable {
    /// AWS seconds in a row.
    static let step = 5

    struct Row: Sendable {
        var sent = 0
        var failed = 0
        /// The zones whose addresses the name stood for at the row's beginning: `a b`.
        var zones = ""
    }

    private(set) var rows: [Row] = []
    /// When the last request was sent that failed, in AWS seconds; `nil` if none did.
    private(set) var lastFailure: Int?

    var failureCount: Int { self.rows.reduce(0) { $0 + $1.failed } }

    /// Begins the second's row, if it has not begun.
    mutating func begin(second: Int, zones: String) {
        while self.rows.count <= second / Self.step { self.rows.append(Row(zones: zones)) }
    }

    /// - Parameter second: when the request was sent, of a row that has begun.
    mutating func add(second: Int, failed: Bool) {
        let row = second / Self.step
        guard self.rows.indices.contains(row) else { return }
        self.rows[row].sent += 1
        guard failed else { return }
        self.rows[row].failed += 1
        self.lastFailure = max(self.lastFailure ?? 0, second)
    }

    /// A line for each row, `+ 10 s   40 sent   18 failed   name: a b`.
    var lines: [String] {
        self.rows.enumerated().map { index, row in
            let second = String(index * Self.step).paddingLeft(to: 3)
            let failed = String(row.failed).paddingLeft(to: 3)
            return
                "+\(second) s  \(String(row.sent).paddingLeft(to: 3)) sent  \(failed) failed  the name stands for: \(row.zones)"
        }
    }
}
