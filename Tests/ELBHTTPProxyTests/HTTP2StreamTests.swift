import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

/// What one stream does wrong costs that stream (RFC 9113, section 5.4.2), and what is wrong with a connection ends it.
@Suite(.timeLimit(.minutes(1))) struct `HTTP/2 streams` {
    private static func head(_ method: String = "GET") -> [CurlHeader] {
        [
            CurlHeader(":method", method), CurlHeader(":scheme", "https"), CurlHeader(":path", "/"),
            CurlHeader(":authority", SecureBalancer.name),
        ]
    }

    /// Fields of 6,000 bytes.
    private static func parts(_ count: Int) -> [CurlHeader] {
        (0..<count).map { CurlHeader("x-\($0)", String(repeating: "p", count: 6000)) }
    }

    /// Runs a script on a connection to a balancer that answers by itself, or whose targets do not answer at all.
    private func onConnection<Value: Sendable>(
        targets: [UInt16] = [],
        quirks: Set<Quirk> = [],
        _ script: @escaping @Sendable (HTTP2Connection) -> Value
    ) async throws -> Value {
        let secure = try await SecureBalancer.start(targets: targets, quirks: quirks)
        let endpoint = Endpoint(address: .loopback, port: secure.port)
        let result = await ThreadPool(threads: 1).run {
            Result { script(HTTP2Connection(over: try TLSConnection(to: endpoint, within: .seconds(5)))) }
        }
        await secure.stop()
        return try result.get()
    }

    @Test(.covers("ALB-HTTP-003")) func `beyond the limit are refused one by one`() async throws {
        let mute = try MuteServer()
        defer { mute.close() }
        let codes = try await self.onConnection(targets: [mute.port]) { connection in
            let streams = (0..<131).map { _ in connection.request(Self.head()) }
            for stream in streams.suffix(3) { connection.answer(on: stream) }
            // Room for one more.
            connection.reset(streams[0])
            let last = connection.request(Self.head())
            let excess = connection.request(Self.head())
            connection.answer(on: excess)
            return (streams + [last, excess]).map { connection.answers[$0]?.resetCode }
        }
        #expect(codes.prefix(128).allSatisfy { $0 == nil })
        #expect(codes.dropFirst(128).map { $0 ?? 0 } == [7, 7, 7, 0, 7])
    }

    @Test func `beyond the limit end the connection of a balancer with that quirk`() async throws {
        let mute = try MuteServer()
        defer { mute.close() }
        let code = try await self.onConnection(targets: [mute.port], quirks: [.http2LimitsEndConnection]) {
            connection in
            connection.receive(within: .seconds(5)) { !$0.settings.isEmpty }
            for _ in 0..<129 { _ = connection.request(Self.head()) }
            connection.receive(within: .seconds(5)) { $0.goAway != nil }
            return connection.goAway?.code
        }
        #expect(code == HTTP2Code.protocolError)
    }

    @Test(
        .covers("ALB-ERR-004"),
        arguments: [
            [CurlHeader("X-Capital", "1")], [CurlHeader("connection", "close")], [CurlHeader(":path", "/again")],
            [CurlHeader("x-a", "b\nc")], [CurlHeader("content-length", "5")],
        ]
    )
    func `that break the protocol end alone`(fields: [CurlHeader]) async throws {
        let outcome = try await self.onConnection { connection in
            let broken = connection.answer(on: connection.request(Self.head() + fields))
            let next = connection.answer(on: connection.request(Self.head()))
            return (broken.resetCode, next.text, connection.goAway?.code)
        }
        #expect(outcome.0 == HTTP2Code.protocolError)
        #expect(outcome.1 == "own")
        #expect(outcome.2 == nil)
    }

    @Test(.covers("ALB-HTTP-024", "ALB-ERR-005")) func `are answered 400 when their head is too long`() async throws {
        let statuses = try await self.onConnection { connection in
            // The first before the client has seen any settings.
            let long = [CurlHeader("x-long", String(repeating: "l", count: 17_000))]
            return [Self.parts(10), long, Self.parts(12), Self.parts(40), []].map { fields in
                connection.answer(on: connection.request(Self.head() + fields)).status
            }
        }
        #expect(statuses == [200, 400, 400, 400, 200])
    }

    @Test func `whose head is out of all proportion end the connection`() async throws {
        let end = try await self.onConnection { connection in
            _ = connection.request(Self.head() + Self.parts(60))
            connection.receive(within: .seconds(5)) { $0.end != nil }
            return (connection.goAway?.code, connection.end)
        }
        #expect(end.0 != nil && end.0 != HTTP2Code.noError)
        #expect(end.1 != nil)
    }

    @Test func `that a client has ended take no second head`() async throws {
        let mute = try MuteServer()
        defer { mute.close() }
        let code = try await self.onConnection(targets: [mute.port]) { connection in
            let stream = connection.request(Self.head())
            connection.sendTrailers([CurlHeader("x-late", "1")], on: stream)
            connection.receive(within: .seconds(5)) { $0.end != nil }
            return connection.goAway?.code
        }
        #expect(code == HTTP2Code.streamClosed)
    }

    @Test func `that are over give back what was on its way to them`() async throws {
        let outcome = try await self.onConnection { connection in
            for _ in 0..<16 {
                // Answered before its body.
                let stream = connection.request(Self.head("POST"), endsStream: false)
                connection.answer(on: stream)
                connection.send(HTTP2Frame(.data, [], on: stream, Array(repeating: 120, count: 16_384)))
            }
            let last = connection.answer(on: connection.request(Self.head()))
            return (last.status, connection.goAway?.code)
        }
        #expect(outcome.0 == 200)
        #expect(outcome.1 == nil)
    }

    @Test func `that break the protocol end alone, though the connection's window is due`() async throws {
        let mute = try MuteServer()
        defer { mute.close() }
        let outcome = try await self.onConnection(targets: [mute.port]) { connection in
            let streams = ["20000", "5", "5", "5"].map { length in
                let fields = Self.head("POST") + [CurlHeader("content-length", length)]
                let stream = connection.request(fields, endsStream: false)
                connection.send(HTTP2Frame(.data, on: stream, Array(repeating: 120, count: 16_384)))
                return stream
            }
            for stream in streams.dropFirst() { connection.answer(on: stream) }
            connection.ping()
            connection.receive(within: .seconds(5)) { !$0.pongs.isEmpty || $0.end != nil }
            return (streams.map { connection.answers[$0]?.resetCode }, connection.pongs.count, connection.goAway?.code)
        }
        #expect(outcome.0 == [nil, 1, 1, 1])
        #expect(outcome.1 == 1)
        #expect(outcome.2 == nil)
    }
}
