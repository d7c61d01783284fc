package import ELBControlAPI

/// Every operation that the lab performs. To add one: write its command (ELBControlAPI) and its `perform` (beside this file), and
/// name it in its family's list.
package enum OperationTable {
    package static let commands: [any AccountCommand.Type] =
        ELBv2.operations + ELB.operations + EC2.operations + ACM.operations + CloudFormation.operations + IAM.operations
        + STS.operations + ZonalShift.operations

    /// Those that have no meaning in a lab of one account that stands on loopback: they answer 501 and stay so.
    package static let refused: Set<OperationName> = [
        OperationName(.elbv2, "DeleteSharedTrustStoreAssociation"), OperationName(.elbv2, "GetResourcePolicy"),
        OperationName(.elbv2, "ModifyCapacityReservation"), OperationName(.elbv2, "ModifyIpPools"),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: Self.commands.map { ($0.operation, $0) })

    /// The command of that operation; `nil` if the lab does not have it.
    package static subscript(operation: OperationName) -> (any AccountCommand.Type)? { Self.byName[operation] }
}

extension ELBv2 {
    static let operations: [any AccountCommand.Type] =
        Self.loadBalancerOperations + Self.targetGroupOperations + Self.targetOperations + Self.listenerOperations
        + Self.ruleOperations + Self.tagOperations + Self.attributeOperations + Self.listenerCertificateOperations
        + Self.referenceOperations + Self.trustStoreOperations + Self.revocationOperations
}

extension ELB {
    static let operations: [any AccountCommand.Type] =
        Self.loadBalancerOperations + Self.listenerOperations + Self.instanceOperations + Self.networkOperations
        + Self.policyOperations + Self.attributeOperations + Self.tagOperations + Self.healthOperations
}

extension EC2 {
    static let operations: [any AccountCommand.Type] =
        Self.networkOperations + Self.vpcOperations + Self.securityGroupOperations + Self.addressOperations
        + Self.instanceOperations + Self.instanceAttributeOperations + Self.tagOperations
}

extension STS {
    static let operations: [any AccountCommand.Type] = [GetCallerIdentity.self, AssumeRole.self]
}
