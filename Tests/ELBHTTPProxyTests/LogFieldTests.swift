import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

/// Field by field, what a request leaves in the access log.
@Suite(.timeLimit(.minutes(1))) struct `Access log fields` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// The fields of the one line that the request left.
    private static func fields(
        of request: String,
        answer: TestBackend.Reply = .bytes(Forwarding.hello),
        timeScale: Double = 1,
        configure: (inout LoadBalancerAttributes, inout TargetGroup) -> Void = { _, _ in }
    ) async throws -> (fields: [String], answer: String, running: RunningBalancer, backend: TestBackend) {
        let backend = try await TestBackend.start { _, _ in answer }
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            timeScale: timeScale,
            configure: configure
        )
        let answer = try await running.exchange(request).text
        await running.stop()
        let line = try #require(running.log.lines.first)
        #expect(running.log.lines.count == 1)
        let fields = logFields(line)
        try #require(fields.count == 34)
        await backend.stop()
        return (fields, answer, running, backend)
    }

    @Test(.covers("ALB-LOG-012", "ALB-LOG-013", "ALB-LOG-014", "ALB-LOG-030"))
    func `name who took part, whatever the client says of itself`() async throws {
        let (fields, _, running, backend) = try await Self.fields(
            of: "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n"
        )
        #expect(fields[0] == "http")
        #expect(fields[2] == running.loadBalancer.fullName)
        #expect(fields[2].hasPrefix("app/test/"))
        #expect(fields[3].hasPrefix("127.0.0.1:"))
        #expect(fields[4] == "127.0.0.1:\(backend.port)")
        #expect(fields[25] == fields[4] && fields[26] == "200")
        #expect(fields[33] == "127.0.0.1")
    }

    @Test(.covers("ALB-LOG-011")) func `tell when it was received and when it was answered`() async throws {
        let (fields, _, _, _) = try await Self.fields(of: Self.get)
        #expect(fields[1] >= fields[21])
        for time in [fields[1], fields[21]] {
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
        }
    }

    @Test(.covers("ALB-LOG-020")) func `count heads and bodies, both ways`() async throws {
        let request = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nabcdefg"
        let (fields, answer, running, _) = try await Self.fields(of: request)
        #expect(fields[10] == "\(request.utf8.count)")
        #expect(fields[11] == "\(answer.utf8.count)")
        let metrics = await running.balancer.metrics()
        #expect(metrics.processedBytes == request.utf8.count + answer.utf8.count)
    }

    @Test(.covers("ALB-LOG-017", "ALB-LOG-015")) func `have no time for a target that stays silent`() async throws {
        let (fields, _, _, _) = try await Self.fields(of: Self.get, answer: .silence, timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 2
        }
        #expect(fields[5] != "-1")
        #expect(fields[6...9] == ["-1", "-1", "504", "-"])
        #expect(fields[4] != "-")
    }

    @Test(.covers("ALB-LOG-017", "ALB-LOG-018", "ALB-MET-007"))
    func `time the target to its first header, as the metric does`() async throws {
        let (fields, _, running, _) = try await Self.fields(
            of: Self.get,
            answer: .drip(["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello"], milliseconds: 120)
        )
        let time = try #require(Double(fields[6]))
        #expect((0.1...3).contains(time))
        #expect(try #require(Double(fields[5])) < 0.1)
        let metrics = await running.balancer.metrics()
        let series = metrics.series().first { $0.metric == .targetResponseTime }
        let total = try #require(series?.total)
        #expect(total.sampleCount == 1)
        #expect(abs(total.sum - time) < 0.002)
    }

    @Test(.covers("ALB-LOG-019")) func `count the upload as the target's time`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        _ = await client.receive(milliseconds: 200) { _ in false }
        await client.send("b")
        #expect(await client.receiveResponse().text.hasSuffix("hello"))
        client.close()
        await running.stop()
        let fields = logFields(try #require(running.log.lines.first))
        #expect(try #require(Double(fields[5])) < 0.15)
        #expect(try #require(Double(fields[6])) >= 0.15)
        await backend.stop()
    }

    @Test(
        .covers("ALB-LOG-004", "ALB-LOG-014", "ALB-LOG-025", "ALB-LOG-026", "ALB-RULE-021"),
        arguments: [
            ("garbage\r\n\r\n", "400", "-", "-"),
            ("GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n", "418", "fixed-response", "3"),
            ("GET /redirect HTTP/1.1\r\nHost: a\r\n\r\n", "302", "redirect", "7"),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "503", "forward", "0"),
        ]
    )
    func `tell of requests that no target saw, too`(
        request: String,
        status: String,
        action: String,
        priority: String
    ) async throws {
        let running = try await RunningBalancer.start(
            backends: [],
            rules: [
                ListenerRule(
                    priority: 3,
                    conditions: [.pathPattern(.patterns(["/fixed"]))],
                    actions: [.fixedResponse(FixedResponseAction(statusCode: 418))]
                ),
                ListenerRule(
                    priority: 7,
                    conditions: [.pathPattern(.patterns(["/redirect"]))],
                    actions: [.redirect(RedirectAction(host: "other.example", statusCode: .found))]
                ),
            ]
        )
        #expect(try await running.exchange(request).text.hasPrefix("HTTP/1.1 \(status) "))
        await running.stop()
        let fields = logFields(try #require(running.log.lines.first))
        try #require(fields.count == 34)
        #expect(fields[4] == "-")
        #expect(fields[5...7] == ["-1", "-1", "-1"])
        #expect(fields[8] == status && fields[9] == "-")
        #expect(fields[22] == action && fields[20] == priority)
        #expect(fields[24] == "-")
    }
}
