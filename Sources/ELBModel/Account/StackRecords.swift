/// A stack of CloudFormation: a template, and what it has made. The load balancers, groups and instances are records of their own,
/// owned by the stack; here is what CloudFormation itself knows of them.
package struct StackRecord: AccountRecord {
    /// `arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID`.
    package var id: String
    package var name: String
    package var status: Status
    package var statusReason: String?
    package var created: Timestamp
    package var updated: Timestamp?
    package var deleted: Timestamp?
    /// What is in force; empty while only a change set exists.
    package var plan: StackPlan
    package var detail: String?
    package var outputs: [StackOutput] = []
    /// Names of exports of other stacks that the template asked for.
    package var imports: [String] = []
    package var resources: [StackResource] = []
    /// The oldest first.
    package var events: [StackEvent] = []
    package var changeSets: [ChangeSetRecord] = []
    package var isProtected = false

    package init(id: String, name: String, status: Status, created: Timestamp, plan: StackPlan = StackPlan()) {
        self.id = id
        self.name = name
        self.status = status
        self.created = created
        self.plan = plan
    }

    /// The states that last; the lab passes through the others before it answers. The raw value is AWS's.
    package enum Status: String, Hashable, Codable, Sendable, CaseIterable {
        case reviewInProgress = "REVIEW_IN_PROGRESS"
        case createComplete = "CREATE_COMPLETE"
        /// Could not be made; only deleting is left.
        case rollbackComplete = "ROLLBACK_COMPLETE"
        case updateComplete = "UPDATE_COMPLETE"
        case updateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE"
        case deleteComplete = "DELETE_COMPLETE"
        case deleteFailed = "DELETE_FAILED"
    }

    /// More are forgotten, the oldest first.
    private static let mostEvents = 1000

    /// Adds to the stack's history.
    package mutating func note(_ event: StackEvent) {
        self.events.append(event)
        if self.events.count > Self.mostEvents { self.events.removeFirst(self.events.count - Self.mostEvents) }
    }
}

/// What a stack is made from.
package struct StackPlan: Hashable, Codable, Sendable {
    /// The template's text, as it was given.
    package var template = ""
    package var parameters: [StackParameter] = []
    package var tags: [ResourceTag] = []
    package var capabilities: [String] = []

    package init(
        template: String = "",
        parameters: [StackParameter] = [],
        tags: [ResourceTag] = [],
        capabilities: [String] = []
    ) {
        self.template = template
        self.parameters = parameters
        self.tags = tags
        self.capabilities = capabilities
    }
}

/// A parameter's value, given or by default.
package struct StackParameter: Hashable, Codable, Sendable {
    package var key: String
    package var value: String
    /// `NoEcho`: shown as asterisks.
    package var isSecret: Bool

    package init(key: String, value: String, isSecret: Bool) {
        self.key = key
        self.value = value
        self.isSecret = isSecret
    }
}

/// One of a template's `Outputs`, evaluated.
package struct StackOutput: Hashable, Codable, Sendable {
    package var key: String
    package var value: String
    package var detail: String?
    /// The name under which other stacks import the value.
    package var exportName: String?

    package init(key: String, value: String, detail: String?, exportName: String?) {
        self.key = key
        self.value = value
        self.detail = detail
        self.exportName = exportName
    }
}

/// A resource of a stack, as CloudFormation compares it from one template to the next.
package struct StackResource: Hashable, Codable, Sendable {
    package var logicalID: String
    package var type: String
    package var physicalID: String
    /// What each property is, functions resolved, as text: two are the same if their texts are.
    package var properties: [String: String]
    package var metadata: String
    /// Stays when the stack lets go of it (`DeletionPolicy: Retain`).
    package var isRetained: Bool
    package var changed = Timestamp(milliseconds: 0)
    package var status = "CREATE_COMPLETE"

    package init(
        logicalID: String,
        type: String,
        physicalID: String,
        properties: [String: String],
        metadata: String,
        isRetained: Bool
    ) {
        self.logicalID = logicalID
        self.type = type
        self.physicalID = physicalID
        self.properties = properties
        self.metadata = metadata
        self.isRetained = isRetained
    }
}

