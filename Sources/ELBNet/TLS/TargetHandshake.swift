package import NIOCore
import NIOSSL
import NIOTLS

/// Stands between the TLS library and whoever talks to a target: the connection is not active for those behind it before the
/// handshake is over, which must be within a time limit (ALB-CONN-012).
package final class TargetHandshake: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer

    package enum Failure: Hashable, Sendable {
        /// The target does not speak TLS, or none that the policy allows, or it closed (ALB-ERR-033).
        case refused
        /// The target took longer than the limit (ALB-ERR-042).
        case timedOut
    }

    private enum State {
        case waiting(timer: Scheduled<Void>?)
        case established
        case failed
    }

    private let timeLimit: TimeAmount
    private let failed: (Failure) -> Void
    private let agreed: (String?) -> Void
    private var state = State.waiting(timer: nil)

    /// - Parameters:
    ///   - timeLimit: from the connection to the end of the handshake.
    ///   - agreed: told what ALPN agreed on, before the connection is active.
    ///   - failed: called at most once, on the event loop, before the connection is closed.
    package init(
        timeLimit: TimeAmount,
        agreed: @escaping (String?) -> Void = { _ in },
        failed: @escaping (Failure) -> Void
    ) {
        self.timeLimit = timeLimit
        self.agreed = agreed
        self.failed = failed
    }

    package func channelActive(context: ChannelHandlerContext) {
        guard case .waiting(nil) = self.state else { return }
        let channel = context.channel
        let timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.timeLimit) {
            self.fail(.timedOut)
            channel.close(promise: nil)
        }
        self.state = .waiting(timer: timer)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let negotiated) = event as? TLSUserEvent, case .waiting(let timer) = self.state
        else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        timer?.cancel()
        self.state = .established
        self.agreed(negotiated)
        context.fireChannelActive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch self.state {
        case .waiting:
            self.fail(.refused)
            context.close(promise: nil)
        case .established:
            // Many servers close without TLS's farewell; the length of a body says whether something is missing.
            if let error = error as? NIOSSLError, error == .uncleanShutdown { return }
            context.fireErrorCaught(error)
        case .failed: break
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.fail(.refused)
        context.fireChannelInactive()
    }

    private func fail(_ failure: Failure) {
        guard case .waiting(let timer) = self.state else { return }
        timer?.cancel()
        self.state = .failed
        self.failed(failure)
    }
}

extension TargetTLS {
    /// Puts TLS into the pipeline of a connection that is being made, in front of what will be added.
    package func install(
        on channel: any Channel,
        timeLimit: TimeAmount,
        agreed: @escaping (String?) -> Void = { _ in },
        failed: @escaping (TargetHandshake.Failure) -> Void
    ) throws {
        try channel.pipeline.syncOperations.addHandlers([
            try self.makeHandler(), TargetHandshake(timeLimit: timeLimit, agreed: agreed, failed: failed),
        ])
    }
}
