import ELBControlAPI
import ELBModel

/// How a stack comes to be as its plan says: the template is read, what it describes is adopted into the account, and the history is
/// written. It is one step: either everything is as the template says, or everything is as before and the stack says why.
struct StackDeployment {
    let stack: StackRecord
    let plan: StackPlan

    /// The plan that a caller's wishes make of a stack's own.
    ///
    /// - Throws: for parameters and capabilities that do not fit the template.
    init(_ request: CloudFormation.Request, for stack: StackRecord) throws(APIError) {
        self.stack = stack
        let template = request.template ?? stack.plan.template
        let summary: TemplateSummary
        do {
            summary = try TemplateSummary(template)
        } catch {
            throw APIError(error)
        }
        let missing = summary.missing(of: request.capabilities)
        guard missing.isEmpty else {
            throw APIError(
                "InsufficientCapabilitiesException",
                "Requires capabilities : [\(missing.joined(separator: ", "))]"
            )
        }
        self.plan = StackPlan(
            template: template,
            parameters: try Self.parameters(request.parameters, of: summary, stack),
            tags: request.tags ?? stack.plan.tags,
            capabilities: request.capabilities
        )
    }

    /// The plan of a change set.
    init(_ changeSet: ChangeSetRecord, of stack: StackRecord) {
        self.stack = stack
        self.plan = changeSet.plan
    }

