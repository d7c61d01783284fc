internal import ELBFleet
internal import ELBModel

/// One answer to a client that may be bound: who gave it, and what the client is to return next time.
struct StickyVisit: Sendable {
    var exchange: Exchange
    var response: CurlResponse
    var record: RequestRecord
    /// Which of the group's backends it was.
    var backend: Int

    var cookies: [SetCookie] { self.response.setCookies }

    /// The cookie of that name, or the check ends.
    func cookie(_ name: String, in scene: Scene) throws -> SetCookie {
        if let cookie = self.cookies.first(where: { $0.name == name }) { return cookie }
        throw Problem.broken(
            tried: self.exchange.tried,
            expected: "an answer that sets \(name)",
            actual: self.cookies.isEmpty
                ? "it sets no cookie" : "it sets \(self.cookies.map(\.name).joined(separator: ", "))",
            evidence: self.exchange.evidence
        )
    }
}

extension Scene {
    /// Sends a request with these cookies to a listener whose requests go to one group.
    func visit(
        _ group: SceneGroup,
        _ listener: Endpoint,
        _ path: String = "/",
        cookies: [String] = [],
        headers: [CurlHeader] = []
    ) async throws -> StickyVisit {
        let cookie = cookies.isEmpty ? [] : [CurlHeader("Cookie", cookies.joined(separator: "; "))]
        let exchange = await self.send("GET", path, to: listener, headers: cookie + headers)
        let (response, record) = try self.expect(exchange, reached: group)
        let backend = group.backends.firstIndex { $0 === exchange.hits[0].backend } ?? -1
        return StickyVisit(exchange: exchange, response: response, record: record, backend: backend)
    }

    /// Sends `count` requests with these cookies and tells which backends answered, in order.
    func visits(
        _ count: Int,
        _ group: SceneGroup,
        _ listener: Endpoint,
        _ path: String = "/",
        cookies: [String]
    ) async throws -> [Int] {
        var backends: [Int] = []
        for _ in 0..<count {
            backends.append(try await self.visit(group, listener, path, cookies: cookies).backend)
        }
        return backends
    }

    /// Expects a client with these cookies to come to one backend always.
    func expectBound(
        to backend: Int,
        _ group: SceneGroup,
        _ listener: Endpoint,
        cookies: [String],
        requests count: Int = 12,
        because reason: String
    ) async throws {
        let backends = try await self.visits(count, group, listener, cookies: cookies)
        try self.expect(
            backends.allSatisfy { $0 == backend },
            tried: "\(count) requests with \(reason)",
            expected: "all at \(group.backends[backend].description.name)",
            actual: "\(backends.count { $0 != backend }) of them elsewhere"
        )
    }

    /// Expects a client with these cookies to be treated as a new one: with round robin over at least three targets, six
    /// requests reach them all.
    func expectUnbound(
        _ group: SceneGroup,
        _ listener: Endpoint,
        cookies: [String],
        because reason: String
    ) async throws {
        let backends = try await self.visits(6, group, listener, cookies: cookies)
        try self.expect(
            Set(backends).count == group.backends.count,
            tried: "6 requests with \(reason), to \(group.backends.count) targets in turn",
            expected: "some at each of them",
            actual: "they reached \(Set(backends).count)"
        )
    }
}

extension TargetGroup {
    /// Binds clients by the load balancer's cookie.
    mutating func bindClients(seconds: Int = 86_400) {
        self.attributes.stickiness.isEnabled = true
        self.attributes.stickiness.loadBalancerCookieSeconds = seconds
    }

    /// Binds clients by the application's cookie.
    mutating func bindClients(byCookie name: String) {
        self.attributes.stickiness.isEnabled = true
        self.attributes.stickiness.type = .applicationCookie
        self.attributes.stickiness.applicationCookieName = name
    }
}

extension String {
    /// What some clients do to values with `=`, `+` and `/` in them. Something is always changed.
    var percentEncoded: String {
        let encoded = self.utf8.map { byte in
            let isPlain =
                byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
        }.joined()
        guard encoded == self, let first = self.utf8.first else { return encoded }
        return "%" + String(first, radix: 16, uppercase: true) + self.dropFirst()
    }
}
