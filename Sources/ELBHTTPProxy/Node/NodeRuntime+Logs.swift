import ELBCore
import ELBModel
import ELBNet
import NIOCore

// What a node writes down: requests, connection attempts, probes.
extension NodeRuntime {
    /// Whether anybody reads the access log.
    var logsAccess: Bool { self.accessLog.isWritten }

    func configureLogs() {
        let name = self.snapshot.fullName
        let node = self.node.address.description
        let interval = self.timeScale.nanoseconds(seconds: 300)
        let now = self.wallClock(at: self.now())
        let attributes = self.snapshot.attributes
        let minutes = self.snapshot.classic?.logMinutes ?? 5
        self.accessLog.configure(
            attributes,
            loadBalancer: name,
            node: node,
            interval: self.timeScale.nanoseconds(seconds: 60 * minutes),
            isCompressed: self.snapshot.classic == nil,
            now: now
        )
        self.connectionLog.configure(attributes, loadBalancer: name, node: node, interval: interval, now: now)
        self.healthCheckLog.configure(attributes, loadBalancer: name, node: node, interval: interval, now: now)
    }

    /// Writes the line of a probe (ALB-HLOG-002).
    func log(_ assignment: ProbeAssignment, _ result: ProbeResult, _ time: ProbeTime) {
        guard let group = self.group(assignment.group) else { return }
        let record = HealthCheckLogRecord(
            assignment,
            group: group.state.group.name,
            startedAt: self.wallClock(at: time.startedAt),
            latency: time.endedAt &- time.startedAt,
            result: result
        )
        record.append(
            to: &self.healthCheckLog.buffer,
            loadBalancer: self.logName,
            node: self.logNode,
            clock: &self.clock
        )
        self.healthCheckLog.appended(now: self.wallClock(at: time.endedAt))
    }

    /// What the lines of a new connection will have in common.
    func logConnection(
        from peer: IPAddress,
        port: UInt16,
        number: UInt64,
        session: TLSSession?
    ) -> AccessLogRecord.Connection {
        let client =
            switch peer {
            case .v4(let address): "\(address):\(port)"
            case .v6(let address): "[\(address)]:\(port)"
            }
        let kind: AccessLogRecord.Kind =
            session.map { $0.applicationProtocol == "h2" ? .h2 : .https } ?? .http
        return AccessLogRecord.Connection(
            kind: kind,
            loadBalancer: self.logName,
            node: self.logNode,
            client: Array(client.utf8),
            traceID: AccessLogRecord.connectionTraceID(node: self.connectionSeed, number: number),
            tls: session?.accessLogText
        )
    }

    /// Writes the line of a connection attempt that succeeded or failed (ALB-CLOG-002).
    ///
    /// - Parameter tls: how the handshake went; `nil` on an HTTP listener.
    func logConnectionAttempt(of client: AcceptedClient, on port: Port, tls: ConnectionLogRecord.TLS?) {
        guard self.connectionLog.isWritten else { return }
        let record = ConnectionLogRecord(
            timestamp: self.wallClock(at: self.now()),
            client: client.address,
            clientPort: client.port,
            listenerPort: port,
            tls: tls,
            traceID: AccessLogRecord.connectionTraceID(node: self.connectionSeed, number: client.number),
            loadBalancer: self.logName,
            node: self.logNode
        )
        record.append(to: &self.connectionLog.buffer, clock: &self.clock)
        self.connectionLog.appended(now: record.timestamp)
    }

    /// Writes the line of a request that is over and ends its record. `inout`, because a copy would count references to all the
    /// texts in it.
    func log(_ record: inout AccessLogRecord) {
        defer { record.createdAt = 0 }
        guard self.logsAccess else { return }
        if self.settings.quirks.contains(.classic) {
            record.appendClassic(to: &self.accessLog.buffer, clock: &self.clock)
        } else {
            record.append(to: &self.accessLog.buffer, clock: &self.clock)
        }
        self.accessLog.appended(now: record.respondedAt)
    }
}
