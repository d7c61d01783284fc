import ELBCore
import NIOCore

/// What serves a client's request: a connection to a target. The client hears of the outcome by `ClientRequest.targetReady`,
/// `responseHead`, `writeResponseBody`, `responseEnded` and `targetFailed`, in that order and on the same event loop.
class TargetExchange {
    /// Whether a request can be sent now.
    var isReady: Bool { false }
    /// Whether it takes more of a body now; when that changes, `ClientRequest.process` is called.
    var isWritable: Bool { true }
    /// What waits here, unread by the target or not yet passed on.
    var bufferedBytes: Int { 0 }

    /// Sends the head that lies in the client's `scratch`, and behind it in the same write what is there of a small body.
    func send(requestOf client: ClientRequest, at now: UInt64) {}

    /// Sends a part of the body, in the form that `ClientRequest.takeBody` gave it.
    func write(_ body: ByteBuffer) {}

    /// The body is complete.
    func finishBody() {}

    func flush() {}

    /// The client has sent its last byte through the tunnel.
    func tunnelEndedByClient() {}

    /// Stops and goes on reading, as the client keeps up.
    func setReading(_ isReading: Bool) {}

    /// The request is over and whatever carried it may carry another one.
    func release() {}

    /// The request is over, or its client has left, and nothing of it is worth keeping.
    func abandon() {}
}
