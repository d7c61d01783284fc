import NIOCore
import NIOSSL
import NIOTLS

/// Learns what a handshake agreed on. Stands behind the TLS handler.
final class TLSWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Filled in as the handshake goes on; complete before the first request.
    private(set) var facts = RecordedTLS()

    /// Reads the client's greeting in front of the TLS handler, for the name in it, and leaves.
    func greetingReader(on eventLoop: any EventLoop) -> ByteToMessageHandler<SNIHandler> {
        let watch = NIOLoopBound(self, eventLoop: eventLoop)
        return ByteToMessageHandler(
            SNIHandler { result in
                if case .hostname(let name) = result { watch.value.facts.serverName = name }
                return eventLoop.makeSucceededVoidFuture()
            }
        )
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name) = event as? TLSUserEvent {
            self.facts.applicationProtocol = name
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            self.facts.version = handler?.tlsVersion.map(Self.name)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private static func name(_ version: NIOSSL.TLSVersion) -> String {
        switch version {
        case .tlsv1: "1.0"
        case .tlsv11: "1.1"
        case .tlsv12: "1.2"
        case .tlsv13: "1.3"
        }
    }
}

/// A connection whose backend reads TLS's greeting and never answers it.
final class SilentConnection: ChannelInboundHandler, BackendPeer {
    typealias InboundIn = ByteBuffer

    let number: Int
    private let end: SocketEnd
    private unowned let server: BackendServer

    init(number: Int, end: SocketEnd, server: BackendServer) {
        self.number = number
        self.end = end
        self.server = server
    }

    /// What arrives is thrown away.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func channelInactive(context: ChannelHandlerContext) { self.server.connectionClosed(self) }

    func drop(as outcome: RequestRecord.Outcome) { self.end.close() }

    func reset(as outcome: RequestRecord.Outcome) { self.end.reset() }

    func fallSilent() {}
}
