import ELBModel
import NIOCore
import NIOPosix

/// One listening port of a backend. Confined to the backend's event loop.
final class BackendListener {
    let port: UInt16
    private let socket: ListeningSocket
    private var channel: (any Channel)?
    private var plugs: [(descriptor: CInt, port: Int)] = []
    /// Ports of plugs that were pulled: they still stand in the accept queue.
    private var pulled: Set<Int> = []

    init(address: IPAddress, port: UInt16) throws(BackendError) {
        self.socket = try ListeningSocket(binding: address, port: port)
        self.port = UInt16(self.socket.address.port ?? 0)
    }

    /// Gives the socket up before it was ever opened.
    func abandon() {
        _ = ListeningSocket.closeDescriptor(self.socket.descriptor)
    }

    /// Begins to accept, every connection on `eventLoop`.
    func open(
        on eventLoop: any EventLoop,
        _ initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<Void> {
        ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: ListeningSocket.backlog)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer(initialize)
            .withBoundSocket(self.socket.descriptor)
            .assumeIsolated()
            .map { self.channel = $0 }
            .nonisolated()
    }

    func close(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        self.pullPlugs()
        let channel = self.channel
        self.channel = nil
        return channel?.close() ?? eventLoop.makeSucceededVoidFuture()
    }

    /// Accepts nothing more and lets no SYN be answered: Linux drops SYNs while the accept queue is full, so the queue is
    /// made as short as it can be and filled with connections of our own.
    func fallSilent() {
        try? self.channel?.syncOptions?.setOption(.autoRead, value: false)
        ListeningSocket.listen(self.socket.descriptor, backlog: 0)
        // A backlog of 0 still holds one connection; the second makes sure of it.
        self.plugs = (0..<2).compactMap { _ in self.socket.plug() }
    }

    /// Accepts again.
    func awake() {
        self.pullPlugs()
        ListeningSocket.listen(self.socket.descriptor, backlog: ListeningSocket.backlog)
        try? self.channel?.syncOptions?.setOption(.autoRead, value: true)
    }

    /// Whether a connection from that port is one of our plugs, which must not be mistaken for a client.
    func isPlug(_ port: Int?) -> Bool {
        port.map { self.pulled.remove($0) != nil } ?? false
    }

    private func pullPlugs() {
        for plug in self.plugs {
            _ = ListeningSocket.closeDescriptor(plug.descriptor)
            self.pulled.insert(plug.port)
        }
        self.plugs = []
    }
}
