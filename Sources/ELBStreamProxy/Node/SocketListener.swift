import ELBModel
import ELBNet
import Glibc

/// The socket of a listener that takes connections.
final class SocketListener: SocketObserver {
    /// Connections that are taken before others have their turn.
    private static let mostAtOnce = 64

    private let socket: StreamSocket
    private let port: Port
    private unowned let node: NetworkNode
    private var registration: SocketLoop.Registration?
    /// How many are taken this time: more after a time when there were as many, so that neither a crowd nor a single client costs calls
    /// for nothing.
    private var quota = 1
    /// The process has no descriptors left: asking again before some time has passed would be for nothing.
    private var isOutOfDescriptors = false

    init(_ socket: StreamSocket, port: Port, node: NetworkNode) {
        self.socket = socket
        self.port = port
        self.node = node
    }

    /// Begins to accept; what has connected meanwhile was kept by the system.
    func start() {
        guard self.registration == nil else { return }
        self.registration = self.node.loop.add(self, on: self.socket.descriptor, for: .input, changesOnly: false)
    }

    func ready(_ readiness: Readiness) {
        for _ in 0..<self.quota {
            do throws(SocketFailure) {
                let client = try self.socket.accept()
                self.node.accept(client, on: self.port)
            } catch {
                switch error.code {
                case ECONNABORTED, EINTR: continue
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return self.pause()
                default:
                    self.quota = 1
                    return
                }
            }
        }
        self.quota = min(2 * self.quota, Self.mostAtOnce)
    }

    private func pause() {
        guard let registration = self.registration, !self.isOutOfDescriptors else { return }
        self.isOutOfDescriptors = true
        self.node.loop.change(registration, on: self.socket.descriptor, to: .none, changesOnly: false)
    }

    /// Called from time to time.
    func resume() {
        guard let registration = self.registration, self.isOutOfDescriptors else { return }
        self.isOutOfDescriptors = false
        self.node.loop.change(registration, on: self.socket.descriptor, to: .input, changesOnly: false)
    }

    func close() {
        if let registration = self.registration { self.node.loop.remove(registration) }
        self.registration = nil
        self.socket.close()
    }
}
