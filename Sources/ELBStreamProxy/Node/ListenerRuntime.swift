import ELBCore
import ELBModel
import ELBNet

/// A listener at one node, replaced in parts when the configuration changes.
final class ListenerRuntime {
    var compiled: NetworkListener
    /// What a TLS listener shows its clients. Replacing it concerns new connections only (NLB-TL-007).
    var credentials: ListenerCredentials?
    /// Nanoseconds.
    var idleTimeout: UInt64 = 0
    private var streams: [ListenerSocket: SocketListener] = [:]
    private var datagrams: [ListenerSocket: DatagramListener] = [:]

    init(_ compiled: NetworkListener) {
        self.compiled = compiled
    }

    var isBound: Bool { !self.streams.isEmpty || !self.datagrams.isEmpty }

    func add(_ bound: BoundSocket, as socket: ListenerSocket, at node: NetworkNode) {
        switch bound {
        case .stream(let stream): self.streams[socket] = SocketListener(stream, port: socket.port, node: node)
        case .datagrams(let datagrams):
            self.datagrams[socket] = DatagramListener(datagrams, port: socket.port, node: node)
        }
    }

    /// Closes the others.
    func keep(only sockets: [ListenerSocket]) {
        for (socket, listener) in self.streams where !sockets.contains(socket) {
            listener.close()
            self.streams[socket] = nil
        }
        for (socket, listener) in self.datagrams where !sockets.contains(socket) {
            listener.close()
            self.datagrams[socket] = nil
        }
    }

    /// Takes clients from now on.
    func start() {
        for listener in self.streams.values { listener.start() }
        for listener in self.datagrams.values { listener.start() }
    }

    /// Goes on after a lack of descriptors.
    func resume() {
        for listener in self.streams.values { listener.resume() }
    }
}

/// A socket that a node listens with: a TCP_UDP listener has two.
struct ListenerSocket: Hashable, Sendable {
    enum Transport: Hashable, Sendable {
        case tcp
        case udp
    }

    var port: Port
    var transport: Transport

    static func sockets(of listener: NetworkListener) -> [Self] {
        (listener.hasTCP ? [Self(port: listener.port, transport: .tcp)] : [])
            + (listener.hasUDP ? [Self(port: listener.port, transport: .udp)] : [])
    }
}

/// A listener's socket that has its address, and takes nobody yet.
enum BoundSocket: Sendable {
    case stream(StreamSocket)
    case datagrams(DatagramSocket)

    /// The address is free again.
    func close() {
        switch self {
        case .stream(let socket): socket.close()
        case .datagrams(let socket): socket.close()
        }
    }
}
