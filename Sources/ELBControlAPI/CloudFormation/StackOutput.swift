package import ELBModel

extension WireValue {
    package static func stack(_ stack: StackRecord) -> Self {
        [
            "StackId": .text(stack.id),
            "StackName": .text(stack.name),
            "ChangeSetId": stack.changeSets.first { $0.execution == .complete }.map { .text($0.id) },
            "Description": stack.detail.map(Self.text),
            "Parameters": .stackParameters(stack.plan.parameters),
            "CreationTime": .timestamp(stack.created),
            "DeletionTime": stack.deleted.map(Self.timestamp),
            "LastUpdatedTime": stack.updated.map(Self.timestamp),
            "RollbackConfiguration": [:],
            "StackStatus": .text(stack.status.rawValue),
            "StackStatusReason": stack.statusReason.map(Self.text),
            "DisableRollback": false,
            "NotificationARNs": [],
            "Capabilities": .texts(stack.plan.capabilities),
            "Outputs": .list(stack.outputs.map(Self.stackOutput)),
            "Tags": .tags(stack.plan.tags),
            "EnableTerminationProtection": .boolean(stack.isProtected),
            "DriftInformation": Self.notChecked,
        ]
    }

    package static func stackSummary(_ stack: StackRecord) -> Self {
        [
            "StackId": .text(stack.id),
            "StackName": .text(stack.name),
            "TemplateDescription": stack.detail.map(Self.text),
            "CreationTime": .timestamp(stack.created),
            "LastUpdatedTime": stack.updated.map(Self.timestamp),
            "DeletionTime": stack.deleted.map(Self.timestamp),
            "StackStatus": .text(stack.status.rawValue),
            "StackStatusReason": stack.statusReason.map(Self.text),
            "DriftInformation": Self.notChecked,
        ]
    }

    /// Drift is what the lab has no operation for.
    private static let notChecked: Self = ["StackDriftStatus": "NOT_CHECKED"]

    private static func stackOutput(_ output: StackOutput) -> Self {
        [
            "OutputKey": .text(output.key),
            "OutputValue": .text(output.value),
            "Description": output.detail.map(Self.text),
            "ExportName": output.exportName.map(Self.text),
        ]
    }

    package static func stackParameters(_ parameters: [StackParameter]) -> Self {
        .list(
            parameters.map {
                ["ParameterKey": .text($0.key), "ParameterValue": .text($0.isSecret ? "****" : $0.value)]
            }
        )
    }

    package static func stackEvent(_ event: StackEvent, of stack: StackRecord) -> Self {
        [
            "StackId": .text(stack.id),
            "EventId": .text(event.id),
            "StackName": .text(stack.name),
            "LogicalResourceId": .text(event.logicalID),
            "PhysicalResourceId": .text(event.physicalID),
            "ResourceType": .text(event.type),
            "Timestamp": .timestamp(event.time),
            "ResourceStatus": .text(event.status),
            "ResourceStatusReason": event.reason.map(Self.text),
        ]
    }

    package static func stackResource(_ resource: StackResource, of stack: StackRecord) -> Self {
        [
            "StackName": .text(stack.name),
            "StackId": .text(stack.id),
            "LogicalResourceId": .text(resource.logicalID),
            "PhysicalResourceId": .text(resource.physicalID),
            "ResourceType": .text(resource.type),
            "Timestamp": .timestamp(resource.changed),
            "ResourceStatus": .text(resource.status),
            "DriftInformation": ["StackResourceDriftStatus": "NOT_CHECKED"],
        ]
    }

    package static func stackResourceDetail(_ resource: StackResource, of stack: StackRecord) -> Self {
        [
            "StackName": .text(stack.name),
            "StackId": .text(stack.id),
            "LogicalResourceId": .text(resource.logicalID),
            "PhysicalResourceId": .text(resource.physicalID),
            "ResourceType": .text(resource.type),
            "LastUpdatedTimestamp": .timestamp(resource.changed),
            "ResourceStatus": .text(resource.status),
            "Metadata": resource.metadata.isEmpty ? nil : .text(resource.metadata),
            "DriftInformation": ["StackResourceDriftStatus": "NOT_CHECKED"],
        ]
    }

    package static func stackResourceSummary(_ resource: StackResource) -> Self {
        [
            "LogicalResourceId": .text(resource.logicalID),
            "PhysicalResourceId": .text(resource.physicalID),
            "ResourceType": .text(resource.type),
            "LastUpdatedTimestamp": .timestamp(resource.changed),
            "ResourceStatus": .text(resource.status),
            "DriftInformation": ["StackResourceDriftStatus": "NOT_CHECKED"],
        ]
    }

    // MARK: Change sets

