import ELBModel
import ELBNet
import Glibc
import NIOCore

/// A side with a socket and nothing else.
///
/// The relay is what a Network Load Balancer does all day, so what is done per read is little: one call that reads into the loop's
/// buffer, and one that writes from there. Only what the other side does not take at once is copied, and waits; until it is gone,
/// nothing more is read. A side that has much to say is passed on by way of a pipe, without a copy.
final class SocketEnd: FlowEnd, SocketObserver {
    /// What is done when the last byte that waits has been sent.
    private enum Farewell {
        case none
        case finishOutput
        case close
    }

    /// A side that has as much as that to be read at once is passed on without copying; one that has less is not any more.
    private static let bulk = 32 << 10
    /// Reads in a row before others have their turn.
    private static let mostReads = 4
    private static let interest = Readiness.input | .inputEnd
    private static let interestWithOutput = Readiness.input | .inputEnd | .output
    private static let failures = Readiness.hangup | .error
    private static let endings = Readiness.inputEnd | .hangup | .error
    private static let readable = Readiness.input | .inputEnd | .hangup | .error

    private let loop: SocketLoop
    private var socket: StreamSocket?
    private var registration: SocketLoop.Registration?
    /// Unchecked: the flow holds both sides, and forgets neither before both are closed. Counting would cost as much as the rest of a read.
    private unowned(unsafe) var peer: SocketEnd?
    private(set) var isConnecting = false
    /// The flow wants bytes.
    private var isWanted: Bool
    /// The other side has some that it must send first.
    private var isHeldUp = false
    /// Not known to be read empty.
    private var mayHaveInput = false
    /// What is readable ends there: the system will not tell again.
    private var hasEnd = false
    /// There was much to be read last.
    private var isBulk = false
    /// Bytes that wait for the socket. There are some in one of the two at most.
    private var unsent = ByteBuffer()
    private var unsentPipe: BytePipe?
    private var farewell = Farewell.none
    private var watchesOutput = false

    init(_ side: Side, on loop: SocketLoop) {
        self.loop = loop
        self.isWanted = side == .target
        super.init(side)
    }

    /// The flow holds both sides, and lets go of neither before both are gone.
    func join(_ flow: RelayedPair, peer: SocketEnd) {
        self.flow = flow
        self.peer = peer
    }

    // MARK: Beginning

    /// Takes over a client's socket. It is not read yet.
    func take(_ socket: StreamSocket) {
        self.socket = socket
        if !self.watch(for: Self.interest) { self.close() }
    }

    /// Connects to a target; tells the flow how it went, at once or later.
    func connect(from source: IPAddress, to endpoint: Endpoint) {
        do throws(SocketFailure) {
            let (socket, isConnected) = try StreamSocket.connecting(from: source, to: endpoint)
            self.socket = socket
            self.isConnecting = !isConnected
            self.watchesOutput = !isConnected
            let isWatched = self.watch(for: isConnected ? Self.interest : Self.interestWithOutput)
            if !isWatched { return self.fail(ENOMEM) }
            if isConnected { self.flow?.targetConnected() }
        } catch {
            self.fail(error.code)
        }
    }

    private func watch(for interest: Readiness) -> Bool {
        guard let socket = self.socket else { return false }
        self.registration = self.loop.add(self, on: socket.descriptor, for: interest)
        return self.registration != nil
    }

    private func connectionDecided(mayHaveFailed: Bool) {
        guard let socket = self.socket else { return }
        self.isConnecting = false
        let code = mayHaveFailed ? socket.takeError() : 0
        if code == 0 { self.flow?.targetConnected() } else { self.fail(code) }
    }

    /// There will be no connection.
    func fail(_ code: CInt) {
        self.isConnecting = false
        let flow = self.flow
        self.neverOpened()
        self.closeSocket()
        flow?.connectFailed(code)
    }

    // MARK: Bytes

    func ready(_ readiness: Readiness) {
        if self.isConnecting { self.connectionDecided(mayHaveFailed: readiness.has(anyOf: Self.failures)) }
        if readiness.has(anyOf: .output) { self.sendUnsent() }
        if readiness.has(anyOf: Self.endings) { self.hasEnd = true }
        if readiness.has(anyOf: Self.readable) { self.mayHaveInput = true }
        let isRead = self.isWanted && !self.isHeldUp && !self.isInputClosed
        if readiness.has(anyOf: .error), !isRead { return self.breakOff() }
        self.read()
    }

    /// An error of the socket that no read will come to see.
    private func breakOff() {
        guard let code = self.socket?.takeError(), code != 0 else { return }
        self.broken(code)
    }

    private func read() {
        var reads = 0
        while self.mayHaveInput, self.isWanted, !self.isHeldUp, !self.isInputClosed, let socket = self.socket {
            guard reads < Self.mostReads else { return self.loop.postpone(self) }
            reads += 1
            if self.isBulk, let pipe = self.loop.takePipe() {
                self.pass(from: socket, through: pipe)
                continue
            }
            let buffer = self.loop.buffer
            switch socket.receive(into: buffer) {
            case .done(0): self.inputEnded()
            case .done(let count):
                self.isBulk = count >= Self.bulk
                // Less than there was room for is all there is (epoll(7)), unless the end is there, too.
                self.mayHaveInput = count == buffer.count || self.hasEnd
                guard let flow = self.flow, flow.passes(count, from: self) else { continue }
                self.peer?.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .wait: self.mayHaveInput = false
            case .failed(let code): self.broken(code)
            }
        }
    }

