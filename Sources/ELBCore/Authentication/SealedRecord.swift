/// Fields of bytes one behind the other, each with its length in front: what goes into a sealed cookie or parameter. Only what
/// this load balancer has sealed is ever read, so the form is nobody else's business.
struct SealedRecord {
    private(set) var bytes: [UInt8] = []
    private var position = 0

    init() {}

    init(reading bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func write(_ field: [UInt8]) {
        let count = UInt32(clamping: field.count)
        for shift in stride(from: 24 as UInt32, through: 0, by: -8) {
            self.bytes.append(UInt8(truncatingIfNeeded: count >> shift))
        }
        self.bytes += field
    }

    mutating func write(_ number: Int64) {
        self.write((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    }

    /// The next field; `nil` at the end, and where a length leads beyond it.
    mutating func read() -> [UInt8]? {
        guard self.bytes.count - self.position >= 4 else { return nil }
        let count = self.bytes[self.position..<(self.position + 4)].reduce(0) { $0 << 8 | Int($1) }
        let start = self.position + 4
        guard count <= self.bytes.count - start else { return nil }
        self.position = start + count
        return Array(self.bytes[start..<self.position])
    }

    mutating func readNumber() -> Int64? {
        guard let field = self.read(), field.count == 8 else { return nil }
        return field.reduce(0) { $0 << 8 | Int64($1) }
    }

    var isAtEnd: Bool { self.position == self.bytes.count }
}
