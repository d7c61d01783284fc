import ELBModel

/// What resources are called and where they stand, as far as other resources may ask.
extension TemplateEvaluator {
    /// What `Ref` of a resource gives: an id or an ARN.
    func physicalID(of resource: TemplateResource) -> String? {
        let logicalID = resource.logicalID
        return switch resource.type {
        case .loadBalancer:
            self.name(of: resource).map {
                self.identifiers.loadBalancerARN(logicalID, name: $0, kind: self.kind(of: resource))
            }
        case .classicLoadBalancer: self.name(of: resource)
        case .targetGroup: self.name(of: resource).map { self.identifiers.targetGroupARN(logicalID, name: $0) }
        case .listener: self.listenerARN(of: resource)
        case .listenerRule: self.ruleARN(of: resource)
        case .listenerCertificate, .trustStoreRevocation: self.identifiers.label(logicalID)
        case .trustStore: self.name(of: resource).map { self.identifiers.trustStoreARN(logicalID, name: $0) }
        case .certificate: self.identifiers.certificateARN(logicalID)
        case .instance: self.identifiers.id("i", logicalID)
        case .function, .role, .instanceProfile: self.name(of: resource)
        case .permission, .bucketPolicy: self.identifiers.generatedName(logicalID)
        // Names of buckets know no capitals.
        case .bucket:
            self.name(of: resource).map { resource.properties["BucketName"] == nil ? $0.lowercased() : $0 }
        case .subnet: self.identifiers.id("subnet", logicalID)
        case .vpc: self.identifiers.id("vpc", logicalID)
        case .securityGroup: self.identifiers.id("sg", logicalID)
        case .securityGroupIngress, .securityGroupEgress: self.identifiers.id("sgr", logicalID)
        case .elasticAddress: self.elasticAddress(of: resource)?.description
        case .recordSet: self.text("Name", of: resource)?.value
        case .internetGateway: self.identifiers.id("igw", logicalID)
        case .natGateway: self.identifiers.id("nat", logicalID)
        case .routeTable: self.identifiers.id("rtb", logicalID)
        case .routeTableAssociation: self.identifiers.id("rtbassoc", logicalID)
        case .gatewayAttachment, .route: self.identifiers.label(logicalID)
        }
    }

    /// An attribute that the type is known to have.
    func attribute(_ name: String, of resource: TemplateResource) -> String? {
        let logicalID = resource.logicalID
        switch (resource.type, name) {
        case (.loadBalancer, "DNSName"):
            return self.name(of: resource).map {
                self.identifiers.dnsName(
                    logicalID,
                    name: $0,
                    kind: self.kind(of: resource),
                    scheme: self.scheme(of: resource)
                )
            }
        case (.classicLoadBalancer, "DNSName"), (.classicLoadBalancer, "CanonicalHostedZoneName"):
            return self.name(of: resource).map {
                self.identifiers.dnsName(logicalID, name: $0, kind: .classic, scheme: self.scheme(of: resource))
            }
        // The default group of a VPC, and who owns what AWS owns.
        case (.classicLoadBalancer, "SourceSecurityGroup.GroupName"): return "default"
        case (.classicLoadBalancer, "SourceSecurityGroup.OwnerAlias"): return ResourceIdentifiers.account
        // Route 53's zone for load balancers in ap-northeast-2.
        case (.loadBalancer, "CanonicalHostedZoneID"), (.classicLoadBalancer, "CanonicalHostedZoneNameID"):
            return LoadBalancer.hostedZone
        case (.loadBalancer, "LoadBalancerName"), (.targetGroup, "TargetGroupName"): return self.name(of: resource)
        case (.loadBalancer, "LoadBalancerFullName"):
            return self.name(of: resource).map {
                self.identifiers.fullName(logicalID, name: $0, kind: self.kind(of: resource))
            }
        case (.targetGroup, "TargetGroupFullName"):
            return self.name(of: resource).map { "targetgroup/\($0)/\(self.identifiers.suffix(logicalID))" }
        case (.instance, "AvailabilityZone"), (.subnet, "AvailabilityZone"): return self.zone(of: resource)?.name
        case (.instance, "PrivateIp"): return self.address(ofInstance: resource)?.description
        case (.instance, "PrivateDnsName"):
            return self.address(ofInstance: resource).map {
                "ip-\($0.description.replacing(".", with: "-")).\(AvailabilityZone.region).compute.internal"
            }
        case (.bucket, "Arn"): return self.physicalID(of: resource).map { "arn:aws:s3:::\($0)" }
        case (.instance, "SubnetId"): return self.text("SubnetId", of: resource)?.value
        case (.instance, "VpcId"): return self.subnet(of: resource)?.vpc
        case (.function, "Arn"): return self.name(of: resource).map { self.identifiers.functionARN(name: $0) }
        case (.instanceProfile, "Arn"):
            return self.name(of: resource).map { "arn:aws:iam::\(ResourceIdentifiers.account):instance-profile/\($0)" }
        case (.role, "Arn"): return self.name(of: resource).map { self.identifiers.roleARN(name: $0) }
        case (.elasticAddress, "AllocationId"): return self.identifiers.id("eipalloc", logicalID)
        case (.securityGroup, "VpcId"), (.subnet, "VpcId"): return self.text("VpcId", of: resource)?.value
        // The lab's real blocks, so that a rule made from them matches the lab's clients.
        case (.subnet, "CidrBlock"): return self.zone(of: resource).map { LabAddresses.subnet(of: $0).description }
        case (.vpc, "CidrBlock"): return LabAddresses.vpc.description
        default: return self.physicalID(of: resource)
        }
    }

