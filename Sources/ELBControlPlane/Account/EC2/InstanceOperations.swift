package import ELBControlAPI
import ELBModel

extension EC2 {
    static let instanceOperations: [any AccountCommand.Type] = [
        RunInstances.self, DescribeInstances.self, DescribeInstanceStatus.self, StartInstances.self,
        StopInstances.self, TerminateInstances.self,
    ]

    /// Where an instance listens that nobody told otherwise; target groups add the ports they register it with.
    static let usualPort: Port = 8080
    /// The tag whose value is a list of ports to listen on: `elblab:Ports=8080,8081`.
    static let portsTag = "elblab:Ports"
    /// The lab's limit for one call; a zone has room for 191.
    static let mostInstances = 40
}

extension EC2.RunInstances: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        if let clientToken {
            let known = transaction.account.instances.filter { $0.clientToken == clientToken }
            if !known.isEmpty { return self.answer(known, transaction.account) }
        }
        guard self.minimum >= 1, self.maximum >= self.minimum else {
            throw APIError("InvalidParameterValue", "MinCount must be 1 or more and not above MaxCount")
        }
        guard self.maximum <= EC2.mostInstances else {
            throw APIError("InstanceLimitExceeded", "The lab starts at most \(EC2.mostInstances) instances at once")
        }
        let subnet = try self.subnet(in: transaction.account)
        let groups = try self.groups(in: subnet, transaction.account)
        let ports = try self.ports()
        let reservation = transaction.makeID("r")
        var records: [InstanceRecord] = []
        for index in 0..<self.maximum {
            guard let address = transaction.account.freeInstanceAddress(in: subnet.zone) else {
                if records.count >= self.minimum { break }
                throw APIError(
                    "InsufficientFreeAddressesInSubnet",
                    "There are not enough free addresses in subnet '\(subnet.id)' to satisfy the requested number of instances."
                )
            }
            let id = transaction.makeID("i")
            var record = InstanceRecord(
                owner: .api,
                launched: transaction.now,
                subnet: subnet.id,
                vpc: subnet.vpc,
                securityGroups: groups,
                image: self.image,
                keyName: self.keyName,
                reservation: reservation,
                clientToken: self.clientToken,
                launchIndex: index,
                instance: Instance(
                    id: InstanceID(rawValue: id),
                    name: transaction.account.freeInstanceName(self.tags, else: id),
                    zone: subnet.zone,
                    address: address,
                    type: self.type,
                    ports: ports
                )
            )
            record.tags = self.tags
            transaction.save(.instance(record))
            records.append(record)
        }
        return self.answer(records, transaction.account)
    }

    private func answer(_ records: [InstanceRecord], _ account: Account) -> WireValue {
        let instances = records.map { record in
            WireValue.instance(record, state: .pending, groupName: account.securityGroupName)
        }
        // RunInstances answers with the reservation itself.
        return .reservation(records.first?.reservation ?? "", instances)
    }

    private func subnet(in account: Account) throws(APIError) -> SubnetRecord {
        if let subnet {
            guard let record = account.subnets[subnet] else {
                throw APIError("InvalidSubnetID.NotFound", "The subnet ID '\(subnet.prefix(80))' does not exist")
            }
            guard self.zone.map({ $0 == record.zone.name }) ?? true else {
                throw APIError("InvalidParameterCombination", "The subnet is not in the Availability Zone")
            }
            return record
        }
        let zone = self.zone ?? AvailabilityZone.a.name
        guard let record = account.subnets.first(where: { $0.isDefault && $0.zone.name == zone }) else {
            throw APIError("InvalidParameterValue", "Invalid availability zone: [\(zone.prefix(80))]")
        }
        return record
    }

    private func groups(in subnet: SubnetRecord, _ account: Account) throws(APIError) -> [String] {
        guard let securityGroups, !securityGroups.isEmpty else {
            return account.securityGroups.filter { $0.vpc == subnet.vpc && $0.name == "default" }.map(\.id)
        }
        for id in securityGroups where account.securityGroups[id]?.vpc != subnet.vpc {
            throw APIError(
                "InvalidGroup.NotFound",
                "The security group '\(id.prefix(80))' does not exist in VPC '\(subnet.vpc)'"
            )
        }
        return securityGroups
    }

    private func ports() throws(APIError) -> [Port] {
        guard let text = self.tags.first(where: { $0.key == EC2.portsTag })?.value else { return [EC2.usualPort] }
        let ports = text.split(separator: ",").map { Int($0.filter { $0 != " " }).flatMap(Port.init) }
        guard !ports.isEmpty, ports.count <= 20, !ports.contains(nil) else {
            throw APIError(
                "InvalidParameterValue",
                "The tag \(EC2.portsTag) must be ports from 1 to 65535, such as 8080,8081"
            )
        }
        return Set(ports.compactMap { $0 }).sorted()
    }
}

