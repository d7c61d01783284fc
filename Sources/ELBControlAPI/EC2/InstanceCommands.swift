package import ELBModel

extension EC2 {
    package struct RunInstances: EC2Command {
        package var image: String
        package var type: InstanceType
        package var minimum: Int
        package var maximum: Int
        package var subnet: String?
        package var zone: String?
        package var securityGroups: [String]?
        package var keyName: String?
        package var tags: [ResourceTag]
        package var clientToken: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            guard let image = input.text("ImageId") else {
                throw APIError("MissingParameter", "The request must contain the parameter ImageId")
            }
            // Every image is the lab's backend.
            guard image.hasPrefix("ami-"), image.count <= 32 else {
                throw APIError("InvalidAMIID.Malformed", "Invalid id: \"\(image.prefix(80))\" (expecting \"ami-...\")")
            }
            self.image = image
            let type = input.text("InstanceType") ?? InstanceType.t3Micro.name
            self.type = try InstanceType.ofLab(type)
            self.minimum = input.integer("MinCount") ?? 1
            self.maximum = input.integer("MaxCount") ?? 1
            self.subnet = input.text("SubnetId")
            self.securityGroups = input.texts("SecurityGroupIds")
            self.keyName = input.text("KeyName")
            self.tags = try input.tagSpecifications(for: "instance")
            self.clientToken = input.text("ClientToken")
            var placement = input.structure("Placement")
            self.zone = placement?.text("AvailabilityZone")
            try placement?.finish()
            // A backend runs no script, and has no disk and no role.
            input.accepts("UserData", "EbsOptimized", "Monitoring", "IamInstanceProfile", "CreditSpecification")
            input.accepts("DisableApiTermination", "MetadataOptions")
            try input.refuseDryRun()
        }
    }

    package struct DescribeInstances: EC2Command {
        package var ids: [String]?
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("InstanceIds")
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }

    package struct DescribeInstanceStatus: EC2Command {
        package var ids: [String]?
        package var filters: ResourceFilters
        package var includesStopped: Bool

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("InstanceIds")
            self.filters = ResourceFilters(&input)
            self.includesStopped = input.boolean("IncludeAllInstances") ?? false
            try input.wholeList()
        }
    }

    package struct StartInstances: EC2Command {
        package var ids: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("InstanceIds") ?? []
            try input.refuseDryRun()
        }
    }

    package struct StopInstances: EC2Command {
        package var ids: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("InstanceIds") ?? []
            input.accepts("Force", "SkipOsShutdown")
            try input.refuseDryRun()
        }
    }

    package struct TerminateInstances: EC2Command {
        package var ids: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.ids = input.texts("InstanceIds") ?? []
            input.accepts("Force", "SkipOsShutdown")
            try input.refuseDryRun()
        }
    }
}

/// EC2's states with their numbers, those that only pass included.
package enum InstanceState: String, Hashable, Sendable {
    case pending
    case running
    case shuttingDown = "shutting-down"
    case terminated
    case stopping
    case stopped

    package init(_ state: InstanceRecord.State) {
        switch state {
        case .running: self = .running
        case .stopped: self = .stopped
        case .terminated: self = .terminated
        }
    }

    package var code: Int {
        switch self {
        case .pending: 0
        case .running: 16
        case .shuttingDown: 32
        case .terminated: 48
        case .stopping: 64
        case .stopped: 80
        }
    }
}

extension WireValue {
    package static func instanceState(_ state: InstanceState) -> Self {
        ["Code": .integer(state.code), "Name": .text(state.rawValue)]
    }

    /// One line of what StartInstances and its like answer.
    package static func stateChange(_ id: String, from old: InstanceState, to new: InstanceState) -> Self {
        ["CurrentState": .instanceState(new), "InstanceId": .text(id), "PreviousState": .instanceState(old)]
    }

    /// Instances of one reservation, which are those of one RunInstances.
    package static func reservation(_ id: String, _ instances: [WireValue]) -> Self {
        ["ReservationId": .text(id), "OwnerId": .text(Account.number), "Groups": [], "Instances": .list(instances)]
    }

    package static func instance(
        _ record: InstanceRecord,
        state: InstanceState? = nil,
        groupName: (String) -> String
    ) -> Self {
        let instance = record.instance
        let isThere = record.state != .terminated
        let address = "\(instance.address)"
        let name = "ip-\(address.replacing(".", with: "-")).\(AvailabilityZone.region).compute.internal"
        let groups = record.securityGroups.map { id -> WireValue in
            ["GroupId": .text(id), "GroupName": .text(groupName(id))]
        }
        return [
            "Architecture": "x86_64",
            "ClientToken": .text(record.clientToken ?? ""),
            "EbsOptimized": false,
            "Hypervisor": "xen",
            "RootDeviceName": "/dev/xvda",
            "RootDeviceType": "ebs",
            "BlockDeviceMappings": [],
            "NetworkInterfaces": [],
            "SecurityGroups": .list(groups),
            "SourceDestCheck": true,
            "StateReason": record.state == .running ? nil : Self.stateReason(record),
            "Tags": record.tags.isEmpty ? nil : .tags(record.tags),
            "VirtualizationType": "hvm",
            "InstanceId": .text(record.id),
            "ImageId": .text(record.image),
            "State": .instanceState(state ?? InstanceState(record.state)),
            "PrivateDnsName": .text(isThere ? name : ""),
            "PublicDnsName": "",
            "StateTransitionReason": record.state == .running ? "" : "User initiated",
            "KeyName": record.keyName.map { .text($0) },
            "AmiLaunchIndex": .integer(record.launchIndex),
            "InstanceType": .text(instance.type.name),
            "LaunchTime": .timestamp(record.launched),
            "Placement": ["GroupName": "", "Tenancy": "default", "AvailabilityZone": .text(instance.zone.name)],
            "Monitoring": ["State": "disabled"],
            "SubnetId": isThere ? .text(record.subnet) : nil,
            "VpcId": isThere ? .text(record.vpc) : nil,
            "PrivateIpAddress": isThere ? .text(address) : nil,
        ]
    }

    private static func stateReason(_ record: InstanceRecord) -> Self {
        [
            "Code": "Client.UserInitiatedShutdown",
            "Message": "Client.UserInitiatedShutdown: User initiated shutdown",
        ]
    }

    package static func instanceStatus(_ record: InstanceRecord) -> Self {
        let isRunning = record.state == .running
        let summary: WireValue = [
            "Details": [["Name": "reachability", "Status": isRunning ? "passed" : "initializing"]],
            "Status": isRunning ? "ok" : "not-applicable",
        ]
        return [
            "AvailabilityZone": .text(record.instance.zone.name),
            "InstanceId": .text(record.id),
            "InstanceState": .instanceState(InstanceState(record.state)),
            "InstanceStatus": summary,
            "SystemStatus": summary,
        ]
    }
}
