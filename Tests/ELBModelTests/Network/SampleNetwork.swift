import ELBModel

/// A Network Load Balancer with one listener and one group, to change and to judge.
struct SampleNetwork {
    var balancer: LoadBalancer
    var groups: [TargetGroup]

    init(
        _ listener: Listener.Proto = .tcp,
        to protocols: [TargetGroup.Proto] = [.tcp],
        targetType: TargetGroup.TargetType = .ip
    ) {
        self.groups = protocols.enumerated().map { index, proto in
            TargetGroup(
                id: TargetGroupID(rawValue: "g\(index)"),
                name: TargetGroupName(rawValue: "g\(index)"),
                protocol: proto,
                port: 80,
                targetType: targetType,
                healthCheck: .network(targetType == .alb ? .http : .tcp)
            )
        }
        let forward = ForwardAction(targetGroups: self.groups.map { .init($0.id, weight: 1) })
        self.balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "nlb"),
            kind: .network,
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: [
                Listener(
                    port: 80,
                    protocol: listener,
                    defaultActions: [.forward(forward)],
                    tls: listener.isSecure ? Self.tls : nil
                )
            ],
            dnsName: "nlb"
        )
    }

    static let tls = ListenerTLS(
        defaultCertificate: Certificate(
            arn: CertificateARN(rawValue: "arn:aws:acm:\(AvailabilityZone.region):123456789012:certificate/1"),
            source: .issued(names: ["www.example.com"], keyAlgorithm: .ecdsaP256)
        )
    )

    /// The code of each error.
    var codes: [ModelError.Code] {
        Topology(loadBalancers: [self.balancer], targetGroups: self.groups).validate().map(\.code)
    }

    var errors: [ModelError] {
        Topology(loadBalancers: [self.balancer], targetGroups: self.groups).validate()
    }
}
