import ELBFleet
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A fleet's endpoint` {
    /// Runs `body` with the endpoint of a fleet of one backend, WebA.
    private func withEndpoint(_ body: (Int, Fleet) async throws -> Void) async throws {
        let fleet = Fleet()
        let endpoint = try await FleetEndpoint.start(port: 0, for: fleet)
        do {
            try await fleet.launch([BackendDescription(name: "WebA")])
            try await body(Int(endpoint.endpoint.port.rawValue), fleet)
        } catch {
            await endpoint.stop()
            await fleet.shutDown()
            throw error
        }
        await endpoint.stop()
        await fleet.shutDown()
    }

    /// The status and the reply to one request on a connection of its own.
    private func post(
        _ port: Int,
        _ body: String,
        line: String = "POST /_lab/fleet HTTP/1.1",
        headers: [String] = ["Host: 127.0.0.1", "Content-Type: application/json"]
    ) async throws -> (status: String, reply: FleetReply) {
        let client = try await RawClient.connect(port)
        let fields = headers + ["Content-Length: \(body.utf8.count)", "Connection: close"]
        try await client.send("\(line)\r\n\(fields.joined(separator: "\r\n"))\r\n\r\n\(body)")
        let text = String(decoding: try await client.receivedUntilEnd().bytes, as: UTF8.self)
        let end = try #require(text.firstRange(of: "\r\n\r\n"))
        let reply = try ControlLines.decode(FleetReply.self, from: Array(text[end.upperBound...].utf8))
        return (String(text.dropFirst("HTTP/1.1 ".count).prefix(3)), reply)
    }

    @Test func `carries commands and replies`() async throws {
        try await self.withEndpoint { port, fleet in
            let status = try await self.post(port, #"{"status":{}}"#)
            #expect(status.status == "200")
            #expect(await fleet.perform(.status(.all)) == status.reply)
            let done = try await self.post(port, #"{"machine":{"fault":"refuse"}}"#)
            #expect(done.reply == .done(["WebA"]))
            #expect(await fleet.backend("WebA")?.status().state == .refusing)
        }
    }

    @Test func `takes several commands over one connection, also at once`() async throws {
        try await self.withEndpoint { port, _ in
            let client = try await RawClient.connect(port)
            let request =
                "POST /_lab/fleet HTTP/1.1\r\nHost: localhost:1\r\nContent-Type: application/json; charset=utf-8\r\n"
            let heal = #"{"heal":{}}"#
            try await client.send(String(repeating: "\(request)Content-Length: \(heal.count)\r\n\r\n\(heal)", count: 3))
            let bytes = try await client.received { bytes in
                String(decoding: bytes, as: UTF8.self).ranges(of: #"{"done":["WebA"]}"#).count == 3
            }
            #expect(String(decoding: bytes, as: UTF8.self).ranges(of: "HTTP/1.1 200 OK").count == 3)
        }
    }

    @Test(arguments: [
        ("{\"status\":{}", "400"), ("", "400"), ("[1,2]", "400"), ("{\"dance\":{}}", "400"),
        ("{\"fault\":{\"rule\":{\"fault\":{\"fail\":{\"status\":99}},\"scope\":\"all\",\"after\":0}}}", "400"),
        ("{\"status\":{\"selection\":{\"instances\":[\"WebZ\"]}}}", "404"),
        ("{\"status\":{\"selection\":{\"zones\":[\"q\"]}}}", "400"),
        ("{\"status\":{\"selection\":{\"zones\":[\"d\"]}}}", "404"),
        ("{\"launch\":{\"backends\":[{\"name\":\"WebA\"}]}}", "400"),
        ("{\"launch\":{\"backends\":[{\"name\":\"b\",\"address\":\"10.0.0.1\"}]}}", "400"),
    ])
    func `refuses what cannot be done, in one line`(body: String, status: String) async throws {
        try await self.withEndpoint { port, fleet in
            let answer = try await self.post(port, body)
            #expect(answer.status == status)
            guard case .refused(let refusal) = answer.reply else {
                Issue.record("\(answer.reply)")
                return
            }
            #expect(!refusal.message.isEmpty && !refusal.message.contains("\n"))
            guard case .status(let statuses) = await fleet.perform(.status(.all)) else { return }
            #expect(statuses.map(\.name) == ["WebA"])
        }
    }

    @Test(arguments: [
        ["Host: evil.example", "Content-Type: application/json"],
        ["Host: 127.0.0.1.evil.example", "Content-Type: application/json"],
        ["Content-Type: application/json"],
        ["Host: 127.0.0.1", "Origin: http://evil.example", "Content-Type: application/json"],
        ["Host: 127.0.0.1", "Origin: null", "Content-Type: application/json"],
    ])
    func `refuses what a web page could have sent`(headers: [String]) async throws {
        try await self.withEndpoint { port, fleet in
            let answer = try await self.post(port, #"{"down":{}}"#, headers: headers)
            #expect(answer.status == "403")
            #expect(await fleet.backend("WebA") != nil)
        }
    }

    @Test func `wants POST, its path, JSON and a body of sane length`() async throws {
        try await self.withEndpoint { port, _ in
            let body = #"{"status":{}}"#
            #expect(try await self.post(port, body, line: "GET /_lab/fleet HTTP/1.1").status == "405")
            #expect(try await self.post(port, body, line: "POST /_lab/fleets HTTP/1.1").status == "404")
            for type in [[], ["Content-Type: text/plain"]] {
                #expect(try await self.post(port, body, headers: ["Host: [::1]:9"] + type).status == "415")
            }
            let long = try await self.post(port, String(repeating: " ", count: (8 << 20) + 1))
            #expect(long.status == "413")
            let longest = String(repeating: " ", count: (8 << 20) - body.count) + body
            #expect(try await self.post(port, longest).status == "200")
        }
    }

    @Test func `closes on bytes that are not HTTP, and serves the next connection`() async throws {
        try await self.withEndpoint { port, _ in
            let garbage = try await RawClient.connect(port)
            try await garbage.send("\u{0}\u{1}\u{2} rubbish\r\n\r\n")
            _ = try await garbage.receivedUntilEnd()
            #expect(try await self.post(port, #"{"status":{}}"#).status == "200")
        }
    }

    @Test func `listens on loopback only, and says when its port is taken`() async throws {
        let fleet = Fleet()
        let outside = try #require(IPAddress("0.0.0.0"))
        let reachable = await #expect(throws: BackendError.self) {
            try await FleetEndpoint.start(address: outside, port: 0, for: fleet)
        }
        #expect(reachable?.code == .invalid)
        let first = try await FleetEndpoint.start(port: 0, for: fleet)
        let taken = await #expect(throws: BackendError.self) {
            try await FleetEndpoint.start(port: first.endpoint.port.rawValue, for: fleet)
        }
        #expect(taken?.code == .cannotListen)
        #expect(taken?.message.hasSuffix("Address already in use; another program has the port") == true)
        await first.stop()
    }
}
