import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Glibc
import NIOCore
import Testing

/// Clients that take their time are what brings down a server with a thread or a large buffer for each. Here they must cost little,
/// cost others nothing, and end with the idle timeout once they stop moving.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `Slow clients` {
    /// Of each kind.
    private static let count = 200
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let big = 1 << 20

    init() {
        // Four descriptors for each of 600 requests, since all ends are in this process.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    @Test(.covers("ALB-CONN-001", "ALB-CONN-002", "ALB-ERR-013"))
    func `disturb no others, hold little memory, and end with the idle timeout`() async throws {
        let page = ByteBuffer(
            string: "HTTP/1.1 200 OK\r\nContent-Length: \(Self.big)\r\n\r\n" + String(repeating: "x", count: Self.big)
        )
        let backend = try await TestBackend.start { request, _ in
            request.hasPrefix("GET /big") ? .buffer(page) : .bytes(Forwarding.hello)
        }
        // The idle timeout is 4 s, and the slow ones move every 500 ms or so.
        let running = try await RunningBalancer.start(backends: [backend.port], timeScale: 15) { attributes, _ in
            attributes.idleTimeoutSeconds = 60
        }
        #expect(try await running.exchange(Self.get).text.hasSuffix("hello"))
        let memory = Self.residentBytes

        let slow = try await SlowClients.connect(Self.count, port: running.port)
        let clock = ContinuousClock()
        let start = clock.now
        var most = 0
        var answered = 0
        // Longer than the idle timeout, so that moving is what keeps them.
        while clock.now - start < .seconds(6) {
            await slow.move()
            let end = clock.now + .milliseconds(500)
            while clock.now < end {
                let answer = try await running.exchange(Self.get)
                #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.text.hasSuffix("hello"))
                answered += 1
            }
            most = max(most, await running.balancer.bufferedBytes())
        }
        #expect(answered >= 100, "only \(answered) requests were answered beside the slow ones")
        #expect(await slow.openConnections == 3 * Self.count)
        // For each reader what a channel takes while it is writable, and the four reads from the target that may come at once.
        #expect(most > 0 && most < Self.count * 320 << 10, "\(most) bytes wait in the balancer")
        let growth = Self.residentBytes - memory
        #expect(growth < 128 << 20, "\(growth) bytes more are resident, with the clients and the backend")

        // Now they stop, and nobody looks before the balancer is done with all of them: to read is to move.
        while await running.balancer.metrics().activeConnectionCount > 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        let answers = await slow.endings()
        #expect(answers.heads.allSatisfy { $0.text.hasPrefix("HTTP/1.1 408 ") && $0.ending == .closed })
        #expect(answers.bodies.allSatisfy { $0.text.hasPrefix("HTTP/1.1 408 ") && $0.ending == .closed })
        #expect(answers.readers.allSatisfy { $0 < Self.big })
        #expect(await running.balancer.bufferedBytes() == 0)
        #expect(try await running.exchange(Self.get).text.hasSuffix("hello"))
        slow.close()
        await running.stop()
        await backend.stop()
        let sent = running.log.lines.filter { $0.contains("/big HTTP/1.1") }.map { Self.sentBytes(in: $0) }
        #expect(sent.count == Self.count)
        // What is with the system is bounded, too.
        #expect(sent.allSatisfy { $0 > 0 && $0 < 512 << 10 }, "the balancer wrote \(sent.max() ?? 0) bytes")
    }

    /// The twelfth field of an access log line.
    private static func sentBytes(in line: String) -> Int {
        let fields = line.split(separator: " ")
        return fields.count > 11 ? Int(fields[11]) ?? 0 : 0
    }

    private static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let fields = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
    }
}

/// As many of each kind: clients that never finish a head, that never finish a body, and that read an answer bit by bit.
private struct SlowClients {
    private let heads: [RawClient]
    private let bodies: [RawClient]
    private let readers: [RawClient]

    static func connect(_ count: Int, port: UInt16) async throws -> Self {
        var clients: [[RawClient]] = [[], [], []]
        for _ in 0..<count {
            for (kind, start) in [
                "GET /head HTTP/1.1\r\nHost: a\r\nX-Slow: ",
                "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
                "GET /big HTTP/1.1\r\nHost: a\r\n\r\n",
            ].enumerated() {
                // So little that the answer cannot hide in the system's buffers.
                let client = try await RawClient.connect(port: port, receiveBuffer: 4096)
                await client.send(start)
                clients[kind].append(client)
            }
        }
        return Self(heads: clients[0], bodies: clients[1], readers: clients[2])
    }

    /// Each does a little of what it is there for.
    func move() async {
        for client in self.heads { await client.send("x") }
        for client in self.bodies { await client.send("x") }
        for client in self.readers { _ = await client.receiveSome(2048) }
    }

    /// How many the balancer has not ended.
    var openConnections: Int {
        get async {
            var count = 0
            for client in self.heads + self.bodies {
                if await client.receive(milliseconds: 0, until: { _ in false }).ending == .timedOut { count += 1 }
            }
            for client in self.readers where await client.receiveSome(1) == 1 { count += 1 }
            return count
        }
    }

    /// What they have got at the end: whole answers, and of the readers how much of the rest.
    func endings() async -> (heads: [RawClient.Received], bodies: [RawClient.Received], readers: [Int]) {
        var heads: [RawClient.Received] = []
        var bodies: [RawClient.Received] = []
        var readers: [Int] = []
        for client in self.heads { heads.append(await client.receiveAll()) }
        for client in self.bodies { bodies.append(await client.receiveAll()) }
        for client in self.readers { readers.append(await client.receiveCount(.max)) }
        return (heads, bodies, readers)
    }

    func close() {
        for client in self.heads + self.bodies + self.readers { client.close() }
    }
}
