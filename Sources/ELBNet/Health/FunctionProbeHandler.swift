import ELBCore
import NIOCore

/// Sends a probe's invocation of a function and waits for its whole answer, whose status is what counts.
final class FunctionProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: [UInt8]
    private let form: LambdaEvent.Form
    private let answered: (ProbeHandler.Answer) -> Void
    private var response = LambdaInvocationResponse()

    init(request: [UInt8], form: LambdaEvent.Form, answered: @escaping (ProbeHandler.Answer) -> Void) {
        self.request = request
        self.form = form
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(bytes: self.request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        self.take(self.response.append(bytes.readableBytesUInt8Span))
    }

    private func take(_ progress: LambdaInvocationResponse.Progress) {
        switch progress {
        case .incomplete: break
        case .failed: self.answered(.unusable)
        case .complete:
            do throws(LambdaFailure) {
                // Nobody sees the head, and so not its date.
                self.answered(.status(try self.response.answer(date: [], form: self.form).status))
            } catch {
                self.answered(.unusable)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.take(self.response.connectionEnded())
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answered(.unusable)
        context.close(promise: nil)
    }
}
