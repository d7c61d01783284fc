import ELBConformance
import ELBFleet
import ELBModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct `gRPC between backends and clients` {
    private static func call(
        _ path: String,
        _ messages: [[UInt8]],
        metadata: [CurlHeader] = [],
        at endpoint: Endpoint,
        tls: Bool = false,
        within limit: Duration = .seconds(10)
    ) async throws -> GRPCClient.Outcome {
        try await onThread {
            let stream: any ByteStream =
                tls
                ? try TLSConnection(to: endpoint, within: .seconds(5))
                : try RawConnection(to: endpoint, within: .seconds(5))
            let client = GRPCClient(over: HTTP2Connection(over: stream), authority: "api.example")
            return client.call(path, messages, metadata: metadata, within: limit)
        }
    }

    @Test(arguments: [false, true])
    func `all four kinds of calls echo, in clear text and in TLS`(isTLS: Bool) async throws {
        let a = Array("a".utf8)
        let b = Array("bb".utf8)
        try await withBackend(.grpc, tls: isTLS ? BackendTLS() : nil) { backend, endpoint in
            for (method, sent, expected) in [
                ("Unary", [a], [a]), ("ServerStream", [a], [a, a, a]), ("ClientStream", [a, b], [a + b]),
                ("Bidirectional", [a, b, a], [a, b, a]),
            ] {
                let outcome = try await Self.call("/elblab.Echo/\(method)", sent, at: endpoint, tls: isTLS)
                #expect(outcome.messages == expected, "\(method)")
                #expect(outcome.status == 0, "\(method)")
                #expect(outcome.answer.trailer("grpc-status") == "0", "\(method)")
            }
            #expect(await backend.records().map(\.grpcStatus) == [0, 0, 0, 0])
        }
    }

    @Test func `a bidirectional call answers while it is asked`() async throws {
        try await withBackend(.grpc) { _, endpoint in
            let counts = try await onThread {
                let connection = HTTP2Connection(over: try RawConnection(to: endpoint, within: .seconds(5)))
                let client = GRPCClient(over: connection, authority: "api.example")
                let call = client.open("/elblab.Echo/Bidirectional")
                client.send([1], on: call)
                let first = client.messages(1, on: call).count
                client.send([2], on: call)
                let second = client.messages(2, on: call).count
                client.finish(call)
                return [first, second, client.outcome(of: call).status ?? -1]
            }
            #expect(counts == [1, 2, 0])
        }
    }

    @Test func `health can be asked for, and unknown methods are not implemented`() async throws {
        let refusing = { (behaviour: inout BackendBehaviour) in behaviour.grpcStatuses = ["/a.B/C": 7] }
        try await withBackend(.grpc, configuredBy: refusing) { backend, endpoint in
            let health = try await Self.call("/grpc.health.v1.Health/Check", [[]], at: endpoint)
            #expect(health.messages == [[0x08, 0x01]])
            let service = [0x0A, 11] + Array("elblab.Echo".utf8)
            #expect(try await Self.call("/grpc.health.v1.Health/Check", [service], at: endpoint).status == 0)
            #expect(try await Self.call("/grpc.health.v1.Health/Check", [[0x0A, 1, 0x78]], at: endpoint).status == 5)
            let unknown = try await Self.call("/AWS.ALB/healthcheck", [[]], at: endpoint)
            #expect(unknown.status == 12)
            #expect(unknown.answer.status == 200)
            #expect(unknown.answer.trailers.isEmpty)
            #expect(try await Self.call("/a.B/C", [[]], at: endpoint).status == 7)
            let asked = [CurlHeader("elb-grpc-status", "9"), CurlHeader("elb-grpc-message", "a 50% chance")]
            let outcome = try await Self.call("/elblab.Echo/Unary", [[1]], metadata: asked, at: endpoint)
            #expect(outcome.status == 9)
            #expect(outcome.message == "a 50%25 chance")
            try await backend.set(.fail(status: 14))
            #expect(try await Self.call("/elblab.Echo/Unary", [[1]], at: endpoint).status == 14)
            try await backend.set(.fail(status: 503))
            #expect(try await Self.call("/elblab.Echo/Unary", [[1]], at: endpoint).answer.status == 503)
        }
    }

    @Test func `a call that is late is cancelled, and the backend hears of it`() async throws {
        try await withBackend(.grpc) { backend, endpoint in
            try await backend.set(.hang)
            let outcome = try await Self.call("/elblab.Echo/Unary", [[1]], at: endpoint, within: .milliseconds(200))
            #expect(outcome.isLate)
            let record = try #require(try await backend.waitForRecords(count: 1).first)
            #expect(record.outcome == .peerGone)
            #expect(record.values(of: "grpc-timeout") == ["200m"])
        }
    }

    @Test func `what is not gRPC is answered 415`() async throws {
        try await withBackend(.grpc) { _, endpoint in
            let request = CurlRequest("GET", "http://\(endpoint)/", version: .http2PriorKnowledge)
            let response = try await CurlClient().perform(request).get()
            #expect(response.status == 415)
        }
    }
}
