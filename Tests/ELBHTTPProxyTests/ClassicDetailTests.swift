import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBTestSupport
import Glibc
import Testing

/// What a Classic Load Balancer does with requests that could be understood in two ways.
@Suite(.timeLimit(.minutes(2))) struct `Desync mitigation of a Classic Load Balancer` {
    private struct Sample: Sendable {
        var text: String
        var desyncClass: DesyncClass

        init(_ desyncClass: DesyncClass, _ head: String, body: String = "") {
            self.text = head + "\r\nHost: a\r\n\r\n" + body
            self.desyncClass = desyncClass
        }
    }

    private static let chunk = "0\r\n\r\n"

    // CLB-DS-004, -005 and -006, in their order. What no reader can find the end of is refused in every mode, and not here.
    private static let samples = [
        Sample(.compliant, "GET / HTTP/1.1"),
        Sample(.acceptable, "GET / HTTP/1.1\r\nX-A: caf\u{e9}"),
        Sample(.acceptable, "GET / HTTP/1.1\r\nX-A: a\u{1}b"),
        Sample(.acceptable, "GET / HTTP/1.3"),
        Sample(.acceptable, "GET / HTTP/1.1\r\nContent-Length: 0"),
        Sample(.acceptable, "GET /a b HTTP/1.1"),
        Sample(.ambiguous, "GET /a\u{1}b HTTP/1.1"),
        Sample(
            .ambiguous,
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
            body: Self.chunk
        ),
        Sample(.ambiguous, "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2", body: "ab"),
        Sample(.ambiguous, "GET / HTTP/1.1\r\n: x"),
        Sample(.ambiguous, "POST / HTTP/1.1\r\nContent_Length: 5"),
        Sample(.ambiguous, "GET / HTTP/1.1\r\nContent-Length: 2", body: "ab"),
        Sample(.ambiguous, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked", body: Self.chunk),
    ]

    private static let severe = [
        "GET /a\u{0}b HTTP/1.1", "GET /a\rb HTTP/1.1", "POST / HTTP/1.1\r\nContent-Length: 1x",
        "GET / HTTP/1.1\r\nX-A: a\u{0}b", "GET / HTTP/1.1\r\nX-A: a\rX-B: b",
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked", "G<T / HTTP/1.1", "GET / HTTP/x.1",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ]

    private static func start(_ mode: LoadBalancerAttributes.DesyncMitigationMode) async throws -> RunningClassic {
        try await RunningClassic.start(
            instances: 1,
            configure: { $0.attributes.desyncMitigationMode = mode },
            script: { _, _, _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") }
        )
    }

    @Test(
        .covers("CLB-DS-002", "CLB-DS-003", "CLB-DS-004", "CLB-DS-005"),
        arguments: LoadBalancerAttributes.DesyncMitigationMode.allCases
    )
    func `lets in what the mode allows, and closes behind what is ambiguous`(
        mode: LoadBalancerAttributes.DesyncMitigationMode
    ) async throws {
        let running = try await Self.start(mode)
        for sample in Self.samples {
            let before = running.backends[0].requests.count
            let client = try await RawClient.connect(port: running.port)
            await client.send(sample.text)
            let answer = await client.receiveResponse().text
            let verdict = DesyncVerdict(desyncClass: sample.desyncClass, reason: nil)
            let label = Comment(rawValue: "\(mode): \(sample.text.debugDescription)")
            let isRefused = verdict.handling(in: mode) == .refuse
            #expect(answer.hasPrefix(isRefused ? "HTTP/1.1 400 BAD_REQUEST\r\n" : "HTTP/1.1 200 OK\r\n"), label)
            #expect(running.backends[0].requests.count == before + (isRefused ? 0 : 1), label)
            if verdict.handling(in: mode) == .forward {
                // The connection is good for another one.
                await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200 OK\r\n"), label)
            } else {
                #expect(await client.receive { _ in false }.ending != .timedOut, label)
            }
            client.close()
        }
        await running.stop()
    }

    @Test(.covers("CLB-DS-002", "CLB-DS-003", "CLB-DS-006", "CLB-ER-001"))
    func `refuses what is severe, and no instance hears of it`() async throws {
        let running = try await Self.start(.defensive)
        for head in Self.severe {
            let client = try await RawClient.connect(port: running.port)
            await client.send(head + "\r\nHost: a\r\n\r\n")
            let answer = await client.receive { _ in false }
            #expect(
                answer.text.hasPrefix("HTTP/1.1 400 BAD_REQUEST\r\n") && answer.ending != .timedOut,
                "\(head.debugDescription)"
            )
            client.close()
        }
        #expect(running.backends[0].requests.isEmpty)
        await running.stop()
    }

    @Test(.covers("CLB-DS-007", "CLB-LG-010"))
    func `counts what is not compliant, let in or not`() async throws {
        let running = try await Self.start(.defensive)
        for head in ["GET / HTTP/1.1", "GET / HTTP/1.3", "GET / HTTP/1.1\r\n: x", "G<T / HTTP/1.1"] {
            _ = try await running.exchange(head + "\r\nHost: a\r\n\r\n")
        }
        let series = await running.balancer.metrics().series()
        let counted = series.first { $0.metric == .desyncNonCompliantRequestCount && $0.dimensions.zone == nil }
        #expect(counted?.total?.sum == 3)
        #expect(counted?.namespace == "AWS/ELB")
        await running.stop()
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Connections of a Classic Load Balancer` {
    private static func ok(_ body: String = "x") -> TestBackend.Reply {
        .bytes("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test(.covers("CLB-HD-007"))
    func `end after the response when the client says so, and only then`() async throws {
        let running = try await RunningClassic.start(instances: 1) { _, _, _ in Self.ok() }
        let client = try await RawClient.connect(port: running.port)
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await client.receiveResponse().text.hasPrefix("HTTP/1.1 200 "))
        await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let last = await client.receive { _ in false }
        #expect(last.text.hasPrefix("HTTP/1.1 200 ") && last.ending == .closed)
        client.close()
        await running.stop()
    }
}
