import ELBFleet
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An instance's size` {
    @Test func `one worker serves one at a time, first come first served`() async throws {
        try await withBackend(BackendDescription(name: "Nano", type: .t3Nano)) { backend in
            var clients: [RawClient] = []
            for number in 1...10 {
                let client = try await RawClient.connect(backend.port)
                try await client.send("GET /\(number) HTTP/1.1\r\n\r\n")
                clients.append(client)
            }
            let records = try await backend.waitForRecords(count: 10)
            let settled = records.compactMap(\.settledNanoseconds)
            #expect(settled.count == 10)
            // Each answer comes at least a service time behind the one before: nothing is served side by side.
            for (earlier, later) in zip(settled, settled.dropFirst()) {
                #expect(later >= earlier + 19_000_000)
            }
            for client in clients { await client.close() }
        }
    }

    @Test func `a line forms, and a larger size serves it at once`() async throws {
        try await withBackend(BackendDescription(name: "Nano", type: .t3Nano)) { backend in
            try await backend.set(FaultRule(.slow(milliseconds: 60_000), count: 1))
            var clients: [RawClient] = []
            for _ in 0..<4 {
                let client = try await RawClient.connect(backend.port)
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                clients.append(client)
                _ = try await backend.waitForRecords(count: clients.count, settled: false)
            }
            let before = await backend.status()
            #expect((before.serving, before.waiting) == (1, 3))
            try await backend.resize(to: .t3Medium)
            let settled = try await backend.waitForRecords(count: 3)
            #expect(settled.map(\.sequence) == [2, 3, 4])
            #expect(await backend.status().type == "t3.medium")
        }
    }

    @Test func `who gives up while waiting leaves the line`() async throws {
        try await withBackend(BackendDescription(name: "Nano", type: .t3Nano)) { backend in
            try await backend.set(FaultRule(.slow(milliseconds: 60_000), count: 1))
            let first = try await RawClient.connect(backend.port)
            try await first.send("GET /1 HTTP/1.1\r\n\r\n")
            _ = try await backend.waitForRecords(count: 1, settled: false)
            let second = try await RawClient.connect(backend.port)
            try await second.send("GET /2 HTTP/1.1\r\n\r\n")
            _ = try await backend.waitForRecords(count: 2, settled: false)
            await second.close()
            let gone = try await backend.waitForRecords(count: 1)
            #expect(gone.map(\.target) == ["/2"] && gone.map(\.outcome) == [.peerGone])
            #expect(await backend.status().waiting == 0)
            await first.close()
        }
    }
}
