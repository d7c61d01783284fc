import ELBControlPlane
import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Classic Load Balancers in the lab` {
    private struct Balancer: LabClassicBalancer {
        let plane: RecordingDataPlane

        func apply(_ loadBalancer: ClassicLoadBalancer) async throws {
            guard loadBalancer.name.rawValue != self.plane.brokenBalancer else { throw RecordingDataPlane.Broken() }
            self.plane.note("apply classic \(loadBalancer.name) \(loadBalancer.listeners.map(\.port))")
        }

        func stop(gracePeriod: Duration) async { self.plane.note("stop classic") }

        func instanceHealth() async -> [(instance: InstanceID, node: AvailabilityZone, health: ClassicInstanceHealth)] {
            [
                (InstanceID(rawValue: "i-1"), .a, .init(.outOfService, .instance, .failedChecks)),
                (InstanceID(rawValue: "i-1"), .b, .inService),
            ]
        }

        func cut(_ zones: Set<AvailabilityZone>) async {}
        func publishedZones() async -> Set<AvailabilityZone> { [.a] }
        func metrics() async -> BalancerMetrics { BalancerMetrics(loadBalancer: "shop", kind: .classic) }
    }

    private static func lab(_ plane: RecordingDataPlane) -> Lab {
        Lab(
            fleet: plane,
            makeClassicBalancer: { _ in Balancer(plane: plane) },
            makeBalancer: { _ in RecordingDataPlane.Balancer(plane: plane) }
        )
    }

    private static func classic(_ name: String, port: Port = 80) -> ClassicLoadBalancer {
        ClassicLoadBalancer(
            name: LoadBalancerName(rawValue: name),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 5))],
            listeners: [ClassicListener(port: port, protocol: .http, instancePort: 80)],
            dnsName: "classic-\(name).test"
        )
    }

    private static let other = LoadBalancer(
        name: LoadBalancerName(rawValue: "shop"),
        nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
        dnsName: "shop.test"
    )

    @Test(.covers("CLB-AP-007"))
    func `may have the name of another kind's, and are stopped and changed by themselves`() async throws {
        let plane = RecordingDataPlane()
        let lab = Self.lab(plane)
        try await lab.apply(Topology(loadBalancers: [Self.other], classicLoadBalancers: [Self.classic("shop")]))
        #expect(plane.entries == ["apply shop", "apply classic shop [80]"])
        #expect(await lab.names().map(\.dnsName) == ["shop.test", "classic-shop.test"])
        let change = try await lab.apply(
            Topology(loadBalancers: [Self.other], classicLoadBalancers: [Self.classic("shop", port: 81)]),
            refresh: .changes
        )
        #expect(change.balancers.isEmpty && change.classicBalancers == ["shop"])
        try await lab.apply(Topology(loadBalancers: [Self.other]), refresh: .changes)
        #expect(plane.entries.dropFirst(2) == ["apply classic shop [81]", "stop classic"])
    }

    @Test func `are as they were when a change fails`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "bad")
        let lab = Self.lab(plane)
        try await lab.apply(Topology(classicLoadBalancers: [Self.classic("good")]))
        await #expect(throws: RecordingDataPlane.Broken.self) {
            try await lab.apply(Topology(classicLoadBalancers: [Self.classic("good", port: 81), Self.classic("bad")]))
        }
        #expect(plane.entries.last == "apply classic good [80]")
    }

    @Test(.covers("CLB-HC-011", "CLB-ST-001"))
    func `tell of each instance what each node sees, and one word of all`() async throws {
        let plane = RecordingDataPlane()
        let lab = Self.lab(plane)
        try await lab.apply(Topology(classicLoadBalancers: [Self.classic("shop")]))
        let health = await lab.instanceHealth()
        #expect(health.map(\.node) == [.a, .b])
        let name = LoadBalancerName(rawValue: "shop")
        let summary = LabInstanceHealth.summary(of: InstanceID(rawValue: "i-1"), at: name, in: health)
        // The node of zone a has seen it fail.
        #expect(summary?.state == .outOfService)
        #expect(LabInstanceHealth.summary(of: InstanceID(rawValue: "i-2"), at: name, in: health) == nil)
    }

    @Test func `are refused by a lab that has none`() async {
        let plane = RecordingDataPlane()
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        await #expect(throws: ModelError.self) {
            try await lab.apply(Topology(classicLoadBalancers: [Self.classic("shop")]))
        }
    }
}
