import ELBControlPlane
import ELBModel
import Testing

@Suite struct `The lab's state` {
    private static func instance(_ name: String, port: Port = 8080) -> Instance {
        Instance(
            id: InstanceID(rawValue: "i-\(name)"),
            name: name,
            zone: .a,
            address: LabAddresses.privateAddress(.a, host: 64),
            ports: [port]
        )
    }

    private static func balancer(_ name: String) -> LoadBalancer {
        LoadBalancer(
            name: LoadBalancerName(rawValue: name),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            dnsName: "\(name).test"
        )
    }

    private static func lab(_ plane: RecordingDataPlane) -> Lab {
        Lab(fleet: plane) { RecordingDataPlane.Balancer(plane: plane) }
    }

    @Test func `an edit restarts what changed and nothing else`() async throws {
        let plane = RecordingDataPlane()
        let lab = Self.lab(plane)
        try await lab.apply(Topology(instances: [Self.instance("a"), Self.instance("b"), Self.instance("c")]))
        let change = try await lab.apply(
            Topology(instances: [Self.instance("a"), Self.instance("b", port: 9090), Self.instance("d")])
        )
        #expect(change.started == ["d"])
        #expect(change.restarted == ["b"])
        #expect(change.stopped == ["c"])
        #expect(plane.entries.dropFirst(3) == ["start d", "stop b", "start b", "stop c"])
    }

    @Test func `a change that fails leaves everything as it was`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "bad")
        let lab = Self.lab(plane)
        try await lab.apply(Topology(loadBalancers: [Self.balancer("good")], instances: [Self.instance("a")]))
        let new = Topology(
            loadBalancers: [Self.balancer("good"), Self.balancer("bad")],
            instances: [Self.instance("a"), Self.instance("b")]
        )
        await #expect(throws: RecordingDataPlane.Broken.self) { try await lab.apply(new) }
        #expect(plane.entries.last == "stop b")
        #expect(await lab.state().loadBalancers.map(\.name) == ["good"])
        #expect(await lab.state().instances.map(\.name) == ["a"])
    }

    @Test func `load balancers stop before the backends behind them`() async throws {
        let plane = RecordingDataPlane()
        let lab = Self.lab(plane)
        try await lab.apply(Topology(loadBalancers: [Self.balancer("web")], instances: [Self.instance("a")]))
        await lab.shutDown()
        #expect(plane.entries.suffix(2) == ["stop balancer", "stop a"])
    }
}
