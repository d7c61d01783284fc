import ELBModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

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
    private(set) var connections: [Int: any BackendPeer] = [:]
    private var nextConnection = 1
    private var waiters = RecordWaiters()
    private var inLine: [WorkQueue.Ticket: any ExchangeHolder] = [:]
    private var listeners: [BackendListener] = []
    private var datagrams: [DatagramEcho] = []
    private var tls: NIOSSLContext?
    private let unheard = UnheardConnections()
    /// Runs the function, if the backend is one.
    let host: FunctionHost?

    init(_ description: BackendDescription, journal: RequestJournal, eventLoop: any EventLoop) {
        self.description = description
        self.journal = journal
        self.eventLoop = eventLoop
        self.queue = WorkQueue(workers: description.type.workers)
        self.host = description.function.map { FunctionHost($0, eventLoop: eventLoop) }
    }

    // Listening.

    /// The bound ports, in the order of the description's.
    var boundPorts: [UInt16] { self.listeners.map(\.port) }

    /// Binds and accepts on every port. All or nothing.
    func startListening() -> EventLoopFuture<Void> {
        // Made before the first request waits for it.
        if self.description.behaviour.speaks == .oidc { _ = ProviderKeys.shared }
        do throws(BackendError) {
            if let tls = self.description.behaviour.tls {
                self.tls = try ServerTLS.context(for: self.description, tls)
            }
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
        var opened = self.listeners.map { listener in
            listener.open(on: self.eventLoop) { channel in server.value.initialize(channel) }
        }
        if self.description.behaviour.speaks == .udp {
            opened += self.listeners.map { self.openDatagrams(port: $0.port) }
        }
        return .andAllSucceed(opened, on: self.eventLoop)
    }

    /// Answers datagrams at the port that a listener has got.
    private func openDatagrams(port: UInt16) -> EventLoopFuture<Void> {
        let echo = DatagramEcho(port: port, server: self)
        self.datagrams.append(echo)
        return echo.open(at: self.description.address)
    }

    private func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard self.machine != .stopped, !self.listeners.contains(where: { $0.isPlug(channel.remoteAddress?.port) })
        else {
            return channel.close()
        }
        guard self.lets(in: channel) else {
            self.unheard.add(channel)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        let number = self.nextConnection
        self.nextConnection += 1
        return channel.eventLoop.makeCompletedFuture {
            self.connections[number] = try self.addHandlers(to: channel, number)
        }
    }

    /// Whether security groups let a connection in.
    private func lets(in channel: any Channel) -> Bool {
        self.lets(in: channel.remoteAddress, to: channel.localAddress?.port)
    }

    /// Whether security groups let something in that comes from there to that port.
    func lets(in peer: SocketAddress?, to port: Int?) -> Bool {
        guard let ingress = self.description.ingress else { return true }
        guard let peer = peer?.ipAddress.flatMap({ IPAddress($0) }), let port = port.flatMap({ Port($0) }) else {
            return false
        }
        return ingress.admits(peer, port: port)
    }

    /// Builds the pipeline of a connection from the socket upward.
    private func addHandlers(to channel: any Channel, _ number: Int) throws -> any BackendPeer {
        let pipeline = channel.pipeline.syncOperations
        let end = SocketEnd()
        try pipeline.addHandler(end)
        var watch: TLSWatch?
        switch (self.description.behaviour.tls?.flaw, self.tls) {
        case (.silent, _):
            let connection = SilentConnection(number: number, end: end, server: self)
            try pipeline.addHandler(connection)
            return connection
        case (nil, .some(let tls)):
            let tlsWatch = TLSWatch()
            try pipeline.addHandlers(
                tlsWatch.greetingReader(on: self.eventLoop),
                NIOSSLServerHandler(context: tls),
                tlsWatch
            )
            watch = tlsWatch
        case (.plainText, _), (nil, nil):
            break
        }
        switch self.description.behaviour.speaks {
        case .tcp, .udp:
            let connection = StreamConnection(number: number, channel: channel, end: end, server: self)
            try pipeline.addHandler(connection)
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            return connection
        case .http, .h2, .grpc, .ws, .oidc: break
        }
        if self.description.behaviour.speaks.isHTTP2 {
            let connection = HTTP2Connection(number: number, channel: channel, end: end, tls: watch, server: self)
            try connection.addHandlers()
            return connection
        }
        let connection = BackendConnection(number: number, channel: channel, end: end, tls: watch, server: self)
        try pipeline.addHandlers(
            connection.feed,
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
            connection
        )
        return connection
    }

    func connectionClosed(_ connection: any BackendPeer) {
        self.connections[connection.number] = nil
    }

    /// Nobody will read the answer any more: a request that has not reached a worker leaves the line.
    func abandoned(_ ticket: WorkQueue.Ticket) {
        guard self.queue.isWaiting(ticket) else { return }
        self.inLine[ticket] = nil
        self.serve(self.queue.finished(ticket))
    }

    // Requests.

    /// A probe is a request for a health path, or one of a load balancer of AWS's kind by its User-Agent.
    func kind(of record: RequestRecord) -> RequestRecord.Kind {
        if self.description.behaviour.healthPaths.contains(record.path) { return .probe }
        return record.values(of: "user-agent").contains { $0.hasPrefix("ELB-HealthChecker/") } ? .probe : .traffic
    }

    /// Enters a request into the journal and decides which fault meets it. No fault meets what is not HTTP.
    func accept(_ record: RequestRecord, isHTTP: Bool = true) -> Exchange {
        var record = record
        let applied = isHTTP ? self.faults.nextFault(for: record.kind) : nil
        record.fault = applied?.label
        let sequence = self.journal.append(record)
        self.waiters.recordArrived(record.kind, self.journal)
        return Exchange(sequence: sequence, applied: applied)
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

    /// A record got a frame, or its WebSocket ended.
    func frameArrived() { self.waiters.recordChanged(self.journal) }

    /// As much of the request has been read as its answer needs.
    func ready(_ holder: any ExchangeHolder, _ exchange: Exchange) {
        self.update(exchange.sequence) { $0.outcome = .waiting }
        if let problem = exchange.problem {
            holder.refuse(problem)
            return
        }
        switch exchange.applied?.fault {
        case .hang: return
        case .reset: holder.reset(as: .dropped)
        case .close: holder.drop(as: .dropped)
        case .fail, .slow, .truncate, .garbage, nil:
            self.inLine[exchange.sequence] = holder
            self.serve(self.queue.arrived(exchange.sequence))
        }
    }

    private func serve(_ tickets: [WorkQueue.Ticket]) {
        for ticket in tickets {
            guard let holder = self.inLine.removeValue(forKey: ticket), let exchange = holder.exchange,
                exchange.sequence == ticket
            else {
                self.serve(self.queue.finished(ticket))
                continue
            }
            let milliseconds = self.serviceMilliseconds(exchange)
            guard milliseconds > 0 else {
                self.served(ticket, holder)
                continue
            }
            self.schedule(after: milliseconds) { [weak self] in self?.served(ticket, holder) }
        }
    }

    private func serviceMilliseconds(_ exchange: Exchange) -> Int {
        var milliseconds = self.description.type.serviceMilliseconds + self.description.behaviour.delayMilliseconds
        milliseconds += exchange.switches.delayMilliseconds
        if case .slow(let extra) = exchange.applied?.fault { milliseconds += extra }
        return milliseconds
    }

    private func served(_ ticket: WorkQueue.Ticket, _ holder: any ExchangeHolder) {
        if let exchange = holder.exchange, exchange.sequence == ticket, let record = self.journal[ticket] {
            let request = AnswerPlan.Request(
                record: record,
                switches: exchange.switches,
                keepsAlive: exchange.keepsAlive,
                fault: exchange.applied?.fault
            )
            if let host = self.host, request.fault?.letsInvoke ?? true, let connection = holder as? BackendConnection {
                self.invoke(host, request, exchange, connection)
                return
            }
            holder.answer(request)
        }
        self.serve(self.queue.finished(ticket))
    }

    /// Has the function answer; the worker is its own until then.
    private func invoke(
        _ host: FunctionHost,
        _ request: AnswerPlan.Request,
        _ exchange: Exchange,
        _ connection: BackendConnection
    ) {
        let ticket = exchange.sequence
        host.invoke(request.record, event: exchange.event) { [weak self] reply in
            guard let self else { return }
            if connection.exchange?.sequence == ticket {
                connection.answer(AnswerPlan(reply, to: request, requestID: FunctionHost.requestID(ticket)))
            }
            self.serve(self.queue.finished(ticket))
        }
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

    /// From the next connection on.
    func filter(_ ingress: TrafficFilter?) { self.description.ingress = ingress }

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
        self.host?.stop()
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
        self.unheard.closeAll()
        for connection in self.connections.values {
            connection.drop(as: .backendGone)
        }
        self.queue.clear()
        self.inLine = [:]
        self.host?.stop()
        self.waiters.failAll(BackendError(.notRunning, "\(self.description.name) was stopped"))
        return self.closeListeners()
    }

    private func closeListeners() -> EventLoopFuture<Void> {
        for echo in self.datagrams { echo.close() }
        self.datagrams = []
        return .andAllComplete(self.listeners.map { $0.close(on: self.eventLoop) }, on: self.eventLoop)
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

extension Fault {
    /// Whether a function is invoked under the fault, and does not just seem to answer.
    fileprivate var letsInvoke: Bool {
        switch self {
        case .slow: true
        case .fail, .hang, .reset, .close, .truncate, .garbage: false
        }
    }
}
