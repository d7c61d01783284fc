import ELBWire
import NIOCore

/// Sends a probe's request and reads the answer's head; the body is ignored (ALB-HC-014).
final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Answer: Hashable, Sendable {
        case status(Int)
        /// A connection was all that was asked for.
        case connected
        /// Closed before the head was complete, reset, or not HTTP.
        case unusable
    }

    private let request: [UInt8]
    /// A body must say where it ends before it begins, as a Classic Load Balancer wants it (CLB-HC-005).
    private let wantsLength: Bool
    private let answered: (Answer) -> Void
    private var received: ByteBuffer?
    private var parser = ResponseHeadParser()
    private var head = ResponseHead()
    /// The status of an answer that is good if no body follows.
    private var bodiless: Int?

    init(request: [UInt8], wantsLength: Bool = false, answered: @escaping (Answer) -> Void) {
        self.request = request
        self.wantsLength = wantsLength
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(bytes: self.request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = Self.unwrapInboundIn(data)
        if self.bodiless != nil { return self.answered(.unusable) }
        var bytes = self.received ?? context.channel.allocator.buffer(capacity: incoming.readableBytes)
        bytes.writeBuffer(&incoming)
        // An interim answer is not the answer (RFC 9110, section 15.2), but switching protocols is final (ALB-HC-021).
        while let status = self.nextStatus(in: &bytes) {
            guard status < 200, status != 101 else { return self.answer(status, followedBy: bytes.readableBytes) }
        }
        self.received = bytes
    }

    private func answer(_ status: Int, followedBy count: Int) {
        guard self.wantsLength, self.head.bodyLength(answering: .get) == .untilClose else {
            return self.answered(.status(status))
        }
        if count > 0 { return self.answered(.unusable) }
        self.bodiless = status
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
        self.answered(self.bodiless.map(Answer.status) ?? .unusable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answered(.unusable)
        context.close(promise: nil)
    }
}
