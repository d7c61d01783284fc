import ELBCore
import ELBModel

/// A Classic Load Balancer in zones a and b with an instance in each.
enum SampleClassic {
    static func make(
        _ listeners: [ClassicListener] = [ClassicListener(port: 80, protocol: .http, instancePort: 8080)],
        policies: [ClassicPolicy] = [],
        _ change: (inout ClassicLoadBalancer) -> Void = { _ in }
    ) -> ClassicLoadBalancer {
        var balancer = ClassicLoadBalancer(
            name: LoadBalancerName(rawValue: "shop"),
            nodes: [
                .init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4)),
                .init(zone: .b, address: LabAddresses.publicAddress(.b, host: 4)),
            ],
            listeners: listeners,
            instances: [Self.instance(0, .a), Self.instance(1, .b)],
            policies: policies,
            dnsName: "shop-1.ap-northeast-2.elb.aws.test"
        )
        change(&balancer)
        return balancer
    }

    static func instance(_ number: UInt8, _ zone: AvailabilityZone) -> ClassicLoadBalancer.RegisteredInstance {
        .init(
            id: InstanceID(rawValue: "i-\(number)"),
            address: LabAddresses.privateAddress(zone, host: 64 + number),
            zone: zone
        )
    }
}

/// One node's groups of a Classic Load Balancer, kept as a node keeps them. A second lasts one tick of its clock.
struct ClassicNode {
    var groups: [TargetGroupState]
    var generator = SplitMix64(seed: 7)
    private let zone: AvailabilityZone

    init(_ balancer: ClassicLoadBalancer, zone: AvailabilityZone = .a) throws(ModelError) {
        self.zone = zone
        self.groups = []
        try self.apply(balancer)
    }

    mutating func apply(_ balancer: ClassicLoadBalancer, now: UInt64 = 0) throws(ModelError) {
        let snapshot = try Snapshot(compiling: try LoweredClassic(balancer))
        for (index, group) in snapshot.targetGroups.enumerated() {
            let context = TargetGroupState.Context(
                zone: self.zone,
                enabledZones: snapshot.enabledZones,
                isReferenced: snapshot.isReferenced[index],
                secondLength: 1,
                classic: snapshot.classicRole(ofGroup: index)
            )
            if self.groups.indices.contains(index) {
                self.groups[index].reconcile(with: group, context: context, now: now)
            } else {
                self.groups.append(TargetGroupState(group, context: context))
            }
        }
        self.share()
    }

    /// Probes of an instance end like this, so many times.
    mutating func probe(_ instance: String, _ result: ProbeResult = .passed(status: 200), times: Int = 1) {
        for _ in 0..<times {
            guard let handle = self.groups[0].handle(of: TargetID(rawValue: instance)) else { return }
            _ = self.groups[0].probeFinished(handle, result, now: 0)
        }
        self.share()
    }

    private mutating func share() {
        for index in self.groups.indices.dropFirst() { self.groups[index].follow(self.groups[0]) }
    }

    /// The instance of the next request to the first group of requests.
    mutating func next(now: UInt64 = 0) -> String? {
        guard let selected = self.groups[1].selectTarget(now: now, using: &self.generator) else { return nil }
        return self.groups[1].target(of: selected.handle)?.id.rawValue
    }

    func health(_ instance: String) -> ClassicInstanceHealth? {
        self.groups[0].instanceHealth.first { $0.instance.rawValue == instance }?.health
    }
}
