/// A server behind the balancer.
final class Target {
    let address: String
    let port: UInt16
    let lock = Lock()
    /// What probes have told so far.
    var health = Health()
    /// Set when it has left; its probes end then.
    var isGone = false
    /// Connections that wait for a request, and those that carry one.
    var idle: [Connection] = []
    var busy: [Connection] = []

    init(_ description: TargetDescription) {
        self.address = description.address ?? description.id
        self.port = description.port
    }

    var name: String { "\(self.address):\(self.port)" }
}

/// A target group: targets that can stand in for one another and take turns.
final class Group {
    let name: String
    let description: GroupDescription
    /// So many of AWS's seconds pass in one of ours.
    let scale: Double
    let attributes: [String: String]
    let targets: [Target]
    let lock = Lock()
    /// How often somebody has been chosen.
    var turns = 0

    /// Makes the group; targets that are known already stay the same objects, with the health that they have.
    init(_ description: GroupDescription, scale: Double, known: [Target] = []) {
        self.name = description.name
        self.description = description
        self.scale = scale
        self.attributes = (description.targetGroupAttributes ?? []).byKey
        var new: [Target] = []
        self.targets = description.targets.map { entry in
            let target = Target(entry)
            if let kept = known.first(where: { $0.name == target.name }) { return kept }
            new.append(target)
            return target
        }
        for target in new { detach { self.watch(target) } }
    }
}
