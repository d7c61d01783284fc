import NIOCore

/// Answers every HTTP/1.1 request without a body: each empty line ends one.
final class FixedResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let response = ByteBuffer(
        string:
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: bench\r\nContent-Length: 13\r\n\r\nHello, world\n"
    )
    /// The same, and nothing after it.
    private static let lastResponse = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\nServer: bench\r\nConnection: close\r\nContent-Length: 13\r\n\r\nHello, world\n"
    )
    /// A megabyte, for whoever measures how bytes are carried.
    static let megabyte: ByteBuffer = {
        var buffer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Length: 1048576\r\n\r\n")
        buffer.writeRepeatingByte(UInt8(ascii: "x"), count: 1_048_576)
        return buffer
    }()

    private static let close = Array("Connection: close".utf8)
    private let response: ByteBuffer
    /// How much of CR LF CR LF has been seen.
    private var matched = 0

    init(_ response: ByteBuffer = FixedResponder.response) {
        self.response = response
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        if self.matched == 0, buffer.readableBytesView.firstRange(of: Self.close) != nil {
            let sent = context.writeAndFlush(self.wrapOutboundOut(Self.lastResponse))
            let channel = context.channel
            return sent.whenComplete { _ in channel.close(promise: nil) }
        }
        var answers = 0
        buffer.withUnsafeReadableBytes { bytes in
            for byte in bytes {
                let wanted = self.matched % 2 == 0 ? UInt8(ascii: "\r") : UInt8(ascii: "\n")
                self.matched = byte == wanted ? self.matched + 1 : (byte == UInt8(ascii: "\r") ? 1 : 0)
                if self.matched == 4 {
                    answers += 1
                    self.matched = 0
                }
            }
        }
        for _ in 0..<answers { context.write(self.wrapOutboundOut(self.response), promise: nil) }
        if answers > 0 { context.flush() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
