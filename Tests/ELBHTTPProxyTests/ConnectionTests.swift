import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Connections` {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(.covers("ALB-HTTP-014", "ALB-HTTP-015", "ALB-CONN-006", "ALB-CONN-007", "ALB-CONN-008"))
    func `answer pipelined requests in order over one target connection`() async throws {
        let backend = try await TestBackend.start { request, index in
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n#\(index)")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(
            String(repeating: Self.get, count: 5) + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        let answer = await client.receiveAll()
        #expect(answer.ending == .closed)
        #expect(answer.text.split(separator: "#").dropFirst().map { $0.prefix(1) } == ["0", "1", "2", "3", "4", "5"])
        #expect(backend.connections == 1)
        #expect(answer.text.count(of: "Connection: keep-alive") == 5)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-HTTP-019"))
    func `get 100 Continue at once, and the target no Expect`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        let interim = await client.receive { $0.hasSuffix("\r\n\r\n") }
        #expect(interim.text == "HTTP/1.1 100 Continue\r\n\r\n")
        await client.send("abc")
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200"))
        #expect(backend.requests.first?.text.contains("Expect") == false)
        #expect(backend.requests.first?.text.hasSuffix("\r\n\r\nabc") == true)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-HTTP-027", "ALB-HTTP-029"))
    func `carry chunked bodies both ways, trailers included`() async throws {
        let body = "5;x=y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
        let backend = try await TestBackend.start { _, _ in
            .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        for _ in 0..<2 {
            await client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=")
            await client.send("y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
            let answer = await client.receive { $0.hasSuffix("X-Sum: 1\r\n\r\n") }
            #expect(answer.text.hasSuffix("\r\n\r\n" + body))
        }
        #expect(backend.requests.allSatisfy { $0.text.hasSuffix("\r\n\r\n" + body) })
        #expect(backend.connections == 1)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test func `of HTTP 1_0 get chunked bodies without chunks, and a close`() async throws {
        let backend = try await TestBackend.start { _, _ in
            .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let answer = await client.receiveAll()
        #expect(answer.text.hasSuffix("\r\n\r\nabcde"))
        #expect(!answer.text.contains("chunked"))
        #expect(backend.requests.first?.text.contains("Host: test-1.ap-northeast-2.elb.aws.test") == true)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-FIX-008"))
    func `know responses without a body`() async throws {
        let backend = try await TestBackend.start { request, _ in
            if request.hasPrefix("HEAD") { return .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n") }
            if request.contains("/304") { return .bytes("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") }
            return .bytes("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
        }
        let running = try await RunningBalancer.start(backends: [backend.port])
        let client = try await running.connect()
        await client.send(
            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        let answer = await client.receive { $0.contains("204 No Content") && $0.hasSuffix("\r\n\r\n") }
        #expect(answer.text.contains("HTTP/1.1 304"))
        #expect(answer.text.contains("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"))
        #expect(backend.connections == 1)
        client.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-CONN-001", "ALB-ERR-013"))
    func `time out: 408 for half a head, silence for none`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 20) { attributes, _ in
            attributes.idleTimeoutSeconds = 3
        }
        let half = try await running.connect()
        await half.send("GET / HTTP/1.1\r\nHost")
        #expect(await half.receiveAll().text.hasPrefix("HTTP/1.1 408 "))
        let silent = try await running.connect()
        let nothing = await silent.receiveAll()
        #expect(nothing.text.isEmpty)
        #expect(nothing.ending == .closed)
        half.close()
        silent.close()
        await running.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-CONN-003", "ALB-CONN-004", "ALB-CONN-005"))
    func `end with their keep-alive duration, after one more request`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 100) { attributes, _ in
            attributes.clientKeepAliveSeconds = 60
            attributes.idleTimeoutSeconds = 4000
        }
        let client = try await running.connect()
        await client.send(Self.get)
        #expect(await client.receiveResponse().text.contains("Connection: keep-alive"))
        // 60 s of AWS time are 600 ms.
        _ = await client.receive(milliseconds: 650) { _ in false }
        await client.send(Self.get)
        let last = await client.receiveAll()
        #expect(last.text.contains("Connection: close"))
        #expect(last.text.hasSuffix("hello"))
        #expect(last.ending == .closed)
        client.close()
        await running.stop()
        await backend.stop()
    }
}
