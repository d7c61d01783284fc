import NIOCore

/// The records of one backend, oldest first, bounded in number and in bytes. A value: it opens nothing and reads no clock.
package struct RequestJournal {
    /// At most this many records are kept.
    package let recordLimit: Int
    /// At most this many bytes of heads and bodies are kept, the newest record aside.
    package let byteLimit: Int

    private var records = CircularBuffer<RequestRecord>()
    private var bytes = 0
    private var nextSequence = 1
    /// Records pushed out by newer ones since the journal began; cleared ones do not count.
    package private(set) var dropped = 0
    /// Requests of each kind since the journal began, cleared and dropped ones included.
    package private(set) var trafficCount = 0
    package private(set) var probeCount = 0

    package init(recordLimit: Int = 100_000, byteLimit: Int = 256 << 20) {
        precondition(recordLimit > 0, "a journal keeps at least one record")
        self.recordLimit = recordLimit
        self.byteLimit = byteLimit
    }

    /// How many records are kept now.
    package var count: Int { self.records.count }

    /// Adds a record, gives it the next sequence number (and probe number) and returns the former.
    package mutating func append(_ record: RequestRecord) -> Int {
        var record = record
        record.sequence = self.nextSequence
        self.nextSequence += 1
        switch record.kind {
        case .traffic:
            self.trafficCount += 1
        case .probe:
            self.probeCount += 1
            record.probeNumber = self.probeCount
        }
        self.bytes += record.storedBytes
        self.records.append(record)
        self.trim()
        return record.sequence
    }

    /// Changes a record in place; does nothing if it has been dropped or cleared.
    package mutating func update(_ sequence: Int, _ change: (inout RequestRecord) -> Void) {
        guard let index = self.index(of: sequence) else { return }
        var record = self.records[index]
        self.bytes -= record.storedBytes
        change(&record)
        self.bytes += record.storedBytes
        self.records[index] = record
        self.trim()
    }

    /// The record of that number, if it is still kept.
    package subscript(sequence: Int) -> RequestRecord? {
        self.index(of: sequence).map { self.records[$0] }
    }

    /// Records with a higher number than `sequence`, oldest first.
    package func page(after sequence: Int, limit: Int = .max, byteLimit: Int = .max) -> RecordPage {
        let first = self.records.first?.sequence ?? self.nextSequence
        let skipped = min(max(0, max(0, sequence) - first + 1), self.records.count)
        return RecordPage(
            of: self.records.dropFirst(skipped),
            dropped: self.dropped,
            limit: limit,
            byteLimit: byteLimit
        )
    }

    /// Forgets all records. Numbers go on where they were.
    package mutating func clear() {
        self.records.removeAll()
        self.bytes = 0
    }

    private mutating func trim() {
        while self.records.count > self.recordLimit || (self.bytes > self.byteLimit && self.records.count > 1) {
            guard let oldest = self.records.popFirst() else { return }
            self.bytes -= oldest.storedBytes
            self.dropped += 1
        }
    }

    private func index(of sequence: Int) -> CircularBuffer<RequestRecord>.Index? {
        // Numbers in the buffer have no gaps: records leave at the front only.
        guard let first = self.records.first?.sequence, sequence >= first, sequence - first < self.records.count else {
            return nil
        }
        return self.records.index(self.records.startIndex, offsetBy: sequence - first)
    }
}
