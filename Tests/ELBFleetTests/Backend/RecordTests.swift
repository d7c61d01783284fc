import ELBFleet
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A backend's records` {
    @Test func `hold a head byte for byte, in the case and order it was sent`() async throws {
        try await withBackend { backend in
            let head = "GET /a%20b?x=1 HTTP/1.1\r\nhOST:  WeB.example \r\nX-Two: 2\r\nX-one: 1\r\nX-Two: again\r\n\r\n"
            let client = try await RawClient.connect(backend.port)
            try await client.send(head)
            let answer = try await client.received(endingWith: "WebA zone a\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let record = try #require(try await backend.waitForRecords(count: 1).first)
            #expect(record.rawHead.text == head)
            #expect(record.method == "GET")
            #expect(record.target == "/a%20b?x=1")
            #expect(record.path == "/a%20b")
            #expect(record.headers.map(\.name) == ["hOST", "X-Two", "X-one", "X-Two"])
            #expect(record.values(of: "x-two") == ["2", "again"])
            #expect((record.sequence, record.connection, record.requestOnConnection) == (1, 1, 1))
            #expect(record.peerAddress == "127.0.0.1")
            #expect(record.localPort == backend.port)
            #expect(record.outcome == .answered)
            #expect(record.status == 200)
            #expect(record.requestCompleted)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `are the same however the bytes are cut`(size: Int) async throws {
        let first = "POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n"
        let body = "5\r\nab\ncd\r\n3;x=y\r\n\n\n\n\r\n0\r\nT: v\r\n\r\n"
        let second = "PUT /two HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
        let third = "PURGE /three HTTP/1.1\r\nHost: a\r\n\r\n"
        let bytes = Array("\(first)\(body)\(second)\n\r\n!\(third)".utf8)
        try await withBackend { backend in
            let client = try await RawClient.connect(backend.port)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try await client.send(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            let records = try await backend.waitForRecords(count: 3)
            #expect(records.map(\.rawHead.text) == [first, second, third])
            #expect(records.map(\.method) == ["POST", "PUT", "PURGE"])
            #expect(records.map(\.body.text) == ["ab\ncd\n\n\n", "\n\r\n!", ""])
            #expect(records.map(\.requestOnConnection) == [1, 2, 3])
            #expect(records[0].trailers == [RecordedField(name: "T", value: "v")])
            #expect(records[0].bodyChecksum == BodyChecksum.of(Array("ab\ncd\n\n\n".utf8)))
        }
    }

    @Test func `keep the beginning of a long body and the checksum of all of it`() async throws {
        var description = BackendDescription(name: "WebA")
        description.bodyLimit = 10
        try await withBackend(description) { backend in
            let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let client = try await RawClient.connect(backend.port)
            try await client.send(Array("POST / HTTP/1.1\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
            let record = try #require(try await backend.waitForRecords(count: 1).first)
            #expect(record.bodyLength == 200_000)
            #expect(record.body.bytes == Array(body.prefix(10)))
            #expect(record.bodyChecksum == BodyChecksum.of(body))
        }
    }

    @Test func `are waited for no longer than anybody wants them`() async throws {
        try await withBackend { backend in
            let wait = Task { try await backend.waitForRecords(count: 1, timeout: .seconds(600)) }
            wait.cancel()
            await #expect(throws: CancellationError.self) { try await wait.value }
        }
    }

    @Test func `tell that the peer went away in the middle of a body`() async throws {
        try await withBackend { backend in
            let client = try await RawClient.connect(backend.port)
            try await client.send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nten bytes!")
            _ = try await backend.waitForRecords(count: 1, settled: false)
            await client.close()
            let record = try #require(try await backend.waitForRecords(count: 1).first)
            #expect(record.outcome == .peerGone)
            #expect(!record.requestCompleted)
            #expect(record.status == nil)
        }
    }

    @Test func `number requests over all connections, and go on after a clearing`() async throws {
        try await withBackend { backend in
            for _ in 0..<3 {
                let client = try await RawClient.connect(backend.port)
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                _ = try await client.received(endingWith: "\n")
                await client.close()
            }
            #expect(await backend.records().map(\.sequence) == [1, 2, 3])
            #expect(await backend.records(after: 2).map(\.sequence) == [3])
            await backend.clearRecords()
            #expect(await backend.records().isEmpty)
            let client = try await RawClient.connect(backend.port)
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            let records = try await backend.waitForRecords(count: 1)
            #expect(records.map(\.sequence) == [4])
            #expect(records.map(\.connection) == [4])
        }
    }

    @Test func `are bounded, and what was dropped is counted`() async throws {
        try await withBackend(recordLimit: 2) { backend in
            let client = try await RawClient.connect(backend.port)
            try await client.send(String(repeating: "GET / HTTP/1.1\r\n\r\n", count: 5))
            _ = try await backend.waitForRecords(count: 1, after: 4)
            let page = await backend.page()
            #expect(page.records.map(\.sequence) == [4, 5])
            #expect(page.dropped == 3)
        }
    }

    @Test func `come in pages`() async throws {
        try await withBackend { backend in
            let client = try await RawClient.connect(backend.port)
            try await client.send(String(repeating: "GET / HTTP/1.1\r\n\r\n", count: 5))
            _ = try await backend.waitForRecords(count: 5)
            let first = await backend.page(after: 0, limit: 2)
            #expect(first.records.map(\.sequence) == [1, 2] && first.hasMore)
            let small = await backend.page(after: 2, byteLimit: 1)
            #expect(small.records.map(\.sequence) == [3] && small.hasMore)
            let last = await backend.page(after: 3)
            #expect(last.records.map(\.sequence) == [4, 5] && !last.hasMore)
        }
    }

    @Test func `are waited for no longer than allowed`() async throws {
        try await withBackend { backend in
            await #expect(throws: BackendError.self) {
                try await backend.waitForRecords(count: 1, timeout: .milliseconds(20))
            }
        }
    }

    @Test func `show bytes that are not HTTP, and the backend lives on`() async throws {
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        var random = SplitMix(state: seed)
        try await withBackend { backend in
            for round in 0..<50 {
                let garbage = (0..<Int.random(in: 1...400, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let client = try await RawClient.connect(backend.port)
                try await client.send(garbage + Array("\r\n\r\n".utf8))
                let (bytes, _) = try await client.receivedUntilEnd()
                #expect(bytes.starts(with: Array("HTTP/1.1 400".utf8)), "seed \(seed), round \(round)")
            }
            let records = try await backend.waitForRecords(count: 50)
            #expect(records.allSatisfy { $0.outcome == .malformed && !$0.rawHead.bytes.isEmpty }, "seed \(seed)")
            let client = try await RawClient.connect(backend.port)
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            #expect(try await client.received(endingWith: "\n").hasPrefix("HTTP/1.1 200"), "seed \(seed)")
        }
    }
}

/// A generator that one number replays.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
