/// Everything that one AWS account has in the lab's Region. It changes by `AccountEvent`s only, so whoever has the events has the
/// account.
package struct Account: Equatable, Sendable {
    package private(set) var loadBalancers = RecordTable<LoadBalancerRecord>()
    package private(set) var classicLoadBalancers = RecordTable<ClassicLoadBalancerRecord>()
    package private(set) var listeners = RecordTable<ListenerRecord>()
    package private(set) var rules = RecordTable<RuleRecord>()
    package private(set) var targetGroups = RecordTable<TargetGroupRecord>()
    package private(set) var functions = RecordTable<FunctionRecord>()
    package private(set) var certificates = RecordTable<CertificateRecord>()
    package private(set) var trustStores = RecordTable<TrustStoreRecord>()
    package private(set) var instances = RecordTable<InstanceRecord>()
    package private(set) var vpcs = RecordTable<VPCRecord>()
    package private(set) var subnets = RecordTable<SubnetRecord>()
    package private(set) var securityGroups = RecordTable<SecurityGroupRecord>()
    package private(set) var addresses = RecordTable<AddressRecord>()
    /// Which listeners' actions refer to which target groups.
    private(set) var groupUses = TargetGroupUses()
    package private(set) var stacks = RecordTable<StackRecord>()
    package private(set) var zonalShifts = RecordTable<ZonalShiftRecord>()
    package private(set) var recordSets = RecordTable<RecordSetRecord>()

    /// AWS's example account.
    package static let number = "123456789012"

    /// An account of which nothing is there yet, not even what every account has.
    init(empty: Void) {}

    /// A new account: a default VPC with a subnet per zone and a default security group, as AWS hands it over.
    package init() {
        let vpc = "vpc-\(Self.digits("vpc"))"
        self.vpcs.save(VPCRecord(id: vpc, block: "\(LabAddresses.vpc)", isDefault: true))
        for zone in AvailabilityZone.allCases {
            self.subnets.save(
                SubnetRecord(
                    id: "subnet-\(Self.digits("subnet-\(zone.letter)"))",
                    vpc: vpc,
                    zone: zone,
                    block: "\(LabAddresses.subnet(of: zone))",
                    isDefault: true
                )
            )
        }
        self.securityGroups.save(
            SecurityGroupRecord(
                id: "sg-\(Self.digits("sg"))",
                name: "default",
                detail: "default VPC security group",
                vpc: vpc,
                // At AWS it lets in its own members only, and a beginner's first load balancer keeps silent.
                ingress: [.everything(id: "sgr-\(Self.digits("sg/in"))")],
                egress: [.everything(id: "sgr-\(Self.digits("sg/out"))")]
            )
        )
    }

    /// The same in every lab, so that a lesson can be repeated to the letter.
    private static func digits(_ what: String) -> String { "0" + StableHash.hexadecimal(of: "elblab/\(what)") }

    package mutating func apply(_ event: AccountEvent) {
        switch event {
        case .saved(let record): self.save(record)
        case .removed(let kind, let id): self.remove(kind, id)
        }
    }

    private mutating func save(_ record: AccountEvent.Record) {
        switch record {
        case .loadBalancer(let record): self.loadBalancers.save(record)
        case .classicLoadBalancer(let record): self.classicLoadBalancers.save(record)
        case .listener(let record):
            self.listeners.save(record)
            self.groupUses.note(record.listener.defaultActions, of: record.arn, in: record.arn)
        case .rule(let record):
            self.rules.save(record)
            self.groupUses.note(record.rule.actions, of: record.arn, in: record.listener)
        case .targetGroup(let record): self.targetGroups.save(record)
        case .function(let record): self.functions.save(record)
        case .certificate(let record): self.certificates.save(record)
        case .trustStore(let record): self.trustStores.save(record)
        case .instance(let record): self.instances.save(record)
        case .vpc(let record): self.vpcs.save(record)
        case .subnet(let record): self.subnets.save(record)
        case .securityGroup(let record): self.securityGroups.save(record)
        case .address(let record): self.addresses.save(record)
        case .stack(let record): self.stacks.save(record)
        case .zonalShift(let record): self.zonalShifts.save(record)
        case .recordSet(let record): self.recordSets.save(record)
        }
    }

    private mutating func remove(_ kind: AccountEvent.Kind, _ id: String) {
        switch kind {
        case .loadBalancer: self.loadBalancers.remove(id)
        case .classicLoadBalancer: self.classicLoadBalancers.remove(id)
        case .listener:
            self.listeners.remove(id)
            self.groupUses.forget(id)
        case .rule:
            self.rules.remove(id)
            self.groupUses.forget(id)
        case .targetGroup: self.targetGroups.remove(id)
        case .function: self.functions.remove(id)
        case .certificate: self.certificates.remove(id)
        case .trustStore: self.trustStores.remove(id)
        case .instance: self.instances.remove(id)
        case .vpc: self.vpcs.remove(id)
        case .subnet: self.subnets.remove(id)
        case .securityGroup: self.securityGroups.remove(id)
        case .address: self.addresses.remove(id)
        case .stack: self.stacks.remove(id)
        case .zonalShift: self.zonalShifts.remove(id)
        case .recordSet: self.recordSets.remove(id)
        }
    }
}

/// What happened to an account: a record as it is from now on, or one that is gone. A list of them is what a command does, what is
/// undone when the data plane cannot follow, and what outlives a run.
package enum AccountEvent: Hashable, Codable, Sendable {
    case saved(Record)
    case removed(Kind, id: String)

    package enum Record: Hashable, Codable, Sendable {
        case loadBalancer(LoadBalancerRecord)
        case classicLoadBalancer(ClassicLoadBalancerRecord)
        case listener(ListenerRecord)
        case rule(RuleRecord)
        case targetGroup(TargetGroupRecord)
        case function(FunctionRecord)
        case certificate(CertificateRecord)
        case trustStore(TrustStoreRecord)
        case instance(InstanceRecord)
        case vpc(VPCRecord)
        case subnet(SubnetRecord)
        case securityGroup(SecurityGroupRecord)
        case address(AddressRecord)
        case stack(StackRecord)
        case zonalShift(ZonalShiftRecord)
        case recordSet(RecordSetRecord)
    }

    package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        case loadBalancer, classicLoadBalancer, listener, rule, targetGroup, function, certificate, trustStore,
            instance, vpc, subnet
        case securityGroup, address, stack, zonalShift, recordSet
    }
}
