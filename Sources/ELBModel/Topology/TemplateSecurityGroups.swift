/// The security groups that templates describe, and what belongs to which. An account keeps them as records, and makes filters of
/// them (`Account+SecurityGroups.swift`).
package struct TemplateSecurityGroups: Hashable, Codable, Sendable {
    package var groups: [SecurityGroupRecord] = []
    /// Ids of the groups of load balancers and instances that name any, by ARN and instance id. What is not here has the VPC's
    /// default group.
    package var members: [String: [String]] = [:]

    package init() {}

    package static func += (left: inout Self, right: Self) {
        left.groups += right.groups
        left.members.merge(right.members) { _, new in new }
    }
}
