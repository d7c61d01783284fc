import ELBFleet
import ELBModel
import ELBTestSupport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A backend's faults` {
    /// One request on a connection of its own; everything until the server closes it.
    private func exchange(
        _ backend: Backend,
        _ path: String = "/"
    ) async throws -> (text: String, ending: RawClient.Ending) {
        let client = try await RawClient.connect(backend.port)
        try await client.send("GET \(path) HTTP/1.1\r\nConnection: close\r\n\r\n")
        let (bytes, ending) = try await client.receivedUntilEnd()
        return (String(decoding: bytes, as: UTF8.self), ending)
    }

    private func status(_ backend: Backend, _ path: String = "/") async throws -> String {
        let line = try await self.exchange(backend, path).text.prefix { $0 != "\r\n" }
        return String(line.dropFirst("HTTP/1.1 ".count).prefix(3))
    }

    @Test func `fail answers the status until healed`() async throws {
        try await withBackend { backend in
            try await backend.set(.fail(status: 503))
            #expect(try await self.status(backend) == "503")
            #expect(try await self.status(backend) == "503")
            try await backend.heal()
            #expect(try await self.status(backend) == "200")
            #expect(await backend.records().map(\.fault) == ["fail 503", "fail 503", nil])
        }
    }

    @Test func `a rule meets the requests of its scope, from one on, so many times`() async throws {
        try await withBackend(withHealthPath()) { backend in
            try await backend.set(FaultRule(.fail(status: 500), scope: .health, after: 1, count: 2))
            var probes: [String] = []
            for _ in 0..<5 {
                #expect(try await self.status(backend, "/") == "200")
                probes.append(try await self.status(backend, "/health"))
            }
            #expect(probes == ["200", "500", "500", "200", "200"])
        }
    }

    @Test func `a script answers probes one by one`() async throws {
        try await withBackend(withHealthPath()) { backend in
            try await backend.setHealthScript([.status(200), .status(500), .reset, .close, .late(milliseconds: 1)])
            #expect(try await self.status(backend, "/health") == "200")
            #expect(try await self.status(backend) == "200")
            #expect(try await self.status(backend, "/health?x") == "500")
            #expect(try await self.exchange(backend, "/health").ending == .reset)
            let closed = try await self.exchange(backend, "/health")
            #expect(closed.ending == .inOrder && closed.text.isEmpty)
            #expect(try await self.status(backend, "/health") == "200")
            #expect(try await self.status(backend, "/health") == "200")
            let probes = await backend.records().filter { $0.kind == .probe }
            #expect(probes.map(\.probeNumber) == [1, 2, 3, 4, 5, 6])
            let faults = ["script 200", "script 500", "script reset", "script close", "script late:1", nil]
            #expect(probes.map(\.fault) == faults)
            #expect(probes.map(\.outcome) == [.answered, .answered, .dropped, .dropped, .answered, .answered])
        }
    }

    @Test func `hang reads and never answers, until the peer gives up`() async throws {
        try await withBackend { backend in
            try await backend.set(.hang)
            let client = try await RawClient.connect(backend.port)
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            let arrived = try await backend.waitForRecords(count: 1, settled: false)
            #expect(arrived.map(\.isSettled) == [false])
            await client.close()
            #expect(try await backend.waitForRecords(count: 1).map(\.outcome) == [.peerGone])
        }
    }

    @Test func `reset ends the connection with a RST`() async throws {
        try await withBackend { backend in
            try await backend.set(.reset)
            let (text, ending) = try await self.exchange(backend)
            #expect(text.isEmpty && ending == .reset)
            #expect(await backend.records().map(\.outcome) == [.dropped])
        }
    }

    @Test func `truncate announces more than it sends`() async throws {
        try await withBackend { backend in
            try await backend.set(.truncate)
            let (text, ending) = try await self.exchange(backend)
            #expect(text.contains("Content-Length: 12\r\n") && text.hasSuffix("\r\n\r\nWebA z"))
            #expect(ending == .inOrder)
        }
    }

    @Test func `garbage is not HTTP`() async throws {
        try await withBackend { backend in
            try await backend.set(.garbage)
            #expect(try await !self.exchange(backend).text.hasPrefix("HTTP/"))
        }
    }

    @Test func `refuse closes the port and lets connections go on; healing opens it again`() async throws {
        try await withBackend { backend in
            let standing = try await RawClient.connect(backend.port)
            try await standing.send("GET / HTTP/1.1\r\n\r\n")
            _ = try await standing.received(endingWith: "\n")
            try await backend.set(.refuse)
            await #expect(throws: (any Error).self) { try await RawClient.connect(backend.port) }
            try await standing.send("GET /again HTTP/1.1\r\n\r\n")
            #expect(try await backend.waitForRecords(count: 2).map(\.target) == ["/", "/again"])
            try await backend.heal()
            #expect(try await self.status(backend) == "200")
        }
    }

    @Test func `cut answers no SYN and silences what stands; healing resets that`() async throws {
        try await withBackend { backend in
            let standing = try await RawClient.connect(backend.port)
            try await standing.send("GET / HTTP/1.1\r\n\r\n")
            _ = try await standing.received(endingWith: "\n")
            try await backend.set(.cut)
            let error = await #expect(throws: (any Error).self) {
                try await RawClient.connect(backend.port, timeout: .milliseconds(300))
            }
            // A refusal would be an answer; a cut gives none.
            #expect("\(String(describing: error))".contains("timeout"))
            try await standing.send("GET /unheard HTTP/1.1\r\n\r\n")
            #expect(await backend.status().state == .cut)
            try await backend.heal()
            #expect(try await standing.receivedUntilEnd().ending == .reset)
            #expect(try await self.status(backend) == "200")
            #expect(await backend.records().map(\.target) == ["/", "/"])
            #expect(await backend.records().map(\.connection) == [1, 2])
        }
    }

    @Test func `stop drops requests under way and is told to those who wait`() async throws {
        try await withBackend { backend in
            try await backend.set(.hang)
            let client = try await RawClient.connect(backend.port)
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            _ = try await backend.waitForRecords(count: 1, settled: false)
            await backend.stop()
            #expect(try await client.receivedUntilEnd().bytes.isEmpty)
            #expect(await backend.records().map(\.outcome) == [.backendGone])
            #expect(await backend.status().state == .stopped)
            await #expect(throws: (any Error).self) { try await RawClient.connect(backend.port) }
        }
    }

    @Test(arguments: [
        FaultRule(.fail(status: 99)), FaultRule(.fail(status: 600)), FaultRule(.slow(milliseconds: -1)),
        FaultRule(.hang, after: -1), FaultRule(.hang, count: 0),
    ])
    func `that make no sense are refused`(rule: FaultRule) async throws {
        try await withBackend { backend in
            await #expect(throws: BackendError.self) { try await backend.set(rule) }
        }
    }
}
