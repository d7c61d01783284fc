import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a backend's child process does: it obeys the JSON lines on its standard input, answers each with one line on its
/// standard output, and ends when the input ends.
package enum ControlProgram {
    /// Runs until the input ends and everything read from it is answered, or until nobody reads the answers any more; then
    /// every backend is stopped.
    /// - Parameters:
    ///   - input: a descriptor to read commands from; pipe, terminal or file.
    ///   - output: a descriptor to write replies to; likewise.
    /// - Throws: `BackendError` when the descriptors cannot be read or written, or a line is too long.
    package static func run(input: CInt, output: CInt) async throws {
        let fleet = Fleet(.thisProcess(MultiThreadedEventLoopGroup.singleton))
        // Descriptors of any kind are read and written with calls that block, on a thread that does nothing else.
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.obey(fleet, BlockingPipe(input: input, output: output, thread: thread)))
        } catch {
            result = .failure(error)
        }
        await fleet.shutDown()
        try await thread.shutdownGracefully()
        try result.get()
    }

    private static func obey(_ fleet: Fleet, _ pipe: BlockingPipe) async throws {
        var lines = ControlLines.Splitter()
        while let bytes = try await pipe.read() {
            lines.append(bytes)
            while let line = try lines.next() {
                guard try await pipe.write(Self.reply(to: line, fleet)) else { return }
            }
        }
        if let line = lines.unfinished() { _ = try await pipe.write(Self.reply(to: line, fleet)) }
    }

    private static func reply(to line: [UInt8], _ fleet: Fleet) async throws -> [UInt8] {
        let reply: FleetReply
        do {
            reply = await fleet.perform(try ControlLines.decode(FleetCommand.self, from: line))
        } catch {
            reply = .refused(FleetRefusal(error))
        }
        return try ControlLines.encode(reply)
    }
}

/// Two descriptors that stay their owner's.
private struct BlockingPipe {
    let input: CInt
    let output: CInt
    let thread: NIOThreadPool

    private static let chunk = 65536

    /// The next bytes, as soon as there are some; `nil` at the end.
    func read() async throws -> [UInt8]? {
        let descriptor = self.input
        return try await self.thread.runIfActive { () throws -> [UInt8]? in
            let bytes = try [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
                count = try Self.call("read standard input") {
                    systemRead(descriptor, buffer.baseAddress, buffer.count)
                }
            }
            return bytes.isEmpty ? nil : bytes
        }
    }

    /// Returns when the kernel has all bytes.
    /// - Returns: whether anybody can still read them.
    func write(_ bytes: [UInt8]) async throws -> Bool {
        let descriptor = self.output
        return try await self.thread.runIfActive {
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = try Self.call("write standard output") {
                    rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
                }
                // EPIPE, see below.
                guard written > 0 else { return false }
                rest = rest.dropFirst(written)
            }
            return true
        }
    }

    /// Repeats a call that a signal interrupted. A reader that is gone (EPIPE) shows as 0.
    private static func call(_ purpose: String, _ body: () -> Int) throws(BackendError) -> Int {
        while true {
            let result = body()
            if result >= 0 { return result }
            let code = errno
            if code == EPIPE { return 0 }
            guard code == EINTR else {
                throw BackendError(.childFailed, "cannot \(purpose): \(String(cString: strerror(code)))")
            }
        }
    }
}

/// The system's `read` and `write`, out of reach of the members of the same names.
private func systemRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
