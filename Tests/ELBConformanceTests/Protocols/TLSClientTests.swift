import ELBConformance
import ELBFleet
import ELBModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct `TLS between backends and clients` {
    static let curl = CurlClient()

    static func get(_ endpoint: Endpoint, timeout: Duration = .seconds(10)) async -> CurlOutcome {
        var request = CurlRequest("GET", "https://\(endpoint)/", connection: .fresh, timeout: timeout)
        request.verifiesCertificate = false
        return await self.curl.perform(request)
    }

    @Test func `the record tells the version, ALPN's choice and the name asked for`() async throws {
        try await withBackend(.http, tls: BackendTLS()) { backend, endpoint in
            let port = endpoint.port
            var request = CurlRequest("GET", "https://shop.example:\(port)/")
            request.resolve = ["shop.example:\(port):\(endpoint.address)"]
            request.verifiesCertificate = false
            #expect(try await Self.curl.perform(request).get().version == "HTTP/1.1")
            let tls = try #require(await backend.records().first?.tls)
            #expect(tls.serverName == "shop.example")
            #expect(tls.applicationProtocol == "http/1.1")
            #expect(tls.version == "1.3")
        }
    }

    @Test func `versions are kept to`() async throws {
        var tls = BackendTLS()
        tls.maximumVersion = .v1_2
        try await withBackend(.http, tls: tls) { backend, endpoint in
            let response = try await Self.get(endpoint).get()
            #expect(response.status == 200)
            #expect(await backend.records().first?.tls?.version == "1.2")
        }
    }

    @Test func `a flawed server speaks clear text, or says nothing at all`() async throws {
        var tls = BackendTLS()
        tls.flaw = .plainText
        try await withBackend(.http, tls: tls) { backend, endpoint in
            guard case .failure = await Self.get(endpoint) else {
                Issue.record("there was a handshake")
                return
            }
            #expect(await backend.records().map(\.outcome) == [.malformed])
            let response = try await Self.curl.perform(CurlRequest("GET", "http://\(endpoint)/")).get()
            #expect(response.status == 200)
        }
        tls.flaw = .silent
        try await withBackend(.http, tls: tls) { backend, endpoint in
            guard case .failure(let failure) = await Self.get(endpoint, timeout: .milliseconds(300)) else {
                Issue.record("there was a handshake")
                return
            }
            #expect(failure.kind == .timeout)
            #expect(await backend.records().isEmpty)
        }
    }

    @Test func `faults of the machine hold for connections in TLS`() async throws {
        try await withBackend(.http, tls: BackendTLS()) { backend, endpoint in
            try await backend.set(.reset)
            guard case .failure = await Self.get(endpoint) else {
                Issue.record("a reset was answered")
                return
            }
            try await backend.heal()
            try await backend.set(.cut)
            guard case .failure(let silent) = await Self.get(endpoint, timeout: .milliseconds(300)) else {
                Issue.record("a cut machine answered")
                return
            }
            #expect(silent.kind == .timeout)
            try await backend.heal()
            #expect(try await Self.get(endpoint).get().status == 200)
        }
    }
}
