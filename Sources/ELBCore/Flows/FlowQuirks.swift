package import ELBModel

/// The deliberate deviations of a Network Load Balancer's data path.
package struct FlowQuirks: QuirkOptions {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The quirk `flow.always-first`.
    package static let alwaysFirst = Self(rawValue: 1 << 1)
    /// `flow.client-ip-hidden`.
    package static let clientIPHidden = Self(rawValue: 1 << 2)
    /// `flow.client-ip-shown`.
    package static let clientIPShown = Self(rawValue: 1 << 3)
    /// `flow.reset-as-close`.
    package static let resetAsClose = Self(rawValue: 1 << 4)
    /// `flow.half-close-ends`.
    package static let halfCloseEnds = Self(rawValue: 1 << 5)
    /// `flow.refused-as-close`.
    package static let refusedAsClose = Self(rawValue: 1 << 6)
    /// `flow.idle-timeout-closes`: says farewell when a flow has been idle for too long.
    package static let idleTimeoutCloses = Self(rawValue: 1 << 7)
    /// `flow.idle-timeout-missing`.
    package static let idleTimeoutMissing = Self(rawValue: 1 << 8)
    /// `flow.keepalive-ignored`.
    package static let keepaliveIgnored = Self(rawValue: 1 << 9)
    /// `flow.unhealthy-keeps-connections`.
    package static let unhealthyKeepsConnections = Self(rawValue: 1 << 10)
    /// `flow.source-ip-ignored`: no stickiness.
    package static let sourceIPIgnored = Self(rawValue: 1 << 11)
    /// `flow.deregistered-cut`: connections end with the deregistration delay, whatever the attribute says.
    package static let deregisteredCut = Self(rawValue: 1 << 12)
    /// `proxy-protocol.missing`.
    package static let proxyProtocolMissing = Self(rawValue: 1 << 13)
    /// `proxy-protocol.target-as-destination`.
    package static let proxyProtocolTarget = Self(rawValue: 1 << 14)
    /// `proxy-protocol.checksum-wrong`.
    package static let proxyProtocolChecksum = Self(rawValue: 1 << 15)
    /// `udp.per-datagram`: every datagram is a flow of its own.
    package static let perDatagram = Self(rawValue: 1 << 16)
    /// `udp.timeout-missing`.
    package static let udpTimeoutMissing = Self(rawValue: 1 << 17)

    package static let bits: [(quirk: Quirk, bit: Self)] = [
        (.flowAlwaysFirst, .alwaysFirst), (.flowClientIPHidden, .clientIPHidden),
        (.flowClientIPShown, .clientIPShown), (.flowResetAsClose, .resetAsClose),
        (.flowHalfCloseEnds, .halfCloseEnds), (.flowRefusedAsClose, .refusedAsClose),
        (.flowIdleTimeoutCloses, .idleTimeoutCloses), (.flowIdleTimeoutMissing, .idleTimeoutMissing),
        (.flowKeepaliveIgnored, .keepaliveIgnored), (.flowUnhealthyKeepsConnections, .unhealthyKeepsConnections),
        (.flowSourceIPIgnored, .sourceIPIgnored), (.flowDeregisteredCut, .deregisteredCut),
        (.proxyProtocolMissing, .proxyProtocolMissing), (.proxyProtocolTarget, .proxyProtocolTarget),
        (.proxyProtocolChecksum, .proxyProtocolChecksum), (.udpPerDatagram, .perDatagram),
        (.udpTimeoutMissing, .udpTimeoutMissing),
    ]
}
