import ELBControlPlane
import ELBModel
import Synchronization
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
        Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
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

    @Test func `a load balancer that took a change which fails elsewhere takes it back`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "bad")
        let lab = Self.lab(plane)
        let old = Topology(loadBalancers: [Self.balancer("good")], instances: [Self.instance("a")])
        try await lab.apply(old)
        let before = plane.entries.count
        let new = Topology(
            loadBalancers: [Self.balancer("good"), Self.balancer("new"), Self.balancer("bad")],
            instances: [Self.instance("a", port: 9090), Self.instance("b")]
        )
        await #expect(throws: RecordingDataPlane.Broken.self) { try await lab.apply(new) }
        #expect(
            plane.entries.dropFirst(before) == [
                "start b", "stop a", "start a", "apply good", "apply new", "stop balancer", "apply good",
                "stop balancer",
                "stop b", "stop a", "start a",
            ]
        )
        #expect(try await lab.apply(old).isEmpty)
    }

    @Test func `a fleet that cannot start leaves the load balancers alone`() async throws {
        let plane = RecordingDataPlane(brokenInstances: ["a:9090"])
        let lab = Self.lab(plane)
        try await lab.apply(Topology(loadBalancers: [Self.balancer("web")], instances: [Self.instance("a")]))
        let before = plane.entries.count
        let new = Topology(loadBalancers: [Self.balancer("web")], instances: [Self.instance("a", port: 9090)])
        await #expect(throws: RecordingDataPlane.Broken.self) { try await lab.apply(new) }
        #expect(plane.entries.dropFirst(before) == ["stop a", "stop a", "start a"])
    }

    @Test func `what cannot be brought back is told`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "bad")
        let lab = Self.lab(plane)
        try await lab.apply(Topology(instances: [Self.instance("a")]))
        plane.broken.withLock { $0 = ["a:8080"] }
        let new = Topology(loadBalancers: [Self.balancer("bad")], instances: [Self.instance("a", port: 9090)])
        do {
            try await lab.apply(new)
            Issue.record("the change cannot have been applied")
        } catch let error as LabError {
            #expect("\(error)".hasSuffix("these did not come back: a"))
        }
    }
}
