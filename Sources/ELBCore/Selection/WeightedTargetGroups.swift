/// The target groups of a forward action with their weights, ready for a choice.
///
/// Each request is an independent draw; a group's share is its weight over the sum (ALB-FWD-004). Nothing here knows of
/// health: a group without a usable target keeps its share (ALB-FWD-007).
package struct WeightedTargetGroups: Hashable, Sendable {
    /// Indices of `Snapshot.targetGroups` that have a positive weight.
    package let groups: [Int]
    /// Running sums of the weights, one per group.
    private let bounds: [Int]
    /// How clients are bound to the group they got; `nil` when they are not, so that every request is a new draw.
    package let stickiness: Stickiness?

    /// Stickiness between the groups of one action.
    package struct Stickiness: Hashable, Sendable {
        /// AWS seconds from the cookie's issue.
        package let seconds: Int
        /// What cookies call the action's groups, weight 0 included: a cookie counts whatever the weights (ALB-FWD-012).
        private let members: [(group: Int, key: UInt64)]

        package init(seconds: Int, members: [(group: Int, key: UInt64)]) {
            self.seconds = seconds
            self.members = members
        }

        /// The group that a cookie names; `nil` if it is none of this action's.
        package func group(of key: UInt64) -> Int? {
            self.members.first { $0.key == key }?.group
        }

        package func key(of group: Int) -> UInt64? {
            self.members.first { $0.group == group }?.key
        }

        package static func == (left: Self, right: Self) -> Bool {
            left.seconds == right.seconds && left.members.elementsEqual(right.members, by: ==)
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(self.seconds)
        }
    }

    /// Keeps the order given; groups of weight 0 get nothing (ALB-FWD-005).
    package init(_ weights: [(group: Int, weight: Int)], stickiness: Stickiness? = nil) {
        self.stickiness = stickiness
        let positive = weights.filter { $0.weight > 0 }
        self.groups = positive.map(\.group)
        var sum = 0
        self.bounds = positive.map { entry in
            sum += entry.weight
            return sum
        }
    }

    /// The group of this request, as an index of `Snapshot.targetGroups`. `nil` if every weight is 0: what AWS does
    /// then is not documented (ALB-FWD-006), and the lab answers as for a group without targets, with 503.
    package func choose(using generator: inout SplitMix64) -> Int? {
        guard self.groups.count > 1, let total = self.bounds.last else { return self.groups.first }
        let draw = generator.next(below: total)
        for index in self.bounds.indices where draw < self.bounds[index] { return self.groups[index] }
        return self.groups.last
    }
}
