package import NIOCore

/// Connections that no security group lets in. At AWS their first packet would vanish; here the system has accepted them before
/// anybody could look, so they hear nothing until they give up. Lives on its node's event loop.
package final class SilencedConnections {
    /// Beyond so many the oldest is closed.
    private static let most = 256

    private var channels: [any Channel] = []

    package init() {}

    /// Nothing of the channel is read from now on, and nothing is written.
    package func add(_ channel: any Channel) {
        if self.channels.count >= Self.most { self.channels.removeFirst().close(promise: nil) }
        self.channels.append(channel)
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            self?.channels.removeAll { $0 === channel }
        }
        try? channel.syncOptions?.setOption(.autoRead, value: false)
    }

    package func resetAll() {
        for channel in self.channels { channel.reset() }
    }

    package func closeAll() {
        for channel in self.channels { channel.close(promise: nil) }
    }
}
