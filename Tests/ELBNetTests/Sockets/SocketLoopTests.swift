import ELBModel
import ELBNet
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A loop of sockets` {
    private static let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))

    /// What observers were told, in order.
    private final class Diary: Sendable {
        private let entries = Mutex<[String]>([])
        let stream: AsyncStream<String>
        private let continuation: AsyncStream<String>.Continuation

        init() {
            (self.stream, self.continuation) = AsyncStream.makeStream()
        }

        func note(_ entry: String) {
            self.entries.withLock { $0.append(entry) }
            self.continuation.yield(entry)
        }

        var all: [String] { self.entries.withLock { $0 } }

        func wait(for entry: String) async {
            for await noted in self.stream where noted == entry { return }
        }
    }

    private final class Observer: SocketObserver {
        private let body: (Readiness) -> Void

        init(_ body: @escaping (Readiness) -> Void) {
            self.body = body
        }

        func ready(_ readiness: Readiness) { self.body(readiness) }
    }

    /// Two sockets that are connected with each other by way of the system.
    private static func pair() throws -> (client: StreamSocket, server: StreamSocket) {
        let (listener, port) = try Self.onFreePort { port in
            try StreamSocket.listening(at: Self.loopback, port: port)
        }
        defer { listener.close() }
        let (client, _) = try StreamSocket.connecting(
            from: Self.loopback,
            to: Endpoint(address: Self.loopback, port: port)
        )
        for _ in 0..<10_000 {
            if let accepted = try? listener.accept() {
                #expect(accepted.address == Self.loopback)
                return (client, accepted.socket)
            }
        }
        throw SocketFailure(code: ETIMEDOUT)
    }

    /// Below the ports that the system hands out, the first at which `open` succeeds.
    private static func onFreePort<Socket>(_ open: (Port) throws -> Socket) throws -> (Socket, Port) {
        for number in 21_000..<22_000 {
            guard let port = Port(number) else { break }
            do {
                return (try open(port), port)
            } catch let failure as SocketFailure where failure.code == EADDRINUSE {
                continue
            }
        }
        throw SocketFailure(code: EADDRINUSE)
    }

    private static func send(_ text: String, to socket: StreamSocket) {
        Array(text.utf8).withUnsafeBytes { #expect(socket.send($0) == .done($0.count)) }
    }

    @Test func `tells of what has come, reads into its one buffer, and tells of the end`() async throws {
        let loop = try SocketLoop()
        let diary = Diary()
        let (client, server) = try Self.pair()
        let registration = loop.exclusively {
            loop.add(
                Observer { readiness in
                    if case .done(let count) = server.receive(into: loop.buffer) {
                        diary.note(String(decoding: loop.buffer[..<count], as: UTF8.self))
                    }
                    if readiness.has(anyOf: .inputEnd) { diary.note("end") }
                },
                on: server.descriptor,
                for: .input | .inputEnd
            )
        }
        _ = try #require(registration)
        Self.send("hello", to: client)
        await diary.wait(for: "hello")
        client.finishOutput()
        await diary.wait(for: "end")
        #expect(diary.all == ["hello", "", "end"])
        loop.exclusively { loop.stop() }
        client.close()
        server.close()
    }

    @Test func `tells nobody of a socket that another observer has just removed`() async throws {
        let loop = try SocketLoop()
        let diary = Diary()
        let pairs = [try Self.pair(), try Self.pair()]
        loop.exclusively {
            var registrations: [SocketLoop.Registration] = []
            for (index, pair) in pairs.enumerated() {
                let observer = Observer { _ in
                    diary.note("told")
                    // Whichever is told first forgets the other.
                    loop.remove(registrations[1 - index])
                }
                if let registration = loop.add(observer, on: pair.server.descriptor, for: .input) {
                    registrations.append(registration)
                }
            }
            #expect(registrations.count == 2)
            // Both become ready while the loop cannot look.
            for pair in pairs { Self.send("x", to: pair.client) }
        }
        await diary.wait(for: "told")
        let last = Observer { _ in diary.note("last") }
        loop.exclusively { loop.postpone(last) }
        await diary.wait(for: "last")
        #expect(diary.all == ["told", "last"])
        loop.exclusively { loop.stop() }
        for pair in pairs {
            pair.client.close()
            pair.server.close()
        }
    }

    @Test func `gives up a connection with a reset where it is told to`() throws {
        let (client, server) = try Self.pair()
        server.reset()
        var buffer = [UInt8](repeating: 0, count: 8)
        let transfer = buffer.withUnsafeMutableBytes { client.receive(into: $0) }
        #expect(transfer == .failed(ECONNRESET))
        client.close()
    }

    @Test func `says why a connection cannot be`() throws {
        let nobody = Endpoint(address: Self.loopback, port: Port(1))
        var code: CInt?
        do throws(SocketFailure) {
            let (socket, _) = try StreamSocket.connecting(from: Self.loopback, to: nobody)
            code = socket.takeError()
            socket.close()
        } catch {
            code = error.code
        }
        #expect(code == ECONNREFUSED)
    }

    @Test func `carries many datagrams by one call, and their answers back`() throws {
        let (server, port) = try Self.onFreePort { port in
            try DatagramSocket.bound(to: Self.loopback, port: port.rawValue)
        }
        let client = try DatagramSocket.bound(to: Self.loopback, port: 0)
        try client.connect(to: Endpoint(address: Self.loopback, port: port))
        for number in 0..<40 { Array("\(number)".utf8).withUnsafeBytes { client.send($0) } }
        let batch = DatagramBatch()
        #expect(batch.receive(from: server) == DatagramBatch.capacity)
        #expect(batch.isFull)
        #expect(Array(batch[31]) == Array("31".utf8))
        #expect(batch.sender(of: 0).parts.0 == Self.loopback)
        batch.sendAll(to: server)
        let back = DatagramBatch()
        #expect(back.receive(from: client, answerTo: nil) == 32)
        #expect(Array(back[0]) == Array("0".utf8))
        #expect(batch.receive(from: server) == 8)
        client.close()
        server.close()
    }
}