    private static func parameters(
        _ choices: [CloudFormation.ParameterChoice],
        of summary: TemplateSummary,
        _ stack: StackRecord
    ) throws(APIError) -> [StackParameter] {
        let known = Set(summary.parameters.map(\.key))
        let unknown = choices.map(\.key).filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw .validation("Parameters: [\(unknown.joined(separator: ", "))] do not exist in the template")
        }
        var parameters: [StackParameter] = []
        var missing: [String] = []
        for parameter in summary.parameters {
            let choice = choices.first { $0.key == parameter.key }
            let previous = stack.plan.parameters.first { $0.key == parameter.key }
            if choice?.keepsValue == true, previous == nil {
                throw .validation(
                    "Invalid input for parameter key \(parameter.key). Cannot specify usePreviousValue as true for a parameter "
                        + "key not in the previous template"
                )
            }
            let value = choice?.keepsValue == true ? previous?.value : choice?.value ?? parameter.defaultValue
            if let value {
                parameters.append(StackParameter(key: parameter.key, value: value, isSecret: parameter.isSecret))
            } else {
                missing.append(parameter.key)
            }
        }
        guard missing.isEmpty else {
            throw .validation("Parameters: [\(missing.joined(separator: ", "))] must have values")
        }
        return parameters
    }

    // MARK: Reading

    /// What the template means in an account.
    ///
    /// - Throws: its mistakes, each with its line.
    func read(in account: Account) throws(APIError) -> TemplateReader.Result {
        let parameters = self.plan.parameters.map { ($0.key, $0.value) }
        do {
            return try TemplateReader.read(
                [TemplateReader.Source(stack: self.stack.name, stackID: self.stack.id, template: self.plan.template)],
                parameters: Dictionary(parameters) { first, _ in first },
                addresses: self.addresses(in: account),
                surroundings: account.surroundings(of: self.stack)
            )
        } catch {
            throw APIError(error)
        }
    }

    /// What the stack has stays where it is; what others have is taken.
    private func addresses(in account: Account) -> AddressBook {
        var book = AddressBook()
        book.reserve(account.addresses(notOf: .stack(self.stack.id)))
        for resource in self.stack.resources {
            if let record = account.instances[resource.physicalID] {
                book.keep(
                    instance: resource.logicalID,
                    ofStack: self.stack.id,
                    in: record.instance.zone,
                    at: record.instance.address
                )
            } else if let record = account.loadBalancers[resource.physicalID] {
                book.keep(nodes: record.balancer.nodes, of: resource.logicalID, ofStack: self.stack.id)
            } else if let record = account.addresses.first(where: { "\($0.address)" == resource.physicalID }),
                record.owner == .stack(self.stack.id)
            {
                book.keep(elastic: record.address, of: resource.logicalID, ofStack: self.stack.id)
            } else if let record = account.classicLoadBalancers[resource.physicalID],
                record.owner == .stack(self.stack.id)
            {
                book.keep(nodes: record.balancer.nodes, of: resource.logicalID, ofStack: self.stack.id)
            } else if let record = account.functions.first(where: { $0.isCalled(resource.physicalID) }),
                record.owner == .stack(self.stack.id)
            {
                book.keep(
                    instance: resource.logicalID,
                    ofStack: self.stack.id,
                    in: .a,
                    at: record.function.endpoint.address
                )
            }
        }
        return book
    }

    /// What a reading would change; nothing if the stack is as the template says.
    func changes(_ reading: TemplateReader.Result) -> (resources: [StackChange], isAny: Bool) {
        let changes = self.stack.changes(to: reading.resources)
        let isAny =
            !changes.isEmpty || self.stack.status == .reviewInProgress || self.stack.plan.tags != self.plan.tags
            || self.stack.outputs != reading.outputs.map(StackOutput.init)
        return (changes, isAny)
    }

    // MARK: Carrying out

    /// Makes the stack what its plan says, or lets it tell why that could not be.
    ///
    /// - Parameters:
    ///   - changeSet: the one that is executed.
    ///   - failure: why the data plane could not follow when it was tried.
    func perform(
        _ transaction: inout Transaction,
        changeSet: String? = nil,
        failure: String? = nil
    ) throws(APIError) -> StackRecord {
        let reading = try self.read(in: transaction.account)
        let changes = self.changes(reading).resources
        var record = self.stack
        let isNew = self.stack.status == .reviewInProgress
        let verb = isNew ? "CREATE" : "UPDATE"
        record.note("\(verb)_IN_PROGRESS", "User Initiated", &transaction)
        var attempt = transaction
        do throws(ModelError) {
            if let failure { throw ModelError(.invalidConfigurationRequest, failure) }
            // Names of its instances may begin with its own.
            attempt.save(.stack(record))
            try self.adopt(reading, &attempt)
        } catch {
            record.note(failed: changes, verb, "\(error.message) (\(error.code.rawValue))", &transaction)
            record.statusReason = error.message
            record.status = isNew ? .rollbackComplete : .updateRollbackComplete
            record.note(record.status.rawValue, nil, &transaction)
            record.settle(changeSet, .failed)
            if isNew { record.plan = self.plan }
            transaction.save(.stack(record))
            return record
        }
        transaction = attempt
        record.note(done: changes, reading, &transaction)
        record.take(reading, changes, self.plan, at: transaction.now)
        record.status = isNew ? .createComplete : .updateComplete
        record.statusReason = nil
        if !isNew { record.updated = transaction.now }
        record.note(record.status.rawValue, nil, &transaction)
        record.settle(changeSet, .complete)
        transaction.save(.stack(record))
        return record
    }

    private func adopt(_ reading: TemplateReader.Result, _ transaction: inout Transaction) throws(ModelError) {
        for output in reading.outputs {
            guard let name = output.exportName,
                let other = transaction.account.stacks.first(where: { $0.id != self.stack.id && $0.exports(name) })
            else { continue }
            throw ModelError(
                .validationError,
                "Export with name \(name) is already exported by stack \(other.name)"
            )
        }
        let kept = Set(reading.outputs.map { $0.exportName ?? "" })
        try transaction.account.requireUnused(exportsOf: self.stack, keeping: kept)
        let current = Set(reading.resources.map(\.physicalID))
        let retained = self.stack.resources.filter { $0.isRetained && !current.contains($0.physicalID) }
        let adoption = TemplateAdoption(
            self.tagged(reading),
            owner: .stack(self.stack.id),
            retained: Set(retained.map(\.physicalID))
        )
        try adoption.perform(&transaction)
        // Others may use what the stack lets go of, and stand where it wants to stand.
        if let error = transaction.account.topology.validate().first { throw error }
    }

    /// What the template describes, with the tags that CloudFormation puts on everything a stack makes: the stack's own, and which
    /// resource of which stack it is.
    private func tagged(_ reading: TemplateReader.Result) -> Topology {
        var topology = reading.topology
        let addresses = Dictionary(topology.addresses.map { ("\($0.address)", $0.id) }) { first, _ in first }
        for resource in reading.resources {
            let id = addresses[resource.physicalID] ?? resource.physicalID
            var tags = topology.tags[id] ?? []
            let automatic = [
                ResourceTag(key: "aws:cloudformation:stack-name", value: self.stack.name),
                ResourceTag(key: "aws:cloudformation:stack-id", value: self.stack.id),
                ResourceTag(key: "aws:cloudformation:logical-id", value: resource.logicalID),
            ]
            tags += (self.plan.tags + automatic).filter { tag in !tags.contains { $0.key == tag.key } }
            topology.tags[id] = tags
        }
        return topology
    }

    /// Lets the stack go, with everything that it has made.
    static func delete(_ stack: StackRecord, _ transaction: inout Transaction) {
        var record = stack
        record.note("DELETE_IN_PROGRESS", "User Initiated", &transaction)
        var attempt = transaction
        do throws(ModelError) {
            try attempt.account.requireUnused(exportsOf: stack, keeping: [])
            let retained = Set(stack.resources.filter(\.isRetained).map(\.physicalID))
            let adoption = TemplateAdoption(Topology(), owner: .stack(stack.id), retained: retained)
            try adoption.perform(&attempt)
            if let error = attempt.account.topology.validate().first { throw error }
        } catch {
            record.status = .deleteFailed
            record.statusReason = error.message
            record.note(record.status.rawValue, error.message, &transaction)
            transaction.save(.stack(record))
            return
        }
        transaction = attempt
        for resource in stack.resources.reversed() {
            record.note(
                resource.isRetained ? "DELETE_SKIPPED" : "DELETE_COMPLETE",
                nil,
                &transaction,
                logicalID: resource.logicalID,
                physicalID: resource.physicalID,
                type: resource.type
            )
        }
        record.resources = []
        record.outputs = []
        record.imports = []
        record.changeSets = []
        record.status = .deleteComplete
        record.statusReason = nil
        record.deleted = transaction.now
        record.note(record.status.rawValue, nil, &transaction)
        transaction.save(.stack(record))
        transaction.forgetDeletedStacks()
    }
}

