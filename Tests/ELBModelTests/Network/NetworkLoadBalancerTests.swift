import ELBModel
import ELBTestSupport
import Testing

@Suite struct `A Network Load Balancer` {
    @Test(.covers("NLB-MT-001")) func `is called net in full`() {
        let balancer = SampleNetwork().balancer
        #expect(balancer.fullName == "net/nlb/\(balancer.id)")
        let arn = ResourceARN.loadBalancer(name: balancer.name, id: balancer.id, kind: .network)
        #expect(arn.hasSuffix(":loadbalancer/net/nlb/\(balancer.id)"))
    }

    @Test(.covers("NLB-AZ-003")) func `does with one zone and has one node in each`() {
        var network = SampleNetwork()
        #expect(network.codes == [])
        network.balancer.nodes.append(.init(zone: .a, address: .v4(IPv4Address(127, 0, 0, 2))))
        #expect(network.codes == [.invalidConfigurationRequest])
        network.balancer.nodes = []
        #expect(network.codes == [.invalidSubnet])
    }

    @Test(.covers("NLB-AZ-009", "NLB-QT-007")) func `keeps to its zones and may be deleted unless told otherwise`() {
        let values = LoadBalancerAttributes().values(of: .network)
        #expect(values.first { $0.key == "load_balancing.cross_zone.enabled" }?.value == "false")
        #expect(values.first { $0.key == "deletion_protection.enabled" }?.value == "false")
        #expect(values.first { $0.key == "dns_record.client_routing_policy" }?.value == "any_availability_zone")
        #expect(values.first { $0.key == "zonal_shift.config.enabled" }?.value == "false")
    }

    @Test(
        .covers("NLB-AZ-009"),
        arguments: [
            ("load_balancing.cross_zone.enabled", "true", nil),
            ("load_balancing.cross_zone.enabled", "on", .invalidConfigurationRequest),
            ("deletion_protection.enabled", "true", nil),
            ("access_logs.s3.bucket", "logs", nil),
            ("secondary_ips.auto_assigned.per_subnet", "0", nil),
            ("secondary_ips.auto_assigned.per_subnet", "1", .notInLab),
            ("dns_record.client_routing_policy", "availability_zone_affinity", nil),
            ("dns_record.client_routing_policy", "nearest", .invalidConfigurationRequest),
            ("zonal_shift.config.enabled", "true", nil),
            ("idle_timeout.timeout_seconds", "60", .invalidConfigurationRequest),
            ("connection_logs.s3.enabled", "false", .invalidConfigurationRequest),
            ("routing.http2.enabled", "true", .invalidConfigurationRequest),
        ] as [(String, String, ModelError.Code?)]
    )
    func `has attributes of its own`(key: String, value: String, code: ModelError.Code?) {
        var attributes = LoadBalancerAttributes()
        var thrown: ModelError.Code?
        do throws(ModelError) { try attributes.set(key, to: value, of: .network) } catch { thrown = error.code }
        #expect(thrown == code)
    }

    @Test(.covers("NLB-QT-001")) func `has at most fifty listeners`() {
        var network = SampleNetwork()
        let listener = network.balancer.listeners[0]
        network.balancer.listeners = (1...51).compactMap { number in
            var copy = listener
            copy.port = Port(number) ?? 1
            return copy
        }
        #expect(network.codes == [.tooManyListeners])
    }

    @Test(.covers("NLB-QT-002", "NLB-QT-003")) func `has fewer targets across zones than within them`() {
        func network(_ count: Int, groups: Int, crossZone: Bool) -> [ModelError.Code] {
            var network = SampleNetwork(.tcp, to: Array(repeating: .tcp, count: groups))
            for group in network.groups.indices {
                network.groups[group].targets = (0..<count).map { number in
                    let address = IPAddress.v4(IPv4Address(rawValue: 0x7f0a_0140 + UInt32(number)))
                    return Target(
                        id: TargetID(rawValue: "\(address)"),
                        endpoint: Endpoint(address: address, port: 80),
                        zone: .a
                    )
                }
            }
            network.balancer.attributes.crossZoneEnabled = crossZone
            return network.codes
        }
        #expect(network(500, groups: 1, crossZone: true) == [])
        #expect(network(501, groups: 1, crossZone: true) == [.tooManyTargets])
        #expect(network(1000, groups: 3, crossZone: false) == [])
        #expect(network(1000, groups: 4, crossZone: false) == [.tooManyTargets])
    }

    @Test(.covers("NLB-DR-009")) func `has its groups for itself`() {
        let network = SampleNetwork()
        var second = network.balancer
        second.name = LoadBalancerName(rawValue: "other")
        let errors = Topology(loadBalancers: [network.balancer, second], targetGroups: network.groups).validate()
        #expect(errors.map(\.code) == [.targetGroupAssociationLimit])
    }

    @Test(.covers("NLB-DR-011")) func `shares no name`() {
        let network = SampleNetwork()
        let errors = Topology(
            loadBalancers: [network.balancer, network.balancer],
            targetGroups: network.groups + network.groups
        ).validate().map(\.code)
        #expect(errors.contains(.duplicateLoadBalancerName))
        #expect(errors.contains(.duplicateTargetGroupName))
    }
}