    /// `Name`, or one made as CloudFormation does.
    func name(of resource: TemplateResource) -> String? {
        let property =
            switch resource.type {
            case .function: "FunctionName"
            case .role: "RoleName"
            case .instanceProfile: "InstanceProfileName"
            case .bucket: "BucketName"
            case .securityGroup: "GroupName"
            case .classicLoadBalancer: "LoadBalancerName"
            default: "Name"
            }
        guard resource.properties[property] != nil else { return self.identifiers.generatedName(resource.logicalID) }
        return self.text(property, of: resource)?.value
    }

    func scheme(of resource: TemplateResource) -> LoadBalancer.Scheme {
        self.text("Scheme", of: resource).flatMap { LoadBalancer.Scheme(rawValue: $0.value) } ?? .internetFacing
    }

    /// Of a load balancer.
    func kind(of resource: TemplateResource) -> LoadBalancer.Kind {
        self.text("Type", of: resource).flatMap { LoadBalancer.Kind(rawValue: $0.value) } ?? .application
    }

    /// The zone of a subnet or instance; a wrong name is reported.
    func zone(of resource: TemplateResource) -> AvailabilityZone? {
        if let text = self.text("AvailabilityZone", of: resource) { return ZoneReader.zone(text, self.collector) }
        // A function stands in no zone; its Invoke API has to stand somewhere.
        if resource.type == .function { return .a }
        guard resource.type == .instance else { return nil }
        return self.subnet(of: resource)?.zone
    }

    /// The subnet that a property names.
    func subnet(of resource: TemplateResource) -> TemplateReader.Surroundings.Subnet? {
        self.text("SubnetId", of: resource).flatMap(self.subnet)
    }

    /// The subnet of that id, the template's or the account's; or `nil`, reported.
    func subnet(_ id: Located<String>) -> TemplateReader.Surroundings.Subnet? {
        let subnets = self.resources.values.filter { $0.type == .subnet }
        if let subnet = subnets.first(where: { self.physicalID(of: $0) == id.value }) {
            return self.zone(of: subnet).map { .init(zone: $0, vpc: self.text("VpcId", of: subnet)?.value ?? "") }
        }
        if let subnet = self.surroundings.subnets[id.value] { return subnet }
        self.collector.error(
            "there is no subnet '\(id.value.prefix(60))'",
            at: id.location,
            suggestion: "refer to an AWS::EC2::Subnet of this template with !Ref"
        )
        return nil
    }

    func address(ofInstance resource: TemplateResource) -> IPAddress? {
        self.zone(of: resource).flatMap {
            self.addresses.instance(self.identifiers.key(resource.logicalID), in: $0)
        }
    }

    /// An Elastic IP's address; `nil` when none is left.
    func elasticAddress(of resource: TemplateResource) -> IPAddress? {
        self.addresses.elastic(self.identifiers.key(resource.logicalID))
    }

    private func listenerARN(of resource: TemplateResource) -> String? {
        self.text("LoadBalancerArn", of: resource).map {
            "\($0.value.replacing(":loadbalancer/", with: ":listener/"))/\(self.identifiers.suffix(resource.logicalID))"
        }
    }

    private func ruleARN(of resource: TemplateResource) -> String? {
        self.text("ListenerArn", of: resource).map {
            "\($0.value.replacing(":listener/", with: ":listener-rule/"))/\(self.identifiers.suffix(resource.logicalID))"
        }
    }

    /// A property's text, if it has one; its readers report what is wrong with it. Kept, because names may be made of
    /// names: without a memory, a template could make this double with every step.
    private func text(_ property: String, of resource: TemplateResource) -> Located<String>? {
        let key = PropertyKey(resource: resource.logicalID, property: property)
        if let known = self.texts[key] { return known }
        let value = resource.properties[property].flatMap(self.resolve)
        let text = value.flatMap { value in
            value.text.map { Located(value: $0, location: value.location) }
        }
        self.texts[key] = .some(text)
        return text
    }
}
