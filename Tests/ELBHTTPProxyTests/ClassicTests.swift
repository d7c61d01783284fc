import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A running Classic Load Balancer` {
    private static func ok(_ body: String = "x") -> TestBackend.Reply {
        .bytes("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    // MARK: Forwarding

    @Test(.covers("CLB-HD-001", "CLB-HD-002", "CLB-HD-003", "CLB-HD-005", "CLB-HD-006", "CLB-LS-008"))
    func `writes three fields into requests and leaves the others as they are`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        _ = try await running.get(
            "/a",
            "X-Forwarded-For: 1.2.3.4",
            "X-Forwarded-Proto: https",
            "X-Amzn-Trace-Id: mine",
            "X-Amzn-Oidc-Data: mine too"
        )
        let request = try #require(running.backends[0].requests.first?.text)
        #expect(request.hasPrefix("GET /a HTTP/1.1\r\n"))
        #expect(request.contains("\r\nHost: a\r\n"))
        #expect(request.contains("\r\nX-Forwarded-For: 1.2.3.4, 127.0.0.1\r\n"))
        #expect(request.contains("\r\nX-Forwarded-Proto: http\r\n"))
        #expect(!request.contains("X-Forwarded-Proto: https"))
        #expect(request.contains("\r\nX-Forwarded-Port: \(running.port)\r\n"))
        #expect(request.contains("\r\nX-Amzn-Trace-Id: mine\r\n"))
        #expect(request.contains("\r\nX-Amzn-Oidc-Data: mine too\r\n"))
        _ = try await running.get("/b")
        #expect(running.backends[0].requests.last?.text.contains("X-Amzn-Trace-Id") == false)
        await running.stop()
    }

    @Test(.covers("CLB-LS-009"))
    func `names its node's address to instances when a client of HTTP 1.0 names nobody`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        _ = try await running.exchange("GET / HTTP/1.0\r\n\r\n")
        let request = try #require(running.backends[0].requests.first?.text)
        #expect(request.hasPrefix("GET / HTTP/1.1\r\n"))
        #expect(request.contains("\r\nHost: 127.0.0.1\r\n"))
        await running.stop()
    }

    @Test(.covers("CLB-LS-012"))
    func `answers Expect by itself and keeps it`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        let client = try await RawClient.connect(port: running.port)
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        let interim = await client.receive { $0.hasSuffix("\r\n\r\n") }
        #expect(interim.text == "HTTP/1.1 100 Continue\r\n\r\n")
        await client.send("ab")
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200 "))
        #expect(running.backends[0].requests.first?.text.contains("Expect") == false)
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-LS-008"))
    func `passes no change of protocol on`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        _ = try await running.get("/", "Connection: Upgrade", "Upgrade: websocket")
        #expect(running.backends[0].requests.first?.text.contains("pgrade") == false)
        await running.stop()
    }

    @Test(.covers("CLB-LS-013", "CLB-ER-001", "CLB-ER-002"))
    func `forwards every method but CONNECT and those of more than 127 characters`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        for method in ["PATCH", "PROPFIND", "TRACE", String(repeating: "A", count: 127)] {
            let answer = try await running.exchange("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.text.hasPrefix("HTTP/1.1 200 "), "\(method)")
        }
        let connect = try await running.exchange("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
        #expect(connect.text.hasPrefix("HTTP/1.1 400 BAD_REQUEST\r\n"))
        let long = try await running.exchange("\(String(repeating: "A", count: 128)) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(long.text.hasPrefix("HTTP/1.1 405 METHOD_NOT_ALLOWED\r\n"))
        #expect(running.backends[0].requests.count == 4)
        await running.stop()
    }

    @Test(.covers("CLB-RT-002", "CLB-RT-003"))
    func `sends requests to the instance with the fewest under way`() async throws {
        let running = try await RunningClassic.start { number, _, _ in number == 0 ? .silence : Self.ok("\(number)") }
        // One request hangs at the first instance; from then on the second one is the less busy.
        var waiting = try await RawClient.connect(port: running.port)
        while running.backends[0].requests.isEmpty {
            waiting.close()
            waiting = try await RawClient.connect(port: running.port)
            await waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await waiting.receiveResponse(milliseconds: 200)
        }
        for _ in 0..<6 { #expect(try await running.get().hasSuffix("1")) }
        waiting.close()
        await running.stop()
    }

    // MARK: Errors

    @Test(.covers("CLB-RT-009", "CLB-ER-005", "CLB-ER-006"))
    func `says 503 when no instance is in service, and tries none`() async throws {
        let running = try await RunningClassic.start(timeScale: 100) { _, _, _ in Self.ok() }
        for backend in running.backends { backend.isHealthy = false }
        await running.wait(for: .outOfService)
        let answer = try await running.get()
        #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable: Back-end server is at capacity\r\n"))
        #expect(answer.contains("\r\nContent-Length: 0\r\n"))
        #expect(running.backends.allSatisfy { $0.requests.isEmpty })
        await running.stop()
    }

    @Test(.covers("CLB-ER-004", "CLB-ER-007"))
    func `says 502 for an answer that cannot be read and 504 for none`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, request, _ in
            request.hasPrefix("GET /garbage") ? .bytesThenClose("this is no HTTP\r\n\r\n") : .bytesThenClose("")
        }
        #expect(try await running.get("/garbage").hasPrefix("HTTP/1.1 502 BAD_GATEWAY\r\n"))
        #expect(try await running.get("/closes").hasPrefix("HTTP/1.1 504 GATEWAY_TIMEOUT\r\n"))
        await running.stop()
    }

    @Test(.covers("CLB-TO-002", "CLB-TO-005", "CLB-ER-003"))
    func `waits for instances and clients as long as the idle timeout`() async throws {
        let running = try await RunningClassic.start(
            instances: 1,
            timeScale: 100,
            configure: { $0.attributes.idleTimeoutSeconds = 20 },
            script: { _, _, _ in .silence }
        )
        #expect(try await running.get().hasPrefix("HTTP/1.1 504 GATEWAY_TIMEOUT\r\n"))
        let client = try await RawClient.connect(port: running.port)
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 408 REQUEST_TIMEOUT\r\n"))
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-RT-010"))
    func `tries another instance when one cannot be reached`() async throws {
        let running = try await RunningClassic.start { number, _, _ in
            .bytesThenClose("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
        }
        // The connections that were opened in advance are used up.
        for _ in 0..<4 { _ = try await running.get() }
        while running.backends[0].openConnections > 0 { await Task.yield() }
        await running.backends[0].stop()
        for _ in 0..<4 { #expect(try await running.get().hasSuffix("1")) }
        await running.backends[1].stop()
        await running.stop()
    }

    // MARK: Draining

    @Test(.covers("CLB-DR-002"))
    func `lets requests at an instance that leaves finish while it drains`() async throws {
        var running = try await RunningClassic.start(
            instances: 1,
            configure: { $0.attributes.connectionDrainingSeconds = 60 },
            script: { _, _, _ in .drip(["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "x"], milliseconds: 200) }
        )
        let client = try await RawClient.connect(port: running.port)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while running.backends[0].requests.isEmpty { await Task.yield() }
        try await running.change { $0.instances = [] }
        #expect(try await running.get().hasPrefix("HTTP/1.1 503 "))
        #expect(await running.balancer.instanceHealth().map(\.health.detail) == [.deregistrationInProgress])
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200 "))
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-DR-002", "CLB-DR-004"), arguments: [nil, 2] as [Int?])
    func `cuts what is under way when draining is over, at once without it`(seconds: Int?) async throws {
        var running = try await RunningClassic.start(
            instances: 1,
            timeScale: 10,
            configure: { $0.attributes.connectionDrainingSeconds = seconds },
            script: { _, _, _ in .silence }
        )
        let client = try await RawClient.connect(port: running.port)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while running.backends[0].requests.isEmpty { await Task.yield() }
        try await running.change { $0.instances = [] }
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 504 "))
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-DR-003", "CLB-DR-004"), arguments: [true, false])
    func `cuts what is under way at an instance that falls ill only when draining is off`(drains: Bool) async throws {
        let running = try await RunningClassic.start(
            instances: 1,
            timeScale: 100,
            configure: {
                $0.attributes.connectionDrainingSeconds = drains ? 1 : nil
                $0.attributes.idleTimeoutSeconds = 3600
            },
            script: { _, _, _ in .drip(["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "x"], milliseconds: 1000) }
        )
        let client = try await RawClient.connect(port: running.port)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while running.backends[0].requests.isEmpty { await Task.yield() }
        running.backends[0].isHealthy = false
        await running.wait(for: .outOfService)
        // With draining it takes longer than the timeout, which does not count here.
        #expect(await client.receiveResponse().text.hasPrefix(drains ? "HTTP/1.1 200 " : "HTTP/1.1 504 "))
        client.close()
        await running.stop()
    }

    // MARK: Logs

    @Test(.covers("CLB-LG-002", "CLB-LG-004", "CLB-LG-005", "CLB-LG-006", "CLB-LG-007", "CLB-HC-013"))
    func `logs requests in fifteen fields, whether they reached an instance or not`() async throws {
        var running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok("hello") }
        let instance = running.configuration.listeners[0].instancePort
        _ = try await running.exchange(
            "POST /a?b HTTP/1.1\r\nHost: www\r\nUser-Agent: me \"x\"\r\nContent-Length: 3\r\n\r\nabc"
        )
        try await running.change { $0.instances = [] }
        _ = try await running.get()
        await running.stop()
        let lines = running.log.lines
        #expect(lines.count == 2)
        let first = (lines.first ?? "").split(separator: " ", maxSplits: 11)
        try #require(first.count == 12)
        #expect(first[0].wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/#) != nil)
        #expect(first[1] == "test")
        #expect(first[2].wholeMatch(of: #/127\.0\.0\.1:\d+/#) != nil)
        #expect(first[3] == "127.0.0.2:\(instance)")
        #expect(first[4...6].allSatisfy { $0.wholeMatch(of: #/\d+\.\d{6}/#) != nil })
        #expect(first[7...10] == ["200", "200", "3", "5"])
        #expect(first[11] == #""POST http://www:\#(running.port)/a?b HTTP/1.1" "me \x22x\x22" - -"#)
        let second = (lines.last ?? "").split(separator: " ", maxSplits: 3)
        #expect(second.last == #"- -1 -1 -1 503 0 0 0 "GET http://a:\#(running.port)/ HTTP/1.1" "-" - -"#)
    }

    @Test(.covers("CLB-LG-001", "CLB-LG-003"))
    func `delivers its log as it is, in files named after it`() async throws {
        let store = CollectingStore()
        let running = try await RunningClassic.start(
            instances: 1,
            logStore: store,
            configure: {
                $0.attributes.accessLog.delivery = LogDelivery(isEnabled: true, bucket: "logs", prefix: "p")
            },
            script: { _, _, _ in Self.ok() }
        )
        _ = try await running.get()
        await running.stop()
        #expect(store.lines(of: .access) == running.log.lines)
        let key = try #require(store.keys.first)
        #expect(key.hasPrefix("logs/p/AWSLogs/123456789012/elasticloadbalancing/ap-northeast-2/20"))
        #expect(key.contains("/123456789012_elasticloadbalancing_ap-northeast-2_test_20"))
        #expect(key.contains("Z_127.0.0.1_") && key.hasSuffix(".log"))
    }

    // MARK: Connections

    @Test(.covers("CLB-LS-011"))
    func `opens connections to instances in advance and keeps them for whoever comes`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        while running.backends[0].openConnections != 1 { await Task.yield() }
        #expect(running.backends[0].requests.isEmpty)
        for _ in 0..<3 { _ = try await running.get() }
        #expect(running.backends[0].connections == 1)
        await running.stop()
    }

    @Test(.covers("CLB-LS-010"))
    func `answers pipelined requests in order, one at a time at an instance`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, request, _ in
            Self.ok(String(request.dropFirst(5).prefix(1)))
        }
        let client = try await RawClient.connect(port: running.port)
        await client.send((1...3).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        let received = await client.receive { $0.components(of: "HTTP/1.1 200 ") == 3 && $0.hasSuffix("\r\n\r\n3") }
        #expect(received.ending == .matched)
        #expect(received.text.split(separator: "\r\n\r\n").dropFirst().map(\.first) == ["1", "2", "3"])
        client.close()
        await running.stop()
    }

    @Test(.covers("CLB-RT-008", "CLB-ER-005"))
    func `turns requests away when too many wait for a connection`() async throws {
        let running = try await RunningClassic.start(
            instances: 1,
            timeScale: 5,
            waits: false,
            surgeQueueLimit: 2,
            configure: { $0.healthCheck.target = .init(protocol: .tcp, port: $0.listeners[0].instancePort, path: nil) },
            script: { _, _, _ in .silence }
        )
        await running.wait(for: .inService)
        while running.backends[0].openConnections == 0 { await Task.yield() }
        var waiting: [RawClient] = []
        // The one connection that is kept is taken, and from now on packets to the instance vanish.
        let first = try await RawClient.connect(port: running.port)
        await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while running.backends[0].requests.isEmpty { await Task.yield() }
        waiting.append(first)
        var changed = running
        try await changed.change { $0.egress = TrafficFilter() }
        for _ in 0..<2 {
            let client = try await RawClient.connect(port: running.port)
            await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            waiting.append(client)
        }
        while await running.balancer.metrics().surgeQueueLength < 2 { await Task.yield() }
        #expect(try await running.get().hasPrefix("HTTP/1.1 503 "))
        #expect(await running.balancer.metrics().spilloverCount == 1)
        for client in waiting { client.close() }
        await running.stop()
    }

    // MARK: Stickiness

    private static func sticky(
        _ kind: ClassicPolicy.Kind,
        timeScale: Double = 1,
        script: @Sendable @escaping (Int, String, Int) -> TestBackend.Reply = { number, _, _ in Self.ok("\(number)") }
    ) async throws -> RunningClassic {
        try await RunningClassic.start(
            timeScale: timeScale,
            configure: {
                $0.policies = [ClassicPolicy(name: "p", kind: kind)]
                $0.listeners[0].policies = ["p"]
            },
            script: script
        )
    }

    private static func cookies(_ answer: String) -> [String] {
        answer.split(separator: "\r\n").filter { $0.hasPrefix("Set-Cookie: AWSELB") }.map { String($0.dropFirst(12)) }
    }

    private static func value(_ line: String) -> String { String(line.prefix { $0 != ";" }) }

    @Test(.covers("CLB-SK-002", "CLB-SK-003", "CLB-SK-004", "CLB-SK-005", "CLB-SK-006", "CLB-SK-007"))
    func `binds clients with AWSELB and AWSELBCORS, once`() async throws {
        let running = try await Self.sticky(.durationStickiness(seconds: 60))
        let answer = try await running.get()
        let cookies = Self.cookies(answer)
        try #require(cookies.count == 2)
        #expect(cookies[0].wholeMatch(of: #/AWSELB=[0-9A-F]+;PATH=\/;MAX-AGE=60/#) != nil)
        #expect(cookies[1].wholeMatch(of: #/AWSELBCORS=[0-9A-F]+;PATH=\/;MAX-AGE=60;SECURE;SAMESITE=None/#) != nil)
        #expect(answer.contains("\r\nCache-control: no-cache=\"set-cookie\"\r\n"))
        for cookie in cookies {
            for _ in 0..<4 {
                let again = try await running.get("/", "Cookie: a=b; \(Self.value(cookie)); c=d")
                #expect(again.last == answer.last)
                #expect(Self.cookies(again).isEmpty)
            }
        }
        // Forged, cut and foreign ones bind nobody.
        for forged in ["AWSELB=00", "AWSELB=XYZ", String(Self.value(cookies[0]).dropLast(2))] {
            #expect(Self.cookies(try await running.get("/", "Cookie: \(forged)")).count == 2)
        }
        await running.stop()
    }

    @Test(.covers("CLB-SK-004"))
    func `sets a cookie for the browser's session when no period is given`() async throws {
        let running = try await Self.sticky(.durationStickiness(seconds: nil))
        let cookies = Self.cookies(try await running.get())
        #expect(cookies.first?.hasSuffix(";PATH=/") == true)
        await running.stop()
    }

    @Test(.covers("CLB-SK-008"))
    func `binds anew when the instance is out of service`() async throws {
        let running = try await Self.sticky(.durationStickiness(seconds: 600), timeScale: 100)
        let answer = try await running.get()
        let cookie = Self.value(Self.cookies(answer)[0])
        let first = try #require(answer.last.flatMap { Int(String($0)) })
        running.backends[first].isHealthy = false
        await running.wait(for: .outOfService, of: first)
        let moved = try await running.get("/", "Cookie: \(cookie)")
        #expect(moved.last != answer.last)
        #expect(Self.cookies(moved).count == 2)
        await running.stop()
    }

    @Test(.covers("CLB-SK-009", "CLB-SK-010", "CLB-SK-012", "CLB-SK-013", "CLB-SK-014"))
    func `lets the application's cookie begin and lead a session`() async throws {
        let running = try await Self.sticky(.applicationStickiness(cookie: "SID")) { number, request, _ in
            let line =
                if request.hasPrefix("GET /login ") {
                    "Set-Cookie: SID=1; Path=/my_shop; Max-Age=9; Odd=1; HttpOnly; SameSite=Lax\r\n"
                } else if request.hasPrefix("GET /semicolon ") { "Set-Cookie: SID=1; Path=/;\r\n" } else { "" }
            return .bytes("HTTP/1.1 200 OK\r\n\(line)Content-Length: 1\r\n\r\n\(number)")
        }
        #expect(Self.cookies(try await running.get("/")).isEmpty)
        #expect(Self.cookies(try await running.get("/semicolon")).isEmpty)
        let login = try await running.get("/login")
        let cookies = Self.cookies(login)
        try #require(cookies.count == 2)
        #expect(cookies[0].hasSuffix(";Path=/my%5Fshop;Max-Age=9;HttpOnly;SameSite=Lax"))
        #expect(cookies[1].hasSuffix(";Path=/my%5Fshop;Max-Age=9;HttpOnly;SECURE;SAMESITE=None"))
        let own = Self.value(cookies[0])
        for _ in 0..<4 {
            let again = try await running.get("/", "Cookie: SID=1; \(own)")
            #expect(again.last == login.last)
            #expect(Self.cookies(again).isEmpty)
        }
        // Without the application's cookie it is not looked at.
        var seen: Set<Character> = []
        for _ in 0..<4 { seen.insert(try await running.get("/", "Cookie: \(own)").last ?? " ") }
        #expect(seen.count == 2)
        await running.stop()
    }

    @Test(.covers("CLB-SK-011"))
    func `leaves an application's session at its new instance`() async throws {
        let running = try await Self.sticky(.applicationStickiness(cookie: "SID"), timeScale: 100) {
            number,
            request,
            _ in
            let line = request.hasPrefix("GET /login ") ? "Set-Cookie: SID=1\r\n" : ""
            return .bytes("HTTP/1.1 200 OK\r\n\(line)Content-Length: 1\r\n\r\n\(number)")
        }
        let login = try await running.get("/login")
        let first = try #require(login.last.flatMap { Int(String($0)) })
        running.backends[first].isHealthy = false
        await running.wait(for: .outOfService, of: first)
        let moved = try await running.get("/", "Cookie: SID=1; \(Self.value(Self.cookies(login)[0]))")
        #expect(moved.last != login.last)
        let cookie = Self.value(try #require(Self.cookies(moved).first))
        running.backends[first].isHealthy = true
        await running.wait(for: .inService, of: first)
        for _ in 0..<4 { #expect(try await running.get("/", "Cookie: SID=1; \(cookie)").last == moved.last) }
        await running.stop()
    }

    @Test(.covers("CLB-SK-015"))
    func `binds clients to a port of the instances`() async throws {
        let other = try RunningBalancer.freePort()
        let running = try await RunningClassic.start(
            configure: {
                $0.policies = [ClassicPolicy(name: "p", kind: .durationStickiness(seconds: 60))]
                $0.listeners[0].policies = ["p"]
                var same = $0.listeners[0]
                same.port = other
                $0.listeners.append(same)
            },
            script: { number, _, _ in Self.ok("\(number)") }
        )
        let answer = try await running.get()
        let client = try await RawClient.connect(port: other.rawValue)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(Self.value(Self.cookies(answer)[0]))\r\n\r\n")
        // Another listener to the same port of the instances takes the cookie.
        let same = await client.receiveResponse().text
        #expect(same.last == answer.last)
        #expect(Self.cookies(same).isEmpty)
        client.close()
        await running.stop()
    }
}

extension String {
    fileprivate func components(of text: String) -> Int {
        self.split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
