import ELBCore
import ELBModel
import ELBNet
import ELBTestSupport
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Health prober` {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    @Test(
        .covers("ALB-HC-010", "ALB-HC-013", "ALB-HC-014", "ALB-HC-021", "ALB-HC-028"),
        arguments: [
            (ProbeTarget.Script.answer(Self.ok), ProbeResult.passed(status: 200)),
            (.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), .passed(status: 200)),
            (.answer("HTTP/1.0 204 No Content\r\n\r\n"), .mismatch(status: 204)),
            (.answer("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"), .mismatch(status: 302)),
            (.answer("HTTP/1.1 500 Oops\r\n\r\n"), .mismatch(status: 500)),
            (.answer("HTTP/1.1 101 Switching Protocols\r\n\r\n"), .mismatch(status: 101)),
            (.answer("HTTP/1.1 103 Early Hints\r\n\r\n" + Self.ok), .passed(status: 200)),
            (.answer("SSH-2.0-OpenSSH_9.2\r\n"), .failed),
            (.answer("HTTP/1.1 200 OK\r\nNever-Ends: "), .timedOut),
            (.silence, .timedOut),
            (.hangUp, .failed),
        ]
    )
    func `tells what became of a probe`(script: ProbeTarget.Script, expected: ProbeResult) async throws {
        let target = try await ProbeTarget([script], on: MultiThreadedEventLoopGroup.singleton)
        let results = try await Self.probe(try Self.assignment(target.endpoint), count: 1)
        #expect(results == [expected])
        try await target.close()
    }

    @Test(.covers("ALB-HC-028")) func `reports a refused connection as failed`() async throws {
        let target = try await ProbeTarget([.silence], on: MultiThreadedEventLoopGroup.singleton)
        try await target.close()
        #expect(try await Self.probe(try Self.assignment(target.endpoint), count: 1) == [.failed])
    }

    @Test(.covers("ALB-HC-001", "ALB-HC-003", "ALB-HC-004", "ALB-HC-015", "ALB-HC-016", "ALB-HC-017"))
    func `asks as AWS's health checker asks, from the node's address`() async throws {
        let target = try await ProbeTarget([.answer(Self.ok)], on: MultiThreadedEventLoopGroup.singleton)
        var assignment = try Self.assignment(target.endpoint)
        assignment.settings.path = "/health?deep=1"
        _ = try await Self.probe(assignment, count: 1, source: .v4(IPv4Address(127, 50, 1, 4)))
        var visits = target.visits.makeAsyncIterator()
        let visit = try #require(await visits.next())
        #expect(
            visit.request == """
                GET /health?deep=1 HTTP/1.1\r
                Host: 127.0.0.1:\(target.endpoint.port)\r
                Connection: close\r
                User-Agent: ELB-HealthChecker/2.0\r
                \r\n
                """
        )
        #expect(visit.peer == "127.50.1.4")
        try await target.close()
    }

    @Test(.covers("ALB-HC-018", "ALB-HC-023")) func `makes a new connection for every probe`() async throws {
        let target = try await ProbeTarget(
            [.answer(Self.ok), .hangUp, .silence, .answer(Self.ok)],
            on: MultiThreadedEventLoopGroup.singleton
        )
        let results = try await Self.probe(try Self.assignment(target.endpoint), count: 4)
        #expect(results == [.passed(status: 200), .failed, .timedOut, .passed(status: 200)])
        try await target.close()
    }

    @Test(.covers("CLB-HC-008", "ALB-HC-006")) func `begins a probe every interval, however long the last one took`()
        async throws
    {
        let target = try await ProbeTarget([.silence], on: MultiThreadedEventLoopGroup.singleton)
        let assignment = try Self.assignment(target.endpoint)
        // Half a second each, of which a probe of this target takes four fifths.
        let scale = try #require(TimeScale(factor: 20))
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let (times, continuation) = AsyncStream.makeStream(of: ProbeTime.self)
        let prober = try await eventLoop.submit {
            let prober = HealthProber(
                eventLoop: eventLoop,
                timeScale: scale,
                source: nil,
                started: { _ in },
                finished: { _, _, time in continuation.yield(time) }
            )
            prober.update([assignment])
            return NIOLoopBound(prober, eventLoop: eventLoop)
        }.get()
        var starts: [UInt64] = []
        for await time in times {
            starts.append(time.startedAt)
            if starts.count == 6 { break }
        }
        try await eventLoop.submit { prober.value.stop() }.get()
        // Five intervals are 2.5 s; from an end to the next beginning they would be 4.5.
        #expect((starts.last ?? 0) - (starts.first ?? 0) < 4_000_000_000)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 })
        try await target.close()
    }

    @Test(.covers("ALB-HC-034")) func `changes the path while it runs`() async throws {
        let target = try await ProbeTarget([.answer(Self.ok)], on: MultiThreadedEventLoopGroup.singleton)
        let before = try Self.assignment(target.endpoint)
        var after = before
        after.settings.path = "/new"
        let results = try await Self.probe(before, count: 2, then: after)
        #expect(results.count == 2)
        var paths: [String] = []
        for await visit in target.visits {
            paths.append(String(visit.request.split(separator: " ")[1]))
            if paths.count == 2 { break }
        }
        #expect(paths == ["/", "/new"])
        try await target.close()
    }

    private static func assignment(_ endpoint: Endpoint) throws -> ProbeAssignment {
        var group = TargetGroup(
            id: TargetGroupID(rawValue: "g"),
            name: TargetGroupName(rawValue: "g"),
            port: endpoint.port,
            targetType: .ip,
            targets: [Target(id: TargetID(rawValue: "t"), endpoint: endpoint, zone: nil)]
        )
        group.healthCheck.intervalSeconds = 10
        group.healthCheck.timeoutSeconds = 8
        let state = TargetGroupState(group, context: .init(zone: .a, enabledZones: [.a]))
        return try #require(state.probeAssignments.first)
    }

    /// Runs a prober until it has given `count` results; after the first one with `next` instead, if given.
    private static func probe(
        _ assignment: ProbeAssignment,
        count: Int,
        source: IPAddress? = nil,
        then next: ProbeAssignment? = nil
    ) async throws -> [ProbeResult] {
        // An interval of 10 s is 1 s here, a timeout of 8 s 800 ms: room for a machine that stalls.
        let scale = try #require(TimeScale(factor: 10))
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let (results, continuation) = AsyncStream.makeStream(of: ProbeResult.self)
        let prober = try await eventLoop.submit {
            let prober = HealthProber(
                eventLoop: eventLoop,
                timeScale: scale,
                source: source,
                started: { _ in },
                finished: { _, result, _ in continuation.yield(result) }
            )
            prober.update([assignment])
            return NIOLoopBound(prober, eventLoop: eventLoop)
        }.get()
        var collected: [ProbeResult] = []
        for await result in results {
            collected.append(result)
            if collected.count == count { break }
            if let next { try await eventLoop.submit { prober.value.update([next]) }.get() }
        }
        try await eventLoop.submit { prober.value.stop() }.get()
        return collected
    }
}
