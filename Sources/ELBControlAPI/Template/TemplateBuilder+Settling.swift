import ELBModel

// What can be said only when everything has been read.
extension TemplateBuilder {
    /// Instances without ports of their own listen where target groups expect them.
    mutating func settlePorts() {
        for (index, instance) in self.topology.instances.enumerated() where instance.ports.isEmpty {
            let registered =
                self.topology.targetGroups.flatMap(\.targets)
                .filter { $0.endpoint.address == instance.address }
                .map(\.endpoint.port)
                + self.topology.classicLoadBalancers.filter { $0.instances.contains { $0.id == instance.id } }
                .flatMap(\.instancePorts)
            guard !registered.isEmpty || !self.collector.isEmpty else {
                let resource = self.resources.first { $0.logicalID == instance.name }
                self.collector.error(
                    "'\(instance.name)' is in no target group and behind no Classic Load Balancer, so the lab does not know "
                        + "where it listens",
                    at: resource?.location,
                    suggestion: "give it Metadata: { elblab: { Ports: [8080] } }"
                )
                continue
            }
            self.topology.instances[index].ports = Set(registered).sorted()
        }
    }

    /// An Application Load Balancer of this template as a target; where its nodes are, the data plane is told.
    func balancerTarget(_ id: Located<String>, port: Port) -> Target? {
        guard self.resources(of: .loadBalancer).contains(where: { self.evaluator.physicalID(of: $0) == id.value })
        else {
            self.collector.error(
                "there is no load balancer '\(id.value.prefix(120))'",
                at: id.location,
                suggestion: "refer to an Application Load Balancer of this template with !Ref"
            )
            return nil
        }
        return Target(
            id: TargetID(rawValue: id.value),
            endpoint: Endpoint(address: .v4(IPv4Address(rawValue: 0)), port: port),
            zone: nil
        )
    }

    /// Load balancers that are targets listen on the target's port (NLB-AL-002). At AWS the listener has to be there before the group
    /// is made, which `DependsOn` sees to.
    mutating func settleBalancerTargets() {
        for (target, location) in self.balancerTargets {
            let balancer = self.topology.loadBalancers.first {
                ResourceARN.loadBalancer(name: $0.name, id: $0.id, kind: $0.kind) == target.id.rawValue
            }
            // One that could not be built has its own errors.
            guard let objection = balancer?.objection(asTargetOn: target.endpoint.port) else { continue }
            self.collector.error("\(objection.message) (\(objection.code.rawValue))", at: location)
        }
    }

    /// Tells load balancers where the names of the template's identity providers lead.
    mutating func settleProviders() {
        var hosts: [ProviderNetwork.Host] = []
        for instance in self.topology.instances {
            guard let provider = instance.behaviour.identityProvider, let port = instance.ports.first else { continue }
            for domain in provider.hostNames {
                hosts.append(.init(name: domain, endpoint: Endpoint(address: instance.address, port: port)))
            }
        }
        guard !hosts.isEmpty else { return }
        for index in self.topology.loadBalancers.indices {
            self.topology.loadBalancers[index].providerNetwork.hosts += hosts
        }
    }
}
