/// A rule of a security group: lets something in or out, and never forbids.
package struct SecurityGroupRule: Hashable, Codable, Sendable {
    /// `sgr-` and digits.
    package var id: String
    /// EC2's word or number for the protocol: `tcp`, `udp`, `icmp`, and `-1` for all.
    package var ipProtocol: String
    /// `nil` for all ports, and for protocols without.
    package var ports: ClosedRange<UInt16>?
    package var peer: Peer
    package var detail: String?

    package init(id: String, ipProtocol: String, ports: ClosedRange<UInt16>?, peer: Peer, detail: String? = nil) {
        self.id = id
        self.ipProtocol = ipProtocol
        self.ports = ports
        self.peer = peer
        self.detail = detail
    }

    /// Who is on the other side.
    package enum Peer: Hashable, Codable, Sendable {
        case block(CIDRBlock)
        /// Everything that belongs to that group.
        case group(String)
    }

    /// What tells it from other rules: EC2 has no rule twice in a group.
    package func isSame(as other: SecurityGroupRule) -> Bool {
        self.ipProtocol == other.ipProtocol && self.ports == other.ports && self.peer == other.peer
    }

    /// Whether it speaks of TCP, which is what the lab filters.
    var isForTCP: Bool { ["tcp", "6", "-1"].contains(self.ipProtocol) }

    /// The rule that lets everything through.
    package static func everything(id: String) -> Self {
        Self(id: id, ipProtocol: "-1", ports: nil, peer: .block(.everywhere))
    }

    var isEverything: Bool { self.isForTCP && self.ports == nil && self.peer == .block(.everywhere) }
}
