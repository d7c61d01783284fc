/// A configuration that AWS would refuse, or that the lab cannot honour. `code` and `message` are what the API answers;
/// `property` says where, for errors that name a file and line.
package struct ModelError: Error, Hashable, Sendable {
    package var code: Code
    package var message: String
    /// Path from the resource downward: `Conditions[0].PathPatternConfig.Values[1]`. Empty for the resource itself.
    package var property: String

    package init(_ code: Code, _ message: String, at property: String = "") {
        self.code = code
        self.message = message
        self.property = property
    }

    /// AWS's error codes; the raw value is the API's text.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case validationError = "ValidationError"
        case duplicateListener = "DuplicateListener"
        case duplicateLoadBalancerName = "DuplicateLoadBalancerName"
        case duplicateTargetGroupName = "DuplicateTargetGroupName"
        case incompatibleProtocols = "IncompatibleProtocols"
        case invalidConfigurationRequest = "InvalidConfigurationRequest"
        case invalidLoadBalancerAction = "InvalidLoadBalancerAction"
        case invalidScheme = "InvalidScheme"
        case invalidSubnet = "InvalidSubnet"
        case invalidTarget = "InvalidTarget"
        case priorityInUse = "PriorityInUse"
        case targetGroupAssociationLimit = "TargetGroupAssociationLimit"
        case targetGroupNotFound = "TargetGroupNotFound"
        case tooManyActions = "TooManyActions"
        case tooManyListeners = "TooManyListeners"
        case tooManyRules = "TooManyRules"
        case tooManyTargets = "TooManyTargets"
        case tooManyUniqueTargetGroupsPerLoadBalancer = "TooManyUniqueTargetGroupsPerLoadBalancer"
        case unsupportedProtocol = "UnsupportedProtocol"
        /// The lab's own: real at AWS, not in the lab (yet). Never AWS's answer.
        case notInLab = "NotInLab"
    }
}
