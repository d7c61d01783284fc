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
