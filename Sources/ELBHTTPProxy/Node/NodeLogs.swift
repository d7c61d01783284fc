import ELBCore
import ELBModel
import ELBNet

/// Where a balancer's logs go, besides into buckets: whole lines, each ending with a line feed.
struct LogTargets: Sendable {
    var accessLog: (any AccessLogSink)?
    var connectionLog: (any ConnectionLogSink)?
    /// The buckets; without them no log can be delivered.
    var store: (any LogStore)?

    /// Whether lines of the log go to a sink as text.
    func takesText(of log: LogKind) -> Bool {
        switch log {
        case .access: self.accessLog != nil
        case .connection: self.connectionLog != nil
        case .healthCheck: false
        }
    }

    func writeText(_ lines: [UInt8], of log: LogKind) {
        switch log {
        case .access: self.accessLog?.write(lines)
        case .connection: self.connectionLog?.write(lines)
        case .healthCheck: break
        }
    }

    func flush() async {
        await self.accessLog?.flush()
        await self.connectionLog?.flush()
        await self.store?.flush()
    }
}

/// One of a node's logs: lines are gathered here and go on in batches, as text to a sink and into files of a bucket.
final class NodeLog {
    /// Lines that are gathered before they go on.
    private static let batch = 32_768

    private let kind: LogKind
    private let targets: LogTargets
    private let goesToSink: Bool
    private var file: LogFile?
    private var interval: UInt64 = 0
    /// Lines are appended here; then `appended` is called. Unchecked for the reason given in ClientRequest.
    @exclusivity(unchecked) var buffer = ByteOutput()
    private var generator: SplitMix64

    init(_ kind: LogKind, _ targets: LogTargets) {
        self.kind = kind
        self.targets = targets
        self.goesToSink = targets.takesText(of: kind)
        // Not the node's generator: names of files must differ from run to run, whatever the seed.
        var random = SystemRandomNumberGenerator()
        self.generator = SplitMix64(seed: random.next())
    }

    /// Whether anybody reads it.
    var isWritten: Bool { self.goesToSink || self.file != nil }

    /// Takes over the load balancer's attributes; what was gathered goes where it would have gone.
    func configure(
        _ attributes: LoadBalancerAttributes,
        loadBalancer: String,
        node: String,
        interval: UInt64,
        isCompressed: Bool = true,
        now: Int64
    ) {
        let delivery = attributes[self.kind]
        let source = LogSource(
            kind: self.kind,
            delivery: delivery,
            loadBalancer: loadBalancer,
            node: node,
            isCompressed: isCompressed
        )
        guard self.file?.source != source || self.interval != interval || !delivery.isEnabled else { return }
        self.finish(now: now)
        self.interval = interval
        self.file = delivery.isEnabled && self.targets.store != nil ? LogFile(source, interval: interval) : nil
    }

    /// A line has been appended to `buffer`.
    func appended(now: Int64) {
        if self.buffer.count >= Self.batch { self.flush(now: now) }
    }

    /// Hands on what was gathered, and the file if its time is over.
    ///
    /// - Parameter now: microseconds since 1970.
    func flush(now: Int64) {
        if !self.buffer.isEmpty {
            let lines = self.buffer.bytes
            self.buffer.removeAll()
            self.targets.writeText(lines, of: self.kind)
            self.deliver(self.file?.append(lines, now: now, using: &self.generator))
        } else if self.file != nil {
            self.deliver(self.file?.tick(now: now, using: &self.generator))
        }
    }

    /// Hands on everything, the file as it is included.
    func finish(now: Int64) {
        self.flush(now: now)
        self.deliver(self.file?.finish(using: &self.generator))
    }

    private func deliver(_ objects: [LogFile.Object]?) {
        for object in objects ?? [] { self.targets.store?.deliver(object) }
    }
}
