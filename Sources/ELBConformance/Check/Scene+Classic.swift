package import ELBFleet
package import ELBModel
internal import Synchronization

/// A Classic Load Balancer of a scene: where clients connect, and the instances behind it.
package struct ClassicScene: Sendable {
    package let endpoint: Endpoint
    package let backends: [Backend]
    /// The same backends, for whatever asks for a group.
    package let group: SceneGroup
}

extension Scene {
    /// Makes the subject a Classic Load Balancer with one listener and new backends behind it, all on one port. The check's setting
    /// is `.classic`, so no other check shares the subject.
    ///
    /// - Parameter configure: changes what the subject is told.
    package func classic(
        backends count: Int = 1,
        health: ClassicHealthCheck? = nil,
        behaviour: BackendBehaviour = .init(),
        configure: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) async throws -> ClassicScene {
        let hosts = LabAddresses.instanceHosts
        let addresses = (0..<count).map {
            LabAddresses.privateAddress(.a, host: hosts.lowerBound + UInt8($0 % hosts.count))
        }
        guard let instancePort = FreePorts.find(on: addresses) else {
            throw Problem.uncertain("no free port on \(addresses.map { "\($0)" })")
        }
        var behaviour = behaviour
        behaviour.healthPaths.insert("/health")
        var backends: [Backend] = []
        for (index, address) in addresses.enumerated() {
            let backend = try await Backend.start(
                BackendDescription(
                    name: count == 1 ? "web" : "web-\(index + 1)",
                    zone: .a,
                    address: address,
                    ports: [instancePort.rawValue],
                    type: .unlimited,
                    behaviour: behaviour
                )
            )
            self.state.withLock { $0.backends.append(backend) }
            backends.append(backend)
        }
        let port = try self.stage.takePort()
        var balancer = ClassicLoadBalancer(
            name: LoadBalancerName(rawValue: "conformance"),
            nodes: self.stage.nodes,
            listeners: [ClassicListener(port: port, protocol: .http, instancePort: instancePort)],
            healthCheck: health ?? .calm(port: instancePort),
            instances: addresses.enumerated().map {
                .init(id: InstanceID(rawValue: "i-0000000000000000\($0.offset)"), address: $0.element, zone: .a)
            },
            dnsName: self.stage.dnsName
        )
        // As for the other kinds: our own limit comes first.
        balancer.attributes.idleTimeoutSeconds = 1000
        balancer.healthCheck.target.port = instancePort
        configure(&balancer)
        let made = balancer
        self.state.withLock { $0.part.classic = made }
        let group = SceneGroup(name: "web", id: TargetGroupID(rawValue: "web"), backends: backends)
        self.state.withLock { $0.groups.append(group) }
        return ClassicScene(
            endpoint: Endpoint(address: self.stage.nodes[0].address, port: port),
            backends: backends,
            group: group
        )
    }
}

extension ClassicHealthCheck {
    /// For checks about something else.
    package static func calm(port: Port) -> Self {
        Self.probing(every: 60, within: 30, healthy: 2, unhealthy: 10, port: port)
    }

    /// For checks about health; the port is set when the scene knows it.
    package static func probing(
        every interval: Int,
        within timeout: Int,
        healthy: Int,
        unhealthy: Int,
        port: Port = 80
    ) -> Self {
        var check = Self()
        check.target = .init(protocol: .http, port: port, path: "/health")
        check.intervalSeconds = interval
        check.timeoutSeconds = timeout
        check.healthyThreshold = healthy
        check.unhealthyThreshold = unhealthy
        return check
    }
}
