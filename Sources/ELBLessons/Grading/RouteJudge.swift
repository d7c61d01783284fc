import ELBConformance
import ELBModel

/// Sends requests and compares what became of each with what should have. The servers' own records decide who answered.
enum RouteJudge {
    static func judge(_ lab: TopologyLab, _ cases: [RouteCase]) async throws -> Judgement {
        for (number, one) in cases.enumerated() {
            let (outcome, servers) = await Self.send(one.request, to: lab, id: "case-\(number)")
            guard !Self.fits(one.outcome, outcome, servers, lab) else { continue }
            let request = one.request.description
            return .fail(
                LessonFinding(
                    tried: Message(one.isNearMiss ? "routes.tried-near" : "routes.tried", ["request": request]),
                    expected: Self.wanted(one.outcome),
                    actual: Self.seen(outcome, servers),
                    evidence: [.init("client", Self.transcript(one.request, outcome))]
                )
            )
        }
        return .pass
    }

    /// Sends one request to the first node.
    /// - Returns: what the client got, and the servers that read it.
    static func send(
        _ request: RouteCase.Request,
        to lab: TopologyLab,
        id: String
    ) async -> (outcome: CurlOutcome, servers: [String]) {
        let outcome = await lab.curl.perform(Self.curl(request, lab, id: id))
        let readers = await lab.sightings().filter { $0.values(of: Self.idHeader) == [id] }.map(\.server)
        return (outcome, readers)
    }

    static func curl(_ request: RouteCase.Request, _ lab: TopologyLab, id: String?) -> CurlRequest {
        var headers = request.headers.sorted { $0.key < $1.key }.map { CurlHeader($0.key, $0.value) }
        if let host = request.host { headers.append(CurlHeader("Host", host)) }
        if let id { headers.append(CurlHeader(Self.idHeader, id)) }
        return CurlRequest(
            request.method,
            "http://\(lab.endpoint)\(request.target)",
            headers: headers,
            interface: request.client
        )
    }

    /// Joins what the client sent with what a server read; no rule of a lesson looks at it.
    static let idHeader = "X-Elblab-Request"

    private static func fits(
        _ wanted: RouteCase.Outcome,
        _ outcome: CurlOutcome,
        _ servers: [String],
        _ lab: TopologyLab
    ) -> Bool {
        guard case .success(let response) = outcome else { return false }
        switch wanted {
        case .servers(let allowed):
            return response.status == 200 && servers.count == 1 && servers.allSatisfy(allowed.contains)
        case .fixed(let status, let body):
            return servers.isEmpty && response.status == status && body.map { response.text.contains($0) } ?? true
        case .redirect(let status, let location):
            let plain = location.replacing("{port}", with: "\(lab.endpoint.port)")
            return servers.isEmpty && response.status == status && response.header("Location") == plain
        }
    }

    private static func wanted(_ outcome: RouteCase.Outcome) -> Message {
        switch outcome {
        case .servers(let servers): Message("routes.want-servers", ["servers": servers.joined(separator: " / ")])
        case .fixed(let status, nil): Message("routes.want-fixed", ["status": "\(status)"])
        case .fixed(let status, let body?): Message("routes.want-fixed-body", ["status": "\(status)", "body": body])
        case .redirect(let status, let location):
            Message("routes.want-redirect", ["status": "\(status)", "location": location])
        }
    }

    private static func seen(_ outcome: CurlOutcome, _ servers: [String]) -> Message {
        switch outcome {
        case .failure(let failure): return Message("routes.saw-nothing", ["error": failure.description])
        case .success(let response):
            if let location = response.header("Location") {
                return Message("routes.saw-redirect", ["status": "\(response.status)", "location": location])
            }
            guard !servers.isEmpty else {
                return Message(
                    "routes.saw-balancer",
                    ["status": "\(response.status)", "body": Self.firstLine(response)]
                )
            }
            let list = servers.joined(separator: ", ")
            return Message("routes.saw-servers", ["status": "\(response.status)", "servers": list])
        }
    }

    private static func firstLine(_ response: CurlResponse) -> String {
        String(response.text.prefix { !$0.isNewline }.prefix(60))
    }

    static func transcript(_ request: RouteCase.Request, _ outcome: CurlOutcome) -> String {
        var lines = ["> \(request.method) \(request.target)"]
        if let host = request.host { lines.append("> Host: \(host)") }
        lines += request.headers.sorted { $0.key < $1.key }.map { "> \($0.key): \($0.value)" }
        switch outcome {
        case .failure(let failure): lines.append("< \(failure)")
        case .success(let response):
            lines.append("< \(response.version) \(response.status) \(response.reason)")
            lines += response.headers.prefix(8).map { "< \($0)" }
            lines.append("< \(Self.firstLine(response))")
        }
        return lines.joined(separator: "\n")
    }
}
