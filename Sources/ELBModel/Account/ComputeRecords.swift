/// An EC2 instance as the account has it.
package struct InstanceRecord: AccountRecord {
    package var owner: RecordOwner
    package var launched: Timestamp
    package var tags: [ResourceTag] = []
    package var state: State
    /// When it was stopped or terminated, and by whose wish.
    package var stateChanged: Timestamp?
    package var subnet: String
    package var vpc: String
    package var securityGroups: [String]
    package var image: String
    package var keyName: String?
    package var reservation: String
    /// Makes a repeated RunInstances the same one.
    package var clientToken: String?
    package var launchIndex: Int
    /// What the fleet runs while the instance is running.
    package var instance: Instance

    package init(
        owner: RecordOwner,
        launched: Timestamp,
        state: State = .running,
        subnet: String,
        vpc: String,
        securityGroups: [String],
        image: String,
        keyName: String? = nil,
        reservation: String,
        clientToken: String? = nil,
        launchIndex: Int = 0,
        instance: Instance
    ) {
        self.owner = owner
        self.launched = launched
        self.state = state
        self.subnet = subnet
        self.vpc = vpc
        self.securityGroups = securityGroups
        self.image = image
        self.keyName = keyName
        self.reservation = reservation
        self.clientToken = clientToken
        self.launchIndex = launchIndex
        self.instance = instance
    }

    package var id: String { self.instance.id.rawValue }

    /// The states that last; the lab passes through the others before it answers. The raw value is AWS's.
    package enum State: String, Hashable, Codable, Sendable, CaseIterable {
        case running
        case stopped
        case terminated
    }
}

/// A virtual private cloud.
package struct VPCRecord: AccountRecord {
    package var id: String
    package var block: String
    package var isDefault: Bool
    package var tags: [ResourceTag] = []

    package init(id: String, block: String, isDefault: Bool, tags: [ResourceTag] = []) {
        self.id = id
        self.block = block
        self.isDefault = isDefault
        self.tags = tags
    }
}

/// A subnet. All subnets of a zone stand for the lab's one, 127.10.z.0/24.
package struct SubnetRecord: AccountRecord {
    package var id: String
    package var vpc: String
    package var zone: AvailabilityZone
    package var block: String
    package var isDefault: Bool
    package var tags: [ResourceTag] = []

    package init(
        id: String,
        vpc: String,
        zone: AvailabilityZone,
        block: String,
        isDefault: Bool,
        tags: [ResourceTag] = []
    ) {
        self.id = id
        self.vpc = vpc
        self.zone = zone
        self.block = block
        self.isDefault = isDefault
        self.tags = tags
    }
}

/// A security group. Whatever belongs to it lets through what its rules say, and everything that has several groups what any of
/// them says.
package struct SecurityGroupRecord: AccountRecord {
    package var id: String
    package var owner: RecordOwner
    package var name: String
    package var detail: String
    package var vpc: String
    package var tags: [ResourceTag] = []
    package var ingress: [SecurityGroupRule] = []
    package var egress: [SecurityGroupRule] = []

    package init(
        id: String,
        owner: RecordOwner = .api,
        name: String,
        detail: String,
        vpc: String,
        tags: [ResourceTag] = [],
        ingress: [SecurityGroupRule] = [],
        egress: [SecurityGroupRule] = []
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.detail = detail
        self.vpc = vpc
        self.tags = tags
        self.ingress = ingress
        self.egress = egress
    }
}

/// An Elastic IP address.
package struct AddressRecord: AccountRecord {
    /// `eipalloc-` and digits.
    package var id: String
    package var owner: RecordOwner
    package var address: IPAddress
    package var tags: [ResourceTag]

    package init(id: String, owner: RecordOwner = .api, address: IPAddress, tags: [ResourceTag] = []) {
        self.id = id
        self.owner = owner
        self.address = address
        self.tags = tags
    }
}
