package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let targetOperations: [any AccountCommand.Type] = [
        RegisterTargets.self, DeregisterTargets.self, DescribeTargetHealth.self,
    ]
}

extension ELBv2.RegisterTargets: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.targetGroup(self.arn)
        for description in self.targets {
            let target = try transaction.target(description, for: record)
            // Registered already, and that is what is asked for.
            if record.group.targets.contains(where: { $0.key == target.key }) { continue }
            record.group.targets.append(target)
            try transaction.listen(target, in: record.group)
        }
        if let error = record.group.validate().first { throw APIError(error) }
        transaction.save(.targetGroup(record))
        for arn in transaction.account.loadBalancers(using: record.group.id) {
            try transaction.validate(loadBalancer: arn)
        }
        return [:]
    }
}

extension ELBv2.DeregisterTargets: AccountCommand {
    /// A port that was given on registration has to be given again, and unknown targets are no mistake (ALB-TG-020).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.targetGroup(self.arn)
        for description in self.targets {
            // As of a variable that a script never set.
            guard !description.id.isEmpty else { throw .validation("Instance ID '' is not valid") }
            record.group.targets.removeAll { target in
                guard target.id.rawValue == description.id else { return false }
                return record.group.targetType == .lambda
                    || target.endpoint.port == description.port ?? record.group.port
            }
        }
        transaction.save(.targetGroup(record))
        return [:]
    }
}

extension ELBv2.DescribeTargetHealth: AccountCommand {
    package static var needsHealth: Bool { true }

    /// The registered targets, then those that drain; of targets that are named, each, also where it is unknown.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.targetGroup(self.arn)
        let group = record.group
        let seen = transaction.health.targets.filter { $0.targetGroup == group.id }
        var listed = group.targets
        for entry in seen where !listed.contains(where: { $0.key == entry.target.key.registration }) {
            listed.append(entry.target)
        }
        if let targets {
            var named: [Target] = []
            for description in targets {
                let port = description.port ?? group.port
                let known = listed.first { $0.id.rawValue == description.id && $0.endpoint.port == port }
                named.append(known ?? Self.unknown(description, in: record))
            }
            listed = named
        }
        let shift = transaction.account.shiftableLoadBalancer(using: group.id)
        let descriptions = listed.map { target -> WireValue in
            let key = target.key.registration
            let views = Self.views(seen.filter { $0.target.key.registration == key })
            let isRegistered = group.targets.contains { $0.key == key }
            return .targetHealth(
                target,
                in: group,
                Self.health(of: target, isRegistered: isRegistered, views, transaction.account),
                anomalies: self.includesAnomalies ? views.first?.anomalies : nil,
                override: shift.map {
                    AdministrativeOverride(target: target.zone, shifted: $0.shifted, isCrossZone: $0.isCrossZone)
                }
            )
        }
        return ["TargetHealthDescriptions": .list(descriptions)]
    }

    /// What counts of what nodes see. An Application Load Balancer may have nodes where the load balancer before it has none: they are
    /// not used, and say nothing of it.
    private static func views(_ all: [LabTargetHealth]) -> [LabTargetHealth] {
        let used = all.filter { $0.target.node == nil || $0.health.state != .unused }
        return used.isEmpty ? all : used
    }

    /// One state from what each node sees: healthy only if all agree, so that a waiter that ends means what it says.
    private static func health(
        of target: Target,
        isRegistered: Bool,
        _ views: [LabTargetHealth],
        _ account: Account
    ) -> TargetHealth {
        if let view = views.first(where: { $0.health.state != .healthy }) { return view.health }
        if let view = views.first { return view.health }
        guard isRegistered else {
            return TargetHealth(
                state: .unused,
                reason: .notRegistered,
                detail: "Target is not registered to the target group"
            )
        }
        if account.instances[target.id.rawValue]?.state == .stopped {
            return TargetHealth(state: .unused, reason: .invalidState, detail: "Target is in the stopped state")
        }
        // ALB-TG-017.
        return TargetHealth(
            state: .unused,
            reason: .notInUse,
            detail: "Target group is not configured to receive traffic from the load balancer"
        )
    }

    private static func unknown(
        _ description: ELBv2.TargetDescription,
        in record: TargetGroupRecord
    ) -> Target {
        let address = IPAddress(description.id) ?? .v4(IPv4Address(0, 0, 0, 0))
        return Target(
            id: TargetID(rawValue: description.id),
            endpoint: Endpoint(address: address, port: description.port ?? record.group.port),
            zone: nil
        )
    }
}

extension Account {
    /// The load balancer of a group, if zonal shift is switched on for it: the zone that is shifted away from, and whether its nodes
    /// send this group's requests to all zones.
    fileprivate func shiftableLoadBalancer(
        using group: TargetGroupID
    ) -> (shifted: AvailabilityZone?, isCrossZone: Bool)? {
        for arn in self.loadBalancers(using: group) {
            guard let balancer = self.loadBalancers[arn]?.balancer, balancer.attributes.zonalShiftEnabled,
                let attributes = self.targetGroups[group.rawValue]?.group.attributes
            else { continue }
            let isOn: Bool
            switch attributes.crossZone {
            case .on: isOn = true
            case .off: isOn = false
            case .useLoadBalancerConfiguration: isOn = balancer.kind != .network || balancer.attributes.crossZoneEnabled
            }
            return (self.zonalShift(of: arn)?.awayFrom, isOn)
        }
        return nil
    }
}

