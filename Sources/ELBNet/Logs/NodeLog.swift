package import ELBCore
package import ELBModel

/// Where a balancer's logs go, besides into buckets: whole lines, each ending with a line feed.
package struct LogTargets: Sendable {
    package var accessLog: (any AccessLogSink)?
    package var connectionLog: (any ConnectionLogSink)?
    /// The buckets; without them no log can be delivered.
    package var store: (any LogStore)?

    package init(
        accessLog: (any AccessLogSink)? = nil,
        connectionLog: (any ConnectionLogSink)? = nil,
        store: (any LogStore)? = nil
    ) {
        self.accessLog = accessLog
        self.connectionLog = connectionLog
        self.store = store
    }

    /// Throws if the load balancer delivers logs and there is nowhere to put them.
    package func check(_ loadBalancer: LoadBalancer) throws(ModelError) {
        guard self.store == nil else { return }
        for log in LogKind.allCases where loadBalancer.attributes[log].isEnabled {
            throw ModelError(
                .notInLab,
                "'\(loadBalancer.name)' delivers logs to bucket '\(loadBalancer.attributes[log].bucket)', and there is no folder "
                    + "for buckets; name one with --state",
                at: "LoadBalancerAttributes"
            )
        }
    }

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

    package func flush() async {
        await self.accessLog?.flush()
        await self.connectionLog?.flush()
        await self.store?.flush()
    }
}

/// One of a node's logs: lines are gathered here and go on in batches, as text to a sink and into files of a bucket.
package final class NodeLog {
    /// Lines that are gathered before they go on.
    private static let batch = 32_768

    private let kind: LogKind
    private let targets: LogTargets
    private let goesToSink: Bool
    private var file: LogFile?
    private var interval: UInt64 = 0
    /// Lines are appended here; then `appended` is called. Unchecked for the reason given in ClientRequest.
    @exclusivity(unchecked) package var buffer = ByteOutput()
    private var generator: SplitMix64

    package init(_ kind: LogKind, _ targets: LogTargets) {
        self.kind = kind
        self.targets = targets
        self.goesToSink = targets.takesText(of: kind)
        // Not the node's generator: names of files must differ from run to run, whatever the seed.
        var random = SystemRandomNumberGenerator()
        self.generator = SplitMix64(seed: random.next())
    }

    /// Whether anybody reads it.
    package var isWritten: Bool { self.goesToSink || self.file != nil }

    /// Takes over the load balancer's attributes; what was gathered goes where it would have gone.
    package func configure(
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
    package func appended(now: Int64) {
        if self.buffer.count >= Self.batch { self.flush(now: now) }
    }

    /// Hands on what was gathered, and the file if its time is over.
    ///
    /// - Parameter now: microseconds since 1970.
    package func flush(now: Int64) {
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
    package func finish(now: Int64) {
        self.flush(now: now)
        self.deliver(self.file?.finish(using: &self.generator))
    }

    private func deliver(_ objects: [LogFile.Object]?) {
        for object in objects ?? [] { self.targets.store?.deliver(object) }
    }
}
