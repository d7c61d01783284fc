import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Delivered logs` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let ok = FixedResponseAction(statusCode: 200)

    @Test(.covers("ALB-LOG-002", "ALB-LOG-003")) func `come every five minutes of AWS time`() async throws {
        let store = CollectingStore()
        // Five minutes last 100 ms.
        let running = try await RunningBalancer.start(
            backends: [],
            timeScale: 3000,
            defaultActions: [.fixedResponse(Self.ok)],
            logStore: store
        ) { attributes, _ in
            attributes.deliverLogs()
        }
        for count in 1...2 {
            _ = try await running.exchange(Self.get)
            while store.lines(of: .access).count < count { await Task.yield() }
        }
        let access = store.keys.filter { !$0.contains("conn_log_") }
        #expect(access.count == 2)
        for key in access {
            #expect(key.hasPrefix("logs/p/AWSLogs/123456789012/elasticloadbalancing/ap-northeast-2/20"))
            #expect(key.contains("/123456789012_elasticloadbalancing_ap-northeast-2_app.test."))
            #expect(key.hasSuffix(".log.gz") && key.contains("Z_127.0.0.1_"))
        }
        await running.stop()
    }

    @Test func `come at last when the balancer stops`() async throws {
        let store = CollectingStore()
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(Self.ok)],
            logStore: store
        ) { attributes, _ in
            attributes.deliverLogs()
        }
        for _ in 0..<3 { _ = try await running.exchange(Self.get) }
        #expect(store.keys.isEmpty)
        await running.stop()
        #expect(store.lines(of: .access).count == 3)
        #expect(store.lines(of: .access) == running.log.lines)
        #expect(store.lines(of: .connection).count == 3)
    }

    @Test(.covers("ALB-LOG-001", "ALB-CLOG-001", "ALB-HLOG-001"))
    func `do not exist unless they are asked for`() async throws {
        let store = CollectingStore()
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(Self.ok)],
            logStore: store
        )
        _ = try await running.exchange(Self.get)
        await running.stop()
        #expect(store.keys.isEmpty)
    }

    @Test func `need somewhere to go`() async throws {
        await #expect(throws: ModelError.self) {
            try await RunningBalancer.start(backends: []) { attributes, _ in attributes.deliverLogs() }
        }
    }

    @Test func `follow the attributes without losing a line`() async throws {
        let store = CollectingStore()
        var running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(Self.ok)],
            logStore: store
        ) { attributes, _ in
            attributes.deliverLogs()
        }
        _ = try await running.exchange(Self.get)
        running.loadBalancer.attributes.accessLogs.prefix = "elsewhere"
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        _ = try await running.exchange(Self.get)
        running.loadBalancer.attributes.accessLogs.isEnabled = false
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        _ = try await running.exchange(Self.get)
        await running.stop()
        let access = store.keys.filter { !$0.contains("conn_log_") }
        #expect(access.map { $0.hasPrefix("logs/p/") } == [true, false])
        #expect(store.lines(of: .access).count == 2)
        #expect(running.log.lines.count == 3)
    }

    // MARK: Connections

    @Test(.covers("ALB-CLOG-002", "ALB-LOG-031"))
    func `of connections have one line for all requests, joined by the trace id`() async throws {
        let store = CollectingStore()
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [.fixedResponse(Self.ok)],
            logStore: store
        ) { attributes, _ in
            attributes.deliverLogs()
        }
        let client = try await running.connect()
        for _ in 0..<2 {
            await client.send(Self.get)
            #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200 "))
        }
        client.close()
        _ = try await running.exchange(Self.get)
        await running.stop()
        let requests = store.lines(of: .access).map { logFields($0)[29] }
        let connections = store.lines(of: .connection).map { logFields($0)[11] }
        #expect(requests.count == 3)
        #expect(requests[0] == requests[1] && requests[1] != requests[2])
        #expect(connections == [requests[0], requests[2]])
        #expect(requests[0].hasPrefix("TID_"))
    }

    // MARK: Health checks

    @Test(
        .covers("ALB-HLOG-002", "ALB-HLOG-003", "ALB-HLOG-005", "ALB-HLOG-006", "ALB-HLOG-007"),
        arguments: [
            ("200 OK", "PASS 200 -", nil), ("404 Not Found", "FAIL 404 ResponseCodeMismatch", .responseCodeMismatch),
            ("503 Busy", "FAIL 503 TargetError", .responseCodeMismatch),
            ("", "FAIL - ConnectionReset", .failedHealthChecks),
        ] as [(String, String, TargetHealth.Reason?)]
    )
    func `of health checks tell every probe's result`(
        status: String,
        result: String,
        reason: TargetHealth.Reason?
    ) async throws {
        let store = CollectingStore()
        let probed = try await ProbedServer.start(status: status)
        let running = try await RunningBalancer.start(backends: [probed.port], timeScale: 500, logStore: store) {
            attributes,
            group in
            attributes.deliverLogs()
            group.healthCheck.intervalSeconds = 5
        }
        await running.waitForHealth(reason == nil ? .healthy : .unhealthy)
        #expect(await running.balancer.targetHealth().map(\.health.reason) == [reason])
        await running.stop()
        let lines = store.lines(of: .healthCheck)
        #expect(!lines.isEmpty)
        for line in lines {
            let fields = logFields(line)
            #expect(fields.count == 10)
            #expect(fields[0] == "http")
            #expect(fields[3] == "127.0.0.1:\(probed.port)" && fields[4] == "web")
            #expect(fields[5...7].joined(separator: " ") == result)
            #expect(fields[8].hasPrefix("app/test/") && fields[9] == "127.0.0.1")
        }
        #expect(store.lines(of: .access).isEmpty)
        await probed.stop()
    }
}
