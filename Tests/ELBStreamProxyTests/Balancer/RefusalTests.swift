import ELBModel
import ELBNet
import ELBStreamProxy
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A Network Load Balancer refuses` {
    @Test func `logs that it does not write, and has changed nothing`() async throws {
        let balancer = NetworkLoadBalancer(group: MultiThreadedEventLoopGroup.singleton, timeScale: .realTime)
        var attributes = LoadBalancerAttributes()
        attributes.accessLogs = LogDelivery(isEnabled: true, bucket: "logs")
        let configured = LoadBalancer(
            name: LoadBalancerName(rawValue: "net"),
            kind: .network,
            nodes: [.init(zone: .a, address: .v4(IPv4Address(127, 0, 0, 1)))],
            attributes: attributes,
            dnsName: "net.example"
        )
        let error = await #expect(throws: ModelError.self) { try await balancer.apply(configured, targetGroups: []) }
        #expect(error?.code == .notInLab)
        #expect(await balancer.targetHealth().isEmpty)
        await balancer.stop(gracePeriod: .zero)
    }
}
