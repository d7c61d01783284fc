import ELBConformance
import ELBFleet
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Clients` {
    private func backend() async throws -> (Backend, Endpoint) {
        let backend = try await Backend.start(BackendDescription(name: "web"))
        return (backend, try #require(backend.endpoints.first))
    }

    @Test func `libcurl's answers come back in the order of the requests`() async throws {
        let (backend, endpoint) = try await self.backend()
        let requests = (0..<20).map { CurlRequest("GET", "http://\(endpoint)/?elb-body-bytes=\($0)") }
        let outcomes = await CurlClient(parallelism: 4).perform(requests)
        #expect(try outcomes.map { try $0.get().body.count } == Array(0..<20))
        await backend.stop()
    }

    @Test func `requests in order share a connection`() async throws {
        let (backend, endpoint) = try await self.backend()
        let requests = Array(repeating: CurlRequest("GET", "http://\(endpoint)/"), count: 3)
        let outcomes = await CurlClient(parallelism: 2).performInOrder(requests)
        #expect(try outcomes.map { try $0.get().openedConnection } == [true, false, false])
        await backend.stop()
    }

    @Test func `bodies, repeated headers and empty values are sent as they are`() async throws {
        let (backend, endpoint) = try await self.backend()
        let headers = [CurlHeader("X-A", "1"), CurlHeader("X-A", "2"), CurlHeader("X-Empty", "")]
        let pieces = [Array("hello ".utf8), Array("world".utf8)]
        let outcome = await CurlClient(parallelism: 1).perform(
            CurlRequest("PUT", "http://\(endpoint)/a/../b", headers: headers, body: .chunked(pieces))
        )
        #expect(try outcome.get().status == 200)
        let record = try #require(await backend.records().first)
        #expect(record.method == "PUT" && record.target == "/a/../b" && record.body.text == "hello world")
        #expect(record.values(of: "X-A") == ["1", "2"] && record.values(of: "X-Empty") == [""])
        #expect(record.values(of: "Expect").isEmpty)
        await backend.stop()
    }

    @Test func `failures are values of their own kind`() async throws {
        let (backend, endpoint) = try await self.backend()
        let client = CurlClient(parallelism: 1)
        let kind = { (path: String) async -> CurlFailure.Kind? in
            let request = CurlRequest(
                "GET",
                "http://\(endpoint)\(path)",
                connection: .fresh,
                timeout: .milliseconds(300)
            )
            guard case .failure(let failure) = await client.perform(request) else { return nil }
            return failure.kind
        }
        #expect(await kind("/?elb-delay=2000") == .timeout)
        #expect(await kind("/?elb-body-bytes=100&elb-truncate=10") == .connectionLost)
        try await backend.set(.close)
        #expect(await kind("/") == .emptyReply)
        await backend.stop()
        #expect(await kind("/") == .connectionRefused)
    }

    @Test func `a raw connection reads pipelined answers, chunks and trailers`() async throws {
        let (backend, endpoint) = try await self.backend()
        let text =
            "HEAD /?elb-body-bytes=9 HTTP/1.1\r\nHost: a\r\n\r\n"
            + "GET /?elb-body-bytes=5000&elb-trailer=X-Sum:1 HTTP/1.1\r\nHost: a\r\n\r\n"
        let outcome = await RawClient(parallelism: 1).send(
            Array(text.utf8),
            to: endpoint,
            methods: ["HEAD", "GET"],
            answers: 2
        )
        let answers = outcome.answers(to: ["HEAD", "GET"])
        #expect(answers.map(\.body.count) == [0, 5000])
        #expect(answers.last?.trailers == [CurlHeader("X-Sum", "1")])
        await backend.stop()
    }
}
