import NIOCore

/// What a backend does on a connection that has become a WebSocket: it echoes each frame of a message as it comes, so that
/// a message in pieces goes back in the same pieces, answers pings, and closes when the peer does.
final class WebSocketSession {
    private let record: Int
    private let switches: AnswerSwitches
    private let channel: any Channel
    private unowned let server: BackendServer
    private var reader = WebSocketFrameReader()
    private var check = WebSocketMessageCheck()
    private var isOver = false
    /// The code that the backend itself began to close with.
    private var ownCode: Int?

    init(record: Int, switches: AnswerSwitches, channel: any Channel, server: BackendServer) {
        self.record = record
        self.switches = switches
        self.channel = channel
        self.server = server
    }

    /// Sends what the handshake's switches ask to be sent unasked.
    func start() {
        if let greeting = self.switches.greeting { self.send(WebSocketFrame(.text, greeting)) }
        self.tick(1)
    }

    func received(_ bytes: ByteBuffer) {
        self.reader.append(bytes.readableBytesView)
        do throws(WebSocketFrameReader.Problem) {
            while !self.isOver, let frame = try self.reader.next() { try self.received(frame) }
        } catch {
            self.send(.close(error.closeCode, error.message))
            self.end("close \(error.closeCode) by the backend: \(error.message)")
        }
    }

    func connectionClosed() {
        guard !self.isOver else { return }
        self.isOver = true
        self.note("the connection ended without a close frame")
    }

    func fallSilent() {
        guard !self.isOver else { return }
        self.isOver = true
        self.note("the backend fell silent")
    }

    private func received(_ frame: WebSocketFrame) throws(WebSocketFrameReader.Problem) {
        var recorded = RecordedFrame(frame.opcode.name, length: frame.payload.count, isLast: frame.isLast)
        recorded.isMasked = frame.mask != nil
        recorded.payload.bytes = Array(frame.payload.prefix(RecordedFrame.payloadLimit))
        self.server.update(self.record) { $0.note(recorded) }
        self.server.frameArrived()
        guard frame.mask != nil else { throw .init(message: "a frame was not masked", closeCode: 1002) }
        try self.check.take(frame)
        switch frame.opcode {
        case .text, .binary, .continuation: self.echo(frame)
        case .ping: self.send(WebSocketFrame(.pong, frame.payload))
        case .pong: break
        case .close: self.peerCloses(frame)
        }
    }

    private func echo(_ frame: WebSocketFrame) {
        guard self.ownCode == nil else { return }
        self.send(WebSocketFrame(frame.opcode, frame.payload, isLast: frame.isLast))
        guard frame.isLast, let code = self.switches.closeCode else { return }
        self.ownCode = code
        self.send(.close(code))
    }

    private func peerCloses(_ frame: WebSocketFrame) {
        if let code = self.ownCode {
            self.end("close \(code) by the backend")
            return
        }
        // The same code goes back (RFC 6455, section 5.5.1).
        self.send(WebSocketFrame(.close, Array(frame.payload.prefix(2))))
        self.end("close \(frame.closeCode ?? 1005) by the peer")
    }

    private func tick(_ number: Int) {
        guard self.switches.everyMilliseconds > 0 else { return }
        self.server.schedule(after: self.switches.everyMilliseconds) { [weak self] in
            guard let self, !self.isOver, self.ownCode == nil else { return }
            self.send(WebSocketFrame(.text, Array("tick \(number)".utf8)))
            self.tick(number + 1)
        }
    }

    private func end(_ ending: String) {
        self.isOver = true
        self.note(ending)
        self.channel.close(promise: nil)
    }

    private func note(_ ending: String) {
        self.server.update(self.record) { $0.ending = ending }
        self.server.frameArrived()
    }

    private func send(_ frame: WebSocketFrame) {
        guard !self.isOver else { return }
        self.channel.writeAndFlush(ByteBuffer(bytes: frame.serialized), promise: nil)
    }
}
