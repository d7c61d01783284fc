import ELBControlAPI
import ELBModel
import FoundationEssentials
import Hummingbird

/// The lab's side of AWS's APIs: HTTP in, HTTP out; everything between is the control plane's. All services share one port, told
/// apart by what their requests carry.
struct AWSEndpoint: Sendable {
    let controlPlane: ControlPlane

    /// Clients post to `/`; older ones send a query string, and some the API's version as the path.
    func addRoutes(to router: Router<BasicRequestContext>) {
        router.post("/") { request, _ in try await self.answer(request) }
        for version in Service.versions {
            router.get(RouterPath("/\(version)")) { request, _ in try await self.answer(request) }
            router.post(RouterPath("/\(version)")) { request, _ in try await self.answer(request) }
        }
        for root in Service.roots.keys {
            for path in ["/\(root)", "/\(root)/**"] {
                for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
                    router.on(RouterPath(path), method: method) { request, _ in try await self.answer(request) }
                }
            }
        }
    }

    /// Whether a GET of `/` is a call and not somebody looking for the welcome page.
    static func isCall(_ request: Request) -> Bool { request.uri.query?.contains("Action=") ?? false }

    func answer(_ request: Request) async throws -> Response {
        let requestID = UUID().uuidString.lowercased()
        guard let body = try await request.bytes(atMost: APIRequest.largestBody, thrownAway: 64 << 20) else {
            return Self.response(APIResponse(APIRequest.tooLarge, of: nil, requestID: requestID))
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        // HTTP/2's name for it is HTTP/1's Host, which clients sign.
        headers["host"] = request.head.authority
        let call = APIRequest(
            method: request.method.rawValue,
            path: request.uri.path,
            query: request.uri.query ?? "",
            headers: headers,
            body: body
        )
        return Self.response(await self.controlPlane.perform(call, requestID: requestID))
    }

    private static func response(_ answer: APIResponse) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: answer.body))
        )
    }
}
