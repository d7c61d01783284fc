package import ELBControlAPI
import ELBModel

extension CloudFormation.CreateStack: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try self.deploy(&transaction, failure: nil)
    }

    package func performFailed(_ reason: String, _ transaction: inout Transaction) throws(APIError) -> WireValue? {
        try self.deploy(&transaction, failure: reason)
    }

    private func deploy(_ transaction: inout Transaction, failure: String?) throws(APIError) -> WireValue {
        guard transaction.account.stack(self.name) == nil else {
            throw APIError("AlreadyExistsException", "Stack [\(self.name)] already exists")
        }
        var stack = try transaction.makeStack(self.name)
        stack.isProtected = self.isProtected
        let made = try StackDeployment(self.request, for: stack).perform(&transaction, failure: failure)
        if made.status == .rollbackComplete, self.deletesOnFailure { StackDeployment.delete(made, &transaction) }
        return ["StackId": .text(made.id)]
    }
}

extension CloudFormation.UpdateStack: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try self.deploy(&transaction, failure: nil)
    }

    package func performFailed(_ reason: String, _ transaction: inout Transaction) throws(APIError) -> WireValue? {
        try self.deploy(&transaction, failure: reason)
    }

    private func deploy(_ transaction: inout Transaction, failure: String?) throws(APIError) -> WireValue {
        let stack = try transaction.account.stackToUpdate(self.stack)
        let deployment = try StackDeployment(self.request, for: stack)
        let reading = try deployment.read(in: transaction.account)
        guard deployment.changes(reading).isAny else {
            throw .validation("No updates are to be performed.")
        }
        return ["StackId": .text(try deployment.perform(&transaction, failure: failure).id)]
    }
}

extension CloudFormation.DeleteStack: AccountCommand {
    /// A stack that does not exist is deleted already.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let stack = transaction.account.stack(self.stack), stack.status != .deleteComplete else { return [:] }
        guard !stack.isProtected else {
            throw .validation("Stack [\(stack.name)] cannot be deleted while TerminationProtection is enabled")
        }
        StackDeployment.delete(stack, &transaction)
        return [:]
    }
}

extension CloudFormation.UpdateTerminationProtection: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var stack = try transaction.account.existingStack(self.stack)
        stack.isProtected = self.isProtected
        transaction.save(.stack(stack))
        return ["StackId": .text(stack.id)]
    }
}

// MARK: Looking

extension CloudFormation.DescribeStacks: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        if let stack { return ["Stacks": [.stack(try account.existingStack(stack))]] }
        let all = account.stacks.reversed().filter { $0.status != .deleteComplete }
        let page = try self.page.cut(all)
        return ["Stacks": .list(page.items.map(WireValue.stack)), "NextToken": page.next]
    }
}

extension CloudFormation.ListStacks: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let wanted = self.statuses.map(Set.init)
        let all = transaction.account.stacks.reversed().filter { wanted?.contains($0.status.rawValue) ?? true }
        let page = try self.page.cut(all)
        return ["StackSummaries": .list(page.items.map(WireValue.stackSummary)), "NextToken": page.next]
    }
}

extension CloudFormation.DescribeStackEvents: AccountCommand {
    /// The newest first.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let stack = try transaction.account.existingStack(self.stack)
        let page = try self.page.cut(stack.events.reversed())
        return ["StackEvents": .list(page.items.map { .stackEvent($0, of: stack) }), "NextToken": page.next]
    }
}

extension CloudFormation.DescribeStackResource: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let stack = try transaction.account.existingStack(self.stack)
        let resource = try stack.resource(self.logicalID)
        return ["StackResourceDetail": .stackResourceDetail(resource, of: stack)]
    }
}

extension CloudFormation.DescribeStackResources: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        let found: StackRecord
        if let stack {
            found = try account.existingStack(stack)
        } else {
            guard let physicalID else { throw .validation("StackName or PhysicalResourceId must be specified") }
            let owner = account.stacks.first { $0.resources.contains { $0.physicalID == physicalID } }
            guard let owner else { throw .validation("Stack for \(physicalID.prefix(200)) does not exist") }
            found = owner
        }
        let resources = try self.logicalID.map { id throws(APIError) in [try found.resource(id)] } ?? found.resources
        return ["StackResources": .list(resources.map { .stackResource($0, of: found) })]
    }
}

extension CloudFormation.ListStackResources: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let stack = try transaction.account.existingStack(self.stack)
        let page = try self.page.cut(stack.resources)
        return [
            "StackResourceSummaries": .list(page.items.map(WireValue.stackResourceSummary)), "NextToken": page.next,
        ]
    }
}

// MARK: Finding stacks

extension Account {
    /// A stack by its name or its id; deleted ones go by their ids only.
    func stack(_ nameOrID: String) -> StackRecord? {
        self.stacks[nameOrID] ?? self.stacks.first { $0.name == nameOrID && $0.status != .deleteComplete }
    }

    func existingStack(_ nameOrID: String) throws(APIError) -> StackRecord {
        guard let stack = self.stack(nameOrID) else {
            throw .validation("Stack with id \(nameOrID.prefix(200)) does not exist")
        }
        return stack
    }

    func stackToUpdate(_ nameOrID: String) throws(APIError) -> StackRecord {
        guard let stack = self.stack(nameOrID), stack.status != .deleteComplete else {
            throw .validation("Stack [\(nameOrID.prefix(200))] does not exist")
        }
        switch stack.status {
        case .createComplete, .updateComplete, .updateRollbackComplete: return stack
        case .reviewInProgress, .rollbackComplete, .deleteFailed, .deleteComplete:
            throw .validation("Stack:\(stack.id) is in \(stack.status.rawValue) state and can not be updated.")
        }
    }
}

extension Transaction {
    /// AWS's own limit is 2,000.
    private static let mostStacks = 500

    /// A stack that is not there yet.
    mutating func makeStack(_ name: String) throws(APIError) -> StackRecord {
        let isName =
            name.utf8.count <= 128 && name.utf8.first.map(ByteSet.isLetter) ?? false
            && name.utf8.allSatisfy { ByteSet.isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
        guard isName else {
            throw .validation(
                "1 validation error detected: Value '\(name.prefix(200))' at 'stackName' failed to satisfy constraint: "
                    + "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        }
        guard self.account.stacks.lazy.filter({ $0.status != .deleteComplete }).count < Self.mostStacks else {
            throw APIError("LimitExceededException", "Limit for stacks has been exceeded")
        }
        let id = "arn:aws:cloudformation:\(AvailabilityZone.region):\(Account.number):stack/\(name)/\(self.makeUUID())"
        return StackRecord(id: id, name: name, status: .reviewInProgress, created: self.now)
    }
}

extension StackRecord {
    fileprivate func resource(_ logicalID: String) throws(APIError) -> StackResource {
        guard let resource = self.resources.first(where: { $0.logicalID == logicalID }) else {
            throw .validation("Resource \(logicalID.prefix(255)) does not exist for stack \(self.name)")
        }
        return resource
    }
}

extension ByteSet {
    fileprivate static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
