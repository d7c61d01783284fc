/// The target groups of a listener of a Network Load Balancer with their weights, ready for a choice.
///
/// A flow's hash decides, so that nothing has to be remembered: a group's share is its weight over the sum (NLB-WT-002). Nothing
/// here knows of health: a group without a usable target keeps its share (NLB-WT-008).
package struct FlowGroups: Hashable, Sendable {
    /// Indices of the snapshot's groups, weight 0 included, as configured.
    package let members: [Member]
    /// Whether a client's address alone decides (NLB-WT-006).
    package let isSticky: Bool
    private let total: Int

    package struct Member: Hashable, Sendable {
        package var group: Int
        package var weight: Int

        package init(group: Int, weight: Int) {
            self.group = group
            self.weight = weight
        }
    }

    package init(_ members: [Member], isSticky: Bool = false) {
        self.members = members
        self.isSticky = isSticky
        self.total = members.reduce(0) { $0 + $1.weight }
    }

    /// The group of a flow; `nil` if every weight is 0 (NLB-WT-003).
    ///
    /// - Parameters:
    ///   - flow: the hash of the flow.
    ///   - source: the hash of its client's address.
    package func choose(flow: UInt64, source: UInt64) -> Int? {
        guard self.total > 0 else { return nil }
        guard self.members.count > 1 else { return self.members[0].group }
        // Other bits than those that choose the target in the group.
        var generator = SplitMix64(seed: self.isSticky ? source : flow)
        var draw = generator.next(below: self.total)
        for member in self.members {
            if draw < member.weight { return member.group }
            draw -= member.weight
        }
        return nil
    }
}
