import ELBWire
import NIOCore

/// Stands between a client and NIO's codec while a connection begins, so that a stream or a header list beyond what the client was
/// told costs that stream and not its connection.
///
/// The codec ends the connection over whatever exceeds the settings it has sent: more streams than it announced, longer header
/// lists, and until the client has acknowledged these settings even what exceeds its defaults. Many clients send their first
/// request before. So the codec is given generous settings (`HTTP2ClientConnection.codec`), which bound memory; the client is
/// told what AWS documents; the codec takes its own for acknowledged at once (`HTTP2Opening`); and the handler behind it refuses
/// what goes beyond, stream by stream.
final class HTTP2Greeting: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// By their numbers (RFC 9113, section 6.5.2).
    private let settings: [(id: UInt16, value: Int)]
    private var hasGreeted = false
    private var opening = HTTP2Opening()
    /// The start of a frame's header.
    private var held = ByteBuffer()

    /// - Parameters:
    ///   - streamLimit: how many streams the client is told it may have.
    ///   - headerLimit: and how long a header list.
    init(streamLimit: Int, headerLimit: Int) {
        self.settings = [(3, streamLimit), (4, HTTP2Link.windowSize), (6, headerLimit)]
    }

    // The first thing that the codec writes is its settings.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.hasGreeted else {
            context.write(data, promise: promise)
            return
        }
        self.hasGreeted = true
        context.write(self.wrapOutboundOut(.byteBuffer(self.settingsFrame)), promise: promise)
    }

    private var settingsFrame: ByteBuffer {
        var frame = ByteBuffer()
        let length = UInt32(self.settings.count * 6)
        frame.writeInteger(length << 8 | 0x4)
        frame.writeInteger(UInt8(0))
        frame.writeInteger(UInt32(0))
        for setting in self.settings {
            frame.writeInteger(setting.id)
            frame.writeInteger(UInt32(setting.value))
        }
        return frame
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        if self.held.readableBytes > 0 {
            self.held.writeBuffer(&bytes)
            bytes = self.held
            self.held = ByteBuffer()
        }
        while bytes.readableBytes > 0 {
            switch self.opening.next(bytes.readableBytesUInt8Span) {
            case .pass(let count):
                self.pass(count, of: &bytes, to: context)
            case .passAndAcknowledge(let count):
                self.pass(count, of: &bytes, to: context)
                context.fireChannelRead(self.wrapInboundOut(ByteBuffer(bytes: HTTP2Opening.acknowledgement)))
            case .drop(let count):
                bytes.moveReaderIndex(forwardBy: count)
            case .wait:
                self.held = bytes
                return
            case .over:
                self.pass(bytes.readableBytes, of: &bytes, to: context)
            }
        }
    }

    private func pass(_ count: Int, of bytes: inout ByteBuffer, to context: ChannelHandlerContext) {
        guard let part = bytes.readSlice(length: count) else { return }
        context.fireChannelRead(self.wrapInboundOut(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        guard self.opening.isOver else { return }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
