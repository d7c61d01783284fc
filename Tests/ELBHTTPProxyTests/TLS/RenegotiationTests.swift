import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Renegotiation` {
    @Test(.covers("ALB-TLS-006")) func `by a client ends its connection`() async throws {
        let secure = try await SecureBalancer.start()
        let endpoint = Endpoint(address: .loopback, port: secure.port)
        let outcome = await ThreadPool(threads: 1).run {
            Result {
                let client = try BareTLSClient(to: endpoint)
                try client.send(.data, Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                let answer = try client.receive()
                try client.renegotiate()
                // At most an alert comes before the end.
                var refusals: [BareTLSClient.Content] = []
                while let (content, _) = try client.receive() { refusals.append(content) }
                return (String(decoding: answer?.1 ?? [], as: UTF8.self), refusals)
            }
        }
        await secure.stop()
        let (answer, refusals) = try outcome.get()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(refusals.allSatisfy { $0 == .alert })
    }
}