extension EC2.DescribeInstances: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        let found = try account.instances(self.ids, self.filters)
        var reservations: [(id: String, instances: [WireValue])] = []
        for record in found {
            let output = WireValue.instance(record, groupName: account.securityGroupName)
            if let index = reservations.firstIndex(where: { $0.id == record.reservation }) {
                reservations[index].instances.append(output)
            } else {
                reservations.append((record.reservation, [output]))
            }
        }
        return ["Reservations": .list(reservations.map { .reservation($0.id, $0.instances) })]
    }
}

extension EC2.DescribeInstanceStatus: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let found = try transaction.account.instances(self.ids, self.filters)
            .filter { self.includesStopped || $0.state == .running }
        return ["InstanceStatuses": .list(found.map(WireValue.instanceStatus))]
    }
}

extension EC2.StartInstances: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        ["StartingInstances": .list(try transaction.change(self.ids, to: .running, by: .pending, "started"))]
    }
}

extension EC2.StopInstances: AccountCommand {
    /// Target groups keep the instance; its health checks fail from now on.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        ["StoppingInstances": .list(try transaction.change(self.ids, to: .stopped, by: .stopping, "stopped"))]
    }
}

extension EC2.TerminateInstances: AccountCommand {
    /// Target groups and Classic Load Balancers lose the instance (ALB-HC-029).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let changes = try transaction.change(self.ids, to: .terminated, by: .shuttingDown, "terminated")
        for var group in transaction.account.targetGroups {
            let before = group.group.targets.count
            group.group.targets.removeAll { self.ids.contains($0.id.rawValue) }
            if group.group.targets.count != before { transaction.save(.targetGroup(group)) }
        }
        transaction.forgetClassic(instances: self.ids)
        return ["TerminatingInstances": .list(changes)]
    }
}

extension Transaction {
    /// Brings instances into a state; those that are in it already stay as they are.
    ///
    /// - Parameter passing: the state that the answer shows, as AWS's does.
    fileprivate mutating func change(
        _ ids: [String],
        to state: InstanceRecord.State,
        by passing: InstanceState,
        _ verb: String
    ) throws(APIError) -> [WireValue] {
        guard !ids.isEmpty else {
            throw APIError("MissingParameter", "The request must contain the parameter InstanceId")
        }
        var changes: [WireValue] = []
        for id in ids {
            guard var record = self.account.instances[id] else { throw Account.noInstance(id) }
            let old = InstanceState(record.state)
            guard record.state != state else {
                changes.append(.stateChange(id, from: old, to: old))
                continue
            }
            guard record.state != .terminated else {
                throw APIError(
                    "IncorrectInstanceState",
                    "The instance '\(id)' is not in a state from which it can be \(verb)."
                )
            }
            record.state = state
            record.stateChanged = self.now
            if state == .running { record.launched = self.now }
            self.save(.instance(record))
            changes.append(.stateChange(id, from: old, to: passing))
        }
        return changes
    }
}

extension Account {
    fileprivate static func noInstance(_ id: String) -> APIError {
        let isID = id.hasPrefix("i-") && [8, 17].contains(id.utf8.count - 2)
        return isID
            ? APIError("InvalidInstanceID.NotFound", "The instance ID '\(id)' does not exist")
            : APIError("InvalidInstanceID.Malformed", "Invalid id: \"\(id.prefix(80))\"")
    }

    /// An instance that exists, in whatever state.
    func instance(_ id: String) throws(APIError) -> InstanceRecord {
        guard let record = self.instances[id] else { throw Self.noInstance(id) }
        return record
    }

    fileprivate func instances(_ ids: [String]?, _ filters: ResourceFilters) throws(APIError) -> [InstanceRecord] {
        if let missing = ids?.first(where: { self.instances[$0] == nil }) { throw Self.noInstance(missing) }
        return try self.instances.selected(ids, filters, "InvalidInstanceID.NotFound", "instance ID") { record in
            let state = InstanceState(record.state)
            return [
                "instance-id": [record.id], "instance-state-name": [state.rawValue],
                "instance-state-code": ["\(state.code)"], "instance-type": [record.instance.type.name],
                "availability-zone": [record.instance.zone.name], "subnet-id": [record.subnet],
                "vpc-id": [record.vpc], "image-id": [record.image], "reservation-id": [record.reservation],
                "private-ip-address": ["\(record.instance.address)"], "key-name": record.keyName.map { [$0] } ?? [],
                "instance.group-id": record.securityGroups, "client-token": record.clientToken.map { [$0] } ?? [],
            ]
        }
    }

    func securityGroupName(_ id: String) -> String { self.securityGroups[id]?.name ?? "" }

    /// What the fleet calls an instance by: its `Name` tag, unless another one has that name.
    fileprivate func freeInstanceName(_ tags: [ResourceTag], else id: String) -> String {
        guard let name = tags.first(where: { $0.key == "Name" })?.value, !name.isEmpty, name.utf8.count <= 64,
            name.utf8.allSatisfy({ ByteSet.word.contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
        else { return id }
        let isTaken =
            self.instances.contains { $0.state != .terminated && $0.instance.name == name }
            || self.functions.contains { $0.function.name == name }
        return isTaken ? id : name
    }
}
