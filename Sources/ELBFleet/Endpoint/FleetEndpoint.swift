package import ELBModel
package import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP server for a fleet that runs alone: `POST /_lab/fleet` with a `FleetCommand`, answered by a `FleetReply`.
/// The whole lab serves the same route on its own endpoint, so that the `fleet` commands need not know which they talk to.
package final class FleetEndpoint: Sendable {
    /// The route of both.
    package static let path = "/_lab/fleet"

    /// Where it listens, with the real port.
    package let endpoint: Endpoint
    private let channel: any Channel

    private init(_ endpoint: Endpoint, _ channel: any Channel) {
        self.endpoint = endpoint
        self.channel = channel
    }

    /// Starts to listen.
    /// - Parameter port: 0 lets the system choose.
    /// - Throws: `BackendError`: `.invalid` for an address that others than this machine can reach, `.cannotListen` if the
    ///   port is taken.
    package static func start(
        address: IPAddress = .loopback,
        port: UInt16,
        for fleet: Fleet,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> FleetEndpoint {
        guard address.isLoopback else {
            throw BackendError(.invalid, "\(address) is not a loopback address; anybody could command the fleet there")
        }
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(EndpointHandler(fleet))
                    }
                }
                .bind(host: address.description, port: Int(port)).get()
            guard let bound = channel.localAddress?.port.flatMap({ Port($0) }) else {
                throw BackendError(.cannotListen, "\(address): no port")
            }
            return FleetEndpoint(Endpoint(address: address, port: bound), channel)
        } catch let error as IOError {
            throw BackendError.cannotListen(address, port, errno: error.errnoCode)
        }
    }

    package func stop() async {
        try? await self.channel.close()
    }
}

/// Reads one command per request and writes its reply. `configureHTTPServerPipeline` sees to it that requests come one
/// after another.
private final class EndpointHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// More than any launch of a fleet needs.
    private static let longestBody = 8 << 20

    private let fleet: Fleet
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isTooLong = false

    init(_ fleet: Fleet) {
        self.fleet = fleet
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            self.body.clear()
            self.isTooLong = false
        case .body(var bytes):
            self.isTooLong = self.isTooLong || self.body.readableBytes + bytes.readableBytes > Self.longestBody
            if !self.isTooLong { self.body.writeBuffer(&bytes) }
        case .end:
            guard let head = self.head else { return }
            self.answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // A web page could have its own name mean 127.0.0.1.
        guard let host = head.headers.first(name: "host"), LoopbackName.isLoopback(host),
            head.headers["origin"].allSatisfy({ LoopbackName.isLoopbackOrigin($0) })
        else {
            return self.refuse(.forbidden, "only this machine commands the fleet; use 127.0.0.1", head, context)
        }
        guard head.uri == FleetEndpoint.path else {
            return self.refuse(.notFound, "only \(FleetEndpoint.path) is here", head, context)
        }
        guard head.method == .POST else {
            return self.refuse(.methodNotAllowed, "POST a command", head, context)
        }
        // A web page may post plain text to a local port, but not JSON without asking for permission first, which this
        // server never gives.
        guard head.headers.first(name: "content-type")?.hasPrefix("application/json") == true else {
            return self.refuse(.unsupportedMediaType, "Content-Type must be application/json", head, context)
        }
        guard !self.isTooLong else {
            return self.refuse(.payloadTooLarge, "a command has at most \(Self.longestBody) bytes", head, context)
        }
        let bytes = Array(self.body.readableBytesView)
        let fleet = self.fleet
        let promise = context.eventLoop.makePromise(of: FleetReply.self)
        promise.completeWithTask {
            do {
                return await fleet.perform(try ControlLines.decode(FleetCommand.self, from: bytes))
            } catch {
                return .refused(FleetRefusal(error))
            }
        }
        promise.futureResult.assumeIsolated().whenSuccess { reply in
            self.write(reply, head, context)
        }
    }

    private func refuse(
        _ status: HTTPResponseStatus,
        _ message: String,
        _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        self.write(.refused(FleetRefusal(.invalid, message)), head, context, status)
    }

    private func write(
        _ reply: FleetReply,
        _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext,
        _ status: HTTPResponseStatus? = nil
    ) {
        // A reply holds texts and numbers only; none of them fails to encode.
        guard let line = try? ControlLines.encode(reply) else { return context.close(promise: nil) }
        let headers: HTTPHeaders = ["Content-Type": "application/json", "Content-Length": String(line.count)]
        let status = status ?? reply.httpStatus
        context.write(
            self.wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))),
            promise: nil
        )
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: line)))), promise: nil)
        let isKept = head.isKeepAlive
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if !isKept { context.close(promise: nil) }
        }
    }
}

extension FleetReply {
    fileprivate var httpStatus: HTTPResponseStatus {
        guard case .refused(let refusal) = self else { return .ok }
        return switch refusal.code {
        case .invalid: .badRequest
        case .notFound: .notFound
        case .cannotListen, .notRunning: .conflict
        case .childFailed, .timedOut: .internalServerError
        }
    }
}