extension Transaction {
    /// What a target's description means in that group, or AWS's error.
    fileprivate func target(
        _ description: ELBv2.TargetDescription,
        for record: TargetGroupRecord
    ) throws(APIError) -> Target {
        let port = description.port ?? record.group.port
        switch record.group.targetType {
        case .instance: return try self.instanceTarget(description, port: port, record)
        case .ip: return try self.addressTarget(description, port: port)
        case .lambda: return try self.functionTarget(description)
        case .alb: return try self.balancerTarget(description, port: port, record)
        }
    }

    /// ALB-TG-007: it runs, in the group's VPC. An instance is where it is (ALB-TG-011).
    private func instanceTarget(
        _ description: ELBv2.TargetDescription,
        port: Port,
        _ record: TargetGroupRecord
    ) throws(APIError) -> Target {
        guard description.id.hasPrefix("i-") else {
            throw .validation("Instance ID '\(description.id.prefix(80))' is not valid")
        }
        guard let instance = self.account.instances[description.id], instance.vpc == record.vpc,
            instance.state != .terminated
        else {
            throw APIError(
                "InvalidTarget",
                "The following targets are not in the target group VPC '\(record.vpc ?? "")': '\(description.id.prefix(80))'"
            )
        }
        guard instance.state == .running else {
            throw APIError(
                "InvalidTarget",
                "The following targets are not in a running state and cannot be registered: '\(description.id)'"
            )
        }
        guard description.zone == nil else {
            throw .validation("You cannot specify an Availability Zone for targets of type 'instance'")
        }
        return Target(
            id: TargetID(rawValue: description.id),
            endpoint: Endpoint(address: instance.instance.address, port: port),
            zone: instance.instance.zone
        )
    }

    /// The zone of an address in the VPC is known, that of others is not (ALB-TG-011).
    private func addressTarget(
        _ description: ELBv2.TargetDescription,
        port: Port
    ) throws(APIError) -> Target {
        guard let address = IPAddress(description.id) else {
            throw .validation("The IP address '\(description.id.prefix(80))' is not valid")
        }
        var zone = LabAddresses.zone(of: address)
        if let given = description.zone, given != "all" {
            guard let known = AvailabilityZone(given), given == known.name else {
                throw .validation("The Availability Zone '\(given.prefix(80))' is not valid")
            }
            zone = known
        } else if description.zone == nil, !LabAddresses.vpc.contains(address), address.isPrivate {
            throw .validation(
                "The IP address '\(address)' is outside the VPC: an Availability Zone must be specified"
            )
        }
        if self.account.nodes().contains(where: { $0.address == address }) {
            // ALB-TG-010.
            throw APIError("InvalidTarget", "The target IP address '\(address)' is in use by a load balancer")
        }
        return Target(
            id: TargetID(rawValue: description.id),
            endpoint: Endpoint(address: address, port: port),
            zone: zone
        )
    }

    /// An Application Load Balancer of the group's VPC with a listener on the port (NLB-AL-001, -002), in two groups at most
    /// (NLB-AL-004). It is where its nodes are (NLB-DR-007).
    private func balancerTarget(
        _ description: ELBv2.TargetDescription,
        port: Port,
        _ record: TargetGroupRecord
    ) throws(APIError) -> Target {
        guard description.zone == nil else {
            throw .validation("You cannot specify an Availability Zone for targets of type 'alb'")
        }
        guard let known = self.account.loadBalancers[description.id], known.vpc == record.vpc,
            let balancer = self.account.topology(ofLoadBalancer: known.arn).loadBalancers.first
        else {
            throw APIError(
                "InvalidTarget",
                "The load balancer '\(description.id.prefix(120))' is not in the target group VPC '\(record.vpc ?? "")'"
            )
        }
        if let objection = balancer.objection(asTargetOn: port) { throw APIError(objection) }
        let others = self.account.targetGroups.filter { other in
            other.id != record.id && other.group.targetType == .alb
                && other.group.targets.contains { $0.id.rawValue == known.arn }
        }
        guard others.count < LoadBalancer.mostRegistrations else {
            throw APIError(
                "TooManyRegistrationsForTargetId",
                "The target '\(known.arn)' is registered with the maximum number of target groups"
            )
        }
        return Target(
            id: TargetID(rawValue: known.arn),
            endpoint: Endpoint(address: .v4(IPv4Address(rawValue: 0)), port: port),
            zone: nil
        )
    }

    private func functionTarget(_ description: ELBv2.TargetDescription) throws(APIError) -> Target {
        guard description.zone ?? "all" == "all" else {
            throw .validation("The only supported Availability Zone for target type 'lambda' is 'all'")
        }
        guard let function = self.account.functions[description.id]?.function else {
            throw APIError("InvalidTarget", "The function '\(description.id.prefix(120))' does not exist")
        }
        return Target(id: TargetID(rawValue: description.id), endpoint: function.endpoint, zone: nil)
    }

    /// Backends of the API's instances listen where groups expect them. Ports are added and never taken away, because who drains
    /// still answers.
    fileprivate mutating func listen(_ target: Target, in group: TargetGroup) throws(APIError) {
        guard group.targetType == .instance, var record = self.account.instances[target.id.rawValue] else { return }
        var ports = [target.endpoint.port]
        if case .fixed(let port) = group.healthCheck.port { ports.append(port) }
        let missing = ports.filter { !record.instance.ports.contains($0) }
        guard !missing.isEmpty else { return }
        record.instance.ports = (record.instance.ports + missing).sorted()
        self.save(.instance(record))
    }
}
