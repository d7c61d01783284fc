package import ELBModel

extension EC2 {
    /// One attribute of an instance: another size, which needs it stopped, or other security groups.
    package struct ModifyInstanceAttribute: EC2Command {
        package var id: String
        package var change: Change

        package enum Change: Hashable, Sendable {
            case type(InstanceType)
            case groups([String])
        }

        package init(_ input: inout CommandInput) throws(APIError) {
            self.id = try input.required("InstanceId")
            var type = input.structure("InstanceType")
            var value = try type?.required("Value")
            try type?.finish()
            let groups = input.texts("Groups")
            // The other way to say it.
            if input.text("Attribute") == "instanceType" { value = input.text("Value") }
            try input.refuseDryRun()
            switch (value, groups) {
            case (let value?, nil): self.change = .type(try InstanceType.ofLab(value))
            case (nil, let groups?) where !groups.isEmpty: self.change = .groups(groups)
            case (nil, _): throw .notInLab("Any attribute but InstanceType and Groups")
            case (.some, .some):
                throw APIError("InvalidParameterCombination", "Only one attribute can be modified at a time")
            }
        }
    }

    package struct DescribeInstanceAttribute: EC2Command {
        package var id: String
        package var attribute: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.id = try input.required("InstanceId")
            self.attribute = input.text("Attribute") ?? ""
            guard ["instanceType", "groupSet", "disableApiTermination", "sourceDestCheck"].contains(self.attribute)
            else {
                throw .notInLab("Attribute '\(self.attribute.prefix(80))'")
            }
            try input.refuseDryRun()
        }
    }

    package struct DescribeInstanceTypes: EC2Command {
        package var names: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.names = input.texts("InstanceTypes")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }

    package struct DescribeRegions: EC2Command {
        package var names: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.names = input.texts("RegionNames")
            self.filters = ResourceFilters(&input)
            input.accepts("AllRegions")
            try input.refuseDryRun()
        }
    }
}

extension InstanceType {
    /// The size of that name.
    ///
    /// - Throws: EC2's error, with the sizes that the lab has.
    static func ofLab(_ name: String) throws(APIError) -> InstanceType {
        if let type = Self.named(name) { return type }
        throw APIError(
            "InvalidParameterValue",
            "Invalid value '\(name.prefix(80))' for InstanceType; the lab has \(Self.all.map(\.name).joined(separator: ", "))"
        )
    }
}

extension WireValue {
    package static func instanceType(_ type: InstanceType) -> Self {
        let workers = Swift.min(type.workers, 1024)
        return [
            "InstanceType": .text(type.name),
            "CurrentGeneration": true,
            "VCpuInfo": ["DefaultVCpus": .integer(workers), "DefaultCores": .integer(workers)],
            "MemoryInfo": ["SizeInMiB": .integer(workers * 512)],
            "SupportedUsageClasses": ["on-demand"],
            "BareMetal": false,
            "Hypervisor": "nitro",
        ]
    }

    package static func region(_ name: String) -> Self {
        [
            "RegionName": .text(name), "OptInStatus": "opt-in-not-required",
            "Endpoint": .text("ec2.\(name).amazonaws.com"),
        ]
    }
}
