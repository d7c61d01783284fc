import NIOCore

/// A client's connection as its node keeps it, whatever the client speaks on it.
protocol ClientConnection: AnyObject {
    /// `nil` once it is closed.
    var channel: (any Channel)? { get }

    /// What waits here, unread by targets or by the client.
    var bufferedBytes: Int { get }

    /// The balancer stops: an idle connection closes now, a busy one after its responses.
    func stopGracefully()

    /// Closes the connection whatever it is doing.
    func cut()
}

extension HTTP1ClientConnection: ClientConnection {
    var channel: (any Channel)? { self.context?.channel }
}
