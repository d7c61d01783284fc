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
        case alpnPolicyNotFound = "ALPNPolicyNotFound"
        case caCertificatesBundleNotFound = "CaCertificatesBundleNotFound"
        case certificateNotFound = "CertificateNotFound"
        case duplicateListener = "DuplicateListener"
        case duplicateLoadBalancerName = "DuplicateLoadBalancerName"
        case duplicatePolicyName = "DuplicatePolicyName"
        case duplicateTargetGroupName = "DuplicateTargetGroupName"
        case duplicateTrustStoreName = "DuplicateTrustStoreName"
        case incompatibleProtocols = "IncompatibleProtocols"
        case invalidCaCertificatesBundle = "InvalidCaCertificatesBundle"
        case invalidChangeBatch = "InvalidChangeBatch"
        case invalidConfigurationRequest = "InvalidConfigurationRequest"
        case invalidInstance = "InvalidInstance"
        case invalidLoadBalancerAction = "InvalidLoadBalancerAction"
        case invalidRevocationContent = "InvalidRevocationContent"
        case invalidScheme = "InvalidScheme"
        case invalidSubnet = "InvalidSubnet"
        case invalidTarget = "InvalidTarget"
        case policyNotFound = "PolicyNotFound"
        case policyTypeNotFound = "PolicyTypeNotFound"
        case priorityInUse = "PriorityInUse"
        case revocationContentNotFound = "RevocationContentNotFound"
        case sslPolicyNotFound = "SSLPolicyNotFound"
        case targetGroupAssociationLimit = "TargetGroupAssociationLimit"
        case targetGroupNotFound = "TargetGroupNotFound"
        case tooManyActions = "TooManyActions"
        case tooManyCertificates = "TooManyCertificates"
        case tooManyListeners = "TooManyListeners"
        case tooManyPolicies = "TooManyPolicies"
        case tooManyRegistrationsForTargetID = "TooManyRegistrationsForTargetId"
        case tooManyRules = "TooManyRules"
        case tooManyLoadBalancers = "TooManyLoadBalancers"
        case tooManyTargetGroups = "TooManyTargetGroups"
        case tooManyTargets = "TooManyTargets"
        case tooManyTrustStoreRevocationEntries = "TooManyTrustStoreRevocationEntries"
        case tooManyTrustStores = "TooManyTrustStores"
        case tooManyUniqueTargetGroupsPerLoadBalancer = "TooManyUniqueTargetGroupsPerLoadBalancer"
        case trustStoreInUse = "TrustStoreInUse"
        case trustStoreNotFound = "TrustStoreNotFound"
        case unsupportedProtocol = "UnsupportedProtocol"
        /// The lab's own: real at AWS, not in the lab (yet). Never AWS's answer.
        case notInLab = "NotInLab"
    }
}