/// A step of a stack's history.
package struct StackEvent: Hashable, Codable, Sendable {
    package var id: String
    package var logicalID: String
    package var physicalID: String
    package var type: String
    /// `CREATE_IN_PROGRESS` and so on, AWS's words.
    package var status: String
    package var reason: String?
    package var time: Timestamp

    package init(
        id: String,
        logicalID: String,
        physicalID: String,
        type: String,
        status: String,
        reason: String?,
        time: Timestamp
    ) {
        self.id = id
        self.logicalID = logicalID
        self.physicalID = physicalID
        self.type = type
        self.status = status
        self.reason = reason
        self.time = time
    }
}

/// What would change if a stack were made from another plan.
package struct ChangeSetRecord: Hashable, Codable, Sendable {
    /// `arn:aws:cloudformation:REGION:ACCOUNT:changeSet/NAME/UUID`.
    package var id: String
    package var name: String
    package var detail: String?
    package var created: Timestamp
    package var plan: StackPlan
    package var changes: [StackChange]
    package var execution: Execution

    package init(
        id: String,
        name: String,
        detail: String?,
        created: Timestamp,
        plan: StackPlan,
        changes: [StackChange],
        execution: Execution
    ) {
        self.id = id
        self.name = name
        self.detail = detail
        self.created = created
        self.plan = plan
        self.changes = changes
        self.execution = execution
    }

    /// AWS's words. One that changes nothing has failed and cannot be executed.
    package enum Execution: String, Hashable, Codable, Sendable, CaseIterable {
        case unavailable = "UNAVAILABLE"
        case available = "AVAILABLE"
        case complete = "EXECUTE_COMPLETE"
        case failed = "EXECUTE_FAILED"
    }
}

/// What becomes of one resource.
package struct StackChange: Hashable, Codable, Sendable {
    package var action: Action
    package var logicalID: String
    /// `nil` for one that does not exist yet.
    package var physicalID: String?
    package var type: String
    /// The properties that change.
    package var properties: [String]
    package var changesMetadata: Bool
    /// Whether it becomes another one, with another id.
    package var isReplacement: Bool

    package init(
        action: Action,
        logicalID: String,
        physicalID: String?,
        type: String,
        properties: [String] = [],
        changesMetadata: Bool = false,
        isReplacement: Bool = false
    ) {
        self.action = action
        self.logicalID = logicalID
        self.physicalID = physicalID
        self.type = type
        self.properties = properties
        self.changesMetadata = changesMetadata
        self.isReplacement = isReplacement
    }

    package enum Action: String, Hashable, Codable, Sendable, CaseIterable {
        case add = "Add"
        case modify = "Modify"
        case remove = "Remove"
    }
}

extension StackRecord {
    /// What a reading of a template would change in the resources, in the order of the template; what goes comes last.
    package func changes(to resources: [StackResource]) -> [StackChange] {
        let before = Dictionary(self.resources.map { ($0.logicalID, $0) }) { first, _ in first }
        var changes: [StackChange] = []
        for resource in resources {
            guard let old = before[resource.logicalID], old.type == resource.type else {
                changes.append(
                    StackChange(action: .add, logicalID: resource.logicalID, physicalID: nil, type: resource.type)
                )
                continue
            }
            let names = Set(old.properties.keys).union(resource.properties.keys)
            let changed = names.filter { old.properties[$0] != resource.properties[$0] }.sorted()
            guard !changed.isEmpty || old.metadata != resource.metadata || old.physicalID != resource.physicalID else {
                continue
            }
            changes.append(
                StackChange(
                    action: .modify,
                    logicalID: resource.logicalID,
                    physicalID: old.physicalID,
                    type: resource.type,
                    properties: changed,
                    changesMetadata: old.metadata != resource.metadata,
                    isReplacement: old.physicalID != resource.physicalID
                )
            )
        }
        for old in self.resources
        where !resources.contains(where: { $0.logicalID == old.logicalID && $0.type == old.type }) {
            changes.append(
                StackChange(action: .remove, logicalID: old.logicalID, physicalID: old.physicalID, type: old.type)
            )
        }
        return changes
    }
}
