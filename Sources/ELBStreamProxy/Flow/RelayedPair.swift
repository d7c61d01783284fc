import NIOCore

/// Whom the two ends of a relayed connection tell what happens to them. A class, because ends ask it for every read: a call through
/// a table costs less there than one through a protocol's witness.
class RelayedPair {
    /// The target has accepted, and has had its handshake where there is one.
    func targetConnected() {}

    /// There is no connection to the target; `errno` says why.
    func connectFailed(_ code: CInt?) {}

    /// Whether so many bytes that a side has sent go on to the other one.
    func passes(_ count: Int, from end: FlowEnd) -> Bool { false }

    /// Bytes that do not go on, for now or for ever.
    func keep(_ buffer: ByteBuffer, from end: FlowEnd) {}

    /// A side has said all that it will say.
    func inputClosed(_ end: FlowEnd) {}

    /// A side is gone.
    func inactive(_ end: FlowEnd) {}
}
