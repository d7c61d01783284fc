/// Lines of one log of one node on their way into files: one file per interval of AWS time, five minutes for most logs, more if there is much to
/// tell (ALB-LOG-002). Decides when a file is complete; whoever owns it writes what comes out.
///
/// Intervals begin at multiples of their length since 1970: at scale 1, on the clock's fives.
package struct LogFile: Sendable {
    /// Bytes after which a file is closed before its interval is over.
    package static let limit = 4 << 20

    package let source: LogSource
    /// Microseconds of real time.
    private let intervalLength: Int64
    private var chunks: [[UInt8]] = []
    private var count = 0
    /// That the lines in `chunks` belong to.
    private var interval: Int64 = 0

    /// A file that is complete.
    package struct Object: Sendable {
        /// Bucket and key.
        package var key: String
        /// Whole lines.
        package var chunks: [[UInt8]]
        package var isCompressed: Bool

        package init(key: String, chunks: [[UInt8]], isCompressed: Bool = true) {
            self.isCompressed = isCompressed
            self.key = key
            self.chunks = chunks
        }
    }

    /// - Parameter interval: how long one file takes lines, in nanoseconds of real time.
    package init(_ source: LogSource, interval: UInt64) {
        self.source = source
        self.intervalLength = max(1000, Int64(clamping: interval / 1000))
    }

    /// Takes whole lines.
    ///
    /// - Parameter now: microseconds since 1970.
    /// - Returns: files that are complete by it: the last interval's, and this one's if there is much in it.
    package mutating func append(_ lines: [UInt8], now: Int64, using generator: inout SplitMix64) -> [Object] {
        guard !lines.isEmpty else { return [] }
        var objects = self.tick(now: now, using: &generator)
        self.interval = self.number(at: now)
        self.chunks.append(lines)
        self.count += lines.count
        if self.count >= Self.limit { objects += self.finish(using: &generator) }
        return objects
    }

    /// Time has passed: the file, if its interval is over.
    package mutating func tick(now: Int64, using generator: inout SplitMix64) -> [Object] {
        guard self.count > 0, self.number(at: now) != self.interval else { return [] }
        return self.finish(using: &generator)
    }

    /// The file as it is, if there is anything in it.
    package mutating func finish(using generator: inout SplitMix64) -> [Object] {
        guard self.count > 0 else { return [] }
        let end = (self.interval + 1).multipliedReportingOverflow(by: self.intervalLength).partialValue
        let object = Object(
            key: self.source.key(end: end, random: generator.next()),
            chunks: self.chunks,
            isCompressed: self.source.isCompressed
        )
        self.chunks = []
        self.count = 0
        return [object]
    }

    private func number(at microseconds: Int64) -> Int64 {
        max(0, microseconds) / self.intervalLength
    }
}
