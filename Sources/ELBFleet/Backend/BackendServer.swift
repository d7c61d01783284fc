import ELBModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// The inside of a backend, confined to its event loop: connections, line of work, faults, journal.
final class BackendServer {
    /// What the machine is doing as a whole.
    enum Machine: Equatable {
        case running
        case refusing
        case cut
        case stopped
    }

    let eventLoop: any EventLoop
    private(set) var description: BackendDescription
    private(set) var machine: Machine = .running
    private(set) var journal: RequestJournal
    private(set) var faults = FaultPlan()
    private(set) var queue: WorkQueue
    private(set) var connections: [Int: BackendConnection] = [:]
    private var nextConnection = 1
    private var waiters = RecordWaiters()
    private var inLine: [WorkQueue.Ticket: BackendConnection] = [:]
    private var listeners: [BackendListener] = []

    init(_ description: BackendDescription, journal: RequestJournal, eventLoop: any EventLoop) {
        self.description = description
        self.journal = journal
        self.eventLoop = eventLoop
        self.queue = WorkQueue(workers: description.type.workers)
    }

    // Listening.

    /// The bound ports, in the order of the description's.
    var boundPorts: [UInt16] { self.listeners.map(\.port) }

    /// Binds and accepts on every port. All or nothing.
    func startListening() -> EventLoopFuture<Void> {
        do throws(BackendError) {
            for port in self.description.ports {
                self.listeners.append(try BackendListener(address: self.description.address, port: port))
            }
        } catch {
            for listener in self.listeners { listener.abandon() }
            self.listeners = []
            return self.eventLoop.makeFailedFuture(error)
        }
        return self.openAll()
    }

    private func openAll() -> EventLoopFuture<Void> {
        let server = NIOLoopBound(self, eventLoop: self.eventLoop)
        let opened = self.listeners.map { listener in
            listener.open(on: self.eventLoop) { channel in server.value.initialize(channel) }
        }
        return .andAllSucceed(opened, on: self.eventLoop)
    }

