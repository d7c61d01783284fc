import ELBCore
import ELBModel
import ELBNet
import NIOCore
import NIOPosix

/// The socket of a listener that takes datagrams: sorts what comes by its sender into flows, and sends what targets answer.
///
/// Datagrams are read many at a time, and what they cause to be sent is sent when the last has been looked at: one system call for
/// many datagrams in both directions.
final class DatagramListener: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// Who sends: with the listener's own address all that identifies a flow (NLB-FH-002).
    struct Sender: Hashable {
        var address: IPAddress
        var port: UInt16
        /// Makes every datagram its own flow, under a quirk.
        var number: UInt64 = 0
    }

    /// Datagrams that are read at once.
    static let vectorLength = 32
    /// A datagram's greatest length, for each of them. Memory that no datagram fills is never touched.
    static let allocator = FixedSizeRecvByteBufferAllocator(capacity: 32 * 65_536)
    /// What may wait in the system while the node is busy elsewhere.
    static let socketBuffer: CInt = 4 << 20

    private let port: Port
    private let node: NetworkNode
    private var flows: FlowTable<Sender, DatagramFlow>
    /// Flows that have something to send.
    private var unsent: [DatagramFlow] = []
    private var context: ChannelHandlerContext?
    private var willFlush = false
    private var datagrams: UInt64 = 0

    init(port: Port, node: NetworkNode) {
        self.port = port
        self.node = node
        self.flows = FlowTable(limit: node.settings.datagramFlowLimit)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: From clients

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = Self.unwrapInboundIn(data)
        guard let address = envelope.remoteAddress.modelAddress, let port = envelope.remoteAddress.port else { return }
        var sender = Sender(address: address, port: UInt16(clamping: port))
        if self.node.snapshot.flowQuirks.contains(.perDatagram) {
            self.datagrams += 1
            sender.number = self.datagrams
        }
        guard let flow = self.flows.use(sender) ?? self.begin(sender, at: envelope.remoteAddress) else { return }
        self.node.counters.packets += 1
        self.node.counters.bytesUDP += envelope.data.readableBytes
        if flow.send(envelope.data) { self.unsent.append(flow) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        for flow in self.unsent { flow.flush() }
        self.unsent.removeAll(keepingCapacity: true)
    }

    /// Makes a flow of the first datagram; `nil` if it goes nowhere.
    private func begin(_ sender: Sender, at address: SocketAddress) -> DatagramFlow? {
        guard let listener = self.node.listeners[self.port], listener.compiled.hasUDP, !self.node.isStopping else {
            return nil
        }
        if let ingress = self.node.snapshot.ingress, !ingress.admits(sender.address, port: self.port) {
            self.node.counters.blockedInboundUDP += 1
            return nil
        }
        let destination = Endpoint(address: self.node.node.address, port: self.port)
        let hash = self.node.settings.hash.udp(from: sender.address, sender.port, to: destination)
        // A quirk's number is part of the choice, so that it can be seen.
        let choice = self.node.choose(
            listener.compiled,
            flow: sender.number == 0 ? hash : hash &* (sender.number | 1),
            client: sender.address
        )
        guard let choice else { return nil }
        switch self.node.obstacle(from: sender.address, to: choice) {
        case .securityGroup:
            self.node.counters.blockedOutboundUDP += 1
            return nil
        case .noPort:
            self.node.counters.portAllocationErrors += 1
            return nil
        case .hairpin: return nil
        case nil: break
        }
        let flow = DatagramFlow(sender, at: address, choice, listener: self, port: self.port, node: self.node)
        if let displaced = self.flows.insert(flow, for: sender) {
            self.node.counters.displacedUDP += 1
            displaced.cut()
        }
        flow.open()
        return flow
    }

    // MARK: To clients

    /// Sends a target's answer from the address that the client has asked (NLB-UD-002), with the others of this turn of the loop.
    func answer(_ datagram: ByteBuffer, to client: SocketAddress) {
        guard let context = self.context, context.channel.isWritable else { return }
        self.node.counters.packets += 1
        self.node.counters.bytesUDP += datagram.readableBytes
        context.write(Self.wrapOutboundOut(AddressedEnvelope(remoteAddress: client, data: datagram)), promise: nil)
        guard !self.willFlush else { return }
        self.willFlush = true
        context.eventLoop.assumeIsolated().execute {
            self.willFlush = false
            self.context?.flush()
        }
    }

    /// The flow is over.
    func ended(_ flow: DatagramFlow, of sender: Sender) {
        if self.flows.use(sender) === flow { self.flows.remove(sender) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for flow in self.flows.flows { flow.cut() }
    }

    /// What the system says of datagrams that could not be delivered concerns nobody: the next ones may be.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