extension Transaction {
    /// Deleted stacks can be asked for by their ids for a while.
    private static let mostDeletedStacks = 100

    fileprivate mutating func forgetDeletedStacks() {
        let deleted = self.account.stacks.filter { $0.status == .deleteComplete }
        for stack in deleted.dropLast(Self.mostDeletedStacks) { self.remove(.stack, stack.id) }
    }
}

// MARK: A stack's history

extension StackRecord {
    /// Adds an event about the stack itself, or about one of its resources.
    fileprivate mutating func note(
        _ status: String,
        _ reason: String?,
        _ transaction: inout Transaction,
        logicalID: String? = nil,
        physicalID: String? = nil,
        type: String = "AWS::CloudFormation::Stack"
    ) {
        self.note(
            StackEvent(
                id: transaction.makeUUID(),
                logicalID: logicalID ?? self.name,
                physicalID: physicalID ?? self.id,
                type: type,
                status: status,
                reason: reason,
                time: transaction.now
            )
        )
    }

    fileprivate mutating func note(
        done changes: [StackChange],
        _ reading: TemplateReader.Result,
        _ transaction: inout Transaction
    ) {
        let ids = Dictionary(reading.resources.map { ($0.logicalID, $0.physicalID) }) { first, _ in first }
        for change in changes {
            let physicalID = ids[change.logicalID] ?? change.physicalID ?? ""
            for end in ["IN_PROGRESS", "COMPLETE"] {
                self.note(
                    "\(change.action.verb)_\(end)",
                    nil,
                    &transaction,
                    logicalID: change.logicalID,
                    physicalID: physicalID,
                    type: change.type
                )
            }
        }
    }

