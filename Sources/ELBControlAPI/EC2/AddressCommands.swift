package import ELBModel

extension EC2 {
    package struct AllocateAddress: EC2Command {
        package var address: String?
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            try input.only("Domain", "vpc")
            self.address = input.text("Address")
            self.tags = try input.tagSpecifications(for: "elastic-ip")
            input.accepts("NetworkBorderGroup")
            try input.refuseDryRun()
        }
    }

    package struct DescribeAddresses: EC2Command {
        package var ids: [String]?
        package var addresses: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("AllocationIds")
            self.addresses = input.texts("PublicIps")
            self.filters = ResourceFilters(&input)
            try input.refuseDryRun()
        }
    }

    package struct ReleaseAddress: EC2Command {
        package var id: String

        package init(_ input: inout CommandInput) throws(APIError) {
            guard let id = input.text("AllocationId") else {
                throw APIError("MissingParameter", "The request must contain the parameter AllocationId")
            }
            self.id = id
            input.accepts("NetworkBorderGroup")
            try input.refuseDryRun()
        }
    }

    package struct DescribeNetworkInterfaces: EC2Command {
        package var ids: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("NetworkInterfaceIds")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }
}

extension WireValue {
    /// - Parameter interface: what has the address now.
    package static func address(_ record: AddressRecord, of interface: NetworkInterface?) -> Self {
        [
            "AssociationId": interface.map { .text("eipassoc-\($0.id.dropFirst(4))") },
            "NetworkInterfaceId": interface.map { .text($0.id) },
            "NetworkInterfaceOwnerId": interface.map { _ in .text(Account.number) },
            "PrivateIpAddress": interface.map { .text("\($0.address)") },
            "AllocationId": .text(record.id),
            "Domain": "vpc",
            "Tags": record.tags.isEmpty ? nil : .tags(record.tags),
            "PublicIpv4Pool": "amazon",
            "NetworkBorderGroup": .text(AvailabilityZone.region),
            "PublicIp": .text("\(record.address)"),
        ]
    }

    package static func networkInterface(_ interface: NetworkInterface, groupName: (String) -> String) -> Self {
        let association: Self? = interface.publicAddress.map { address in
            ["IpOwnerId": "amazon-elb", "PublicIp": .text("\(address)"), "PublicDnsName": ""]
        }
        let address = "\(interface.address)"
        return [
            "Association": association,
            "AvailabilityZone": .text(interface.zone.name),
            "Description": .text(interface.detail),
            "Groups": .list(
                interface.securityGroups.map { ["GroupId": .text($0), "GroupName": .text(groupName($0))] }
            ),
            "InterfaceType": "interface",
            "NetworkInterfaceId": .text(interface.id),
            "OwnerId": .text(Account.number),
            "PrivateIpAddress": .text(address),
            "PrivateIpAddresses": [["Primary": true, "PrivateIpAddress": .text(address), "Association": association]],
            "RequesterId": interface.instance == nil ? "amazon-elb" : nil,
            "RequesterManaged": .boolean(interface.instance == nil),
            "SourceDestCheck": true,
            "Status": "in-use",
            "SubnetId": .text(interface.subnet),
            "TagSet": [],
            "VpcId": .text(interface.vpc),
            "Attachment": interface.instance.map { instance in
                [
                    "AttachmentId": .text("eni-attach-\(interface.id.dropFirst(4))"), "DeviceIndex": 0,
                    "InstanceId": .text(instance), "InstanceOwnerId": .text(Account.number), "Status": "attached",
                    "DeleteOnTermination": true,
                ]
            },
        ]
    }
}

/// A network interface, as far as the lab has any: one for each instance and for each node of a load balancer.
package struct NetworkInterface: Hashable, Sendable {
    package var id: String
    /// `ELB app/NAME/ID` for load balancers, as AWS writes it.
    package var detail: String
    package var zone: AvailabilityZone
    package var subnet: String
    package var vpc: String
    package var address: IPAddress
    package var publicAddress: IPAddress?
    package var securityGroups: [String]
    package var instance: String?

    package init(
        id: String,
        detail: String,
        zone: AvailabilityZone,
        subnet: String,
        vpc: String,
        address: IPAddress,
        publicAddress: IPAddress? = nil,
        securityGroups: [String],
        instance: String? = nil
    ) {
        self.id = id
        self.detail = detail
        self.zone = zone
        self.subnet = subnet
        self.vpc = vpc
        self.address = address
        self.publicAddress = publicAddress
        self.securityGroups = securityGroups
        self.instance = instance
    }
}
