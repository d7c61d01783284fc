import ELBCore
import ELBModel
import ELBNet
import NIOCore
import NIOPosix

/// A client's datagrams from one port to one listener, and the target that gets them until there are none for too long (NLB-TO-007).
///
/// It has a socket of its own, bound to the client's address, which the target sees (NLB-UD-001): what the target answers there
/// belongs to this client. The port is another one: the client's is taken, by the client.
final class DatagramFlow: ChannelInboundHandler, GroupFlow, NodeConnection, DeadlineObserver {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Holds the first datagrams.
        case opening([ByteBuffer])
        case open(ChannelHandlerContext)
        case closed
    }

    /// Datagrams that wait for the socket.
    private static let mostHeld = 64
    private static let allocator = FixedSizeRecvByteBufferAllocator(capacity: 65_536)

    private let sender: DatagramListener.Sender
    private let client: SocketAddress
    private let choice: NetworkNode.Choice
    private let listener: DatagramListener
    let listenerPort: Port
    private let node: NetworkNode
    private var state = State.opening([])
    private var channel: (any Channel)?
    private var lastDatagram: UInt64
    private var hasUnsent = false
    var place = -1
    var wheelPlace = WheelPlace.none

    var handle: TargetHandle { self.choice.target.handle }

    init(
        _ sender: DatagramListener.Sender,
        at client: SocketAddress,
        _ choice: NetworkNode.Choice,
        listener: DatagramListener,
        port: Port,
        node: NetworkNode
    ) {
        self.sender = sender
        self.client = client
        self.choice = choice
        self.listener = listener
        self.listenerPort = port
        self.node = node
        self.lastDatagram = node.coarseNow
    }

    func open() {
        self.choice.group.began(self)
        self.node.opened(self)
        self.node.counters.newUDP += 1
        self.node.counters.activeUDP += 1
        if self.choice.target.isFailOpen { self.node.counters.unhealthyRouting += 1 }
        self.node.wheel.add(self, at: self.lastDatagram &+ self.node.durations.datagramFlow)
        let endpoint = self.choice.target.endpoint
        let source = self.choice.preservesClient ? self.sender.address : self.node.node.privateAddress
        let bound = NIOLoopBound(self, eventLoop: self.node.eventLoop)
        let bootstrap = DatagramBootstrap(group: self.node.eventLoop)
            .channelOption(.recvAllocator, value: Self.allocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    bound.value.channel = channel
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        let own = source.isOfFamily(of: endpoint.address) ? source : endpoint.address.unspecified
        bootstrap.bind(to: SocketAddress(own, port: 0))
            .flatMap { channel in channel.connect(to: SocketAddress(endpoint)) }
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success: self.opened()
                case .failure: self.cut()
                }
            }
    }

    private func opened() {
        guard case .opening(let held) = self.state, let pipeline = self.channel?.pipeline.syncOperations,
            let context = try? pipeline.context(handler: self)
        else { return }
        self.state = .open(context)
        for datagram in held { context.write(Self.wrapOutboundOut(datagram), promise: nil) }
        context.flush()
    }

    // MARK: Datagrams

    /// Takes a client's datagram.
    ///
    /// - Returns: whether `flush` is wanted.
    func send(_ datagram: ByteBuffer) -> Bool {
        self.lastDatagram = self.node.coarseNow
        switch self.state {
        case .opening(var held):
            self.state = .closed
            if held.count < Self.mostHeld { held.append(datagram) }
            self.state = .opening(held)
            return false
        case .open(let context):
            // What the target's socket does not take is lost, as on any way of datagrams.
            guard context.channel.isWritable else { return false }
            context.write(Self.wrapOutboundOut(datagram), promise: nil)
            defer { self.hasUnsent = true }
            return !self.hasUnsent
        case .closed:
            return false
        }
    }

    func flush() {
        self.hasUnsent = false
        if case .open(let context) = self.state { context.flush() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.lastDatagram = self.node.coarseNow
        self.listener.answer(Self.unwrapInboundIn(data).data, to: self.client)
    }

    /// A target that refuses a datagram may take the next.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    func channelInactive(context: ChannelHandlerContext) {
        self.end()
    }

    // MARK: Ends

    func deadlineReached(now: UInt64) -> UInt64? {
        if case .closed = self.state { return nil }
        if self.node.snapshot.flowQuirks.contains(.udpTimeoutMissing) { return now &+ self.node.durations.datagramFlow }
        let end = self.lastDatagram &+ self.node.durations.datagramFlow
        guard now >= end else { return end }
        self.end()
        return nil
    }

    /// The next datagram begins another flow.
    func forget() { self.end() }

    func cut() { self.end() }

    private func end() {
        if case .closed = self.state { return }
        self.state = .closed
        self.node.counters.activeUDP -= 1
        self.node.wheel.remove(self)
        self.listener.ended(self, of: self.sender)
        self.choice.group.ended(self)
        self.node.closed(self)
        self.channel?.close(promise: nil)
        self.channel = nil
    }
}

extension IPAddress {
    /// No address in particular, of the same family.
    fileprivate var unspecified: IPAddress {
        switch self {
        case .v4: .v4(IPv4Address(rawValue: 0))
        case .v6: .v6(IPv6Address(high: 0, low: 0))
        }
    }
}
