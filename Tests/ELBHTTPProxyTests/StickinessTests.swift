import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Stickiness through a running balancer` {
    /// Three backends that answer with their number, and the balancer in front of them.
    private struct Shop {
        var backends: [TestBackend]
        var running: RunningBalancer

        /// - Parameter cookie: what each backend sets.
        static func open(
            cookie: String? = nil,
            timeScale: Double = 1,
            quirks: Set<Quirk> = [],
            configure: @escaping (inout TargetGroup) -> Void = { $0.attributes.stickiness.isEnabled = true }
        ) async throws -> Shop {
            var backends: [TestBackend] = []
            for number in 0..<3 {
                let line = cookie.map { "Set-Cookie: \($0)\r\n" } ?? ""
                backends.append(
                    try await TestBackend.start { request, _ in
                        let asks = cookie == nil || request.hasPrefix("GET /login ")
                        return .bytes("HTTP/1.1 200 OK\r\n\(asks ? line : "")Content-Length: 1\r\n\r\n\(number)")
                    }
                )
            }
            let running = try await RunningBalancer.start(
                backends: backends.map(\.port),
                timeScale: timeScale,
                quirks: quirks
            ) { configure(&$1) }
            return Shop(backends: backends, running: running)
        }

        /// The answer to a request with these cookies: the backend's number, and what is to be stored.
        func get(_ path: String = "/", _ cookies: [String] = [], _ fields: [String] = []) async throws -> Visit {
            let cookie = cookies.isEmpty ? [] : ["Cookie: \(cookies.joined(separator: "; "))"]
            let lines = ["GET \(path) HTTP/1.1", "Host: a"] + cookie + fields
            return Visit(try await self.running.exchange(lines.joined(separator: "\r\n") + "\r\n\r\n").text)
        }

        func close() async {
            await self.running.stop()
            for backend in self.backends { await backend.stop() }
        }
    }

    private struct Visit {
        /// -1 if no backend answered.
        var backend: Int
        var status: Int
        /// Whole Set-Cookie values by name, in the order sent.
        var cookies: [(name: String, line: String)] = []

        init(_ response: String) {
            let parts = response.split(separator: "\r\n\r\n", maxSplits: 1)
            self.backend = parts.count == 2 ? Int(parts[1]) ?? -1 : -1
            self.status = Int(response.dropFirst(9).prefix(3)) ?? 0
            for line in parts.first?.split(separator: "\r\n") ?? [] where line.hasPrefix("Set-Cookie: ") {
                let cookie = line.dropFirst("Set-Cookie: ".count)
                self.cookies.append((String(cookie.prefix { $0 != "=" }), String(cookie)))
            }
        }

        /// `name=value`, as a browser returns it.
        func pair(_ name: String) throws -> String {
            let line = try #require(self.cookies.first { $0.name == name }).line
            return String(line.prefix { $0 != ";" })
        }
    }

    @Test(.covers("ALB-STK-005", "ALB-STK-006", "ALB-STK-011", "ALB-ALG-009"))
    func `brings a client back to its target`() async throws {
        let shop = try await Shop.open()
        let first = try await shop.get()
        #expect(first.cookies.map(\.name) == ["AWSALB", "AWSALBCORS"])
        #expect(try first.pair("AWSALB").dropFirst(6) == first.pair("AWSALBCORS").dropFirst(10))
        var cookies = [try first.pair("AWSALB"), try first.pair("AWSALBCORS")]
        for _ in 0..<6 {
            let visit = try await shop.get("/", cookies)
            #expect(visit.backend == first.backend)
            // Issued anew each time, and each is as good.
            let renewed = [try visit.pair("AWSALB"), try visit.pair("AWSALBCORS")]
            #expect(renewed != cookies)
            cookies = renewed
        }
        // Others are spread as ever.
        var others: Set<Int> = []
        for _ in 0..<3 { others.insert(try await shop.get().backend) }
        #expect(others == [0, 1, 2])
        let metrics = await shop.running.balancer.metrics()
        #expect(metrics.nonStickyRequestCount == 4)
        await shop.close()
    }

    @Test(.covers("ALB-STK-013", "ALB-STK-014", "ALB-STK-026", "ALB-DRG-007"))
    func `moves a client whose target leaves, for good`() async throws {
        let shop = try await Shop.open()
        let first = try await shop.get()
        var groups = shop.running.targetGroups
        let gone = groups[0].targets.remove(at: first.backend)
        try await shop.running.balancer.apply(shop.running.loadBalancer, targetGroups: groups)
        let moved = try await shop.get("/", [try first.pair("AWSALB")])
        #expect(moved.backend != first.backend && moved.status == 200)
        for _ in 0..<4 {
            #expect(try await shop.get("/", [try moved.pair("AWSALB")]).backend == moved.backend)
        }
        #expect(await shop.running.balancer.metrics().nonStickyRequestCount == 2)
        #expect(gone.endpoint.port.rawValue == shop.backends[first.backend].port)
        await shop.close()
    }

    @Test(.covers("ALB-STK-010", "ALB-STK-027")) func `forgets when the duration is over`() async throws {
        // A second lasts ten milliseconds.
        let shop = try await Shop.open(timeScale: 100) {
            $0.attributes.stickiness.isEnabled = true
            $0.attributes.stickiness.loadBalancerCookieSeconds = 1
        }
        let cookie = try await shop.get().pair("AWSALB")
        try await Task.sleep(for: .milliseconds(20))
        var seen: Set<Int> = []
        for _ in 0..<3 { seen.insert(try await shop.get("/", [cookie]).backend) }
        #expect(seen == [0, 1, 2])
        await shop.close()
    }

    @Test(.covers("ALB-STK-005")) func `understands cookies of an earlier life with the same seed`() async throws {
        let shop = try await Shop.open()
        let first = try await shop.get()
        let cookie = try first.pair("AWSALB")
        let again = try await RunningBalancer.start(backends: shop.backends.map(\.port)) {
            $1.attributes.stickiness.isEnabled = true
        }
        await again.waitForHealth(.healthy)
        for _ in 0..<3 {
            let answer = try await again.exchange("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n")
            #expect(answer.text.hasSuffix("\r\n\r\n\(first.backend)"))
        }
        await again.stop()
        await shop.close()
    }

    @Test(.covers("ALB-STK-015", "ALB-STK-016", "ALB-STK-017", "ALB-STK-018", "ALB-STK-019", "ALB-STK-026"))
    func `follows an application's cookie`() async throws {
        let shop = try await Shop.open(cookie: "session=s1; Max-Age=60; HttpOnly") {
            $0.attributes.stickiness.isEnabled = true
            $0.attributes.stickiness.type = .applicationCookie
            $0.attributes.stickiness.applicationCookieName = "session"
        }
        // Nothing binds before the target has set its cookie.
        #expect(try await shop.get().cookies.isEmpty)
        let login = try await shop.get("/login")
        #expect(login.cookies.map(\.name) == ["session", "AWSALBAPP-0"])
        #expect(!login.cookies[1].line.contains("HttpOnly") && login.cookies[1].line.contains("; Expires="))
        let bond = try login.pair("AWSALBAPP-0")
        for value in ["s1", "other", ""] {
            let visit = try await shop.get("/", ["session=\(value)", bond])
            #expect(visit.backend == login.backend)
            #expect(visit.cookies.map(\.name) == ["AWSALBAPP-0"])
        }
        #expect(shop.backends[login.backend].requests.last?.text.contains("Cookie: session=; AWSALBAPP-0=") == true)
        // One of the two alone is worth nothing.
        for cookies in [[bond], ["session=s1"], ["Session=s1", bond]] {
            var seen: Set<Int> = []
            for _ in 0..<3 {
                let visit = try await shop.get("/", cookies)
                seen.insert(visit.backend)
                #expect(visit.cookies.isEmpty)
            }
            #expect(seen == [0, 1, 2])
        }
        #expect(await shop.running.balancer.metrics().appCookieNonStickinessCount == 11)
        await shop.close()
    }

    @Test(.covers("ALB-STK-014")) func `moves an application's session and keeps it moved`() async throws {
        let shop = try await Shop.open(cookie: "session=s1") {
            $0.attributes.stickiness.isEnabled = true
            $0.attributes.stickiness.type = .applicationCookie
            $0.attributes.stickiness.applicationCookieName = "session"
        }
        let login = try await shop.get("/login")
        var groups = shop.running.targetGroups
        groups[0].targets.remove(at: login.backend)
        try await shop.running.balancer.apply(shop.running.loadBalancer, targetGroups: groups)
        let moved = try await shop.get("/", ["session=s1", try login.pair("AWSALBAPP-0")])
        #expect(moved.backend != login.backend)
        let bond = try moved.pair("AWSALBAPP-0")
        for _ in 0..<4 { #expect(try await shop.get("/", ["session=s1", bond]).backend == moved.backend) }
        await shop.close()
    }

    @Test(.covers("ALB-STK-021")) func `marks an application's cookie for Chromium's cross-origin requests`()
        async throws
    {
        let shop = try await Shop.open(cookie: "session=s1") {
            $0.attributes.stickiness.isEnabled = true
            $0.attributes.stickiness.type = .applicationCookie
            $0.attributes.stickiness.applicationCookieName = "session"
        }
        for (agent, isMarked) in [("Chrome/124.0", true), ("Chrome/79.0", false), ("Firefox/124.0", false)] {
            let fields = ["Origin: http://other", "User-Agent: Mozilla/5.0 \(agent)"]
            let line = try #require(try await shop.get("/login", [], fields).cookies.last?.line)
            #expect(line.hasSuffix("; Path=/; SameSite=None; Secure") == isMarked)
        }
        await shop.close()
    }

    // MARK: Between groups

    /// Two groups of one backend each; the action binds clients to groups if `seconds` says for how long.
    private static func pair(
        weights: [Int],
        seconds: Int?,
        quirks: Set<Quirk> = []
    ) async throws -> Shop {
        var shop = try await Shop.open(quirks: quirks) { _ in }
        let groups = (0..<2).map { number in
            var group = RunningBalancer.group([shop.backends[number].port])
            group.id = TargetGroupID(rawValue: "g\(number)")
            group.name = TargetGroupName(rawValue: "g\(number)")
            return group
        }
        let forward = ForwardAction(
            targetGroups: zip(groups, weights).map { .init($0.id, weight: $1) },
            stickiness: seconds.map { .init(isEnabled: true, durationSeconds: $0) } ?? .off
        )
        shop.running.loadBalancer.listeners[0].defaultActions = [.forward(forward)]
        shop.running.targetGroups = groups
        try await shop.running.balancer.apply(shop.running.loadBalancer, targetGroups: groups)
        return shop
    }

    @Test(.covers("ALB-FWD-011", "ALB-FWD-012")) func `brings a client back to its group`() async throws {
        var shop = try await Self.pair(weights: [1, 0], seconds: 60)
        let first = try await shop.get()
        #expect(first.backend == 0)
        #expect(first.cookies.map(\.name) == ["AWSALBTG", "AWSALBTGCORS"])
        #expect(first.cookies[1].line.hasSuffix("; Path=/; SameSite=None"))
        // The weights change; the client does not.
        guard case .forward(var forward) = shop.running.loadBalancer.listeners[0].defaultActions[0] else { return }
        forward.targetGroups[0].weight = 0
        forward.targetGroups[1].weight = 1
        shop.running.loadBalancer.listeners[0].defaultActions = [.forward(forward)]
        try await shop.running.balancer.apply(shop.running.loadBalancer, targetGroups: shop.running.targetGroups)
        for _ in 0..<4 { #expect(try await shop.get("/", [try first.pair("AWSALBTG")]).backend == 0) }
        #expect(try await shop.get().backend == 1)
        await shop.close()
    }

    @Test(.covers("ALB-FWD-013")) func `writes down a group's cookie that it cannot read`() async throws {
        let shop = try await Self.pair(weights: [1, 1], seconds: 60)
        let cookie = try await shop.get().pair("AWSALBTG").replacing("=", with: "%3D").replacing(
            "AWSALBTG%3D",
            with: "AWSALBTG="
        )
        #expect(try await shop.get("/", [cookie]).status == 200)
        await shop.running.stop()
        let reasons = shop.running.log.lines.map { line in line.contains(#" "AWSALBTGCookieInvalid" "#) }
        #expect(reasons == [false, true])
        await shop.close()
    }

    @Test(.covers("ALB-FWD-008")) func `draws anew for every request without stickiness between groups`() async throws {
        let shop = try await Self.pair(weights: [1, 1], seconds: nil)
        var seen: Set<Int> = []
        for _ in 0..<40 { seen.insert(try await shop.get().backend) }
        #expect(seen == [0, 1])
        await shop.close()
    }

    @Test(.covers("ALB-STK-024", "ALB-ALG-007")) func `ends where a WebSocket begins`() async throws {
        var backends: [TestBackend] = []
        for number in 0..<2 {
            backends.append(
                try await TestBackend.start { text, _ in
                    text.contains("Upgrade: websocket")
                        ? .bytes(
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                        )
                        : text.hasPrefix("GET ")
                            ? .bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)") : .bytes("<\(number)>")
                }
            )
        }
        let running = try await RunningBalancer.start(backends: backends.map(\.port)) {
            $1.attributes.stickiness.isEnabled = true
        }
        await running.waitForHealth(.healthy)
        let other = Visit(try await running.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").text)
        let client = try await running.connect()
        await client.send(
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        let agreed = await client.receive { $0.hasSuffix("\r\n\r\n") }
        #expect(agreed.text.hasPrefix("HTTP/1.1 101 "))
        // The other target's cookie inside the tunnel is nobody's business: all of it goes where the handshake went.
        for _ in 0..<3 {
            await client.send("Cookie: \(try other.pair("AWSALB"))\r\n\r\n")
            let echoed = await client.receive { $0.hasSuffix(">") }
            #expect(echoed.text == (other.backend == 0 ? "<1>" : "<0>"))
        }
        client.close()
        await running.stop()
        for backend in backends { await backend.stop() }
    }

    @Test(.covers("ALB-STK-025")) func `of stacked balancers binds in one layer only`() async throws {
        let shop = try await Shop.open()
        let outer = try await RunningBalancer.start(backends: [shop.running.port]) {
            $1.attributes.stickiness.isEnabled = true
        }
        let answer = try await outer.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let visit = Visit(answer.text)
        // Both layers set the one name; a browser keeps the last, the outer layer's, which names none of the inner one's targets.
        #expect(visit.cookies.map(\.name) == ["AWSALB", "AWSALBCORS", "AWSALB", "AWSALBCORS"])
        let kept = String(visit.cookies[2].line.prefix { $0 != ";" })
        var seen: Set<Int> = []
        for _ in 0..<3 {
            seen.insert(
                Visit(try await outer.exchange("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(kept)\r\n\r\n").text).backend
            )
        }
        #expect(seen == [0, 1, 2])
        await outer.stop()
        await shop.close()
    }
}
