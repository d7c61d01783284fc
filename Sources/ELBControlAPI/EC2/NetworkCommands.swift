package import ELBModel

extension EC2 {
    package struct DescribeVpcs: EC2Command {
        package var ids: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("VpcIds")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }

    package struct DescribeSubnets: EC2Command {
        package var ids: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("SubnetIds")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }

    package struct DescribeSecurityGroups: EC2Command {
        package var ids: [String]?
        package var names: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("GroupIds")
            self.names = input.texts("GroupNames")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }

    package struct DescribeAvailabilityZones: EC2Command {
        package var names: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.names = input.texts("ZoneNames")
            self.filters = ResourceFilters(&input)
            input.accepts("AllAvailabilityZones", "ZoneIds")
            try input.wholeList()
        }
    }
}

extension CommandInput {
    /// The lab's lists are short: they come whole, which `MaxResults` permits as long as there is room.
    mutating func wholeList() throws(APIError) {
        try self.refuseDryRun()
        self.accepts("MaxResults")
        if self.text("NextToken") != nil { throw APIError("InvalidParameterValue", "Invalid value for NextToken") }
    }
}

extension WireValue {
    package static func vpc(_ record: VPCRecord) -> Self {
        [
            "OwnerId": .text(Account.number),
            "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [
                [
                    "AssociationId": .text("vpc-cidr-assoc-\(record.id.dropFirst(4))"),
                    "CidrBlock": .text(record.block),
                    "CidrBlockState": ["State": "associated"],
                ]
            ],
            "IsDefault": .boolean(record.isDefault),
            "Tags": record.tags.isEmpty ? nil : .tags(record.tags),
            "VpcId": .text(record.id),
            "State": "available",
            "CidrBlock": .text(record.block),
            "DhcpOptionsId": "default",
        ]
    }

    package static func subnet(_ record: SubnetRecord, freeAddresses: Int) -> Self {
        [
            "AvailabilityZoneId": .text(record.zone.awsID),
            "OwnerId": .text(Account.number),
            "AssignIpv6AddressOnCreation": false,
            "Ipv6CidrBlockAssociationSet": [],
            "Tags": record.tags.isEmpty ? nil : .tags(record.tags),
            "SubnetArn": .text(
                "arn:aws:ec2:\(AvailabilityZone.region):\(Account.number):subnet/\(record.id)"
            ),
            "EnableDns64": false,
            "Ipv6Native": false,
            "SubnetId": .text(record.id),
            "State": "available",
            "VpcId": .text(record.vpc),
            "CidrBlock": .text(record.block),
            "AvailableIpAddressCount": .integer(freeAddresses),
            "AvailabilityZone": .text(record.zone.name),
            "DefaultForAz": .boolean(record.isDefault),
            "MapPublicIpOnLaunch": false,
        ]
    }

    package static func availabilityZone(_ zone: AvailabilityZone) -> Self {
        [
            "OptInStatus": "opt-in-not-required",
            "Messages": [],
            "RegionName": .text(AvailabilityZone.region),
            "ZoneName": .text(zone.name),
            "ZoneId": .text(zone.awsID),
            "GroupName": .text("\(AvailabilityZone.region)-zg-1"),
            "NetworkBorderGroup": .text(AvailabilityZone.region),
            "ZoneType": "availability-zone",
            "State": "available",
        ]
    }
}

extension AvailabilityZone {
    /// AWS's id of the zone, the same in every account: `apne2-az1`.
    package var awsID: String { "apne2-az\(self.number)" }
}
