import ELBNet
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A pipe between two sockets` {
    /// Two connections by way of the system: what is sent into `far` can be read from `near`, and the other way round.
    private struct Pair {
        var near: StreamSocket
        var far: StreamSocket

        init() throws {
            var ends: [CInt] = [-1, -1]
            let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SocketFailure(code: errno) }
            self.near = StreamSocket(descriptor: ends[0])
            self.far = StreamSocket(descriptor: ends[1])
        }

        func close() {
            self.near.close()
            self.far.close()
        }
    }

    private static func send(_ bytes: [UInt8], to socket: StreamSocket) {
        bytes.withUnsafeBytes { #expect(socket.send($0) == .done($0.count)) }
    }

    private static func receive(_ count: Int, from socket: StreamSocket) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard case .done(let received) = bytes.withUnsafeMutableBytes({ socket.receive(into: $0) }) else { return [] }
        return Array(bytes.prefix(received))
    }

    @Test func `passes bytes on unchanged, and tells of nothing and of the end`() throws {
        let (source, sink) = (try Pair(), try Pair())
        let pipe = try BytePipe()
        #expect(pipe.fill(from: source.near) == .wait)
        Self.send(Array("hello".utf8), to: source.far)
        #expect(pipe.fill(from: source.near) == .done(5))
        #expect(pipe.count == 5)
        #expect(pipe.drain(to: sink.near) == .done(5))
        #expect(pipe.count == 0)
        #expect(Self.receive(64, from: sink.far) == Array("hello".utf8))
        source.far.finishOutput()
        #expect(pipe.fill(from: source.near) == .done(0))
        source.close()
        sink.close()
    }

    @Test func `keeps what a slow reader has not taken`() throws {
        let (source, sink) = (try Pair(), try Pair())
        let pipe = try BytePipe()
        let piece = (0..<32_768).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        // The reader takes nothing: sooner or later the pipe cannot be emptied.
        var sent = 0
        while pipe.count == 0, sent < 1 << 26 {
            Self.send(piece, to: source.far)
            sent += piece.count
            #expect(pipe.fill(from: source.near) == .done(piece.count))
            while pipe.count > 0, case .done = pipe.drain(to: sink.near) {}
        }
        #expect(pipe.count > 0)
        #expect(pipe.drain(to: sink.near) == .wait)
        var received: [UInt8] = []
        for _ in 0..<100_000 where received.count < sent {
            received += Self.receive(piece.count, from: sink.far)
            if pipe.count > 0 { _ = pipe.drain(to: sink.near) }
        }
        #expect(received.count == sent)
        #expect(received == Array((0..<sent / piece.count).map { _ in piece }.joined()))
        source.close()
        sink.close()
    }

    @Test func `survives a reader that is gone`() throws {
        _ = try SocketLoop()  // which sees to broken pipes
        let (source, sink) = (try Pair(), try Pair())
        let pipe = try BytePipe()
        Self.send([1, 2, 3], to: source.far)
        #expect(pipe.fill(from: source.near) == .done(3))
        sink.far.close()
        #expect(pipe.drain(to: sink.near) == .failed(EPIPE))
        source.close()
        sink.near.close()
    }

    @Test func `is never handed on with somebody else's bytes in it, and there are so many and no more`() throws {
        let source = try Pair()
        var pool = PipePool()
        let first = pool.take()
        let dirty = try #require(first)
        Self.send([1], to: source.far)
        #expect(dirty.fill(from: source.near) == .done(1))
        pool.giveBack(dirty)
        let second = pool.take()
        let clean = try #require(second)
        #expect(clean.count == 0)
        pool.giveBack(clean)
        let third = pool.take()
        #expect(third === clean)
        pool.giveBack(clean)
        var taken: [BytePipe] = []
        while let pipe = pool.take() { taken.append(pipe) }
        #expect(taken.count == PipePool.mostPipes)
        source.close()
    }
}