    fileprivate mutating func note(
        failed changes: [StackChange],
        _ verb: String,
        _ reason: String,
        _ transaction: inout Transaction
    ) {
        // Whose fault it is the lab does not know: the step is one.
        for change in changes.prefix(1) {
            self.note(
                "\(change.action.verb)_FAILED",
                reason,
                &transaction,
                logicalID: change.logicalID,
                physicalID: change.physicalID ?? "",
                type: change.type
            )
        }
        let status = verb == "CREATE" ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS"
        self.note(status, reason, &transaction)
    }

    fileprivate mutating func take(
        _ reading: TemplateReader.Result,
        _ changes: [StackChange],
        _ plan: StackPlan,
        at now: Timestamp
    ) {
        let verbs = Dictionary(changes.map { ($0.logicalID, $0.action.verb) }) { first, _ in first }
        let before = Dictionary(self.resources.map { ($0.logicalID, $0) }) { first, _ in first }
        self.resources = reading.resources.map { resource in
            var resource = resource
            if let verb = verbs[resource.logicalID] {
                resource.status = "\(verb)_COMPLETE"
                resource.changed = now
            } else if let old = before[resource.logicalID] {
                resource.status = old.status
                resource.changed = old.changed
            }
            return resource
        }
        self.plan = plan
        self.detail = reading.detail
        self.outputs = reading.outputs.map(StackOutput.init)
        self.imports = reading.imports.sorted()
    }

    /// The change set that was executed stays to be looked at; the others were made for what the stack is no longer.
    fileprivate mutating func settle(_ changeSet: String?, _ execution: ChangeSetRecord.Execution) {
        self.changeSets.removeAll { $0.id != changeSet }
        for index in self.changeSets.indices { self.changeSets[index].execution = execution }
    }

    func exports(_ name: String) -> Bool {
        self.status != .deleteComplete && self.outputs.contains { $0.exportName == name }
    }
}

extension StackChange.Action {
    fileprivate var verb: String {
        switch self {
        case .add: "CREATE"
        case .modify: "UPDATE"
        case .remove: "DELETE"
        }
    }
}

extension StackOutput {
    fileprivate init(_ output: TemplateReader.Output) {
        self.init(
            key: output.name,
            value: output.value,
            detail: output.description,
            exportName: output.exportName
        )
    }
}

// MARK: What a stack finds around it

extension Account {
    fileprivate func surroundings(of stack: StackRecord) -> TemplateReader.Surroundings {
        var surroundings = TemplateReader.Surroundings()
        for subnet in self.subnets { surroundings.subnets[subnet.id] = .init(zone: subnet.zone, vpc: subnet.vpc) }
        for record in self.certificates where record.owner != .stack(stack.id) {
            surroundings.certificates[record.id] = record.certificate
        }
        surroundings.securityGroups = Set(
            self.securityGroups.lazy.filter { $0.owner != .stack(stack.id) }.map(\.id)
        )
        for record in self.addresses where record.owner != .stack(stack.id) {
            surroundings.elasticAddresses[record.id] = record.address
        }
        surroundings.balancerNames = self.topology.balancerNames
        for other in self.stacks where other.id != stack.id {
            for output in other.outputs {
                if let name = output.exportName { surroundings.exports[name] = output.value }
            }
        }
        return surroundings
    }

    /// - Throws: when another stack imports what this one would export no longer.
    fileprivate func requireUnused(exportsOf stack: StackRecord, keeping kept: Set<String>) throws(ModelError) {
        for name in stack.outputs.compactMap(\.exportName) where !kept.contains(name) {
            guard let user = self.stacks.first(where: { $0.imports.contains(name) }) else { continue }
            throw ModelError(
                .validationError,
                "Export \(name) cannot be deleted as it is in use by \(user.name)"
            )
        }
    }
}

extension FunctionRecord {
    /// Whether CloudFormation's id of a function, its name, is this one's.
    fileprivate func isCalled(_ name: String) -> Bool { self.function.arn.hasSuffix(":function:\(name)") }
}
