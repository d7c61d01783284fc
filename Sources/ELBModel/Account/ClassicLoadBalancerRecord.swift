/// A Classic Load Balancer as the account has it, whole: listeners, policies and registered instances are parts of it.
package struct ClassicLoadBalancerRecord: AccountRecord {
    package var owner: RecordOwner
    package var created: Timestamp
    package var tags: [ResourceTag] = []
    /// With every registered instance, also those that do not run now; without filters, which come from the security groups.
    package var balancer: ClassicLoadBalancer
    /// What its template said when it was read last; `nil` for one that the API has made.
    package var described: ClassicLoadBalancer?
    /// Of its nodes, in their order.
    package var subnets: [String]
    package var vpc: String
    package var securityGroups: [String]

    package init(
        owner: RecordOwner,
        created: Timestamp,
        balancer: ClassicLoadBalancer,
        subnets: [String],
        vpc: String,
        securityGroups: [String]
    ) {
        self.owner = owner
        self.created = created
        self.balancer = balancer
        self.subnets = subnets
        self.vpc = vpc
        self.securityGroups = securityGroups
    }

    /// Its name: this API knows no ARNs.
    package var id: String { self.balancer.name.rawValue }
}
