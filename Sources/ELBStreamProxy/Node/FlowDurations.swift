import ELBNet
import NIOCore

/// AWS's fixed times, scaled.
struct FlowDurations: Sendable {
    /// Until a target must have answered (NLB-FH-012), nanoseconds.
    var connect: UInt64
    /// For a client's handshake; AWS does not say how long.
    var handshake: TimeAmount
    /// Between packets that keep TLS connections alive (NLB-TO-006), in seconds of real time, the least the system knows.
    var keepalive: Int
    /// Without a datagram until a flow is forgotten (NLB-TO-007), nanoseconds as all that follow.
    var datagramFlow: UInt64
    /// For which connections outlive their group's replacement (NLB-LS-016).
    var replacedGroup: UInt64
    /// For which connections outlive their group's weight: "a short period", AWS does not say how long (NLB-WT-004).
    var weightless: UInt64

    init(_ timeScale: TimeScale) {
        self.connect = timeScale.nanoseconds(seconds: 30)
        self.handshake = timeScale.timeAmount(seconds: 60)
        self.keepalive = Int(max(1, timeScale.nanoseconds(seconds: 20) / 1_000_000_000))
        self.datagramFlow = timeScale.nanoseconds(seconds: 120)
        self.replacedGroup = timeScale.nanoseconds(seconds: 3600)
        self.weightless = timeScale.nanoseconds(seconds: 60)
    }
}
