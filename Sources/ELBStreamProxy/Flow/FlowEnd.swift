import NIOCore

/// One side of a relayed connection: a channel where there is TLS, a socket where there is none.
///
/// What it reads it hands to the other side at once. A side whose other side takes no more is not read until that has changed.
class FlowEnd {
    enum Side: Hashable {
        case client
        case target
    }

    let side: Side
    final var flow: RelayedPair?
    /// The side has said all that it will say.
    final var isInputClosed = false
    final var isOutputClosed = false
    /// The side has broken off.
    final var wasReset = false
    /// Whether the connection is there, or may come.
    final var isAlive = true

    init(_ side: Side) {
        self.side = side
    }

    /// Whether this side was told that the other is done, so that its own end is no surprise.
    final var isDone: Bool { self.isInputClosed || self.isOutputClosed }

    /// Writes what was held until this side was there.
    func send(_ buffer: ByteBuffer) {}

    func setReading(_ isReading: Bool) {}

    /// Has the system ask the other end whether it is there; connections with TLS only.
    func keepAlive(everySeconds seconds: Int) {}

    /// Passes on that the other side has said all, behind everything that it has said.
    func closeOutput() {}

    /// Closes when everything has been sent.
    func closeWhenSent() {}

    /// Breaks off.
    func reset() {}

    /// Segments that have come in from this side since the beginning.
    var segments: UInt64 { 0 }

    /// The connection is gone, or never came up: tells its flow, which lets go of it.
    final func becomeInactive() {
        self.isAlive = false
        let flow = self.flow
        self.flow = nil
        flow?.inactive(self)
    }

    /// The connection never came up, and the flow knows.
    final func neverOpened() {
        self.isAlive = false
        self.flow = nil
    }
}
