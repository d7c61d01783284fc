import ELBModel

// Security groups, Elastic IP addresses and tags of templates.
extension TemplateAdoption {
    func adopt(_ group: SecurityGroupRecord, _ transaction: inout Transaction) throws(ModelError) {
        let vpc = transaction.account.defaultSubnet(in: .a).vpc
        let isTaken = transaction.account.securityGroups.contains {
            $0.vpc == vpc && $0.name == group.name && $0.id != group.id
        }
        guard !isTaken else {
            throw ModelError(.validationError, "The security group '\(group.name)' already exists for VPC '\(vpc)'")
        }
        var record = group
        record.owner = self.owner
        record.vpc = vpc
        record.tags = self.tags(of: group.id, besides: transaction.account.securityGroups[group.id]?.tags)
        transaction.save(.securityGroup(record))
    }

    func adopt(_ address: AddressRecord, _ transaction: inout Transaction) {
        var record = address
        record.owner = self.owner
        record.tags = self.tags(of: address.id, besides: transaction.account.addresses[address.id]?.tags)
        transaction.save(.address(record))
    }

    /// The groups that something belongs to: those that the template names; where it names none, those it is in already, or the
    /// VPC's default group.
    ///
    /// - Parameter usual: what it has where nobody says anything.
    func securityGroups(of id: String, now current: [String], else usual: [String], _ account: Account) -> [String] {
        if let named = self.topology.securityGroups.members[id] { return named }
        let going = self.staleGroups(account)
        let staying = current.filter { !going.contains($0) }
        return staying.isEmpty ? usual : staying
    }

    /// What the template says wins; what the API has added stays.
    func tags(of id: String, besides others: [ResourceTag]?) -> [ResourceTag] {
        let own = self.topology.tags[id] ?? []
        return own + (others ?? []).filter { other in !own.contains { $0.key == other.key } }
    }

    /// Lets the groups and addresses go that the templates describe no longer. Last, because load balancers and instances leave their
    /// groups only when they are adopted.
    func removeStaleNetwork(_ transaction: inout Transaction) throws(ModelError) {
        let going = self.staleGroups(transaction.account)
        for id in going.sorted() {
            guard !transaction.account.isInUse(securityGroup: id, besides: going) else {
                throw ModelError(.validationError, "resource \(id) has a dependent object")
            }
            transaction.remove(.securityGroup, id)
        }
        let addresses = Set(self.topology.addresses.map(\.id))
        for record in transaction.account.addresses where record.owner == self.owner && !addresses.contains(record.id) {
            guard transaction.account.node(withElasticAddress: record.id) == nil else {
                throw ModelError(.validationError, "Address '\(record.address)' is in use")
            }
            transaction.remove(.address, record.id)
        }
    }

    /// Gives retained groups and addresses to the account itself. CloudFormation's id of an address is the address.
    func letGoNetwork(_ transaction: inout Transaction) {
        for var record in transaction.account.securityGroups where self.retained.contains(record.id) {
            record.owner = .api
            transaction.save(.securityGroup(record))
        }
        for var record in transaction.account.addresses where self.retained.contains("\(record.address)") {
            record.owner = .api
            transaction.save(.address(record))
        }
    }

    private func staleGroups(_ account: Account) -> Set<String> {
        let described = Set(self.topology.securityGroups.groups.map(\.id))
        return Set(
            account.securityGroups.lazy.filter { $0.owner == self.owner && !described.contains($0.id) }.map(\.id)
        )
    }
}
