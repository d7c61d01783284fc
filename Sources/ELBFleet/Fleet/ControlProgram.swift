import NIOCore
import NIOPosix

/// What a backend's child process does: it obeys the JSON lines on its standard input, answers each with one line on its
/// standard output, and ends when the input ends.
package enum ControlProgram {
    /// Runs until the input ends; then every backend is stopped.
    /// - Parameters:
    ///   - input: a descriptor to read commands from; taken over.
    ///   - output: a descriptor to write replies to; taken over.
    /// - Throws: when the descriptors cannot be read or written.
    package static func run(input: CInt, output: CInt) async throws {
        let fleet = Fleet(.thisProcess(MultiThreadedEventLoopGroup.singleton))
        let channel = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .takingOwnershipOfDescriptors(input: input, output: output) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        do {
            try await channel.executeThenClose { inbound, outbound in
                var lines = ControlLines.Splitter()
                for try await buffer in inbound {
                    lines.append(buffer.readableBytesView)
                    while let line = try lines.next() {
                        let reply = await Self.reply(to: line, fleet)
                        try await outbound.write(ByteBuffer(bytes: try ControlLines.encode(reply)))
                    }
                }
            }
        } catch {
            await fleet.shutDown()
            throw error
        }
        await fleet.shutDown()
    }

    private static func reply(to line: [UInt8], _ fleet: Fleet) async -> FleetReply {
        do {
            return await fleet.perform(try ControlLines.decode(FleetCommand.self, from: line))
        } catch {
            return .refused(FleetRefusal(error))
        }
    }
}
