import ELBNet

/// Connections that no security group lets in, as `SilencedConnections` of ELBNet, for those without a channel.
final class SilencedSockets {
    /// Beyond so many the oldest is closed.
    private static let most = 256

    private let loop: SocketLoop
    private var sockets: [SilencedSocket] = []

    init(on loop: SocketLoop) {
        self.loop = loop
    }

    /// Nothing of the socket is read from now on, and nothing is written.
    func add(_ socket: StreamSocket) {
        if self.sockets.count >= Self.most { self.sockets.removeFirst().close() }
        let silenced = SilencedSocket(socket, on: self.loop) { [weak self] socket in
            self?.sockets.removeAll { $0 === socket }
        }
        if silenced.isOpen { self.sockets.append(silenced) }
    }

    func closeAll() {
        for socket in self.sockets { socket.close() }
        self.sockets = []
    }
}

/// A connection whose client hears nothing, until it gives up.
private final class SilencedSocket: SocketObserver {
    private let socket: StreamSocket
    private let loop: SocketLoop
    private let ended: (SilencedSocket) -> Void
    private var registration: SocketLoop.Registration?

    init(_ socket: StreamSocket, on loop: SocketLoop, ended: @escaping (SilencedSocket) -> Void) {
        self.socket = socket
        self.loop = loop
        self.ended = ended
        self.registration = loop.add(self, on: socket.descriptor, for: .inputEnd)
        if self.registration == nil { socket.close() }
    }

    var isOpen: Bool { self.registration != nil }

    func ready(_ readiness: Readiness) {
        self.close()
        self.ended(self)
    }

    func close() {
        guard let registration = self.registration else { return }
        self.registration = nil
        self.loop.remove(registration)
        self.socket.close()
    }
}
