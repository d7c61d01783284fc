import ELBCore
import ELBModel
import ELBNet
import NIOCore
import NIOPosix

// From an accepted socket to a flow.
extension NetworkNode {
    /// A client has connected to `port`. Called by the socket loop's thread.
    ///
    /// Security groups are asked first: whoever they do not let in costs neither a place nor a number.
    func accept(_ accepted: StreamSocket.Accepted, on port: Port) {
        guard let listener = self.listeners[port], listener.compiled.hasTCP, !self.isStopping else {
            return accepted.socket.close()
        }
        guard self.hasPower else { return self.unheardSockets.add(accepted.socket) }
        let client = AcceptedClient(
            address: accepted.address,
            port: accepted.port,
            number: self.nextConnectionNumber()
        )
        if let ingress = self.snapshot.ingress, !ingress.admits(client.address, port: port) {
            self.counters.blockedInboundTCP += 1
            self.silencedSockets.add(accepted.socket)
            return
        }
        guard self.hasRoom else {
            self.counters.rejected += 1
            return accepted.socket.close()
        }
        if listener.credentials == nil {
            self.begin(.socket(accepted.socket), listener, client)
        } else {
            self.makeChannel(of: accepted.socket, on: port, for: client)
        }
    }

    /// Gives a client its target for life, and connects it.
    ///
    /// - Parameter log: of a TLS connection, what is known of it.
    private func begin(
        _ connection: ClientConnection,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        _ log: TLSLogRecord? = nil
    ) {
        let destination = Endpoint(address: self.node.address, port: listener.compiled.port)
        let hash = self.settings.hash.tcp(from: client.address, client.port, to: destination, sequence: client.number)
        guard let choice = self.choose(listener.compiled, flow: hash, client: client.address) else {
            // Nobody to go to (NLB-LS-017, NLB-FO-014).
            self.counters.ownResets += 1
            return connection.reset()
        }
        switch self.obstacle(from: client.address, to: choice) {
        case .securityGroup:
            self.counters.blockedOutboundTCP += 1
            return connection.silence(at: self)
        case .hairpin: return connection.silence(at: self)
        case .noPort:
            self.counters.portAllocationErrors += 1
            self.counters.ownResets += 1
            return connection.reset()
        case nil: break
        }
        let flow = TCPFlow(
            TCPFlow.Description(
                client: client,
                destination: destination,
                target: choice.target,
                isTLS: listener.compiled.protocol == .tls,
                preservesClient: choice.preservesClient,
                idleTimeout: listener.idleTimeout,
                log: log
            ),
            group: choice.group,
            node: self
        )
        do { try flow.begin(with: connection) } catch { connection.reset() }
    }

    // MARK: Choosing

    /// Where a flow goes.
    struct Choice {
        var group: FlowGroup
        var target: SelectedTarget
        /// Whether the target sees the client's address. Addresses that are not this machine's cannot be used here.
        var preservesClient: Bool
    }

    /// Group and target of a new flow; `nil` if there is none.
    func choose(_ listener: NetworkListener, flow: UInt64, client: IPAddress) -> Choice? {
        let source = self.settings.hash.source(client)
        let quirks = self.snapshot.flowQuirks
        guard let index = listener.groups.choose(flow: flow, source: source),
            let target = self.groups[index].state.target(flow: flow, source: source, quirks: quirks)
        else { return nil }
        let group = self.groups[index]
        var shows = group.state.group.preservesClientIP
        if quirks.contains(.clientIPHidden) { shows = false }
        if quirks.contains(.clientIPShown) { shows = true }
        return Choice(
            group: group,
            target: target,
            preservesClient: shows && client.isLoopback && client.isOfFamily(of: target.endpoint.address)
        )
    }

    /// Where a new flow with these numbers goes. A connection's sequence number is drawn when it begins, so only datagrams can be
    /// told, and connections whose client's address alone decides.
    func target(
        ofTCP isTCP: Bool,
        from source: IPAddress,
        _ sourcePort: Port?,
        to destination: Endpoint
    ) -> Endpoint? {
        guard let listener = self.listeners[destination.port]?.compiled, isTCP ? listener.hasTCP : listener.hasUDP
        else { return nil }
        var flow: UInt64?
        if !isTCP, let sourcePort {
            flow = self.settings.hash.udp(from: source, sourcePort.rawValue, to: destination)
        }
        let hasOneGroup = listener.groups.isSticky || listener.groups.members.count == 1
        guard let choice = self.choose(listener, flow: flow ?? 0, client: source) else { return nil }
        let isBound = hasOneGroup && choice.group.state.group.attributes.stickiness.isEnabled
        return flow != nil || isBound ? choice.target.endpoint : nil
    }

