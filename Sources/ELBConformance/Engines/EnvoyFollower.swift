package import ELBModel

/// What an Envoy is told that follows a running lab: the resources that `elblab export` writes, but for where they come from and who
/// looks after the targets.
package struct EnvoyFollower: Sendable {
    private let resources: EnvoyResources

    /// - Parameters:
    ///   - configuration: the load balancer with the groups that its rules use.
    ///   - spareGroups: groups for rules to come. Those that there are no words for are left out until a rule needs them.
    ///   - address: where the Envoy listens.
    package init(_ configuration: SubjectConfiguration, spareGroups: [TargetGroup], address: IPAddress) {
        var configuration = configuration
        configuration.targetGroups += spareGroups.filter(\.isPlainHTTP)
        self.resources = EnvoyResources(configuration, source: .server, address: address)
    }

    /// A resource by its name.
    package typealias Named = (name: String, text: String)

    package func listeners() throws(Inexpressible) -> [Named] {
        try self.resources.configuration.requireHTTP()
        var listeners: [Named] = []
        for listener in self.resources.configuration.loadBalancer.listeners {
            listeners.append((EnvoyResources.name(listener), try self.resources.listener(listener).text))
        }
        return listeners
    }

    package func routes() throws(Inexpressible) -> [Named] {
        try self.resources.configuration.requireHTTP()
        var routes: [Named] = []
        for listener in self.resources.configuration.loadBalancer.listeners {
            routes.append((EnvoyResources.name(listener), try self.resources.routes(listener).text))
        }
        return routes
    }

    package func clusters() throws(Inexpressible) -> [Named] {
        try self.resources.configuration.requireHTTP()
        return self.resources.configuration.targetGroups.map { group in
            (group.name.rawValue, self.resources.cluster(group).text)
        }
    }

    /// Targets are told of even while there are no words for the rest, so that an Envoy that goes on with what it has leaves those that die.
    ///
    /// - Parameter targets: those of a group, and how they are.
    package func endpoints(_ targets: (TargetGroup) -> [EnvoyTarget]) -> [Named] {
        self.resources.configuration.targetGroups.filter { $0.targetType != .lambda }.map { group in
            (group.name.rawValue, self.resources.endpoints(group, targets(group)).text)
        }
    }
}
