package import ELBFleet

/// A WebSocket client over any byte stream. Blocking. Frames are the fleet's, which is nobody's balancer.
package final class WebSocketClient {
    private let stream: any ByteStream
    private var reader = WebSocketFrameReader()
    private var readBytes = 0
    /// Every frame received, in order.
    package private(set) var frames: [WebSocketFrame] = []
    /// The texts among them.
    package var texts: [String] { self.frames.filter { $0.opcode == .text }.map(\.text) }
    /// What came that is no frame, in words.
    package private(set) var problem: String?
    /// The answer to the handshake.
    package private(set) var answer: RawAnswer?

    /// The key of RFC 6455's own example: what it proves can be read there.
    package static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    package static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    /// Any key will do, and one that is known makes records readable.
    package static let mask: UInt32 = 0x1A2B_3C4D

    /// Asks for a WebSocket and waits for the answer.
    package init(
        over stream: any ByteStream,
        host: String,
        target: String,
        headers: [CurlHeader] = [],
        within limit: Duration = .seconds(10)
    ) {
        self.stream = stream
        var text = "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        text += "Sec-WebSocket-Key: \(Self.key)\r\nSec-WebSocket-Version: 13\r\n"
        for header in headers { text += "\(header)\r\n" }
        stream.send(Array((text + "\r\n").utf8), within: limit)
        stream.receive(within: limit) { Self.answer(in: $0, isAtEnd: false) != nil }
        self.answer = Self.answer(in: stream.received, isAtEnd: stream.end == .closed)
        if self.isOpen { self.readBytes = (Self.headLength(of: stream.received) ?? 0) }
    }

    /// Whether the handshake succeeded.
    package var isOpen: Bool {
        self.answer?.status == 101 && self.answer?.header("Sec-WebSocket-Accept") == Self.accept
    }

    /// How the other side ended the connection, `nil` while it stands.
    package var end: RawConnection.End? { self.stream.end }

    /// Sends a frame, masked as a client's must be.
    @discardableResult
    package func send(_ frame: WebSocketFrame, within limit: Duration = .seconds(10)) -> Bool {
        var frame = frame
        frame.mask = Self.mask
        return self.stream.send(frame.serialized, within: limit)
    }

    @discardableResult
    package func send(_ text: String) -> Bool { self.send(WebSocketFrame(.text, Array(text.utf8))) }

    /// Receives until so many frames have come in all, the other side ends, or the limit is reached.
    @discardableResult
    package func receive(frames count: Int, within limit: Duration = .seconds(10)) -> RawConnection.Wait {
        let deadline = ContinuousClock.now + limit
        while true {
            self.readFrames()
            if self.frames.count >= count { return .satisfied }
            if self.problem != nil { return .ended }
            let known = self.stream.received.count
            let wait = self.stream.receive(within: deadline - .now) { $0.count > known }
            guard wait == .satisfied else { return wait }
        }
    }

    /// Waits until the other side ends the connection.
    @discardableResult
    package func receiveUntilEnd(within limit: Duration = .seconds(10)) -> RawConnection.Wait {
        let wait = self.stream.receive(within: limit) { _ in false }
        self.readFrames()
        return wait
    }

    private func readFrames() {
        let bytes = self.stream.received[self.readBytes...]
        self.readBytes += bytes.count
        self.reader.append(bytes)
        do throws(WebSocketFrameReader.Problem) {
            while let frame = try self.reader.next() { self.frames.append(frame) }
        } catch {
            self.problem = error.message
        }
    }

    private static func answer(in bytes: [UInt8], isAtEnd: Bool) -> RawAnswer? {
        RawAnswer.all(in: bytes, methods: ["GET"], isAtEnd: isAtEnd).first { $0.status == 101 || $0.status >= 200 }
    }

    private static func headLength(of bytes: [UInt8]) -> Int? {
        bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
    }
}