    /// What keeps a flow from its target.
    enum Obstacle: Hashable {
        /// No rule lets the packets out: they vanish.
        case securityGroup
        /// The target would get packets from its own address, which it throws away (NLB-IP-008).
        case hairpin
        /// Too many connections from this node's address to that target (NLB-IP-010).
        case noPort
    }

    func obstacle(from client: IPAddress, to choice: Choice) -> Obstacle? {
        let endpoint = choice.target.endpoint
        if let egress = self.snapshot.egress, !egress.admits(endpoint.address, port: endpoint.port) {
            return .securityGroup
        }
        if choice.preservesClient { return client == endpoint.address ? .hairpin : nil }
        return choice.group.state.requests(of: choice.target.handle) < self.settings.portLimit ? nil : .noPort
    }

    // MARK: TLS

    /// TLS needs a channel, which belongs to the event loop.
    private func makeChannel(of socket: StreamSocket, on port: Port, for client: AcceptedClient) {
        let reference = self.reference
        let eventLoop = self.eventLoop
        eventLoop.execute {
            ClientBootstrap(group: eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let node = reference.node
                        try node.loop.exclusively { () throws -> Void in
                            guard let listener = node.listeners[port], let credentials = listener.credentials,
                                !node.isStopping
                            else { throw ChannelError.alreadyClosed }
                            try ChannelEnd.prepare(channel)
                            try node.beginHandshake(on: channel, listener, client, credentials)
                        }
                    }
                }
                .withConnectedSocket(socket.descriptor)
                .whenComplete { _ in }
        }
    }

    private func beginHandshake(
        on channel: any Channel,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        _ credentials: ListenerCredentials
    ) throws {
        let handshake = ClientHandshake(channel)
        let log = TLSLogRecord(
            loadBalancer: self.snapshot.fullName,
            listener: listener.compiled.id,
            client: client.address,
            clientPort: client.port,
            destination: Endpoint(address: self.node.address, port: listener.compiled.port),
            began: self.wallClock
        )
        let began = NIODeadline.now().uptimeNanoseconds
        let acceptor = TLSAcceptor(
            credentials: credentials,
            contexts: self.tlsContexts,
            protocols: credentials.tls.settings.alpnPolicy.protocols,
            timeLimit: self.durations.handshake,
            wallClock: { [unowned self] in self.wallClock / 1_000_000 },
            completion: { [weak self] result in
                guard let self else { return }
                self.loop.exclusively { self.handshakeEnded(handshake, listener, client, result, log, began: began) }
            }
        )
        try channel.pipeline.syncOperations.addHandler(acceptor)
        self.opened(handshake)
    }

    private func handshakeEnded(
        _ handshake: ClientHandshake,
        _ listener: ListenerRuntime,
        _ client: AcceptedClient,
        _ result: TLSAcceptor.Result,
        _ known: TLSLogRecord,
        began: UInt64
    ) {
        defer { self.closed(handshake) }
        var log = known
        log.take(result, hasPolicy: listener.compiled.tls?.settings.alpnPolicy.protocols.isEmpty == false)
        switch result {
        case .failed:
            self.counters.clientTLSErrors += 1
            self.write(log, began: began)
        case .established:
            guard !self.isStopping else { return handshake.cut() }
            log.handshakeTime = NIODeadline.now().uptimeNanoseconds &- began
            self.begin(.channel(handshake.channel), listener, client, log)
        }
    }
}

/// A client's connection, before and after it has a flow.
enum ClientConnection {
    case channel(any Channel)
    case socket(StreamSocket)

    func reset() {
        switch self {
        case .channel(let channel): channel.reset()
        case .socket(let socket): socket.reset()
        }
    }

    /// The client hears nothing from now on.
    func silence(at node: NetworkNode) {
        switch self {
        case .channel(let channel): node.silenced.add(channel)
        case .socket(let socket): node.silencedSockets.add(socket)
        }
    }
}

/// Who has connected.
struct AcceptedClient: Sendable {
    var address: IPAddress
    var port: UInt16
    /// The how manieth connection of the node it is.
    var number: UInt64
}

/// A client's connection whose handshake is under way.
private final class ClientHandshake: NodeConnection {
    let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    func stall() {
        try? self.channel.syncOptions?.setOption(.autoRead, value: false)
    }

    func cut() {
        self.channel.close(promise: nil)
    }
}
