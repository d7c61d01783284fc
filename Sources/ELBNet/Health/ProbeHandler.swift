import ELBWire
import NIOCore

/// Sends a probe's request and reads the answer's head; the body is ignored (ALB-HC-014).
final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Answer: Hashable, Sendable {
        case status(Int)
        /// Closed before the head was complete, reset, or not HTTP.
        case unusable
    }

    private let request: [UInt8]
    private let answered: (Answer) -> Void
    private var received: ByteBuffer?
    private var parser = ResponseHeadParser()
    private var head = ResponseHead()

    init(request: [UInt8], answered: @escaping (Answer) -> Void) {
        self.request = request
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(bytes: self.request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = Self.unwrapInboundIn(data)
        var bytes = self.received ?? context.channel.allocator.buffer(capacity: incoming.readableBytes)
        bytes.writeBuffer(&incoming)
        // An interim answer is not the answer (RFC 9110, section 15.2), but switching protocols is final (ALB-HC-021).
        while let status = self.nextStatus(in: &bytes) {
            guard status < 200, status != 101 else { return self.answered(.status(status)) }
        }
        self.received = bytes
    }

    private func nextStatus(in bytes: inout ByteBuffer) -> Int? {
        guard bytes.readableBytes > 0 else { return nil }
        switch self.parser.parse(bytes.readableBytesUInt8Span, into: &self.head) {
        case .incomplete:
            return nil
        case .complete:
            bytes.moveReaderIndex(forwardBy: self.head.length)
            self.parser.reset()
            return self.head.status
        case .malformed, .tooLong:
            self.answered(.unusable)
            return nil
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.answered(.unusable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answered(.unusable)
        context.close(promise: nil)
    }
}