    private func inputEnded() {
        self.mayHaveInput = false
        self.isInputClosed = true
        self.flow?.inputClosed(self)
    }

    /// As a read and the other side's write. Whether there is more is known only from the next one.
    private func pass(from socket: StreamSocket, through pipe: BytePipe) {
        switch pipe.fill(from: socket) {
        case .done(0):
            self.loop.giveBack(pipe)
            self.inputEnded()
        case .done(let count):
            self.isBulk = count >= Self.bulk
            if let peer = self.peer, let flow = self.flow, flow.passes(count, from: self) {
                peer.write(pipe)
            } else {
                self.loop.giveBack(pipe)
            }
        case .wait:
            self.loop.giveBack(pipe)
            self.mayHaveInput = false
        case .failed(let code):
            self.loop.giveBack(pipe)
            self.broken(code)
        }
    }

    private func write(_ pipe: BytePipe) {
        if self.isOutputClosed { self.loop.giveBack(pipe) } else { self.drain(pipe) }
    }

    private func drain(_ pipe: BytePipe) {
        while pipe.count > 0, let socket = self.socket {
            switch pipe.drain(to: socket) {
            case .done: break
            case .wait:
                self.unsentPipe = pipe
                return self.holdUpPeer()
            case .failed(let code):
                self.loop.giveBack(pipe)
                return self.broken(code)
            }
        }
        self.loop.giveBack(pipe)
    }

    /// What waits here must go before more is read there.
    private func holdUpPeer() {
        self.peer?.isHeldUp = true
        guard !self.watchesOutput, let socket = self.socket, let registration = self.registration else { return }
        self.watchesOutput = true
        self.loop.change(registration, on: socket.descriptor, to: Self.interestWithOutput)
    }

    private var hasUnsent: Bool { self.unsent.readableBytes > 0 || self.unsentPipe != nil }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        guard let socket = self.socket, !self.isOutputClosed else { return }
        var sent = 0
        if !self.hasUnsent {
            switch socket.send(bytes) {
            case .done(let count): sent = count
            case .wait: break
            case .failed(let code): return self.broken(code)
            }
        }
        guard sent < bytes.count else { return }
        self.unsent.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        self.holdUpPeer()
    }

    private func sendUnsent() {
        guard self.hasUnsent else { return }
        if let pipe = self.unsentPipe {
            self.unsentPipe = nil
            self.drain(pipe)
            if self.unsentPipe != nil { return }
        }
        while self.unsent.readableBytes > 0, let socket = self.socket {
            switch self.unsent.withUnsafeReadableBytes({ socket.send($0) }) {
            case .done(let count): self.unsent.moveReaderIndex(forwardBy: count)
            case .wait: return
            case .failed(let code): return self.broken(code)
            }
        }
        // Whoever has been slow once need not keep the memory.
        self.unsent = ByteBuffer()
        switch self.farewell {
        case .none: break
        case .finishOutput: self.socket?.finishOutput()
        case .close: return self.close()
        }
        guard let peer = self.peer, peer.isHeldUp else { return }
        peer.isHeldUp = false
        peer.read()
    }

    override func send(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { self.write($0) }
    }

    override func setReading(_ isReading: Bool) {
        self.isWanted = isReading
        if isReading { self.read() }
    }

    override var segments: UInt64 { self.socket?.segmentsReceived ?? 0 }

    // MARK: Ends

    private func broken(_ code: CInt) {
        // After the other side has said all, the system calls its reset a broken pipe.
        self.wasReset = code == ECONNRESET || code == EPIPE
        self.close()
    }

    override func closeOutput() {
        guard !self.isOutputClosed, self.isAlive else { return }
        self.isOutputClosed = true
        if self.isInputClosed { return self.closeWhenSent() }
        if self.hasUnsent { self.farewell = .finishOutput } else { self.socket?.finishOutput() }
    }

    override func closeWhenSent() {
        guard self.socket != nil, self.isAlive else { return }
        self.isOutputClosed = true
        if self.hasUnsent { self.farewell = .close } else { self.close() }
    }

    override func reset() {
        guard self.isAlive, self.socket != nil else { return }
        self.closeSocket(abruptly: true)
        self.becomeInactive()
    }

    private func close() {
        guard self.isAlive else { return }
        self.closeSocket()
        self.becomeInactive()
    }

    private func closeSocket(abruptly: Bool = false) {
        if let registration = self.registration { self.loop.remove(registration) }
        self.registration = nil
        if let pipe = self.unsentPipe { self.loop.giveBack(pipe) }
        self.unsentPipe = nil
        guard let socket = self.socket else { return }
        self.socket = nil
        self.peer = nil
        if abruptly { socket.reset() } else { socket.close() }
    }
}