    private func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard self.machine != .stopped, !self.listeners.contains(where: { $0.isPlug(channel.remoteAddress?.port) })
        else {
            return channel.close()
        }
        let connection = BackendConnection(number: self.nextConnection, channel: channel, server: self)
        self.nextConnection += 1
        self.connections[connection.number] = connection
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers(
                connection.feed,
                ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
                connection
            )
        }
    }

    func connectionClosed(_ connection: BackendConnection) {
        self.connections[connection.number] = nil
        guard let ticket = connection.exchange?.sequence, self.queue.isWaiting(ticket) else { return }
        // Nobody will read the answer; a request that has not reached a worker leaves the line.
        self.inLine[ticket] = nil
        self.serve(self.queue.finished(ticket))
    }

    // Requests.

    /// A probe is a request for a health path, or one of a load balancer of AWS's kind by its User-Agent.
    func kind(of record: RequestRecord) -> RequestRecord.Kind {
        if self.description.behaviour.healthPaths.contains(record.path) { return .probe }
        return record.values(of: "user-agent").contains { $0.hasPrefix("ELB-HealthChecker/") } ? .probe : .traffic
    }

    /// Enters a request into the journal and decides which fault meets it. `head` is `nil` for what is not HTTP; no fault
    /// meets that.
    func accept(_ record: RequestRecord, head: HTTPRequestHead?) -> BackendConnection.Exchange {
        var record = record
        let applied = head == nil ? nil : self.faults.nextFault(for: record.kind)
        record.fault = applied?.label
        let sequence = self.journal.append(record)
        self.waiters.recordArrived(record.kind, self.journal)
        return .init(
            sequence: sequence,
            head: head ?? HTTPRequestHead(version: .http1_1, method: .GET, uri: ""),
            switches: .init(),
            applied: applied
        )
    }

    func update(_ sequence: Int, _ change: (inout RequestRecord) -> Void) {
        self.journal.update(sequence, change)
    }

    /// Makes a record final; later calls for it do nothing.
    func settle(_ sequence: Int, as outcome: RequestRecord.Outcome) {
        guard let record = self.journal[sequence], !record.isSettled else { return }
        self.journal.update(sequence) { record in
            record.outcome = outcome
            record.settledNanoseconds = MachineClock.monotonicNanoseconds()
        }
        self.waiters.recordSettled(self.journal)
    }

    /// As much of the request has been read as its answer needs.
    func ready(_ connection: BackendConnection, _ exchange: BackendConnection.Exchange) {
        self.update(exchange.sequence) { $0.outcome = .waiting }
        if let problem = exchange.problem {
            connection.answer(.badRequest(problem, by: self.description))
            return
        }
        switch exchange.applied?.fault {
        case .hang: return
        case .reset: connection.reset(as: .dropped)
        case .close: connection.drop()
        case .fail, .slow, .truncate, .garbage, nil:
            self.inLine[exchange.sequence] = connection
            self.serve(self.queue.arrived(exchange.sequence))
        }
    }

    private func serve(_ tickets: [WorkQueue.Ticket]) {
        for ticket in tickets {
            guard let connection = self.inLine.removeValue(forKey: ticket), let exchange = connection.exchange,
                exchange.sequence == ticket
            else {
                self.serve(self.queue.finished(ticket))
                continue
            }
            let milliseconds = self.serviceMilliseconds(exchange)
            guard milliseconds > 0 else {
                self.served(ticket, connection)
                continue
            }
            self.schedule(after: milliseconds) { [weak self] in self?.served(ticket, connection) }
        }
    }

    private func serviceMilliseconds(_ exchange: BackendConnection.Exchange) -> Int {
        var milliseconds = self.description.type.serviceMilliseconds + self.description.behaviour.delayMilliseconds
        milliseconds += exchange.switches.delayMilliseconds
        if case .slow(let extra) = exchange.applied?.fault { milliseconds += extra }
        return milliseconds
    }

    private func served(_ ticket: WorkQueue.Ticket, _ connection: BackendConnection) {
        if let exchange = connection.exchange, exchange.sequence == ticket, let record = self.journal[ticket] {
            let request = AnswerPlan.Request(
                record: record,
                switches: exchange.switches,
                keepsAlive: exchange.head.isKeepAlive && !exchange.head.endsConnection,
                fault: exchange.applied?.fault
            )
            connection.answer(AnswerPlan(request, by: self.description))
        }
        self.serve(self.queue.finished(ticket))
    }

    func schedule(after milliseconds: Int, _ action: @escaping () -> Void) {
        self.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) { action() }
    }

    // Control.

    func add(_ rule: FaultRule) { self.faults.add(rule) }

    func setScript(_ script: [ProbeAnswer]) { self.faults.setScript(script) }

    func resize(to type: InstanceType) {
        self.description.type = type
        self.serve(self.queue.resized(workers: type.workers))
    }

    func clearRecords() { self.journal.clear() }

    func wait(for condition: RecordWaiters.Condition, _ promise: EventLoopPromise<[RequestRecord]>) {
        self.waiters.add(condition, promise, self.journal)
    }

    /// Stops listening; connections that stand go on.
    func refuse() -> EventLoopFuture<Void> {
        guard self.machine == .running else { return self.eventLoop.makeSucceededVoidFuture() }
        self.machine = .refusing
        return self.closeListeners()
    }

    /// Falls silent, as after a power cut.
    func cut() -> EventLoopFuture<Void> {
        guard self.machine == .running || self.machine == .refusing else {
            return self.eventLoop.makeSucceededVoidFuture()
        }
        let reopened = self.machine == .refusing ? self.reopen() : self.eventLoop.makeSucceededVoidFuture()
        self.machine = .cut
        for connection in self.connections.values { connection.fallSilent() }
        self.queue.clear()
        self.inLine = [:]
        return reopened.assumeIsolated().map {
            for listener in self.listeners { listener.fallSilent() }
        }.nonisolated()
    }

    /// Ends every fault of the machine and of its answers.
    func heal() -> EventLoopFuture<Void> {
        self.faults.heal()
        switch self.machine {
        case .running:
            return self.eventLoop.makeSucceededVoidFuture()
        case .refusing:
            self.machine = .running
            return self.reopen()
        case .cut:
            // A machine that comes back knows nothing of its old connections and resets them.
            for connection in self.connections.values { connection.reset(as: .backendGone) }
            for listener in self.listeners { listener.awake() }
            self.machine = .running
            return self.eventLoop.makeSucceededVoidFuture()
        case .stopped:
            return self.eventLoop.makeFailedFuture(BackendError(.notRunning, "\(self.description.name) is stopped"))
        }
    }

    /// Closes everything at once, as the kernel does for a process that was killed.
    func stop() -> EventLoopFuture<Void> {
        guard self.machine != .stopped else { return self.eventLoop.makeSucceededVoidFuture() }
        self.machine = .stopped
        for connection in self.connections.values {
            if let exchange = connection.exchange { self.settle(exchange.sequence, as: .backendGone) }
            connection.drop()
        }
        self.queue.clear()
        self.inLine = [:]
        self.waiters.failAll(BackendError(.notRunning, "\(self.description.name) was stopped"))
        return self.closeListeners()
    }

    private func closeListeners() -> EventLoopFuture<Void> {
        .andAllComplete(self.listeners.map { $0.close(on: self.eventLoop) }, on: self.eventLoop)
    }

    private func reopen() -> EventLoopFuture<Void> {
        do throws(BackendError) {
            for index in self.listeners.indices {
                let port = self.listeners[index].port
                self.listeners[index] = try BackendListener(address: self.description.address, port: port)
            }
        } catch {
            return self.eventLoop.makeFailedFuture(error)
        }
        return self.openAll()
    }
}

extension HTTPRequestHead {
    /// Whether NIO's parser reads nothing behind this request: it stops where a protocol could change.
    fileprivate var endsConnection: Bool {
        self.method == .CONNECT || (self.headers.contains(name: "upgrade") && self.headers.contains(name: "connection"))
    }
}
