package import ELBNet
package import NIOCore

/// Relays the streams of Classic Load Balancers.
package struct ClassicStreamRelay: StreamRelay {
    package init() {}

    package func makeStream(
        client: any Channel,
        connectTimeout: TimeAmount,
        for owner: any StreamOwner
    ) throws -> any RelayedStream {
        let stream = ClassicStream(eventLoop: client.eventLoop, connectTimeout: connectTimeout, owner: owner)
        try ChannelEnd.prepare(client)
        try client.pipeline.syncOperations.addHandler(stream.client)
        return stream
    }
}
