import CSockets
import Glibc

/// Bytes on their way from one socket to another that never leave the system (splice(2)): neither the read nor the write copies them.
///
/// It costs a call more than reading and writing, which pays from some ten thousand bytes on. Whoever has one uses it for one direction
/// of one connection at a time.
package final class BytePipe {
    /// Most that waits in one: as much as is read at once elsewhere.
    package static let capacity = 256 << 10

    private let input: CInt
    private let output: CInt
    /// Bytes that have come in and not gone out.
    package private(set) var count = 0

    /// - Throws: if the system has no more descriptors, or no more memory for pipes of this user's.
    package init() throws(SocketFailure) {
        var ends: (CInt, CInt) = (-1, -1)
        _ = try SocketFailure.check(elblab_pipe(&ends.0, &ends.1, CInt(Self.capacity)))
        (self.output, self.input) = ends
    }

    deinit {
        close(self.input)
        close(self.output)
    }

    /// Takes what the socket has to read. The pipe is empty: `wait` could not be told from a full one.
    package func fill(from socket: StreamSocket) -> StreamSocket.Transfer {
        let moved = StreamSocket.transfer { elblab_splice(socket.descriptor, self.input, Self.capacity) }
        if case .done(let count) = moved { self.count += count }
        return moved
    }

    /// Gives the socket as much as it takes.
    package func drain(to socket: StreamSocket) -> StreamSocket.Transfer {
        let moved = StreamSocket.transfer { elblab_splice(self.output, socket.descriptor, self.count) }
        if case .done(let count) = moved { self.count -= count }
        return moved
    }
}

/// The pipes of a loop. Most are in use for the moment between a read and the write that follows, so that a few serve thousands of
/// connections; those whose readers are slow keep theirs until they have read.
package struct PipePool {
    /// Two descriptors each. Connections beyond that copy.
    package static let mostPipes = 128
    private static let mostAtRest = 4

    private var atRest: [BytePipe] = []
    private var inUse = 0

    package init() {}

    /// An empty pipe, or `nil` if there are enough of them.
    package mutating func take() -> BytePipe? {
        guard self.inUse < Self.mostPipes else { return nil }
        guard let pipe = self.atRest.popLast() ?? (try? BytePipe()) else { return nil }
        self.inUse += 1
        return pipe
    }

    /// Takes one back. One with something in it is of no use to anybody else.
    package mutating func giveBack(_ pipe: BytePipe) {
        self.inUse -= 1
        if pipe.count == 0, self.atRest.count < Self.mostAtRest { self.atRest.append(pipe) }
    }
}
