package import ELBModel
import Hummingbird
package import Logging

/// The lab's configuration server at an address of its own, which other hosts may reach: it only answers questions, and commands
/// nothing.
package struct DiscoveryEndpoint: Sendable {
    private let server: DiscoveryServer
    private let endpoint: Endpoint?
    private let logger: Logger

    /// - Parameter endpoint: where to listen; `nil` takes any free port of 127.0.0.1.
    package init(_ server: DiscoveryServer, endpoint: Endpoint?, logger: Logger) {
        self.server = server
        self.endpoint = endpoint
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onListening: called once with the port.
    package func run(onListening: @escaping @Sendable (Int) async -> Void) async throws {
        let router = Router()
        Self.addRoutes(to: router, self.server)
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(
                    self.endpoint?.address.description ?? "127.0.0.1",
                    port: Int(self.endpoint?.port.rawValue ?? 0)
                ),
                serverName: "elblab"
            ),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: self.logger
        )
        try await application.run()
    }

    /// `POST /v3/discovery:KIND`.
    static func addRoutes(to router: Router<BasicRequestContext>, _ server: DiscoveryServer) {
        router.post("/v3/:place") { request, context in
            // No Envoy sends one, and every browser does that a page makes post: this is not for pages. (Envoy's Host is what its
            // configuration calls the server, and says nothing.)
            guard request.headers[.origin] == nil else {
                return Self.response(DiscoveryServer.refusal(.init(403, "web pages cannot ask the lab")))
            }
            guard let body = try await request.bytes(atMost: DiscoveryServer.largestBody, thrownAway: 8 << 20) else {
                let most = DiscoveryServer.largestBody
                return Self.response(DiscoveryServer.refusal(.init(413, "at most \(most) bytes are read")))
            }
            return Self.response(await server.answer(context.parameters.get("place") ?? "", body))
        }
        router.get("/v3/:place") { _, _ in
            Self.response(DiscoveryServer.refusal(.init(405, "post a DiscoveryRequest, as an Envoy does")))
        }
    }

    /// Whether the request is for what `addRoutes` adds.
    static func isMeant(by request: Request) -> Bool { request.uri.path.hasPrefix("/v3/") }

    private static func response(_ reply: LabReply) -> Response {
        guard reply.status != 304 else { return Response(status: .notModified) }
        return Response(
            status: .init(code: reply.status),
            headers: [.contentType: reply.contentType],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.body))
        )
    }
}
