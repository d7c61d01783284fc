/// What a node of a Network Load Balancer counts of its flows. Plain integers on the node's loop, so that counting is one addition.
package struct FlowCounters: Hashable, Sendable {
    package var newTCP = 0
    package var newTLS = 0
    package var newUDP = 0
    /// Those that are under way (NLB-MT-006).
    package var activeTCP = 0
    package var activeTLS = 0
    package var activeUDP = 0
    /// Bytes of both directions, without headers.
    package var bytesTCP = 0
    package var bytesTLS = 0
    package var bytesUDP = 0
    /// Reads and datagrams of both directions. How many packets a read was, only the system knows.
    package var packetsTCP = 0
    package var packetsTLS = 0
    package var packetsUDP = 0
    /// Health checks.
    package var probes = 0
    /// The highest ten-second averages, by AWS's clock (NLB-MT-008).
    package var peakBytes = 0
    package var peakPackets = 0
    /// Resets by who made them (NLB-TO-008).
    package var clientResets = 0
    package var targetResets = 0
    package var ownResets = 0
    /// Connections that there was no room for.
    package var rejected = 0
    /// Connections to targets for which no port was left (NLB-IP-010).
    package var portAllocationErrors = 0
    package var clientTLSErrors = 0
    package var targetTLSErrors = 0
    /// Flows that went to a target because too few were healthy (NLB-FO-015).
    package var unhealthyRouting = 0
    /// What security groups kept out and in (NLB-SG-003).
    package var blockedInboundTCP = 0
    package var blockedInboundUDP = 0
    package var blockedOutboundTCP = 0
    package var blockedOutboundUDP = 0
    /// Flows of datagrams that were forgotten to make room for others.
    package var displacedUDP = 0

    package init() {}

    package mutating func add(_ other: Self) {
        for path in Self.all { self[keyPath: path] += other[keyPath: path] }
        self.peakBytes = max(self.peakBytes, other.peakBytes)
        self.peakPackets = max(self.peakPackets, other.peakPackets)
    }

    /// The same of a node where nothing is under way any more.
    package var finished: Self {
        var counters = self
        counters.activeTCP = 0
        counters.activeTLS = 0
        counters.activeUDP = 0
        return counters
    }

    private static var all: [WritableKeyPath<Self, Int>] {
        [
            \.newTCP, \.newTLS, \.newUDP, \.activeTCP, \.activeTLS, \.activeUDP, \.bytesTCP, \.bytesTLS, \.bytesUDP,
            \.packetsTCP, \.packetsTLS, \.packetsUDP, \.probes, \.clientResets, \.targetResets, \.ownResets, \.rejected,
            \.portAllocationErrors,
            \.clientTLSErrors, \.targetTLSErrors, \.unhealthyRouting, \.blockedInboundTCP, \.blockedInboundUDP,
            \.blockedOutboundTCP, \.blockedOutboundUDP, \.displacedUDP,
        ]
    }
}
