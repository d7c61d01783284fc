import NIOCore

/// Connections that security groups do not let in. They are never read and get no answer: to the other side it looks as if its
/// packets had vanished. Confined to the backend's event loop.
final class UnheardConnections {
    /// Beyond so many the oldest is closed.
    private static let most = 256

    private var channels: [any Channel] = []

    func add(_ channel: any Channel) {
        if self.channels.count >= Self.most { self.channels.removeFirst().close(promise: nil) }
        self.channels.append(channel)
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            self?.channels.removeAll { $0 === channel }
        }
        try? channel.syncOptions?.setOption(.autoRead, value: false)
    }

    func closeAll() {
        for channel in self.channels { channel.close(promise: nil) }
    }
}