    package static func changeSetSummary(_ changeSet: ChangeSetRecord, of stack: StackRecord) -> Self {
        [
            "StackId": .text(stack.id),
            "StackName": .text(stack.name),
            "ChangeSetId": .text(changeSet.id),
            "ChangeSetName": .text(changeSet.name),
            "ExecutionStatus": .text(changeSet.execution.rawValue),
            "Status": .text(changeSet.status),
            "StatusReason": changeSet.statusReason.map(Self.text),
            "CreationTime": .timestamp(changeSet.created),
            "Description": changeSet.detail.map(Self.text),
            "IncludeNestedStacks": false,
            "ImportExistingResources": false,
        ]
    }

    package static func changeSet(
        _ changeSet: ChangeSetRecord,
        of stack: StackRecord,
        changes: [StackChange],
        next: WireValue?
    ) -> Self {
        [
            "ChangeSetName": .text(changeSet.name),
            "ChangeSetId": .text(changeSet.id),
            "StackId": .text(stack.id),
            "StackName": .text(stack.name),
            "Description": changeSet.detail.map(Self.text),
            "Parameters": .stackParameters(changeSet.plan.parameters),
            "CreationTime": .timestamp(changeSet.created),
            "ExecutionStatus": .text(changeSet.execution.rawValue),
            "Status": .text(changeSet.status),
            "StatusReason": changeSet.statusReason.map(Self.text),
            "NotificationARNs": [],
            "RollbackConfiguration": [:],
            "Capabilities": .texts(changeSet.plan.capabilities),
            "Tags": .tags(changeSet.plan.tags),
            "Changes": .list(changes.map(Self.stackChange)),
            "NextToken": next,
            "IncludeNestedStacks": false,
            "ImportExistingResources": false,
        ]
    }

    private static func stackChange(_ change: StackChange) -> Self {
        let recreation: Self = change.isReplacement ? "Always" : "Never"
        var details = change.properties.map { name -> Self in
            let target: Self = ["Attribute": "Properties", "Name": .text(name), "RequiresRecreation": recreation]
            return ["Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"]
        }
        var scope = change.properties.isEmpty ? [] : ["Properties"]
        if change.changesMetadata {
            scope.append("Metadata")
            details.append([
                "Target": ["Attribute": "Metadata", "RequiresRecreation": "Never"], "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            ])
        }
        let replacement: Self? = change.action == .modify ? .text(change.isReplacement ? "True" : "False") : nil
        let resource: Self = [
            "Action": .text(change.action.rawValue),
            "LogicalResourceId": .text(change.logicalID),
            "PhysicalResourceId": change.physicalID.map(Self.text),
            "ResourceType": .text(change.type),
            "Replacement": replacement,
            "Scope": .texts(scope),
            "Details": .list(details),
        ]
        return ["Type": "Resource", "ResourceChange": resource]
    }

    // MARK: Templates

    package static func templateSummary(_ summary: TemplateSummary) -> Self {
        [
            "Parameters": .list(summary.parameters.map(Self.parameterDeclaration)),
            "Description": summary.detail.map(Self.text),
            "Capabilities": .texts(summary.capabilities),
            "CapabilitiesReason": summary.capabilitiesReason.map(Self.text),
            "ResourceTypes": .texts(summary.resourceTypes),
            "Version": summary.version.map(Self.text),
            "Metadata": summary.metadata.map(Self.text),
            "DeclaredTransforms": [],
        ]
    }

    private static func parameterDeclaration(_ parameter: TemplateSummary.Parameter) -> Self {
        let constraints: Self = ["AllowedValues": .texts(parameter.allowedValues)]
        return [
            "ParameterKey": .text(parameter.key),
            "DefaultValue": parameter.defaultValue.map(Self.text),
            "ParameterType": .text(parameter.type),
            "NoEcho": .boolean(parameter.isSecret),
            "Description": parameter.detail.map(Self.text),
            "ParameterConstraints": parameter.allowedValues.isEmpty ? [:] : constraints,
        ]
    }

    package static func templateValidation(_ summary: TemplateSummary) -> Self {
        let parameters = summary.parameters.map { parameter -> Self in
            [
                "ParameterKey": .text(parameter.key),
                "DefaultValue": parameter.defaultValue.map(Self.text),
                "NoEcho": .boolean(parameter.isSecret),
                "Description": parameter.detail.map(Self.text),
            ]
        }
        return [
            "Parameters": .list(parameters),
            "Description": summary.detail.map(Self.text),
            "Capabilities": .texts(summary.capabilities),
            "CapabilitiesReason": summary.capabilitiesReason.map(Self.text),
            "DeclaredTransforms": [],
        ]
    }
}

extension ChangeSetRecord {
    /// One without a change has failed, in AWS's own words, which clients look for.
    package var status: String { self.execution == .unavailable ? "FAILED" : "CREATE_COMPLETE" }

    package var statusReason: String? {
        guard self.execution == .unavailable else { return nil }
        return "The submitted information didn't contain changes. Submit different information to create a change set."
    }
}
