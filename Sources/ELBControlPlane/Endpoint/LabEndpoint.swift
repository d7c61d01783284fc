package import ELBModel
import FoundationEssentials
import Hummingbird
package import Logging

/// The lab's HTTP endpoint: its state, commands to the fleet, traces, and metrics. AWS's operations live at `/`
/// (`AWSEndpoint`).
///
/// It obeys whoever reaches it, so it listens on loopback and refuses requests that a web page sent: a foreign `Host`
/// (a name rebound to 127.0.0.1) or a foreign `Origin`.
package struct LabEndpoint: Sendable {
    /// Bytes of a request's body that are read; more is answered with 413.
    static let largestBody = 1 << 20

    private let lab: Lab
    private let controlPlane: ControlPlane
    private let endpoint: Endpoint?
    private let discovery: DiscoveryServer?
    private let logger: Logger

    /// - Parameters:
    ///   - endpoint: where to listen; `nil` takes any free port of 127.0.0.1.
    ///   - discovery: what Envoys ask; without it they get 404.
    package init(
        _ lab: Lab,
        _ controlPlane: ControlPlane,
        endpoint: Endpoint?,
        discovery: DiscoveryServer? = nil,
        logger: Logger
    ) {
        self.lab = lab
        self.controlPlane = controlPlane
        self.endpoint = endpoint
        self.discovery = discovery
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onListening: called once with the port.
    package func run(onListening: @escaping @Sendable (Int) async -> Void) async throws {
        let application = Application(
            router: self.router(),
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

    private func router() -> Router<BasicRequestContext> {
        let lab = self.lab
        let controlPlane = self.controlPlane
        let aws = AWSEndpoint(controlPlane: controlPlane)
        let router = Router()
        router.add(middleware: SameOriginMiddleware())
        aws.addRoutes(to: router)
        if let discovery = self.discovery { DiscoveryEndpoint.addRoutes(to: router, discovery) }
        router.get("/") { request, _ in
            AWSEndpoint.isCall(request) ? try await aws.answer(request) : Self.text(Self.welcome)
        }
        router.get("/_lab/state") { _, _ in try Self.json(await lab.state()) }
        router.get("/_lab/metrics") { _, _ in try Self.json(LabMetrics(await lab.metrics())) }
        router.get("/metrics") { _, _ in
            Self.response(
                LabReply(
                    contentType: PrometheusText.contentType,
                    body: Array(PrometheusText.render(await lab.metrics()).utf8)
                )
            )
        }
        router.post("/_lab/fleet") { request, _ in
            Self.response(await lab.performFleetCommand(try await Self.body(of: request)))
        }
        router.post("/_lab/nodes") { request, _ in
            let body = try await Self.body(of: request)
            guard let fault = try? JSONDecoder().decode(NodeFault.self, from: Data(body)) else {
                return Self.failure(
                    400,
                    "the body is no fault of nodes: {\"fault\": \"cut\", \"loadBalancer\", \"zones\"}"
                )
            }
            do {
                return try Self.json(await lab.perform(fault))
            } catch let error as LabError {
                return Self.failure(404, error.description)
            }
        }
        router.post("/_lab/trace") { request, _ in
            let body = try await Self.body(of: request)
            guard let trace = try? JSONDecoder().decode(TraceRequest.self, from: Data(body)) else {
                return Self.failure(400, "the body is no trace request: {\"url\", \"method\", \"headers\", \"from\"}")
            }
            do {
                return try Self.json(await lab.trace(trace))
            } catch let error as TraceError {
                return Self.failure(404, error.description)
            }
        }
        // Stands in for public-keys.auth.elb.REGION.amazonaws.com (ALB-AUTH-016).
        router.get("/_lab/public-keys/:key") { _, context in
            guard let pem = await lab.publicKey(context.parameters.get("key") ?? "") else {
                return Self.failure(404, "no load balancer of the lab signs with that key")
            }
            return Self.response(LabReply(contentType: "application/x-pem-file", body: Array(pem.utf8) + [0x0a]))
        }
        // In place of the objects of S3 that AWS hands out.
        router.get("/_lab/trust-stores/**") { _, context in
            let path = context.parameters.getCatchAll().joined(separator: "/")
            guard let pem = await controlPlane.trustStoreText(path) else {
                return Self.failure(404, "no trust store of the lab has that")
            }
            return Self.response(LabReply(contentType: "application/x-pem-file", body: Array(pem.utf8)))
        }
        router.post("/_lab/reset") { _, _ in
            do {
                try await controlPlane.reset()
                return try Self.json(await lab.state())
            } catch {
                return Self.failure(409, "the lab could not be reset: \(error)")
            }
        }
        router.get("/_lab/**") { _, _ in Self.failure(404, "no such page; GET / lists them") }
        router.post("/_lab/**") { _, _ in Self.failure(404, "no such page; GET / lists them") }
        return router
    }

    private static let welcome = """
        elblab: a laboratory for Elastic Load Balancing

        GET  /_lab/state   what runs: load balancers, target groups with health, instances (JSON)
        POST /_lab/fleet   a command to the backends (JSON)
        POST /_lab/nodes   cuts the power of load balancers' nodes, or brings it back (JSON)
        POST /_lab/trace   which rule takes a request, and why (JSON)
        GET  /_lab/public-keys/ID  what a load balancer signs x-amzn-oidc-data with (PEM)
        GET  /_lab/metrics CloudWatch's metrics with their periods and statistics (JSON)
        GET  /metrics      the same since the start (Prometheus text)
        POST /_lab/reset   forget what the AWS API has made
        POST /v3/discovery:KIND  what an Envoy is to be: listeners, routes, clusters, endpoints (xDS, JSON)
        POST /             the AWS API: export AWS_ENDPOINT_URL=http://THIS-ADDRESS, or run elblab shell

        """

    private static func body(of request: Request) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in request.body {
            bytes += part.readableBytesView
            guard bytes.count <= Self.largestBody else {
                throw HTTPError(.contentTooLarge, message: "at most \(Self.largestBody) bytes are read")
            }
        }
        return bytes
    }

    private static func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return self.response(LabReply(body: Array(try encoder.encode(value)) + [0x0a]))
    }

    private static func failure(_ status: Int, _ message: String) -> Response {
        let body = (try? JSONEncoder().encode(["error": message])) ?? Data()
        return self.response(LabReply(status: status, body: Array(body) + [0x0a]))
    }

    private static func text(_ text: String) -> Response {
        self.response(LabReply(contentType: "text/plain; charset=utf-8", body: Array(text.utf8)))
    }

    private static func response(_ reply: LabReply) -> Response {
        Response(
            status: .init(code: reply.status),
            headers: [.contentType: reply.contentType],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.body))
        )
    }
}

/// Refuses what a web page could make a browser send.
private struct SameOriginMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        // It has a check of its own.
        if DiscoveryEndpoint.isMeant(by: request) { return try await next(request, context) }
        guard let host = request.head.authority, LoopbackName.isLoopback(host) else {
            throw HTTPError(.forbidden, message: "this Host is not the lab's; use 127.0.0.1 or localhost")
        }
        if let origin = request.headers[.origin], !LoopbackName.isLoopbackOrigin(origin) {
            throw HTTPError(.forbidden, message: "pages of other origins cannot command the lab")
        }
        return try await next(request, context)
    }
}
