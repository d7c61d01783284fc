import NIOCore

/// Asks for nothing but a connection; behind TLS, one whose handshake is over (CLB-HC-006).
final class ConnectProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answered: (ProbeHandler.Answer) -> Void

    init(answered: @escaping (ProbeHandler.Answer) -> Void) {
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        self.answered(.connected)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.answered(.unusable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answered(.unusable)
        context.close(promise: nil)
    }
}
