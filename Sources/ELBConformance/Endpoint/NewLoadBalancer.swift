internal import ELBModel

/// A new load balancer, as the API has told of it.
struct NewLoadBalancer: Sendable {
    let arn: String
    let dnsName: String
    let vpc: String
    /// Of the VPC's subnets.
    let blocks: [CIDRBlock]
    /// What tells it from others of the account.
    let suffix: String

    private struct Subnet {
        let id: String
        let vpc: String
        let zone: String
        let block: CIDRBlock?

        init(_ item: XMLText) {
            self.id = item.first("subnetId")?.text ?? ""
            self.vpc = item.first("vpcId")?.text ?? ""
            self.zone = item.first("availabilityZone")?.text ?? ""
            self.block = item.first("cidrBlock").flatMap { CIDRBlock($0.text) }
        }
    }

    /// Makes one with a node in each of the setting's zones. An Application Load Balancer has two at least (ALB-DNS-001), so there may be
    /// one more than asked for.
    init(_ client: AWSClient, _ setting: Setting) async throws {
        let place = client.place
        let answer = try await client.query("DescribeSubnets", of: .compute)
        let all = (answer.first("subnetSet")?.children ?? []).map { Subnet($0) }
        let known = place.subnets.isEmpty ? all : all.filter { place.subnets.contains($0.id) }
        var chosen: [Subnet] = []
        for zone in setting.zones {
            guard
                let subnet = known.first(where: {
                    $0.zone == place.name(of: zone) && (chosen.isEmpty || $0.vpc == chosen[0].vpc)
                })
            else { throw Inexpressible("no subnet is in zone \(place.name(of: zone))") }
            chosen.append(subnet)
        }
        if setting.kind == .application, let first = chosen.first, chosen.count == 1,
            let second = known.first(where: { $0.zone != first.zone && $0.vpc == first.vpc })
        {
            chosen.append(second)
        }
        var random = SystemRandomNumberGenerator()
        self.suffix = random.letters(8)
        self.vpc = chosen.first?.vpc ?? ""
        self.blocks = all.filter { [vpc] in $0.vpc == vpc }.compactMap(\.block)
        var parameters: [(String, JSONText)] = [
            ("Name", .string("elblab-\(self.suffix)")), ("Type", .string(setting.kind.rawValue)),
            ("Subnets", .array(chosen.map { .string($0.id) })),
        ]
        if setting.kind == .application, !place.securityGroups.isEmpty {
            parameters.append(("SecurityGroups", .array(place.securityGroups.map { .string($0) })))
        }
        let made = try await client.query("CreateLoadBalancer", parameters)
        self.arn = made.first("LoadBalancerArn")?.text ?? ""
        self.dnsName = made.first("DNSName")?.text ?? ""
    }

    func becomesActive(_ client: AWSClient) async throws {
        let deadline = ContinuousClock.now + .seconds(60 * client.place.patience)
        while ContinuousClock.now < deadline {
            let answer = try await client.query(
                "DescribeLoadBalancers",
                [("LoadBalancerArns", .array([.string(self.arn)]))]
            )
            if answer.first("State")?.first("Code")?.text == "active" { return }
            try await Task.sleep(for: .milliseconds(50 * client.place.patience))
        }
        throw SubjectFailure.notStarted("\(self.dnsName) is not active after \(60 * client.place.patience) s")
    }

    /// Where clients find a node in each of the setting's zones.
    func nodes(_ setting: Setting, _ place: EndpointPlace, _ threads: ThreadPool) async throws -> [LoadBalancer.Node] {
        if let address = place.address {
            guard setting.zones.count == 1 else {
                throw Inexpressible("every node is reached at \(address), and the check tells nodes apart")
            }
            return setting.zones.map { .init(zone: $0, address: address) }
        }
        let deadline = ContinuousClock.now + .seconds(10 * place.patience)
        var nodes: [LoadBalancer.Node] = []
        for zone in setting.zones {
            // Every zone has a name of its own below the load balancer's (ALB-DNS-004).
            let names = ["\(place.name(of: zone)).\(self.dnsName)"] + (setting.zones.count == 1 ? [self.dnsName] : [])
            var found: IPAddress?
            while found == nil, ContinuousClock.now < deadline {
                for name in names where found == nil {
                    found = await threads.run { NameLookup.addresses(of: name, at: place.resolver).first }
                }
                if found == nil { try await Task.sleep(for: .milliseconds(100 * place.patience)) }
            }
            guard let found else {
                let server = place.resolver.map { "the name server at \($0)" } ?? "the system"
                throw SubjectFailure.unreachable(
                    "\(server) does not know \(names[names.count - 1]), so that no request gets there; the subject's file may name a "
                        + "Resolver, or an Address"
                )
            }
            nodes.append(.init(zone: zone, address: found))
        }
        return nodes
    }

    func delete(_ client: AWSClient) async {
        _ = try? await client.query("DeleteLoadBalancer", [("LoadBalancerArn", .string(self.arn))])
    }
}
