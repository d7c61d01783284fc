import ELBControlPlane
import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `What an Envoy is told of targets` {
    private static let id = TargetGroupID(rawValue: "arn:aws:elasticloadbalancing:x:1:targetgroup/web/1")

    /// A target of the zone.
    private static func target(_ host: UInt8, _ zone: AvailabilityZone) -> Target {
        let endpoint = Endpoint(address: LabAddresses.privateAddress(zone, host: host), port: 8080)
        return Target(id: TargetID(rawValue: "i-\(host)"), endpoint: endpoint, zone: zone)
    }

    private static let one = Self.target(64, .a)
    private static let two = Self.target(65, .b)
    private static let gone = Self.target(66, .a)

    private static func group(_ configure: (inout TargetGroup) -> Void = { _ in }) -> TargetGroup {
        let name = TargetGroupName(rawValue: "web")
        var group = TargetGroup(id: Self.id, name: name, port: 8080, targets: [Self.one, Self.two])
        configure(&group)
        return group
    }

    /// What both nodes see of each target.
    private static func health(_ states: [(Target, TargetHealth.State)]) -> [LabTargetHealth] {
        states.flatMap { target, state in
            [AvailabilityZone.a, .b].map { node in
                LabTargetHealth(targetGroup: Self.id, target: target, health: TargetHealth(state: state), node: node)
            }
        }
    }

    private static func states(
        _ health: [LabTargetHealth],
        of group: TargetGroup = Self.group(),
        zone: AvailabilityZone? = nil,
        shifted: AvailabilityZone? = nil
    ) -> [DiscoveryTarget.State] {
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "web"),
            nodes: [AvailabilityZone.a, .b].map { .init(zone: $0, address: LabAddresses.publicAddress($0, host: 4)) },
            dnsName: "web-1.ap-northeast-2.elb.aws.test"
        )
        balancer.listeners = [Listener(port: 80, defaultActions: [.forward(ForwardAction(to: Self.id))])]
        balancer.shiftedZone = shifted
        let view = LabView(
            topology: Topology(loadBalancers: [balancer], targetGroups: [group]),
            health: health
        )
        return DiscoveryPlan(balancer, for: DiscoveryNode([balancer.name], zone: zone), in: view)
            .targets(of: group).map(\.state)
    }

    @Test(arguments: [TargetHealth.State.initial, .unhealthy, .unavailable])
    func `one that is not healthy gets nothing while another is`(state: TargetHealth.State) {
        #expect(Self.states(Self.health([(Self.one, state), (Self.two, .healthy)])) == [.unhealthy, .healthy])
    }

    @Test(.covers("ALB-TGH-009"))
    func `a group without a healthy target fails open`() {
        #expect(Self.states(Self.health([(Self.one, .unhealthy), (Self.two, .initial)])) == [.healthy, .healthy])
    }

    @Test(.covers("ALB-TGH-008"))
    func `a group with too few healthy targets fails open`() {
        let group = Self.group { $0.attributes.routingMinimumHealthyCount = 2 }
        let health = Self.health([(Self.one, .unhealthy), (Self.two, .healthy)])
        #expect(Self.states(health, of: group) == [.healthy, .healthy])
    }

    @Test func `a group that nobody has looked at fails open, too`() {
        #expect(Self.states([]) == [.healthy, .healthy])
    }

    @Test func `a target counts as healthy when every node says so`() {
        var health = Self.health([(Self.one, .healthy), (Self.two, .healthy)])
        health[1].health.state = .unhealthy
        #expect(Self.states(health) == [.unhealthy, .healthy])
        // An Envoy of a zone hears that zone's node alone.
        #expect(Self.states(health, zone: .a) == [.healthy, .healthy])
        #expect(Self.states(health, zone: .b) == [.unhealthy, .healthy])
        // One of a zone that the load balancer is not in stands for all.
        #expect(Self.states(health, zone: .c) == [.unhealthy, .healthy])
    }

    @Test func `what was deregistered finishes what it has`() {
        let health = Self.health([(Self.one, .healthy), (Self.two, .healthy), (Self.gone, .draining)])
        #expect(Self.states(health) == [.healthy, .healthy, .draining])
    }

    @Test func `with cross-zone off an Envoy of a zone keeps to it`() {
        let group = Self.group { $0.attributes.crossZone = .off }
        let health = Self.health([(Self.one, .healthy), (Self.two, .healthy)])
        #expect(Self.states(health, of: group, zone: .a) == [.healthy, .unhealthy])
        #expect(Self.states(health, of: group) == [.healthy, .healthy])
    }

    @Test(.covers("ALB-ZS-008"))
    func `a zonal shift counts where it leaves a healthy target`() {
        let both = Self.health([(Self.one, .healthy), (Self.two, .healthy)])
        #expect(Self.states(both, shifted: .a) == [.unhealthy, .healthy])
        let first = Self.health([(Self.one, .healthy), (Self.two, .unhealthy)])
        #expect(Self.states(first, shifted: .a) == [.healthy, .unhealthy])
    }

    @Test(.covers("ALB-LMB-027"))
    func `a group without health checks is healthy`() {
        let group = Self.group { $0.healthCheck.isEnabled = false }
        #expect(Self.states(Self.health([(Self.one, .unavailable)]), of: group) == [.healthy, .healthy])
    }
}
