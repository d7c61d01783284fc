/// What security groups let through in one direction, over TCP: whatever one of their rules allows. What nobody allows gets no
/// answer at all, not even a refusal. Groups keep track of connections: a change is for new ones, and answers need no rule.
package struct TrafficFilter: Hashable, Codable, Sendable {
    package struct Rule: Hashable, Codable, Sendable {
        /// Of the side that is connected to.
        package var ports: ClosedRange<UInt16>
        /// Where the other side is.
        package var peer: CIDRBlock

        package init(ports: ClosedRange<UInt16> = 0...UInt16.max, peer: CIDRBlock) {
            self.ports = ports
            self.peer = peer
        }
    }

    package var rules: [Rule]
    /// Whoever is here does not get through, whatever the rules say.
    package var excluded: [CIDRBlock] = []

    /// Without rules nothing gets through.
    package init(_ rules: [Rule] = []) {
        self.rules = rules
    }

    /// Whether a connection with this address, to that port, is let through.
    package func admits(_ address: IPAddress, port: Port) -> Bool {
        self.rules.contains { $0.ports.contains(port.rawValue) && $0.peer.contains(address) }
            && !self.excluded.contains { $0.contains(address) }
    }
}
