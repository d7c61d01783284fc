import ELBCore
import ELBModel
import ELBNet

/// A client's datagrams from one port to one listener, and the target that gets them until there are none for too long (NLB-TO-007).
///
/// It has a socket of its own, bound to the client's address, which the target sees (NLB-UD-001): what the target answers there
/// belongs to this client. The port is another one: the client's is taken, by the client.
final class DatagramFlow: SocketObserver, GroupFlow, NodeConnection, DeadlineObserver {
    private let sender: DatagramListener.Sender
    private let client: DatagramBatch.Sender
    private let choice: NetworkNode.Choice
    private unowned let listener: DatagramListener
    let listenerPort: Port
    private let node: NetworkNode
    /// `nil` before and after.
    private var socket: DatagramSocket?
    private var registration: SocketLoop.Registration?
    private var isOver = false
    private var lastDatagram: UInt64
    var place = -1
    var wheelPlace = WheelPlace.none

    var handle: TargetHandle { self.choice.target.handle }

    init(
        _ sender: DatagramListener.Sender,
        at client: DatagramBatch.Sender,
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

    /// - Returns: whether the system has a socket for it.
    func open() -> Bool {
        self.choice.group.began(self)
        self.node.opened(self)
        self.node.counters.newUDP += 1
        self.node.counters.activeUDP += 1
        if self.choice.target.isFailOpen { self.node.counters.unhealthyRouting += 1 }
        self.node.wheel.add(self, at: self.lastDatagram &+ self.node.durations.datagramFlow)
        do throws(SocketFailure) {
            self.socket = try self.connectedSocket()
        } catch {
            self.end()
            return false
        }
        self.registration = self.socket.flatMap {
            self.node.loop.add(self, on: $0.descriptor, for: .input, changesOnly: false)
        }
        if self.registration == nil { self.end() }
        return self.registration != nil
    }

    private func connectedSocket() throws(SocketFailure) -> DatagramSocket {
        let endpoint = self.choice.target.endpoint
        let source = self.choice.preservesClient ? self.sender.address : self.node.node.privateAddress
        let own = source.isOfFamily(of: endpoint.address) ? source : endpoint.address.unspecified
        let socket = try DatagramSocket.bound(to: own, port: 0)
        do throws(SocketFailure) {
            try socket.connect(to: endpoint)
        } catch {
            socket.close()
            throw error
        }
        return socket
    }

    // MARK: Datagrams

    /// Sends some of a client's datagrams to the target.
    func send(_ range: Range<Int>, of batch: DatagramBatch) {
        guard let socket = self.socket else { return }
        self.lastDatagram = self.node.coarseNow
        if range.count == 1 { socket.send(batch[range.lowerBound]) } else { batch.send(range, to: socket) }
    }

    func ready(_ readiness: Readiness) {
        guard let socket = self.socket else { return }
        self.lastDatagram = self.node.coarseNow
        self.listener.answer(from: socket, to: self.client)
    }

    // MARK: Ends

    func deadlineReached(now: UInt64) -> UInt64? {
        guard !self.isOver else { return nil }
        if self.node.snapshot.flowQuirks.contains(.udpTimeoutMissing) { return now &+ self.node.durations.datagramFlow }
        let end = self.lastDatagram &+ self.node.durations.datagramFlow
        guard now >= end else { return end }
        self.end()
        return nil
    }

    /// The next datagram begins another flow.
    func forget() { self.end() }

    /// The listener lets nothing pass.
    func stall() {}

    func cut() { self.end() }

    private func end() {
        guard !self.isOver else { return }
        self.isOver = true
        self.node.counters.activeUDP -= 1
        self.node.wheel.remove(self)
        self.listener.ended(self, of: self.sender)
        self.choice.group.ended(self)
        self.node.closed(self)
        if let registration = self.registration { self.node.loop.remove(registration) }
        self.socket?.close()
        self.socket = nil
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
