/// A load balancer's name: at most 32 letters, digits and hyphens; no hyphen at either end; not `internal-…`.
/// The value itself accepts any text so that errors can quote it; `Validation` judges it.
package struct LoadBalancerName: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A target group's name: at most 32 letters, digits and hyphens, no hyphen at either end (ALB-TG-002).
package struct TargetGroupName: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// What an action refers to a target group by: its ARN when it came through the AWS API or a template, its name in a
/// subject's configuration file. Opaque to everything but the code that made it.
package struct TargetGroupID: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A target's id as AWS shows it: an instance id (`i-0a…`) or an address (`127.10.1.64`).
package struct TargetID: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// An EC2 instance id, `i-` and 17 hexadecimal digits at AWS.
package struct InstanceID: Hashable, Codable, Sendable, RawRepresentable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

extension LoadBalancerName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension TargetGroupName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension TargetGroupID: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension TargetID: CustomStringConvertible {
    package var description: String { self.rawValue }
}

extension InstanceID: CustomStringConvertible {
    package var description: String { self.rawValue }
}
