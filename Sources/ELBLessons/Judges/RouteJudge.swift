import ELBConformance
import ELBModel

/// Sends requests and compares what became of each with what should have. The servers' own records decide who answered.
enum RouteJudge {
    static func judge(_ lab: TopologyLab, _ cases: [RouteCase]) async throws -> Judgement {
        for (number, one) in cases.enumerated() {
            let (outcome, servers) = try await Self.send(one.request, to: lab, id: "case-\(number)")
            guard !Self.fits(one.outcome, of: one.request, outcome, servers, lab) else { continue }
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

    /// The answer has no such place: nothing can be asked there.
    struct NoPlace: Error {
        var place: String
    }

    /// Sends one request.
    /// - Returns: what the client got, and the servers that read it.
    static func send(
        _ request: RouteCase.Request,
        to lab: TopologyLab,
        id: String
    ) async throws -> (outcome: CurlOutcome, servers: [String]) {
        let outcome = await lab.curl.perform(try Self.curl(request, lab, id: id))
        return (outcome, await Self.sightings(of: id, in: lab).map(\.server))
    }

    /// What servers read of the request with that id; a function reads it in its event.
    static func sightings(of id: String, in lab: TopologyLab) async -> [Sighting] {
        await lab.sightings().filter { sighting in
            if sighting.values(of: Self.idHeader) == [id] { return true }
            return sighting.target.hasPrefix("/2015-03-31/functions/") && sighting.body.contains("\"\(id)\"")
        }
    }

    static func place(_ request: RouteCase.Request, _ lab: TopologyLab) throws -> LabPlace {
        let place = lab.place(balancer: request.balancer, port: request.listener, zone: request.zone)
        guard let place else { throw NoPlace(place: request.place ?? "") }
        return place
    }

    static func curl(_ request: RouteCase.Request, _ lab: TopologyLab, id: String?) throws -> CurlRequest {
        let place = try Self.place(request, lab)
        var headers = request.headers.sorted { $0.key < $1.key }.map { CurlHeader($0.key, $0.value) }
        headers += request.fields.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return CurlHeader(String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        if let host = request.host { headers.append(CurlHeader("Host", host)) }
        if let id { headers.append(CurlHeader(Self.idHeader, id)) }
        var url = "http://\(place.endpoint)\(request.target)"
        var resolve: [String] = []
        if place.listener.isSecure {
            let name = (request.serverName ?? request.host ?? "").prefix { $0 != ":" }
            url = "https://\(place.endpoint)\(request.target)"
            if !name.isEmpty {
                url = "https://\(name):\(place.endpoint.port)\(request.target)"
                resolve = ["\(name):\(place.endpoint.port):\(place.endpoint.address)"]
            }
        }
        var curl = CurlRequest(
            request.method,
            url,
            headers: headers,
            body: request.body.map { .bytes(Array($0.utf8)) } ?? .none,
            version: request.version.curl,
            // Names, certificates and versions are agreed on once per connection. Where connections are balanced, one that is kept would
            // be one choice for all requests, and hold up the balancer's end by its grace.
            connection: place.listener.isSecure || !place.listener.protocol.hasPrefix("HTTP") ? .fresh : .reuse,
            interface: request.client,
            resolve: resolve
        )
        if place.listener.isSecure {
            curl.verifiesCertificate = false
            var tls = CurlTLS()
            tls.maximumVersion = request.newestTLS?.curl
            curl.tls = tls
        }
        return curl
    }

    /// Joins what the client sent with what a server read; no rule of a lesson looks at it.
    static let idHeader = "X-Elblab-Request"

    private static func fits(
        _ wanted: RouteCase.Outcome,
        of request: RouteCase.Request,
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
            let port = (try? Self.place(request, lab))?.endpoint.port ?? lab.endpoint.port
            let plain = location.replacing("{port}", with: "\(port)")
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

    static func seen(_ outcome: CurlOutcome, _ servers: [String]) -> Message {
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

    static func firstLine(_ response: CurlResponse) -> String {
        String(response.text.prefix { !$0.isNewline }.prefix(60))
    }

    static func transcript(_ request: RouteCase.Request, _ outcome: CurlOutcome) -> String {
        var lines = ["> \(request.method) \(request.target)"]
        if let host = request.host { lines.append("> Host: \(host)") }
        lines += request.headers.sorted { $0.key < $1.key }.map { "> \($0.key): \($0.value)" }
        lines += request.fields.map { "> \($0)" }
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

extension RouteCase.Version {
    fileprivate var curl: CurlRequest.Version {
        switch self {
        case .http10: .http10
        case .http11: .http11
        case .http2: .http2
        }
    }
}

extension RouteCase.TLSVersion {
    fileprivate var curl: CurlTLS.Version {
        switch self {
        case .v10: .v10
        case .v11: .v11
        case .v12: .v12
        case .v13: .v13
        }
    }
}
