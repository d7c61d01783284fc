package import ELBModel

extension EC2 {
    package struct CreateVpc: EC2Command {
        package var block: CIDRBlock
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.block = try input.block("CidrBlock")
            // AWS's limits.
            guard (16...28).contains(self.block.prefixLength) else {
                throw APIError("InvalidVpc.Range", "The CIDR '\(self.block)' is invalid.")
            }
            self.tags = try input.tagSpecifications(for: "vpc")
            try input.only("InstanceTenancy", "default")
            guard input.boolean("AmazonProvidedIpv6CidrBlock") != true else { throw .notInLab("IPv6") }
            try input.refuseDryRun()
        }
    }

    package struct DeleteVpc: EC2Command {
        package var id: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.id = try input.required("VpcId")
            try input.refuseDryRun()
        }
    }

    /// One of a VPC's settings, none of which has an effect in the lab.
    package struct DescribeVpcAttribute: EC2Command {
        package var id: String
        /// As the service model spells it, such as `enableDnsSupport`; EC2's answer spells it with a capital.
        package var attribute: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.id = try input.required("VpcId")
            self.attribute = try input.required("Attribute")
            try input.refuseDryRun()
        }
    }

    package struct CreateSubnet: EC2Command {
        package var vpc: String
        package var block: CIDRBlock
        package var zone: String?
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.vpc = try input.required("VpcId")
            self.block = try input.block("CidrBlock")
            self.zone = input.text("AvailabilityZone") ?? input.text("AvailabilityZoneId")
            self.tags = try input.tagSpecifications(for: "subnet")
            try input.refuseDryRun()
        }
    }

    package struct DeleteSubnet: EC2Command {
        package var id: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.id = try input.required("SubnetId")
            try input.refuseDryRun()
        }
    }
}

extension CommandInput {
    /// A block of IPv4 addresses.
    fileprivate mutating func block(_ name: String) throws(APIError) -> CIDRBlock {
        guard let text = self.text(name) else {
            throw APIError("MissingParameter", "The request must contain the parameter \(name)")
        }
        guard let block = CIDRBlock(text), case .v4 = block.address else {
            throw APIError(
                "InvalidParameterValue",
                "Value (\(text.prefix(80))) for parameter \(name) is invalid. This is not a valid CIDR block."
            )
        }
        return block
    }
}
