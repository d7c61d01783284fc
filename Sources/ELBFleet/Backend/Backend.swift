package import ELBModel
package import NIOCore
import NIOPosix

/// One fake server, listening on real sockets in this process. It records what it reads, byte for byte, and can be told to
/// fail in every way that a load balancer must cope with. Whatever arrives at its port, it goes on.
package final class Backend: Sendable {
    /// What it was started with. Ports are as asked for; `endpoints` has the real ones.
    package let description: BackendDescription
    /// Where it listens, in the order of the description's ports. Stays the same over refuse, cut and heal.
    package let endpoints: [Endpoint]

    private let eventLoop: any EventLoop
    private let server: NIOLoopBound<BackendServer>

    private init(_ description: BackendDescription, server: NIOLoopBound<BackendServer>, on loop: any EventLoop) {
        self.description = description
        self.server = server
        self.eventLoop = loop
        self.endpoints = server.value.boundPorts.compactMap { port in
            Port(rawValue: port).map { Endpoint(address: description.address, port: $0) }
        }
    }

    /// Starts a backend; when this returns, every port accepts connections.
    /// - Parameters:
    ///   - group: lends one event loop, on which everything of this backend happens.
    ///   - recordLimit: how many records are kept before the oldest are dropped, 1 or more.
    /// - Throws: `BackendError`, `.invalid` or `.cannotListen`; nothing listens then.
    package static func start(
        _ description: BackendDescription,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        recordLimit: Int = 100_000
    ) async throws -> Backend {
        if let problem = description.problem { throw BackendError(.invalid, problem) }
        let loop = group.next()
        return try await loop.flatSubmit { () -> EventLoopFuture<Backend> in
            let journal = RequestJournal(recordLimit: recordLimit)
            let server = BackendServer(description, journal: journal, eventLoop: loop)
            let bound = NIOLoopBound(server, eventLoop: loop)
            return server.startListening().map { Backend(description, server: bound, on: loop) }
        }.get()
    }

    /// The first endpoint's port; most backends have one only.
    package var port: Int { self.endpoints.first.map { Int($0.port.rawValue) } ?? 0 }

    /// Closes everything at once; a request under way ends as if the process had been killed. Idempotent.
    package func stop() async {
        try? await self.onLoop { $0.stop() }
    }

    // Faults.

    /// Adds a fault. Newer rules go before older ones.
    /// - Throws: `BackendError.invalid` if the rule makes no sense.
    package func set(_ rule: FaultRule) async throws {
        if let problem = rule.problem ?? self.unfit(rule.fault) { throw BackendError(.invalid, problem) }
        try await self.now { $0.add(rule) }
    }

    /// Adds a fault that lasts until healed.
    package func set(_ fault: Fault, scope: FaultRule.Scope = .all) async throws {
        try await self.set(FaultRule(fault, scope: scope))
    }

    /// Answers the next probes as listed, one after another, then as usual. Replaces an older script.
    /// - Throws: `BackendError.invalid` if an answer is out of range.
    package func setHealthScript(_ script: [ProbeAnswer]) async throws {
        let problem = script.lazy.compactMap { $0.fault.problem ?? self.unfit($0.fault) }.first
        if let problem { throw BackendError(.invalid, problem) }
        try await self.now { $0.setScript(script) }
    }

    /// Why what the backend speaks has no such fault, in words.
    private func unfit(_ fault: Fault) -> String? {
        guard case .fail(let status) = fault, status < 200, self.description.behaviour.speaks != .grpc else {
            return nil
        }
        return
            "\(status) is a gRPC status; \(self.description.name) speaks \(self.description.behaviour.speaks.rawValue)"
    }

    /// Makes the machine refuse or fall silent.
    package func set(_ fault: MachineFault) async throws {
        try await self.onLoop { server in
            switch fault {
            case .refuse: server.refuse()
            case .cut: server.cut()
            }
        }
    }

    /// Ends all faults and the script. Connections that were cut are reset.
    /// - Throws: `BackendError` if the backend is stopped or a refused port is taken meanwhile.
    package func heal() async throws {
        try await self.onLoop { $0.heal() }
    }

    /// Gives the instance another size; requests being served are not disturbed.
    package func resize(to type: InstanceType) async throws {
        guard type.workers > 0 else { throw BackendError(.invalid, "size \(type.name) has no workers") }
        try await self.now { $0.resize(to: type) }
    }

    /// Lets in what the filter does, from the next connection on; `nil` lets in everything.
    package func filter(_ ingress: TrafficFilter?) async throws {
        try await self.now { $0.filter(ingress) }
    }

    // Records.

    /// What was recorded with a sequence number above `sequence`, oldest first, requests under way included.
    package func records(after sequence: Int = 0) async -> [RequestRecord] {
        await self.page(after: sequence).records
    }

    /// A stretch of the journal.
    /// - Parameters:
    ///   - limit: at most this many records.
    ///   - byteLimit: at most this many bytes of heads and bodies; one record is always given.
    package func page(after sequence: Int = 0, limit: Int = .max, byteLimit: Int = .max) async -> RecordPage {
        let page = try? await self.now { $0.journal.page(after: sequence, limit: limit, byteLimit: byteLimit) }
        return page ?? RecordPage(records: [], dropped: 0, hasMore: false)
    }

    /// Forgets all records; sequence numbers go on.
    package func clearRecords() async {
        try? await self.now { $0.clearRecords() }
    }

    /// Returns when at least `count` matching records with a number above `after` exist; wakes at the event, does not poll.
    /// - Parameters:
    ///   - kind: only traffic or only probes; `nil` takes both.
    ///   - settled: whether a record counts only when its outcome is final (`false`: as soon as its head has arrived).
    ///   - timeout: real time, in a `Duration`.
    ///   - fulfils: what else a record must fulfil: so many frames, an ended WebSocket.
    /// - Returns: all matching records so far, oldest first, possibly more than `count`.
    /// - Throws: `BackendError.timedOut` with how many there were; `.notRunning` if the backend stops meanwhile; `CancellationError` at once
    ///   when the task is cancelled.
    package func waitForRecords(
        count: Int,
        after sequence: Int = 0,
        kind: RequestRecord.Kind? = nil,
        settled: Bool = true,
        timeout: Duration = .seconds(10),
        where fulfils: @escaping @Sendable (RequestRecord) -> Bool = { _ in true }
    ) async throws -> [RequestRecord] {
        let condition = RecordWaiters.Condition(
            count: count,
            after: sequence,
            kind: kind,
            mustBeSettled: settled,
            fulfils: fulfils
        )
        let name = self.description.name
        let server = self.server
        let promise = self.eventLoop.makePromise(of: [RequestRecord].self)
        return try await withTaskCancellationHandler {
            try await self.eventLoop.flatSubmit { () -> EventLoopFuture<[RequestRecord]> in
                server.value.wait(for: condition, promise)
                let deadline = server.value.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
                    let seen = condition.matching(server.value.journal).count
                    promise.fail(
                        BackendError(.timedOut, "\(name): \(seen) of \(count) records after \(timeout)")
                    )
                }
                promise.futureResult.whenComplete { _ in deadline.cancel() }
                return promise.futureResult
            }.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// Size, faults and counts at this moment.
    package func status() async -> BackendStatus {
        let status = try? await self.now { BackendStatus(of: $0) }
        return status ?? BackendStatus(description: self.description, ports: self.endpoints.map(\.port.rawValue))
    }

    private func now<Value: Sendable>(_ body: @escaping @Sendable (BackendServer) throws -> Value) async throws -> Value
    {
        let server = self.server
        return try await self.eventLoop.submit { try body(server.value) }.get()
    }

    private func onLoop(_ body: @escaping @Sendable (BackendServer) -> EventLoopFuture<Void>) async throws {
        let server = self.server
        try await self.eventLoop.flatSubmit { body(server.value) }.get()
    }
}
