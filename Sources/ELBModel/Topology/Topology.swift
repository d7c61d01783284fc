/// Everything a template or a subject's configuration file describes, validated as a whole.
package struct Topology: Hashable, Codable, Sendable {
    package var loadBalancers: [LoadBalancer]
    package var classicLoadBalancers: [ClassicLoadBalancer]
    package var targetGroups: [TargetGroup]
    /// Instances that the fleet shall run. Empty when the targets are somebody else's.
    package var instances: [Instance]
    /// Lambda functions that the fleet shall run.
    package var functions: [LambdaFunction]
    package var securityGroups = TemplateSecurityGroups()
    /// Elastic IP addresses.
    package var addresses: [AddressRecord] = []
    /// Records of somebody's hosted zones.
    package var recordSets: [RecordSet] = []
    /// Tags of what has any, by ARN or id.
    package var tags: [String: [ResourceTag]] = [:]

    package init(
        loadBalancers: [LoadBalancer] = [],
        classicLoadBalancers: [ClassicLoadBalancer] = [],
        targetGroups: [TargetGroup] = [],
        instances: [Instance] = [],
        functions: [LambdaFunction] = []
    ) {
        self.loadBalancers = loadBalancers
        self.classicLoadBalancers = classicLoadBalancers
        self.targetGroups = targetGroups
        self.instances = instances
        self.functions = functions
    }
}

/// A fake EC2 instance: an address in a zone's subnet, a size, and how its server behaves.
package struct Instance: Hashable, Codable, Sendable {
    package var id: InstanceID
    /// The logical id in the template, `WebA`; what people call the instance by.
    package var name: String
    package var zone: AvailabilityZone
    package var address: IPAddress
    package var type: InstanceType
    /// The ports its server listens on; a fake backend answers on each.
    package var ports: [Port]
    package var behaviour: BackendBehaviour
    /// What its security groups let in; `nil` lets in everything.
    package var ingress: TrafficFilter?

    package init(
        id: InstanceID,
        name: String,
        zone: AvailabilityZone,
        address: IPAddress,
        type: InstanceType = .t3Micro,
        ports: [Port],
        behaviour: BackendBehaviour = .init()
    ) {
        self.id = id
        self.name = name
        self.zone = zone
        self.address = address
        self.type = type
        self.ports = ports
        self.behaviour = behaviour
    }
}

/// Sizes with a real effect: a backend serves at most `workers` requests at once, each takes `serviceMilliseconds`; the
/// rest wait in line. Capacity is therefore workers / service time.
package struct InstanceType: Hashable, Codable, Sendable {
    /// AWS's name, `t3.micro`.
    package let name: String
    package let workers: Int
    /// Milliseconds of real time per request before the answer starts; 0 serves at once.
    package let serviceMilliseconds: Int

    package static let t3Nano = Self(name: "t3.nano", workers: 1, serviceMilliseconds: 20)
    package static let t3Micro = Self(name: "t3.micro", workers: 2, serviceMilliseconds: 20)
    package static let t3Small = Self(name: "t3.small", workers: 4, serviceMilliseconds: 20)
    package static let t3Medium = Self(name: "t3.medium", workers: 8, serviceMilliseconds: 20)
    package static let t3Large = Self(name: "t3.large", workers: 16, serviceMilliseconds: 20)
    package static let t3XLarge = Self(name: "t3.xlarge", workers: 32, serviceMilliseconds: 20)
    package static let t32XLarge = Self(name: "t3.2xlarge", workers: 64, serviceMilliseconds: 20)
    /// Not AWS's: no service time and no queue, for tests and benchmarks of the balancer in front of it.
    package static let unlimited = Self(name: "lab.unlimited", workers: .max, serviceMilliseconds: 0)

    /// All of them, smallest first.
    package static let all = [
        t3Nano, t3Micro, t3Small, t3Medium, t3Large, t3XLarge, t32XLarge, unlimited,
    ]

    /// The size of that name, if the lab has it.
    package static func named(_ name: String) -> Self? {
        Self.all.first { $0.name == name }
    }
}

/// How a fake backend answers while nothing is wrong with it. It stands in a template's `Metadata` (`elblab`), so that the
/// file still deploys on AWS.
package struct BackendBehaviour: Hashable, Codable, Sendable {
    /// Status of ordinary requests.
    package var status = 200
    /// The body; `nil` answers with the instance's name, zone and a line break.
    package var body: String?
    /// Status of the paths in `healthPaths`; `nil` treats them like any other.
    package var healthStatus: Int?
    package var healthPaths: Set<String> = []
    /// Extra milliseconds before the answer, beside the size's service time.
    package var delayMilliseconds = 0
    package var speaks: BackendProtocol = .http
    /// `nil` speaks in clear text.
    package var tls: BackendTLS?
    /// The `grpc-status` of a method by its path, `/package.Service/Method`; others are served as usual. gRPC only.
    package var grpcStatuses: [String: Int] = [:]
    /// Identity providers only.
    package var identityProvider: IdentityProviderSettings?

    package init() {}

    /// What no backend can be told together, in words; `nil` if all is well. Ranges of numbers are checked where they are
    /// read.
    package var problem: String? {
        if let problem = self.tls?.problem ?? self.identityProvider?.problem { return problem }
        if self.identityProvider != nil, self.speaks != .oidc { return "only an oidc backend is an identity provider" }
        guard self.speaks == .grpc else {
            return self.grpcStatuses.isEmpty ? nil : "only a gRPC backend has gRPC statuses"
        }
        if self.status != 200 || self.healthStatus != nil || self.body != nil {
            return "a gRPC backend has gRPC statuses in place of a status, a health status and a body"
        }
        for (path, status) in self.grpcStatuses {
            if !path.hasPrefix("/") { return "'\(path)' is not a gRPC method; write /package.Service/Method" }
            if !(0...99).contains(status) { return "a gRPC status is 0 to 99, not \(status)" }
        }
        return nil
    }
}
