import ELBCore
import ELBModel
import ELBNet
import ELBTestSupport
import Glibc
import NIOCore
import NIOPosix
import Testing

// The bytes of queries and answers are written out: nothing of ours reads here what ours has written.
@Suite(.timeLimit(.minutes(1))) struct `The name server` {
    private static let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))

    private static func table(_ address: IPv4Address) -> NameTable {
        NameTable(
            [NameTable.Balancer(dnsName: "web.aws.test", nodes: [.a: .v4(address)], published: [.a])],
            nameServer: Self.loopback,
            serial: 1
        )
    }

    /// For the address of web.aws.test.
    private static let query: [UInt8] =
        [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("Web".utf8) + [3] + Array("aws".utf8) + [4]
        + Array("test".utf8) + [0, 0, 1, 0, 1]

    private static func reply(_ last: UInt8) -> [UInt8] {
        [0x12, 0x34, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0, 0] + Self.query.dropFirst(12)
            + [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 50, 1, last]
    }

    private static func withServer(
        _ body: (NameServer, _ port: UInt16) async throws -> Void
    ) async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = NameServer(group: loops, table: Self.table(IPv4Address(127, 50, 1, 4)), seed: 1)
        let endpoint = try await server.listen(at: Self.loopback, port: nil)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(server, endpoint.port.rawValue))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        try await loops.shutdownGracefully()
        try result.get()
    }

    /// Sends the messages one by one on a socket of that type, and gives what comes back within two seconds, or until the end.
    private static func ask(_ messages: [[UInt8]], type: __socket_type, port: UInt16) -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { return [] }
        var received: [UInt8] = []
        for message in messages {
            guard send(descriptor, message, message.count, Int32(MSG_NOSIGNAL)) == message.count else { break }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { continue }
            received += buffer[..<count]
        }
        return received
    }

    @Test(.covers("ALB-DNS-002")) func `answers by UDP`() async throws {
        try await Self.withServer { server, port in
            #expect(Self.ask([Self.query], type: SOCK_DGRAM, port: port) == Self.reply(4))
            server.use(Self.table(IPv4Address(127, 50, 1, 9)))
            #expect(Self.ask([Self.query], type: SOCK_DGRAM, port: port) == Self.reply(9))
        }
    }

    @Test func `answers by TCP, several queries on one connection`() async throws {
        try await Self.withServer { _, port in
            let framed = [0, UInt8(Self.query.count)] + Self.query
            let reply = [0, UInt8(Self.reply(4).count)] + Self.reply(4)
            #expect(Self.ask([framed, framed], type: SOCK_STREAM, port: port) == reply + reply)
        }
    }

    @Test func `lives through what is no query`() async throws {
        try await Self.withServer { _, port in
            let junk: [[UInt8]] = [[0x00], Array("GET / HTTP/1.1\r\n\r\n".utf8), Self.reply(4)]
            for message in junk.dropFirst() {
                // Without a length, of 18,245 bytes, or a response: nothing comes back, or the connection ends.
                let answer = Self.ask([message], type: SOCK_DGRAM, port: port)
                #expect(answer.isEmpty || answer[3] & 0xF != 0)
            }
            #expect(Self.ask([Self.query], type: SOCK_DGRAM, port: port) == Self.reply(4))
        }
    }

    /// Sends all messages at once and a good query behind them, and gives everything that came back before the answer to that.
    private static func flood(_ messages: [[UInt8]], port: UInt16) -> [[UInt8]] {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var last = Self.query
        last[0] = 0xFF
        for message in messages + [last] { _ = send(descriptor, message, message.count, Int32(MSG_NOSIGNAL)) }
        var replies: [[UInt8]] = []
        while true {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                Issue.record("no answer to the last query")
                return replies
            }
            if buffer[0] == 0xFF { return replies }
            replies.append(Array(buffer[..<count]))
        }
    }

    @Test func `calls what is cut off a mistake, and says nothing where even the header is`() async throws {
        try await Self.withServer { _, port in
            let prefixes = (0..<Self.query.count).map { Array(Self.query.prefix($0)) }
            let replies = Self.flood(prefixes, port: port)
            // FORMERR, with the id, and no section.
            let mistake: [UInt8] = [0x12, 0x34, 0x80, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]
            #expect(replies.count == Self.query.count - 12)
            #expect(replies.allSatisfy { $0 == mistake })
        }
    }

    @Test func `follows no pointer, least of all in a circle`() async throws {
        try await Self.withServer { _, port in
            let header: [UInt8] = [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]
            let kind: [UInt8] = [0, 1, 0, 1]
            // As a question's name: itself, one behind it, one before the message, and lengths that are neither.
            let names: [[UInt8]] = [
                [0xC0, 0x0C], [0xC0, 0x0E, 0xC0, 0x0C], [0xC0, 0x00], [0xFF, 0xFF], [0x40, 0x41, 0], [0x80, 0],
                [3] + Array("web".utf8) + [0xC0, 0x0C],
                // 255 bytes and more.
                (0..<64).flatMap { _ in [UInt8(3)] + Array("abc".utf8) } + [0],
            ]
            let replies = Self.flood(names.map { header + $0 + kind }, port: port)
            #expect(replies.count == names.count && replies.allSatisfy { $0[3] & 0xF == 1 })
            // Behind a good question: a record whose name is a circle is read over, and one that is cut is a mistake.
            var query = Self.query
            query[11] = 1
            let circle: [UInt8] = [0xC0, UInt8(query.count), 0, 16, 0, 1, 0, 0, 0, 0, 0, 0]
            #expect(Self.flood([query + circle], port: port) == [Self.reply(4)])
            let cut = Self.flood([query + circle.dropLast(), query + circle.dropLast(2) + [0xFF, 0xFF]], port: port)
            #expect(cut.count == 2 && cut.allSatisfy { $0[3] & 0xF == 1 })
            // Counts that nothing stands behind.
            query[10...11] = [0xFF, 0xFF]
            #expect(Self.flood([query], port: port).allSatisfy { $0[3] & 0xF == 1 })
        }
    }

    @Test func `gives a name back to the letter, however it is written`() async throws {
        try await Self.withServer { _, port in
            for name in ["web.aws.test", "WEB.AWS.TEST", "wEb.aWs.TeSt"] {
                let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
                let query = Self.query.prefix(12) + labels + [0, 0, 1, 0, 1]
                let answer = Self.ask([Array(query)], type: SOCK_DGRAM, port: port)
                #expect(Array(answer.dropFirst(12).prefix(labels.count)) == labels)
                #expect(answer.suffix(4) == [127, 50, 1, 4])
            }
        }
    }

    @Test func `says so when the address is taken`() async throws {
        try await Self.withServer { _, port in
            let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let second = NameServer(group: loops, table: Self.table(IPv4Address(127, 50, 1, 4)), seed: 1)
            await #expect(throws: (any Error).self) {
                _ = try await second.listen(at: Self.loopback, port: Port(Int(port)))
            }
            try await loops.shutdownGracefully()
        }
    }
}
