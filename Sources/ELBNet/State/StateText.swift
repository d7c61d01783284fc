import ELBModel

/// The files of a `StateFolder` as text, without the disk: lines that vouch for themselves and for every line before them.
///
///     a0b1c2d3e4f50617 {"saved":...}
///
/// The number is a sum over the line and the sum of the line before, so a byte that changed, a line that is missing and lines that
/// changed places all show. The first line's sum begins with the file's own name, so one file cannot stand for another.
struct StateText {
    private(set) var bytes: [UInt8] = []
    private var sum: UInt64

    /// - Parameter file: what the file is called.
    init(file: String) { self.sum = StableHash.of(file) }

    /// Bytes before a line's text: the sum's digits and a blank.
    private static let prefix = 17

    /// How long a line of so many bytes is in the file.
    static func length(ofLine count: Int) -> Int { self.prefix + count + 1 }

    /// Adds a line, which must not contain a newline.
    mutating func append(_ line: some Sequence<UInt8>) {
        let line = Array(line)
        self.sum = Self.sum(line, after: self.sum)
        self.bytes += Self.digits(self.sum)
        self.bytes.append(UInt8(ascii: " "))
        self.bytes += line
        self.bytes.append(UInt8(ascii: "\n"))
    }

    /// Forgets the bytes, which have been written, and goes on with the sum.
    mutating func flush() { self.bytes = [] }

    /// What a file holds.
    struct Contents {
        var lines: [[UInt8]] = []
        /// Bytes up to the end of the last whole line.
        var length = 0
        /// The sum that the next line goes on from.
        var next: StateText
        /// Whether a line at the end was cut short, as when the writer was killed in the middle of it; zeros are no line.
        var isTorn = false
    }

    /// A line that is not as it was written, counted from 1.
    struct Damage: Error, Equatable {
        var line: Int
    }

    static func read(_ bytes: [UInt8], file: String) throws(Damage) -> Contents {
        var contents = Contents(next: StateText(file: file))
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let whole = rest[..<end]
            let line = Array(whole.dropFirst(Self.prefix))
            let sum = Self.sum(line, after: contents.next.sum)
            guard whole.count >= Self.prefix, whole.starts(with: Self.digits(sum) + [UInt8(ascii: " ")]) else {
                throw Damage(line: contents.lines.count + 1)
            }
            contents.lines.append(line)
            contents.next.sum = sum
            rest = rest[(end + 1)...]
        }
        contents.length = rest.startIndex
        // Room that was set aside for lines to come reads as zeros.
        contents.isTorn = rest.contains { $0 != 0 }
        return contents
    }

    private static func sum(_ line: [UInt8], after previous: UInt64) -> UInt64 {
        line.reduce(previous ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    private static func digits(_ sum: UInt64) -> [UInt8] {
        (0..<16).map { index in
            let digit = UInt8(truncatingIfNeeded: sum >> UInt64(60 - 4 * index)) & 15
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}
