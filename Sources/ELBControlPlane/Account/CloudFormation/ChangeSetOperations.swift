package import ELBControlAPI
import ELBModel

extension CloudFormation.CreateChangeSet: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var stack = try self.stack(&transaction)
        guard !stack.changeSets.contains(where: { $0.name == self.name && $0.execution != .complete }) else {
            throw APIError("AlreadyExistsException", "ChangeSet \(self.name) already exists")
        }
        guard stack.changeSets.count < Self.mostChangeSets else {
            throw APIError("LimitExceededException", "ChangeSet limit exceeded for stack \(stack.name)")
        }
        let deployment = try StackDeployment(self.request, for: stack)
        let changes = deployment.changes(try deployment.read(in: transaction.account))
        let id =
            "arn:aws:cloudformation:\(AvailabilityZone.region):\(Account.number):changeSet/\(self.name)/"
            + transaction.makeUUID()
        stack.changeSets.removeAll { $0.name == self.name }
        stack.changeSets.append(
            ChangeSetRecord(
                id: id,
                name: self.name,
                detail: self.detail,
                created: transaction.now,
                plan: deployment.plan,
                changes: changes.resources,
                execution: changes.isAny ? .available : .unavailable
            )
        )
        transaction.save(.stack(stack))
        return ["Id": .text(id), "StackId": .text(stack.id)]
    }

    /// Each holds a template.
    private static let mostChangeSets = 50

    private func stack(_ transaction: inout Transaction) throws(APIError) -> StackRecord {
        guard self.creates else { return try transaction.account.stackToUpdate(self.stack) }
        guard let stack = transaction.account.stack(self.stack), stack.status != .deleteComplete else {
            return try transaction.makeStack(self.stack)
        }
        guard stack.status == .reviewInProgress else {
            throw APIError("AlreadyExistsException", "Stack [\(stack.name)] already exists and cannot be created again")
        }
        return stack
    }
}

extension CloudFormation.DescribeChangeSet: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let (stack, changeSet) = try transaction.account.changeSet(self.reference)
        let page = try self.page.cut(changeSet.changes)
        return .changeSet(changeSet, of: stack, changes: page.items, next: page.next)
    }
}

extension CloudFormation.ExecuteChangeSet: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        try self.execute(&transaction, failure: nil)
    }

    package func performFailed(_ reason: String, _ transaction: inout Transaction) throws(APIError) -> WireValue? {
        try self.execute(&transaction, failure: reason)
    }

    private func execute(_ transaction: inout Transaction, failure: String?) throws(APIError) -> WireValue {
        let (stack, changeSet) = try transaction.account.changeSet(self.reference)
        guard changeSet.execution == .available else {
            throw APIError(
                "InvalidChangeSetStatus",
                "ChangeSet [\(changeSet.id)] cannot be executed in its current status of [\(changeSet.execution.rawValue)]"
            )
        }
        let deployment = StackDeployment(changeSet, of: stack)
        _ = try deployment.perform(&transaction, changeSet: changeSet.id, failure: failure)
        return [:]
    }
}

extension CloudFormation.DeleteChangeSet: AccountCommand {
    /// One that does not exist is deleted already. A stack that was never made more than a plan stays, as at AWS.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        if let name = self.reference.stack { _ = try transaction.account.existingStack(name) }
        guard let found = try? transaction.account.changeSet(self.reference) else { return [:] }
        var stack = found.stack
        stack.changeSets.removeAll { $0.id == found.changeSet.id }
        transaction.save(.stack(stack))
        return [:]
    }
}

extension CloudFormation.ListChangeSets: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let stack = try transaction.account.existingStack(self.stack)
        // What was executed is no longer a proposal.
        let page = try self.page.cut(stack.changeSets.filter { $0.execution != .complete })
        return ["Summaries": .list(page.items.map { .changeSetSummary($0, of: stack) }), "NextToken": page.next]
    }
}

// MARK: Templates

extension CloudFormation.GetTemplate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let template: String
        if let changeSet {
            let reference = CloudFormation.ChangeSetReference(changeSet: changeSet, stack: self.stack)
            template = try transaction.account.changeSet(reference).changeSet.plan.template
        } else {
            guard let stack else { throw .validation("StackName or ChangeSetName must be specified") }
            template = try transaction.account.existingStack(stack).plan.template
        }
        return ["TemplateBody": .text(template), "StagesAvailable": ["Original", "Processed"]]
    }
}

extension CloudFormation.GetTemplateSummary: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let stack = try self.stack.map { name throws(APIError) in try transaction.account.existingStack(name) }
        return .templateSummary(try .reading(self.template ?? stack?.plan.template ?? ""))
    }
}

extension CloudFormation.ValidateTemplate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        .templateValidation(try .reading(self.template))
    }
}

extension TemplateSummary {
    fileprivate static func reading(_ template: String) throws(APIError) -> Self {
        do {
            return try Self(template)
        } catch {
            throw APIError(error)
        }
    }
}

extension Account {
    fileprivate func changeSet(
        _ reference: CloudFormation.ChangeSetReference
    ) throws(APIError) -> (stack: StackRecord, changeSet: ChangeSetRecord) {
        let stacks = try reference.stack.map { name throws(APIError) in [try self.existingStack(name)] }
        for stack in stacks ?? Array(self.stacks) {
            // Of two of one name, the one that can still be executed.
            let found = stack.changeSets.last { $0.id == reference.changeSet || $0.name == reference.changeSet }
            if let found { return (stack, found) }
        }
        throw APIError("ChangeSetNotFound", "ChangeSet [\(reference.changeSet.prefix(200))] does not exist")
    }
}

extension CloudFormation {
    static let operations: [any AccountCommand.Type] = Self.stackOperations + Self.changeSetOperations

    private static let stackOperations: [any AccountCommand.Type] = [
        CreateStack.self, UpdateStack.self, DeleteStack.self, UpdateTerminationProtection.self, DescribeStacks.self,
        ListStacks.self, DescribeStackEvents.self, DescribeStackResource.self, DescribeStackResources.self,
        ListStackResources.self,
    ]

    private static let changeSetOperations: [any AccountCommand.Type] = [
        CreateChangeSet.self, DescribeChangeSet.self, ExecuteChangeSet.self, DeleteChangeSet.self, ListChangeSets.self,
        GetTemplate.self, GetTemplateSummary.self, ValidateTemplate.self,
    ]
}
