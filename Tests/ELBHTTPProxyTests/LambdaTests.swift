import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

/// Requests to a group of type lambda, in front of a scripted Invoke API.
@Suite(.timeLimit(.minutes(1))) struct `A Lambda function` {
    private static let get = "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let function = "arn:aws:lambda:ap-northeast-2:123456789012:function:hello"

    /// The Invoke API's answer with this payload.
    private static func reply(_ payload: String, status: String = "200 OK", fields: String = "") -> TestBackend.Reply {
        .bytes("HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(payload.utf8.count)\r\n\r\n\(payload)")
    }

    private static let hello = Self.reply(
        #"{"isBase64Encoded":false,"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"hello"}"#
    )

    /// A balancer in front of the function.
    private static func start(
        _ port: UInt16,
        timeScale: Double = 1,
        quirks: Set<Quirk> = [],
        configure: @escaping (inout LoadBalancerAttributes, inout TargetGroup) -> Void = { _, _ in }
    ) async throws -> RunningBalancer {
        try await RunningBalancer.start(backends: [port], timeScale: timeScale, quirks: quirks) { attributes, group in
            group.targetType = .lambda
            group.healthCheck = .lambda
            group.targets[0].id = TargetID(rawValue: Self.function)
            configure(&attributes, &group)
        }
    }

    /// Runs `body` with a balancer in front of a function that replies by the script.
    private static func run(
        _ script: @Sendable @escaping (String, Int) -> TestBackend.Reply = { _, _ in Self.hello },
        timeScale: Double = 1,
        quirks: Set<Quirk> = [],
        configure: @escaping (inout LoadBalancerAttributes, inout TargetGroup) -> Void = { _, _ in },
        check body: (RunningBalancer, TestBackend) async throws -> Void
    ) async throws {
        let backend = try await TestBackend.start(script: script)
        let running = try await Self.start(backend.port, timeScale: timeScale, quirks: quirks, configure: configure)
        try await body(running, backend)
        await running.stop()
        await backend.stop()
    }

    /// Fields of an access log line, quoted ones whole.
    private static func fields(_ line: String) -> [String] {
        var fields: [String] = []
        var rest = Substring(line)
        while !rest.isEmpty {
            if rest.first == "\"" {
                let end = rest.dropFirst().firstIndex(of: "\"") ?? rest.endIndex
                fields.append(String(rest.dropFirst()[..<end]))
                rest = rest[end...].dropFirst(2)
            } else {
                let end = rest.firstIndex(of: " ") ?? rest.endIndex
                fields.append(String(rest[..<end]))
                rest = rest[end...].dropFirst()
            }
        }
        return fields
    }

    @Test(.covers("ALB-LMB-002", "ALB-LMB-027", "ALB-LMB-029", "ALB-LOG-014", "ALB-MET-020"))
    func `is invoked, and its answer goes to the client`() async throws {
        try await Self.run { running, backend in
            for _ in 0..<2 {
                let answer = try await running.exchange(Self.get).text
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.contains("Content-Type: text/plain\r\n"))
                #expect(answer.contains("Content-Length: 5\r\n"))
                #expect(answer.hasSuffix("\r\n\r\nhello"))
            }
            let request = try #require(backend.requests.first?.text)
            #expect(request.hasPrefix("POST /2015-03-31/functions/hello/invocations HTTP/1.1\r\n"))
            #expect(request.contains("X-Amz-Invocation-Type: RequestResponse\r\n"))
            #expect(request.contains(#""httpMethod":"GET","path":"/a","queryStringParameters":{"b":""}"#))
            #expect(request.contains(#""x-forwarded-for":"127.0.0.1""#))
            // One connection serves one invocation after the other.
            #expect(backend.connections == 1)
            let health = await running.balancer.targetHealth()
            #expect(health.map(\.health.state) == [.unavailable])
            let metrics = await running.balancer.metrics()
            #expect(metrics.httpCodeTarget2XXCount == 2)
            #expect(metrics.lambdaUserError == 0)
            #expect(metrics.lambdaInternalError == 0)
            #expect(metrics.lambdaTargetProcessedBytes > 400)
            await running.balancer.stop(gracePeriod: .zero)
            let line = Self.fields(try #require(running.log.lines.first))
            #expect(line[4] == "-")
            #expect(line[8] == "200")
            #expect(line[22] == "forward")
            #expect(line[24] == "-")
            #expect(line[25] == "-")
        }
    }

    @Test func `answers HEAD without a body, and several requests of one connection`() async throws {
        try await Self.run { running, _ in
            let client = try await running.connect()
            await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get)
            let text = await client.receive { $0.hasSuffix("hello") }.text
            #expect(text.count(of: "HTTP/1.1 200 OK\r\n") == 2)
            #expect(text.count(of: "Content-Length: 5\r\n") == 2)
            #expect(text.count(of: "hello") == 1)
            client.close()
        }
    }

    @Test(.covers("ALB-LMB-008"))
    func `gets bodies without their chunks`() async throws {
        try await Self.run { running, backend in
            let client = try await running.connect()
            await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"
            )
            await client.send("c\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
            #expect(await client.receiveResponse().text.hasSuffix("hello"))
            #expect(backend.requests.first?.text.contains(#""body":"abcde","isBase64Encoded":false}"#) == true)
            #expect(backend.requests.first?.text.contains("transfer-encoding") == false)
            client.close()
        }
    }

    @Test(
        .covers("ALB-LMB-021", "ALB-LMB-028", "ALB-LOG-029", "ALB-ERR-034", "ALB-MET-020"),
        arguments: [
            ("X-Amz-Function-Error: Unhandled\r\n", "200 OK", "LambdaUnhandled", 502, false),
            ("", "200 OK", "LambdaInvalidResponse", 502, false), ("", "429 x", "LambdaThrottling", 502, false),
            ("", "403 x", "LambdaAccessDenied", 502, false), ("", "500 x", "LambdaServiceException", 502, true),
        ]
    )
    func `that fails is told from one that is not there`(
        field: String,
        api: String,
        reason: String,
        status: Int,
        isInternal: Bool
    ) async throws {
        try await Self.run(
            { _, _ in Self.reply(#""hi""#, status: api, fields: field) },
            check: { running, _ in
                #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 \(status) "))
                let metrics = await running.balancer.metrics()
                #expect(metrics.lambdaInternalError == (isInternal ? 1 : 0))
                #expect(metrics.lambdaUserError == (isInternal ? 0 : 1))
                #expect(metrics.httpCodeELB502Count == 1)
                await running.balancer.stop(gracePeriod: .zero)
                let line = Self.fields(try #require(running.log.lines.first))
                #expect(line[9] == "-")
                #expect(line[24] == reason)
            }
        )
    }

    @Test(.covers("ALB-LMB-013", "ALB-ERR-034"))
    func `that answers too much gives 502`() async throws {
        let payload = String(repeating: "a", count: 1 << 20)
        let json = #"{"isBase64Encoded":false,"statusCode":200,"headers":{},"body":"\#(payload)"}"#
        try await Self.run(
            { _, _ in Self.reply(json) },
            check: { running, _ in
                let answer = try await running.exchange(Self.get)
                #expect(answer.text.hasPrefix("HTTP/1.1 502 "))
                await running.balancer.stop(gracePeriod: .zero)
                #expect(running.log.lines.first?.contains(#" "LambdaResponseTooLarge" "#) == true)
            }
        )
    }

    @Test(.covers("ALB-LMB-012", "ALB-ERR-014"), arguments: [false, true])
    func `gets 1 MB and not a byte more`(isChunked: Bool) async throws {
        try await Self.run { running, backend in
            for excess in 0...1 {
                let body = String(repeating: "a", count: (1 << 20) + excess)
                let framing =
                    isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.utf8.count)"
                let framed = isChunked ? "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n" : body
                let client = try await running.connect()
                await client.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n\(framing)\r\n\r\n\(framed)"
                )
                let status = excess == 0 ? "200" : "413"
                #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 \(status) "))
                client.close()
            }
            #expect(backend.requests.count == 1)
            let metrics = await running.balancer.metrics()
            #expect(metrics.lambdaUserError == 1)
        }
    }

    @Test(.covers("ALB-LMB-011", "ALB-LOG-029"))
    func `is not invoked with what is not UTF-8`() async throws {
        try await Self.run { running, backend in
            let client = try await running.connect()
            await client.send(Array("GET / HTTP/1.1\r\nHost: a\r\nX-A: ".utf8) + [0xe9] + Array("\r\n\r\n".utf8))
            #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 400 "))
            client.close()
            #expect(backend.requests.isEmpty)
            await running.balancer.stop(gracePeriod: .zero)
            #expect(running.log.lines.first?.contains(#" "LambdaBadRequest" "#) == true)
        }
    }

    @Test(.covers("ALB-LMB-024", "ALB-ERR-008", "ALB-HTTP-033"))
    func `has no WebSockets`() async throws {
        try await Self.run { running, backend in
            let text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"
            let answer = try await running.exchange(text)
            #expect(answer.text.hasPrefix("HTTP/1.1 400 "))
            #expect(backend.requests.isEmpty)
            await running.balancer.stop(gracePeriod: .zero)
            #expect(running.log.lines.first?.contains(#" "LambdaWebsocketNotSupported" "#) == true)
        }
    }

    @Test(.covers("ALB-LMB-023"))
    func `may take longer than the idle timeout`() async throws {
        let json = #"{"isBase64Encoded":false,"statusCode":200,"headers":{}}"#
        let text = "HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
        try await Self.run(
            { _, _ in .drip([text], milliseconds: 1200) },
            timeScale: 10,
            configure: { attributes, _ in attributes.idleTimeoutSeconds = 4 },
            check: { running, _ in
                let answer = try await running.exchange(Self.get)
                #expect(answer.text.hasPrefix("HTTP/1.1 200 "))
            }
        )
    }

    @Test(.covers("ALB-LOG-019"))
    func `is handed an upload whose time counts as the request's`() async throws {
        try await Self.run { running, _ in
            let client = try await running.connect()
            await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
            try await Task.sleep(for: .milliseconds(300))
            await client.send("b")
            #expect(await client.receiveResponse().text.hasSuffix("hello"))
            client.close()
            await running.balancer.stop(gracePeriod: .zero)
            let line = Self.fields(try #require(running.log.lines.first))
            #expect((Double(line[5]) ?? 0) >= 0.25)
            #expect((Double(line[6]) ?? 1) < 0.25)
        }
    }

    @Test(.covers("ALB-LMB-028", "ALB-LOG-029", "ALB-MET-009"))
    func `whose API refuses connections gives 502 and is no connection error of a target`() async throws {
        let port = try RunningBalancer.freePort()
        let running = try await Self.start(port.rawValue)
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 502 "))
        let metrics = await running.balancer.metrics()
        #expect(metrics.lambdaInternalError == 1)
        #expect(metrics.targetConnectionErrorCount == 0)
        await running.stop()
        #expect(running.log.lines.first?.contains(#" "LambdaConnectionError" "#) == true)
    }

    @Test(.covers("ALB-LMB-022", "ALB-ERR-043", "ALB-LOG-029"))
    func `whose API lets nobody connect gives 504`() async throws {
        let server = try MuteServer(isFull: true)
        let running = try await Self.start(server.port, timeScale: 20)
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 504 "))
        await running.stop()
        server.close()
        #expect(running.log.lines.first?.contains(#" "LambdaConnectionTimeout" "#) == true)
    }

    @Test(.covers("ALB-DRG-010"))
    func `that is deregistered fails what it was asked`() async throws {
        let backend = try await TestBackend.start { _, _ in .silence }
        var running = try await Self.start(backend.port)
        let client = try await running.connect()
        await client.send(Self.get)
        while backend.requests.isEmpty { await Task.yield() }
        running.targetGroups[0].targets = []
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 502 "))
        client.close()
        #expect(try await running.exchange(Self.get).text.hasPrefix("HTTP/1.1 503 "))
        await running.stop()
        await backend.stop()
    }

    @Test func `is let go when its client leaves`() async throws {
        try await Self.run(
            { _, _ in .silence },
            check: { running, backend in
                let client = try await running.connect()
                await client.send(Self.get)
                while backend.requests.isEmpty { await Task.yield() }
                client.close()
                while backend.openConnections > 0 { await Task.yield() }
                await running.balancer.stop(gracePeriod: .zero)
                #expect(running.log.lines.first?.contains(" 460 - ") == true)
            }
        )
    }

    @Test(.covers("ALB-LMB-025", "ALB-HC-028"))
    func `is probed by invoking it when checks are on`() async throws {
        // The scripted API answers probes with an empty payload, which is no answer of a function.
        try await Self.run(
            timeScale: 20,
            configure: { _, group in
                group.healthCheck.isEnabled = true
                group.healthCheck.intervalSeconds = 5
                group.healthCheck.timeoutSeconds = 4
            },
            check: { running, _ in
                await running.waitForHealth(.unhealthy)
                let health = await running.balancer.targetHealth()
                #expect(health.map(\.health.reason) == [.failedHealthChecks])
                // With nobody healthy all get requests.
                let answer = try await running.exchange(Self.get)
                #expect(answer.text.hasSuffix("hello"))
            }
        )
    }

    @Test(arguments: [
        (Quirk.lambdaErrorAs500, "500"), (.lambdaIncompleteAccepted, "502"),
    ])
    func `deviates as a quirk says`(quirk: Quirk, status: String) async throws {
        try await Self.run(
            { _, _ in Self.reply("[]") },
            quirks: [quirk],
            check: { running, _ in
                let answer = try await running.exchange(Self.get)
                #expect(answer.text.hasPrefix("HTTP/1.1 \(status) "))
            }
        )
    }
}
