package import ELBModel

/// What a subject's configuration file says (docs/subject-contract.md): one load balancer, its target groups, how fast
/// time runs, and the seed of whatever is drawn at random.
package struct SubjectConfiguration: Hashable, Sendable {
    package var loadBalancer: LoadBalancer
    /// In the file's order; `TargetGroupID` is the group's name here.
    package var targetGroups: [TargetGroup]
    /// AWS seconds per real second: 0.001 to 10,000, default 1.
    package var timeScale: Double
    /// `nil` leaves the choice to the subject.
    package var seed: UInt64?
    /// `nil` answers no names.
    package var names: SubjectNames?

    package init(loadBalancer: LoadBalancer, targetGroups: [TargetGroup], timeScale: Double = 1, seed: UInt64? = nil) {
        self.loadBalancer = loadBalancer
        self.targetGroups = targetGroups
        self.timeScale = timeScale
        self.seed = seed
    }

    /// The load balancer and its groups as a whole to validate.
    package var topology: Topology {
        var topology = Topology(loadBalancers: [self.loadBalancer], targetGroups: self.targetGroups)
        topology.recordSets = self.names?.recordSets ?? []
        return topology
    }
}
