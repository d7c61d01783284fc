import ELBControlAPI
import ELBControlPlane
import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Faults of nodes` {
    private static let topology = Topology(
        loadBalancers: [
            LoadBalancer(
                name: LoadBalancerName(rawValue: "web"),
                nodes: [
                    .init(zone: .a, address: .v4(IPv4Address(127, 50, 1, 4))),
                    .init(zone: .b, address: .v4(IPv4Address(127, 50, 2, 4))),
                ],
                dnsName: "web.aws.test"
            )
        ]
    )

    private static func lab(_ plane: RecordingDataPlane, second: Duration) async throws -> Lab {
        let lab = Lab(fleet: plane, secondLength: second) { _ in RecordingDataPlane.Balancer(plane: plane) }
        try await lab.apply(Self.topology)
        return lab
    }

    @Test(.covers("ALB-DNS-020")) func `reach the load balancer, and are shown`() async throws {
        let plane = RecordingDataPlane()
        let lab = try await Self.lab(plane, second: .seconds(1))
        let reply = try await lab.perform(NodeFault(.cut, loadBalancer: "web", zones: ["a"]))
        #expect(reply.nodes == ["web ap-northeast-2a"])
        #expect(plane.entries.last == "cut a")
        #expect(await lab.state().loadBalancers.first?.nodes.map(\.cut) == [true, false])
        _ = try await lab.perform(NodeFault(.cut, loadBalancer: "web", zones: ["ap-northeast-2b"]))
        #expect(plane.entries.last == "cut a,b")
        let healed = try await lab.perform(NodeFault(.heal))
        #expect(healed.nodes.count == 2)
        #expect(plane.entries.last == "cut ")
        #expect(await lab.state().loadBalancers.first?.nodes.map(\.cut) == [false, false])
    }

    @Test func `of nodes that are not there are refused`() async throws {
        let plane = RecordingDataPlane()
        let lab = try await Self.lab(plane, second: .seconds(1))
        for fault in [
            NodeFault(.cut, loadBalancer: "api", zones: ["a"]), NodeFault(.cut, loadBalancer: "web", zones: ["c"]),
            NodeFault(.cut, loadBalancer: "web", zones: ["x"]),
        ] {
            await #expect(throws: LabError.self) { try await lab.perform(fault) }
        }
        #expect(!plane.entries.contains { $0.hasPrefix("cut") })
    }

    @Test(.covers("ALB-DNS-020")) func `take the address from the name after a while`() async throws {
        let plane = RecordingDataPlane(publishedZones: [.a, .b])
        let (changes, signal) = AsyncStream.makeStream(of: Void.self)
        let lab = Lab(
            fleet: plane,
            changed: { signal.yield() },
            secondLength: .milliseconds(1),
            makeBalancer: { _ in RecordingDataPlane.Balancer(plane: plane) }
        )
        try await lab.apply(Self.topology)
        var told = changes.makeAsyncIterator()
        await told.next()
        for (fault, expected) in [(NodeFault.Kind.cut, [AvailabilityZone.b]), (.heal, [.a, .b])] {
            _ = try await lab.perform(NodeFault(fault, loadBalancer: "web", zones: ["a"]))
            await told.next()
            #expect(await lab.names().first?.published.sorted() == expected)
        }
    }

    @Test func `go with their load balancer`() async throws {
        let plane = RecordingDataPlane()
        let lab = try await Self.lab(plane, second: .seconds(1))
        _ = try await lab.perform(NodeFault(.cut, loadBalancer: "web", zones: ["a"]))
        try await lab.apply(Topology())
        try await lab.apply(Self.topology)
        #expect(await lab.state().loadBalancers.first?.nodes.map(\.cut) == [nil, nil])
    }
}
