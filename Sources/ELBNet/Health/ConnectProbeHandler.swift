import NIOCore

/// Asks for nothing but a connection; behind TLS, one whose handshake is over (CLB-HC-006, NLB-HC-010).
final class ConnectProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is said all the same; the probe is over when that is on its way.
    private let preface: [UInt8]
    private let answered: (ProbeHandler.Answer) -> Void

    init(preface: [UInt8] = [], answered: @escaping (ProbeHandler.Answer) -> Void) {
        self.preface = preface
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !self.preface.isEmpty else { return self.answered(.connected) }
        let bytes = context.channel.allocator.buffer(bytes: self.preface)
        context.writeAndFlush(Self.wrapOutboundOut(bytes)).assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.answered(.connected)
            case .failure: self.answered(.unusable)
            }
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
