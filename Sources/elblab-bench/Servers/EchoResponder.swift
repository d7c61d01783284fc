import NIOCore

/// Opens every WebSocket that is asked for and sends back each of its messages. Other requests, the health checks, get an answer.
///
/// Messages are shorter than 126 bytes and in one frame; a connection that sends another one is closed.
final class EchoResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let longestHead = 16 << 10

    private var isOpen = false
    private var received = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        self.received.writeBuffer(&buffer)
        while !self.isOpen {
            let head = self.received.readableBytesView
            guard let end = head.firstRange(of: WebSocketSample.headEnd) else {
                if head.count > Self.longestHead { context.close(promise: nil) }
                return
            }
            self.isOpen = String(decoding: head[..<end.upperBound], as: UTF8.self).lowercased().contains("websocket")
            self.received.moveReaderIndex(to: end.upperBound)
            let answer = self.isOpen ? ByteBuffer(string: WebSocketSample.response) : FixedResponder.response
            context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        }
        self.echo(context)
    }

    /// Frames of clients: two bytes with the length in the second, four bytes of mask, the masked bytes.
    private func echo(_ context: ChannelHandlerContext) {
        var answer = ByteBuffer()
        while let start: (UInt8, UInt8) = self.received.peekMultipleIntegers() {
            let length = Int(start.1 & 0x7F)
            guard start.1 & 0x80 != 0, length < 126 else { return context.close(promise: nil) }
            guard self.received.readableBytes >= 6 + length else { break }
            self.received.moveReaderIndex(forwardBy: 2)
            guard let mask = self.received.readBytes(length: 4), let bytes = self.received.readBytes(length: length)
            else { break }
            answer.writeBytes([start.0, UInt8(length)])
            answer.writeBytes(bytes.enumerated().map { $1 ^ mask[$0 % 4] })
        }
        self.received.discardReadBytes()
        if answer.readableBytes > 0 { context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
