import ELBFleet
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A log's pages` {
    private func page(_ fleet: Fleet, _ query: LogQuery) async throws -> RecordPage {
        guard case .log(let logs) = await fleet.perform(.log(.all, query)) else {
            throw BackendError(.childFailed, "no log")
        }
        return try #require(logs.first).page
    }

    @Test func `hold what was asked for and lead to the next one`() async throws {
        let fleet = Fleet()
        let port = try await self.start(fleet)
        let client = try await RawClient.connect(port)
        for number in 1...6 {
            let path = number.isMultiple(of: 2) ? "/health" : "/?odd"
            try await client.send("GET \(path) HTTP/1.1\r\nX-Request-Id: load-1-\(number)\r\n\r\n")
        }
        _ = try await fleet.backend("WebA")?.waitForRecords(count: 6)

        let first = try await self.page(fleet, LogQuery(limit: 2, kind: .traffic))
        #expect(first.records.map(\.sequence) == [1, 3] && first.hasMore)
        let second = try await self.page(fleet, LogQuery(after: 3, limit: 2, kind: .traffic))
        #expect(second.records.map(\.sequence) == [5] && !second.hasMore)
        #expect(try await self.page(fleet, LogQuery(containing: "load-1-4")).records.map(\.sequence) == [4])
        #expect(try await self.page(fleet, LogQuery(containing: "odd")).records.count == 3)
        #expect(try await self.page(fleet, LogQuery(containing: "odd", kind: .probe)).records.isEmpty)
        #expect(try await self.page(fleet, LogQuery(after: .max)).records.isEmpty)
        #expect(try await self.page(fleet, LogQuery(after: .min)).records.count == 6)
        await fleet.shutDown()
    }

    @Test(arguments: [nil, "big"]) func `end at 8 MiB of heads and bodies`(containing: String?) async throws {
        let fleet = Fleet()
        let port = try await self.start(fleet, bodyLimit: 3 << 20)
        let client = try await RawClient.connect(port)
        let body = [UInt8](repeating: 0x61, count: 3 << 20)
        for _ in 1...4 {
            try await client.send(Array("POST /big HTTP/1.1\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
        }
        _ = try await fleet.backend("WebA")?.waitForRecords(count: 4)
        let first = try await self.page(fleet, LogQuery(containing: containing))
        #expect(first.records.map(\.sequence) == [1, 2] && first.hasMore)
        let second = try await self.page(fleet, LogQuery(after: 2, containing: containing))
        #expect(second.records.map(\.sequence) == [3, 4] && !second.hasMore)
        await fleet.shutDown()
    }

    private func start(_ fleet: Fleet, bodyLimit: Int = 1024) async throws -> Int {
        var description = withHealthPath()
        description.bodyLimit = bodyLimit
        let status = try #require(try await fleet.launch([description]).first)
        return Int(try #require(status.ports.first))
    }
}
