package import ELBModel

extension ELB {
    /// Where a load balancer shall stand.
    package enum Placement: Hashable, Sendable {
        /// Names of zones; their subnets in the default VPC.
        case zones([String])
        /// Ids.
        case subnets([String])
    }

    package struct CreateLoadBalancer: ELBCommand {
        package var name: LoadBalancerName
        package var listeners: [ListenerChoice]
        package var placement: Placement
        /// `nil` takes the VPC's default group.
        package var securityGroups: [String]?
        package var scheme: LoadBalancer.Scheme
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = LoadBalancerName(rawValue: try input.required("LoadBalancerName"))
            self.listeners = try ListenerChoice.list(&input)
            let zones = input.texts("AvailabilityZones") ?? []
            let subnets = input.texts("Subnets") ?? []
            switch (zones.isEmpty, subnets.isEmpty) {
            case (true, true): throw .validation("Either AvailabilityZones or SubnetIds must be specified")
            case (false, false): throw .validation("Only one of SubnetIds or AvailabilityZones may be specified")
            case (false, true): self.placement = .zones(zones)
            case (true, false): self.placement = .subnets(subnets)
            }
            self.securityGroups = input.texts("SecurityGroups")
            let scheme = input.text("Scheme") ?? LoadBalancer.Scheme.internetFacing.rawValue
            guard let known = LoadBalancer.Scheme(rawValue: scheme) else {
                throw APIError(
                    "InvalidScheme",
                    "Invalid scheme '\(scheme.prefix(80))': it is 'internal' or 'internet-facing'"
                )
            }
            self.scheme = known
            self.tags = try input.classicTags()
        }
    }

    package struct DescribeLoadBalancers: ELBCommand {
        /// `nil` is all of them.
        package var names: [String]?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.names = input.texts("LoadBalancerNames")
            self.page = try Page(&input)
        }
    }

    package struct DeleteLoadBalancer: ELBCommand {
        package var name: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("LoadBalancerName")
        }
    }
}

extension WireValue {
    /// - Parameter sourceGroup: the name of the security group that instances may let in.
    package static func classicLoadBalancer(_ record: ClassicLoadBalancerRecord, sourceGroup: String?) -> Self {
        let balancer = record.balancer
        let backends = balancer.backendPolicies.sorted { $0.key < $1.key }.map { port, names -> WireValue in
            ["InstancePort": .port(port), "PolicyNames": .texts(names)]
        }
        return [
            "LoadBalancerName": .text(balancer.name.rawValue),
            "DNSName": .text(balancer.dnsName),
            "CanonicalHostedZoneName": balancer.scheme == .internal ? nil : .text(balancer.dnsName),
            "CanonicalHostedZoneNameID": .text(LoadBalancer.hostedZone),
            "ListenerDescriptions": .list(balancer.listeners.map(Self.classicListener)),
            "Policies": .classicPolicyNames(balancer.policies),
            "BackendServerDescriptions": .list(backends),
            "AvailabilityZones": .texts(balancer.nodes.map(\.zone.name)),
            "Subnets": .texts(record.subnets),
            "VPCId": .text(record.vpc),
            "Instances": .instances(balancer.instances.map(\.id)),
            "HealthCheck": .classicHealthCheck(balancer.healthCheck),
            "SourceSecurityGroup": sourceGroup.map { ["OwnerAlias": .text(Account.number), "GroupName": .text($0)] },
            "SecurityGroups": .texts(record.securityGroups),
            "CreatedTime": .timestamp(record.created),
            "Scheme": .text(balancer.scheme.rawValue),
        ]
    }

    private static func classicListener(_ listener: ClassicListener) -> Self {
        [
            "Listener": [
                "Protocol": .text(listener.protocol.rawValue),
                "LoadBalancerPort": .port(listener.port),
                "InstanceProtocol": .text(listener.instanceProtocol.rawValue),
                "InstancePort": .port(listener.instancePort),
                "SSLCertificateId": listener.certificate.map { .text($0.arn.rawValue) },
            ],
            "PolicyNames": .texts(listener.policies),
        ]
    }

    /// Stickiness policies with what they say, all others by name (CLB-AP-009).
    private static func classicPolicyNames(_ policies: [ClassicPolicy]) -> Self {
        var application: [WireValue] = []
        var duration: [WireValue] = []
        var others: [String] = []
        for policy in policies {
            switch policy.kind {
            case .applicationStickiness(let cookie):
                application.append(["PolicyName": .text(policy.name), "CookieName": .text(cookie)])
            case .durationStickiness(let seconds):
                duration.append([
                    "PolicyName": .text(policy.name), "CookieExpirationPeriod": seconds.map { .integer($0) },
                ])
            case .sslNegotiation, .proxyProtocol, .publicKey, .backendAuthentication: others.append(policy.name)
            }
        }
        return [
            "AppCookieStickinessPolicies": .list(application), "LBCookieStickinessPolicies": .list(duration),
            "OtherPolicies": .texts(others),
        ]
    }
}
