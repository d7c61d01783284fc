import ELBModel
import ELBNet
import NIOCore
import NIOPosix

/// One connection of a client to a TCP or SSL listener of a Classic Load Balancer, and the connection to the instance that it was
/// given. Halves close one by one, and a reset of one side is a reset of the other.
///
/// Which instance, for how long, and what is counted is its owner's business.
final class ClassicStream: RelayedPair, RelayedStream {
    private enum State {
        case waiting
        case connecting
        case open
        case closed
    }

    private let eventLoop: any EventLoop
    private let connectTimeout: TimeAmount
    // The owner holds the stream; it lets go when the stream has ended.
    private var owner: (any StreamOwner)?
    let client = ChannelEnd(.client)
    private var target = ChannelEnd(.target)
    private var state = State.waiting
    private var preface: [UInt8] = []
    /// What the client said before its instance was there; only TLS says anything so early.
    private var early: ByteBuffer?

    init(eventLoop: any EventLoop, connectTimeout: TimeAmount, owner: any StreamOwner) {
        self.eventLoop = eventLoop
        self.connectTimeout = connectTimeout
        self.owner = owner
        super.init()
        self.client.join(self, peer: self.target)
        // It comes to life with a connection.
        self.target.neverOpened()
    }

    func connect(to destination: StreamDestination) {
        guard case .waiting = self.state, self.client.isAlive else { return self.finishIfOver() }
        self.state = .connecting
        let target = ChannelEnd(.target)
        self.target = target
        self.client.join(self, peer: target)
        target.join(self, peer: self.client)
        self.preface = destination.tls == nil ? destination.preface : []
        let (timeLimit, tls) = (self.connectTimeout, destination.tls)
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let boundTarget = NIOLoopBound(target, eventLoop: self.eventLoop)
        let connecting = ChannelEnd.bootstrap(on: self.eventLoop, connectTimeout: timeLimit)
            .from(destination.source, to: destination.endpoint.address)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try ChannelEnd.prepare(channel)
                    if let tls {
                        try tls.install(on: channel, timeLimit: timeLimit) { _ in
                            bound.value.failed(boundTarget.value)
                        }
                    }
                    try channel.pipeline.syncOperations.addHandler(boundTarget.value)
                }
            }
            .connect(to: SocketAddress(destination.endpoint))
        connecting.assumeIsolated().whenFailure { _ in
            target.neverOpened()
            self.failed(target)
        }
    }

    /// The instance cannot be had. The owner may try another one.
    private func failed(_ target: ChannelEnd) {
        guard case .connecting = self.state, target === self.target else { return self.finishIfOver() }
        target.reset()
        target.neverOpened()
        self.state = .waiting
        self.owner?.streamFailed()
    }

    override func targetConnected() {
        guard case .connecting = self.state else { return self.target.reset() }
        self.state = .open
        self.owner?.streamConnected()
        guard case .open = self.state else { return }
        if !self.preface.isEmpty { self.target.send(ByteBuffer(bytes: self.preface)) }
        if let early = self.early { self.target.send(early) }
        self.early = nil
        self.client.setReading(true)
        if self.client.isInputClosed { self.target.closeOutput() }
    }

    override func passes(_ count: Int, from end: FlowEnd) -> Bool {
        switch self.state {
        case .open:
            self.owner?.streamCarried(count, fromClient: end.side == .client)
            return true
        case .waiting, .connecting:
            self.owner?.streamCarried(count, fromClient: true)
            return false
        case .closed: return false
        }
    }

    override func keep(_ buffer: ByteBuffer, from end: FlowEnd) {
        switch self.state {
        case .waiting, .connecting:
            if self.early == nil { self.early = buffer } else { self.early?.writeImmutableBuffer(buffer) }
        case .open, .closed: break
        }
    }

    override func inputClosed(_ end: FlowEnd) {
        guard case .open = self.state else { return }
        (end.side == .client ? self.target : self.client).closeOutput()
    }

    override func inactive(_ end: FlowEnd) {
        switch self.state {
        case .waiting: self.state = .closed
        case .connecting:
            // An instance that is lost before it was there is one that cannot be had.
            if end === self.target { return self.failed(self.target) }
            self.state = .closed
            self.target.reset()
        case .open:
            let other = end.side == .client ? self.target : self.client
            if end.isDone, !end.wasReset { other.closeWhenSent() } else { other.reset() }
        case .closed: break
        }
        self.finishIfOver()
    }

    func close() {
        self.state = .closed
        self.client.closeWhenSent()
        self.target.closeWhenSent()
        self.finishIfOver()
    }

    func cut() {
        self.state = .closed
        self.client.reset()
        self.target.reset()
        self.finishIfOver()
    }

    private func finishIfOver() {
        guard !self.client.isAlive, !self.target.isAlive, let owner = self.owner else { return }
        self.state = .closed
        self.owner = nil
        owner.streamEnded()
    }
}
