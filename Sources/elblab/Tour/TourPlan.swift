import ELBFleet
import ELBModel
import ELBNet

/// What the tour builds: four backends in two zones, and an Application Load Balancer in front of them.
struct TourPlan: Sendable {
    /// One AWS second lasts 100 ms: a probe every 5 s comes every 500 ms, and has 400 ms even on a busy machine.
    static let usualClock = 10
    static let requestsPerRound = 200
    static let zones: [AvailabilityZone] = [.a, .b]
    static let group = TargetGroupID(rawValue: "tour")

    let seed: UInt64
    /// How many AWS seconds pass in a real one.
    let clock: Int
    let instances: [Instance]

    init(seed: UInt64, clock: Int = Self.usualClock) {
        self.seed = seed
        self.clock = clock
        self.instances = Self.zones.flatMap { zone in
            (1...2).map { number in
                Instance(
                    id: InstanceID(rawValue: "i-tour-\(zone.letter)\(number)"),
                    name: "web-\(zone.letter)\(number)",
                    zone: zone,
                    // The end of the range: a lab that runs beside the tour begins at its start.
                    address: LabAddresses.privateAddress(
                        zone,
                        host: LabAddresses.instanceHosts.upperBound - UInt8(number)
                    ),
                    // Room enough that no probe waits in line behind requests.
                    type: .t3Medium,
                    ports: []
                )
            }
        }
    }

    /// The backend that will be killed; the seed decides.
    var victim: Instance { self.instances[Int(self.seed % UInt64(self.instances.count))] }

    var nodes: [LoadBalancer.Node] {
        Self.zones.map { zone in
            LoadBalancer.Node(
                zone: zone,
                address: LabAddresses.publicAddress(zone, host: LabAddresses.nodeHosts.upperBound)
            )
        }
    }

    /// The balancer with one listener that forwards everything.
    func loadBalancer(port: Port) -> LoadBalancer {
        LoadBalancer(
            name: LoadBalancerName(rawValue: "tour"),
            nodes: self.nodes,
            listeners: [Listener(port: port, defaultActions: [.forward(ForwardAction(to: Self.group))])],
            dnsName: "tour-1.ap-northeast-2.elb.aws.test"
        )
    }

    /// Those that stand in a zone.
    func instances(in zone: AvailabilityZone) -> FleetSelection {
        FleetSelection(instances: self.instances.filter { $0.zone == zone }.map(\.name))
    }

    /// - Parameter endpoints: where each instance, by its name, listens.
    func targetGroup(
        endpoints: [String: Endpoint],
        crossZone: TargetGroupAttributes.CrossZone = .useLoadBalancerConfiguration
    ) -> TargetGroup {
        var attributes = TargetGroupAttributes()
        attributes.crossZone = crossZone
        var check = HealthCheckSettings()
        check.path = "/health"
        check.intervalSeconds = 5
        check.timeoutSeconds = 4
        check.healthyThresholdCount = 2
        check.unhealthyThresholdCount = 2
        return TargetGroup(
            id: Self.group,
            name: TargetGroupName(rawValue: "tour"),
            port: 80,
            healthCheck: check,
            attributes: attributes,
            targets: self.instances.compactMap { instance in
                endpoints[instance.name].map { endpoint in
                    Target(id: TargetID(rawValue: instance.id.rawValue), endpoint: endpoint, zone: instance.zone)
                }
            }
        )
    }
}
