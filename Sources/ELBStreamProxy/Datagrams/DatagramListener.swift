import ELBCore
import ELBModel
import ELBNet

/// The socket of a listener that takes datagrams: sorts what comes by its sender into flows, and sends what targets answer.
///
/// Datagrams are read many at a time, and what they cause to be sent is sent when the last has been looked at: one system call for
/// many datagrams in both directions.
final class DatagramListener: SocketObserver {
    /// Who sends: with the listener's own address all that identifies a flow (NLB-FH-002).
    struct Sender: Hashable {
        var address: IPAddress
        var port: UInt16
        /// Makes every datagram its own flow, under a quirk.
        var number: UInt64 = 0
    }

    private let socket: DatagramSocket
    private let port: Port
    private unowned let node: NetworkNode
    private var registration: SocketLoop.Registration?
    private var flows: FlowTable<Sender, DatagramFlow>
    private let questions = DatagramBatch()
    private let answers = DatagramBatch()
    private var willSendAnswers = false
    private var datagrams: UInt64 = 0

    init(_ socket: DatagramSocket, port: Port, node: NetworkNode) {
        self.socket = socket
        self.port = port
        self.node = node
        self.flows = FlowTable(limit: node.settings.datagramFlowLimit)
    }

    /// Begins to read; what has come meanwhile was kept by the system.
    func start() {
        guard self.registration == nil else { return }
        self.registration = self.node.loop.add(self, on: self.socket.descriptor, for: .input, changesOnly: false)
    }

    func close() {
        if let registration = self.registration { self.node.loop.remove(registration) }
        self.registration = nil
        for flow in self.flows.flows { flow.cut() }
        self.socket.close()
    }

    func ready(_ readiness: Readiness) {
        if readiness.has(anyOf: .input) { self.receive() }
        if self.willSendAnswers, !readiness.has(anyOf: .input) {
            self.willSendAnswers = false
            self.answers.sendAll(to: self.socket)
        }
    }

    // MARK: From clients

    private func receive() {
        self.questions.removeAll()
        let count = self.questions.receive(from: self.socket)
        guard self.node.hasPower else { return }
        var run: (flow: DatagramFlow, start: Int)?
        for index in 0..<count {
            let sender = self.questions.sender(of: index)
            let flow = self.flow(of: sender)
            if let begun = run, begun.flow !== flow {
                begun.flow.send(begun.start..<index, of: self.questions)
                run = nil
            }
            guard let flow else { continue }
            self.node.counters.packetsUDP += 1
            self.node.counters.bytesUDP += self.questions[index].count
            if run == nil { run = (flow, index) }
        }
        if let run { run.flow.send(run.start..<count, of: self.questions) }
    }

    private func flow(of datagramSender: DatagramBatch.Sender) -> DatagramFlow? {
        let (address, port) = datagramSender.parts
        var sender = Sender(address: address, port: port)
        if self.node.snapshot.flowQuirks.contains(.perDatagram) {
            self.datagrams += 1
            sender.number = self.datagrams
        }
        return self.flows.use(sender) ?? self.begin(sender, at: datagramSender)
    }

    /// Makes a flow of the first datagram; `nil` if it goes nowhere.
    private func begin(_ sender: Sender, at address: DatagramBatch.Sender) -> DatagramFlow? {
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
        return flow.open() ? flow : nil
    }

    // MARK: To clients

    /// Takes what a target has answered, and sends it from the address that the client has asked (NLB-UD-002), with the others of this
    /// turn of the loop.
    func answer(from socket: DatagramSocket, to client: DatagramBatch.Sender) {
        if self.answers.isFull { self.answers.sendAll(to: self.socket) }
        let first = self.answers.count
        for index in first..<(first + self.answers.receive(from: socket, answerTo: client)) {
            self.node.counters.packetsUDP += 1
            self.node.counters.bytesUDP += self.answers[index].count
        }
        guard self.node.hasPower else { return self.answers.removeAll() }
        guard self.answers.count > 0, !self.willSendAnswers else { return }
        self.willSendAnswers = true
        self.node.loop.postpone(self)
    }

    /// The flow is over.
    func ended(_ flow: DatagramFlow, of sender: Sender) {
        if self.flows.use(sender) === flow { self.flows.remove(sender) }
    }
}
