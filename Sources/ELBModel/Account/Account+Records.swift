extension Account {
    /// Every record, table by table: an account made of them is the same account.
    package var records: [AccountEvent.Record] { AccountEvent.Kind.allCases.flatMap(self.records) }

    /// - Parameter records: those of an account, in the order of `records`.
    package init(records: some Sequence<AccountEvent.Record>) {
        self.init(empty: ())
        for record in records { self.apply(.saved(record)) }
    }

    /// One table's records in their order.
    private func records(_ kind: AccountEvent.Kind) -> [AccountEvent.Record] {
        switch kind {
        case .loadBalancer: self.loadBalancers.map(AccountEvent.Record.loadBalancer)
        case .classicLoadBalancer:
            self.classicLoadBalancers.map(AccountEvent.Record.classicLoadBalancer)
        case .listener: self.listeners.map(AccountEvent.Record.listener)
        case .rule: self.rules.map(AccountEvent.Record.rule)
        case .targetGroup: self.targetGroups.map(AccountEvent.Record.targetGroup)
        case .function: self.functions.map(AccountEvent.Record.function)
        case .certificate: self.certificates.map(AccountEvent.Record.certificate)
        case .trustStore: self.trustStores.map(AccountEvent.Record.trustStore)
        case .instance: self.instances.map(AccountEvent.Record.instance)
        case .vpc: self.vpcs.map(AccountEvent.Record.vpc)
        case .subnet: self.subnets.map(AccountEvent.Record.subnet)
        case .securityGroup: self.securityGroups.map(AccountEvent.Record.securityGroup)
        case .address: self.addresses.map(AccountEvent.Record.address)
        case .stack: self.stacks.map(AccountEvent.Record.stack)
        case .zonalShift: self.zonalShifts.map(AccountEvent.Record.zonalShift)
        case .recordSet: self.recordSets.map(AccountEvent.Record.recordSet)
        }
    }
}

extension AccountEvent.Record {
    /// The table that the record belongs to. A new record needs a kind here, and a kind needs a table above: that is how nothing is
    /// left out of what outlives a run.
    package var kind: AccountEvent.Kind {
        switch self {
        case .loadBalancer: .loadBalancer
        case .classicLoadBalancer: .classicLoadBalancer
        case .listener: .listener
        case .rule: .rule
        case .targetGroup: .targetGroup
        case .function: .function
        case .certificate: .certificate
        case .trustStore: .trustStore
        case .instance: .instance
        case .vpc: .vpc
        case .subnet: .subnet
        case .securityGroup: .securityGroup
        case .address: .address
        case .stack: .stack
        case .zonalShift: .zonalShift
        case .recordSet: .recordSet
        }
    }
}
