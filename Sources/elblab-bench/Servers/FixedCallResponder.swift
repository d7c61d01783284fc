import NIOCore

/// Answers every gRPC call over HTTP/2 in clear text with one message and status 0.
///
/// It reads frames' headers only (RFC 9113, section 4.1): a call has ended when a frame says that its stream has, whatever is in
/// it. Its own header blocks are literals without an index, so that neither side's table of fields matters.
final class FixedCallResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let frameHeader = 9

    private enum Frame {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let windowUpdate: UInt8 = 8
        /// END_STREAM on DATA and HEADERS, ACK on SETTINGS and PING.
        static let endStreamOrAck: UInt8 = 1
        static let endHeaders: UInt8 = 4
    }

    /// `:status: 200` by its index, `content-type: application/grpc` with an indexed name (RFC 7541, appendix A).
    private static let head: [UInt8] = [0x88, 0x0F, 0x10, 16] + Array("application/grpc".utf8)
    private static let trailers: [UInt8] = [0x00, 11] + Array("grpc-status".utf8) + [1] + Array("0".utf8)

    private var received = ByteBuffer()
    private var hasPreface = false
    /// What the peer lets us send on the connection; streams are shorter than any window of theirs.
    private var window = 65_535
    /// Calls that wait for the window.
    private var owed: [UInt32] = []
    /// Bytes of DATA since we last gave the peer its window back.
    private var consumed = 0

    func channelActive(context: ChannelHandlerContext) {
        // More streams at once than any proxy has calls under way.
        self.write(context) { buffer in
            Self.writeFrame(Frame.settings, flags: 0, stream: 0, [0, 3, 0, 0, 0x10, 0], to: &buffer)
        }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        self.received.writeBuffer(&buffer)
        if !self.hasPreface {
            guard self.received.readableBytes >= Self.preface.count else { return }
            guard self.received.readBytes(length: Self.preface.count) == Self.preface else {
                return context.close(promise: nil)
            }
            self.hasPreface = true
        }
        // 24 bits of length and 8 of type, 8 of flags, 31 of stream.
        while let header: (UInt32, UInt8, UInt32) = self.received.peekMultipleIntegers(),
            self.received.readableBytes >= Self.frameHeader + Int(header.0 >> 8)
        {
            self.received.moveReaderIndex(forwardBy: Self.frameHeader)
            guard let payload = self.received.readSlice(length: Int(header.0 >> 8)) else { break }
            self.frame(UInt8(header.0 & 0xFF), flags: header.1, stream: header.2 & 0x7FFF_FFFF, payload, context)
        }
        self.received.discardReadBytes()
        self.answer(context)
        context.flush()
    }

    private func frame(
        _ type: UInt8,
        flags: UInt8,
        stream: UInt32,
        _ payload: ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        let isMarked = flags & Frame.endStreamOrAck != 0
        switch type {
        case Frame.data, Frame.headers:
            if isMarked { self.owed.append(stream) }
            guard type == Frame.data else { return }
            self.consumed += payload.readableBytes
            guard self.consumed > 16 << 10 else { return }
            let update = withUnsafeBytes(of: UInt32(self.consumed).bigEndian) { Array($0) }
            self.consumed = 0
            self.write(context) { Self.writeFrame(Frame.windowUpdate, flags: 0, stream: 0, update, to: &$0) }
        case Frame.settings where !isMarked, Frame.ping where !isMarked:
            let echo = type == Frame.ping ? Array(payload.readableBytesView) : []
            self.write(context) { Self.writeFrame(type, flags: Frame.endStreamOrAck, stream: 0, echo, to: &$0) }
        case Frame.windowUpdate where stream == 0:
            self.window += Int(payload.getInteger(at: payload.readerIndex, as: UInt32.self) ?? 0)
        default: break  // Nothing that a fixed answer depends on.
        }
    }

    /// Answers what has ended, as far as the window lets.
    private func answer(_ context: ChannelHandlerContext) {
        let count = min(self.owed.count, max(0, self.window) / GRPCMessage.hello.count)
        guard count > 0 else { return }
        self.window -= count * GRPCMessage.hello.count
        self.write(context) { buffer in
            for stream in self.owed.prefix(count) {
                Self.writeFrame(Frame.headers, flags: Frame.endHeaders, stream: stream, Self.head, to: &buffer)
                Self.writeFrame(Frame.data, flags: 0, stream: stream, GRPCMessage.hello, to: &buffer)
                let last = Frame.endHeaders | Frame.endStreamOrAck
                Self.writeFrame(Frame.headers, flags: last, stream: stream, Self.trailers, to: &buffer)
            }
        }
        self.owed.removeFirst(count)
    }

    private func write(_ context: ChannelHandlerContext, _ fill: (inout ByteBuffer) -> Void) {
        var buffer = context.channel.allocator.buffer(capacity: 1024)
        fill(&buffer)
        context.write(self.wrapOutboundOut(buffer), promise: nil)
    }

    private static func writeFrame(
        _ type: UInt8,
        flags: UInt8,
        stream: UInt32,
        _ payload: [UInt8],
        to buffer: inout ByteBuffer
    ) {
        buffer.writeMultipleIntegers(UInt32(payload.count) << 8 | UInt32(type), flags, stream)
        buffer.writeBytes(payload)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
