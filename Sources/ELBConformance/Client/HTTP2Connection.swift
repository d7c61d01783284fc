internal import ELBFleet

/// An HTTP/2 client that sends any frames in any order, over any byte stream, and keeps all it gets. It does what every
/// connection needs (preface, acknowledgements, flow control) unless told not to; all else is the caller's, so that checks
/// can be wrong on purpose. Blocking.
package final class HTTP2Connection {
    private let stream: any ByteStream
    private var decoder = HeaderBlockDecoder()
    private var readBytes = 0
    private var nextStream = 1
    private var openBlock: (stream: Int, flags: HTTP2Frame.Flags, bytes: [UInt8])?
    /// What we may still send: for each stream, and for the connection under 0.
    private var windows: [Int: Int] = [0: 65535]

    /// Every frame received, in order.
    package private(set) var frames: [HTTP2Frame] = []
    /// By stream.
    package private(set) var answers: [Int: HTTP2Answer] = [:]
    /// The other side's settings by their number; what it did not say is not here.
    package private(set) var settings: [Int: Int] = [:]
    /// The last stream and the code of the first GOAWAY.
    package private(set) var goAway: (lastStream: Int, code: Int)?
    /// Payloads of acknowledged pings.
    package private(set) var pongs: [[UInt8]] = []
    /// What the other side sent that cannot be read, in words.
    package private(set) var problem: String?
    /// Whether what is received is given back to the other side's window at once.
    package var opensWindows = true

    /// Says hello. The other side's settings come with the first `receive`.
    package init(over stream: any ByteStream, settings: [(id: Int, value: Int)] = []) {
        self.stream = stream
        let payload = settings.flatMap { setting in
            [UInt8(setting.id >> 8), UInt8(setting.id & 0xFF)] + HTTP2Frame.number(setting.value)
        }
        stream.send(HTTP2Frame.preface + HTTP2Frame(.settings, [], on: 0, payload).serialized, within: .seconds(5))
    }

    /// Whether the other side has ended the connection.
    package var end: RawConnection.End? { self.stream.end }

    // Sending.

    /// Sends a frame as it is.
    @discardableResult
    package func send(_ frame: HTTP2Frame) -> Bool { self.stream.send(frame.serialized, within: .seconds(5)) }

    /// Opens a stream with these fields, whatever they are.
    /// - Returns: the stream's number.
    package func request(_ fields: [CurlHeader], endsStream: Bool = true) -> Int {
        let id = self.nextStream
        self.nextStream += 2
        self.answers[id] = HTTP2Answer()
        self.windows[id] = self.settings[HTTP2Setting.initialWindowSize] ?? 65535
        self.sendBlock(fields, on: id, endsStream: endsStream)
        return id
    }

    /// Sends fields in as many frames as they take.
    private func sendBlock(_ fields: [CurlHeader], on id: Int, endsStream: Bool) {
        var rest = PlainHeaderBlock.encoded(fields)[...]
        var (kind, flags): (HTTP2Frame.Kind, HTTP2Frame.Flags) = (.headers, endsStream ? .endStream : [])
        repeat {
            let part = rest.prefix(HTTP2Frame.sizeLimit)
            rest = rest.dropFirst(part.count)
            if rest.isEmpty { flags.insert(.endHeaders) }
            self.send(HTTP2Frame(kind, flags, on: id, Array(part)))
            (kind, flags) = (.continuation, [])
        } while !rest.isEmpty
    }

    /// Sends trailers, which end the stream.
    package func sendTrailers(_ fields: [CurlHeader], on id: Int) {
        self.sendBlock(fields, on: id, endsStream: true)
    }

    /// Sends a body, or a part of one, as fast as the other side takes it.
    /// - Returns: whether all of it went out before the limit.
    @discardableResult
    package func sendData(
        _ bytes: [UInt8],
        on id: Int,
        endsStream: Bool = true,
        within limit: Duration = .seconds(10)
    ) -> Bool {
        let deadline = ContinuousClock.now + limit
        var rest = bytes[...]
        repeat {
            let room = min(self.windows[0] ?? 0, self.windows[id] ?? 0, HTTP2Frame.sizeLimit)
            guard room > 0 || rest.isEmpty else {
                let isOpen = self.receive(within: deadline - .now) { connection in
                    min(connection.windows[0] ?? 0, connection.windows[id] ?? 0) > 0
                        || connection.answers[id]?.isOver == true
                }
                guard isOpen == .satisfied, self.answers[id]?.isOver != true else { return false }
                continue
            }
            let part = Array(rest.prefix(room))
            rest = rest.dropFirst(part.count)
            self.windows[0, default: 0] -= part.count
            self.windows[id, default: 0] -= part.count
            guard self.send(HTTP2Frame(.data, rest.isEmpty && endsStream ? .endStream : [], on: id, part)) else {
                return false
            }
        } while !rest.isEmpty
        return true
    }

    package func reset(_ id: Int, code: Int = HTTP2Code.cancel) {
        self.send(HTTP2Frame(.reset, on: id, HTTP2Frame.number(code)))
    }

    package func ping(_ payload: [UInt8] = Array("elb-ping".utf8)) { self.send(HTTP2Frame(.ping, on: 0, payload)) }

    // Receiving.

    /// Receives until `isEnough` holds, the other side ends, or the limit is reached.
    @discardableResult
    package func receive(within limit: Duration, until isEnough: (HTTP2Connection) -> Bool) -> RawConnection.Wait {
        let deadline = ContinuousClock.now + limit
        while true {
            self.readFrames()
            if isEnough(self) { return .satisfied }
            if self.problem != nil { return .ended }
            let known = self.stream.received.count
            let wait = self.stream.receive(within: deadline - .now) { $0.count > known }
            guard wait == .satisfied else {
                self.readFrames()
                return isEnough(self) ? .satisfied : wait
            }
        }
    }

    /// Receives until that stream's answer is over.
    @discardableResult
    package func answer(on id: Int, within limit: Duration = .seconds(10)) -> HTTP2Answer {
        self.receive(within: limit) { $0.answers[id]?.isOver == true }
        return self.answers[id] ?? HTTP2Answer()
    }

    private func readFrames() {
        while self.problem == nil, let frame = HTTP2Frame(self.stream.received[self.readBytes...]) {
            self.readBytes += frame.length
            self.frames.append(frame)
            self.received(frame)
        }
    }

    private func received(_ frame: HTTP2Frame) {
        switch frame.kind {
        case .data:
            self.answers[frame.stream, default: .init()].body += frame.content
            self.giveBack(frame)
            self.endIfLast(frame)
        case .headers:
            self.openBlock = (frame.stream, frame.flags, Array(frame.content))
            if frame.flags.contains(.endHeaders) { self.blockIsWhole() }
        case .continuation:
            self.openBlock?.bytes += frame.payload
            if frame.flags.contains(.endHeaders) { self.blockIsWhole() }
        case .reset:
            self.answers[frame.stream, default: .init()].resetCode = HTTP2Frame.number(frame.payload.prefix(4))
        case .settings where !frame.flags.contains(.acknowledgement): self.received(settings: frame.payload)
        case .ping:
            if frame.flags.contains(.acknowledgement) {
                self.pongs.append(frame.payload)
            } else {
                self.send(HTTP2Frame(.ping, .acknowledgement, on: 0, frame.payload))
            }
        case .goAway:
            let numbers = (frame.payload.prefix(4), frame.payload.dropFirst(4).prefix(4))
            let last = HTTP2Frame.number(numbers.0) & 0x7FFF_FFFF
            self.goAway = self.goAway ?? (last, HTTP2Frame.number(numbers.1))
        case .windowUpdate:
            self.windows[frame.stream, default: 65535] += HTTP2Frame.number(frame.payload.prefix(4))
        default: break
        }
    }

    private func received(settings payload: [UInt8]) {
        var rest = payload[...]
        while rest.count >= 6 {
            let id = HTTP2Frame.number(rest.prefix(2))
            let value = HTTP2Frame.number(rest.dropFirst(2).prefix(4))
            rest = rest.dropFirst(6)
            if id == HTTP2Setting.initialWindowSize {
                // A change moves the windows of streams that stand (RFC 9113, section 6.9.2).
                let old = self.settings[id] ?? 65535
                for stream in self.windows.keys where stream != 0 { self.windows[stream, default: 0] += value - old }
            }
            self.settings[id] = value
        }
        self.send(HTTP2Frame(.settings, .acknowledgement))
    }

    private func giveBack(_ frame: HTTP2Frame) {
        guard self.opensWindows, !frame.payload.isEmpty else { return }
        let size = HTTP2Frame.number(frame.payload.count)
        self.send(HTTP2Frame(.windowUpdate, on: 0, size))
        if !frame.flags.contains(.endStream) { self.send(HTTP2Frame(.windowUpdate, on: frame.stream, size)) }
    }

    private func blockIsWhole() {
        guard let block = self.openBlock else { return }
        self.openBlock = nil
        do {
            let fields = try self.decoder.decode(block.bytes).map { CurlHeader($0.name, $0.value) }
            self.answers[block.stream, default: .init()].received(fields)
            if block.flags.contains(.endStream) { self.answers[block.stream]?.isComplete = true }
        } catch {
            self.problem = "a header block cannot be read: \(error)"
        }
    }

    private func endIfLast(_ frame: HTTP2Frame) {
        if frame.flags.contains(.endStream) { self.answers[frame.stream]?.isComplete = true }
    }
}

/// Numbers of settings (RFC 9113, section 6.5.2).
package enum HTTP2Setting {
    package static let headerTableSize = 1
    package static let enablePush = 2
    package static let maxConcurrentStreams = 3
    package static let initialWindowSize = 4
    package static let maxFrameSize = 5
    package static let maxHeaderListSize = 6
}

/// Error codes (RFC 9113, section 7).
package enum HTTP2Code {
    package static let noError = 0
    package static let protocolError = 1
    package static let internalError = 2
    package static let flowControlError = 3
    package static let streamClosed = 5
    package static let refusedStream = 7
    package static let cancel = 8
}
