import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

/// What a request leaves behind: counters under CloudWatch's names and a line in the access log.
@Suite(.timeLimit(.minutes(1))) struct `Counters and log lines` {
    private static let get = "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(.covers("ALB-RDR-016"))
    func `of a redirect name its URL`() async throws {
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.redirect(RedirectAction(host: "other.example", statusCode: .found))]
        )
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 302 "))
        let metrics = await running.balancer.metrics()
        #expect(metrics.httpRedirectCount == 1)
        #expect(metrics.httpFixedResponseCount == 0)
        await running.stop()
        let line = try #require(running.log.lines.first)
        #expect(line.contains(#" "redirect" "http://other.example:\#(running.port)/a?b" "#))
    }

    @Test(.covers("ALB-FIX-006", "ALB-FIX-007"), arguments: [(200, 0, 0), (404, 1, 0), (503, 0, 1)])
    func `of a fixed response count it as the balancer's own`(status: Int, of4XX: Int, of5XX: Int) async throws {
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(FixedResponseAction(statusCode: status))]
        )
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 \(status) "))
        let metrics = await running.balancer.metrics()
        #expect(metrics.httpFixedResponseCount == 1)
        #expect(metrics.httpCodeELB4XXCount == of4XX)
        #expect(metrics.httpCodeELB5XXCount == of5XX)
        #expect(metrics.requestCount == 0)
        await running.stop()
        let line = try #require(running.log.lines.first)
        #expect(line.contains(" -1 -1 -1 \(status) - "))
        #expect(line.contains(#" "fixed-response" "-" "#))
    }

    @Test(
        .covers("ALB-ERR-001"),
        arguments: [
            (400, \.httpCodeELB4XXCount), (502, \.httpCodeELB502Count), (503, \.httpCodeELB503Count),
            (504, \.httpCodeELB504Count), (500, \.httpCodeELB500Count),
        ] as [(Int, any KeyPath<BalancerMetrics, Int> & Sendable)]
    )
    func `of an error of the balancer count it once, by class and by code`(
        status: Int,
        counter: any KeyPath<BalancerMetrics, Int> & Sendable
    ) async throws {
        let backend = try await TestBackend.start { _, _ in
            status == 502 ? .bytesThenClose("") : .silence
        }
        let running = try await RunningBalancer.start(
            backends: status == 503 ? [] : [backend.port],
            timeScale: status == 504 ? 20 : 1,
            defaultActions: status == 500 ? [.fixedResponse(FixedResponseAction(statusCode: 500))] : nil
        ) { attributes, _ in
            attributes.idleTimeoutSeconds = 30
        }
        let request = status == 400 ? "garbage\r\n\r\n" : "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        #expect(try await running.exchange(request).text.hasPrefix("HTTP/1.1 \(status) "))
        let metrics = await running.balancer.metrics()
        #expect(metrics[keyPath: counter] == 1)
        #expect(metrics.httpCodeELB4XXCount == (status < 500 ? 1 : 0))
        #expect(metrics.httpCodeELB5XXCount == (status < 500 ? 0 : 1))
        #expect(metrics.httpCodeTarget5XXCount == 0)
        await running.stop()
        #expect(running.log.lines.count == 1)
        #expect(running.log.lines.first?.contains(" \(status) - ") == true)
        await backend.stop()
    }

    @Test(.covers("ALB-HDR-025"), arguments: ["", "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;A=b\r\n"])
    func `name the trace as the target saw it`(field: String) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        _ = try await running.exchange("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n")
        await running.stop()
        let request = try #require(backend.requests.first?.text)
        let start = try #require(request.range(of: "X-Amzn-Trace-Id: ")).upperBound
        let sent = request[start...].prefix { $0 != "\r\n" }
        #expect(sent.contains("Root=1-"))
        #expect(running.log.lines.first?.contains(" \"\(sent)\" ") == true)
        await backend.stop()
    }

    @Test(.covers("ALB-HC-035")) func `say nothing of health probes`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        await running.waitForHealth(.healthy)
        let metrics = await running.balancer.metrics()
        #expect(metrics.targetGroups.map(\.group.gauges?.healthyHostCount) == [1])
        #expect(metrics.targetGroups.map(\.group.counters) == [TargetGroupCounters()])
        #expect(metrics.nodes.map(\.total.counters) == [LoadBalancerCounters()])
        #expect(metrics.activeConnectionCount == 0)
        await running.stop()
        #expect(running.log.lines.isEmpty)
        await backend.stop()
    }

    @Test(.covers("ALB-HDR-036"), arguments: [true, false])
    func `tell dropped from forwarded invalid fields, once per request`(drops: Bool) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port]) { attributes, _ in
            attributes.dropInvalidHeaderFieldsEnabled = drops
        }
        _ = try await running.exchange("GET / HTTP/1.1\r\nHost: a\r\nx_one: 1\r\nx_two: 2\r\n\r\n")
        _ = try await running.exchange("GET / HTTP/1.1\r\nHost: a\r\nx-three: 3\r\n\r\n")
        let metrics = await running.balancer.metrics()
        #expect(metrics.droppedInvalidHeaderRequestCount == (drops ? 1 : 0))
        #expect(metrics.forwardedInvalidHeaderRequestCount == (drops ? 0 : 1))
        #expect(backend.requests.first?.text.contains("x_one") == !drops)
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-DSYNC-007"), arguments: LoadBalancerAttributes.DesyncMitigationMode.allCases)
    func `count what does not comply in every mode`(mode: LoadBalancerAttributes.DesyncMitigationMode) async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port]) { attributes, _ in
            attributes.desyncMitigationMode = mode
        }
        for request in [Self.get, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", Self.get] {
            _ = try await running.exchange(request)
        }
        #expect(await running.balancer.metrics().desyncMitigationModeNonCompliantRequestCount == 1)
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-CONN-013")) func `count connections on both sides`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        for _ in 0..<2 {
            await client.send(Self.get)
            #expect(await client.receiveResponse().text.hasSuffix("hello"))
        }
        let metrics = await running.balancer.metrics()
        #expect(metrics.newConnectionCount == 2)
        #expect(metrics.activeConnectionCount == 2)
        client.close()
        while await running.balancer.metrics().activeConnectionCount > 1 { await Task.yield() }
        #expect(await running.balancer.metrics().newConnectionCount == 2)
        await running.stop()
        await backend.stop()
    }
}
