import ELBControlAPI
import ELBModel

extension TestAccount {
    /// Performs a request of the classic API that names a load balancer.
    @discardableResult
    mutating func classic(_ action: String, _ name: String = "old", _ more: String = "") throws -> WireValue {
        try self.perform("Action=\(action)&LoadBalancerName=\(name)\(more.isEmpty ? "" : "&\(more)")", .elb)
    }

    /// The code that it is refused with; `nil` if it is not.
    mutating func classicRefusal(_ action: String, _ name: String = "old", _ more: String = "") -> String? {
        self.refusal("Action=\(action)&LoadBalancerName=\(name)\(more.isEmpty ? "" : "&\(more)")", .elb)
    }

    /// Makes a load balancer in two zones with a listener from HTTP 80 to HTTP 8080.
    @discardableResult
    mutating func classicLoadBalancer(_ name: String = "old", _ more: String = "") throws -> String {
        try self.classic(
            "CreateLoadBalancer",
            name,
            Self.listener() + "&\(self.subnets)" + (more.isEmpty ? "" : "&\(more)")
        )
        .text("DNSName")
    }

    /// A listener's parameters.
    static func listener(
        _ protocol: String = "HTTP",
        _ port: Int = 80,
        _ instanceProtocol: String? = nil,
        _ instancePort: Int = 8080,
        number: Int = 1,
        certificate: String? = nil
    ) -> String {
        let prefix = "Listeners.member.\(number)"
        return
            "\(prefix).Protocol=\(`protocol`)&\(prefix).LoadBalancerPort=\(port)&\(prefix).InstancePort=\(instancePort)"
            + (instanceProtocol.map { "&\(prefix).InstanceProtocol=\($0)" } ?? "")
            + (certificate.map { "&\(prefix).SSLCertificateId=\($0)" } ?? "")
    }

    /// The load balancer as DescribeLoadBalancers shows it.
    mutating func describe(classic name: String = "old") throws -> WireValue {
        let output = try self.perform("Action=DescribeLoadBalancers&LoadBalancerNames.member.1=\(name)", .elb)
        guard case .list(let all) = output["LoadBalancerDescriptions"], let first = all.first else { return [:] }
        return first
    }

    /// A server certificate of IAM's.
    mutating func serverCertificate(_ name: String = "www") throws -> String {
        let output = try self.perform(
            "Action=UploadServerCertificate&ServerCertificateName=\(name)&CertificateBody=certificate+\(name).example.com"
                + "&PrivateKey=key+of+certificate+\(name).example.com",
            .iam
        )
        return try output.text("ServerCertificateMetadata", "Arn")
    }
}
