package import ELBCore
package import ELBModel

/// A load balancer that carries traffic, as the lab commands it. The program puts a real one here.
package protocol LabBalancer: Sendable {
    /// Takes over the configuration without losing a request; when it throws, nothing has changed.
    func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws
    /// Finishes what is under way, for at most `gracePeriod`, and frees its addresses.
    func stop(gracePeriod: Duration) async
    /// Every target as each node sees it.
    func targetHealth() async -> [LabTargetHealth]
    /// What targets verify `x-amzn-oidc-data` with.
    var identityKey: LabIdentityKey? { get }
    /// The zones whose addresses its name stands for, as health is now.
    func publishedZones() async -> Set<AvailabilityZone>
    /// Cuts the power of these zones' nodes; all others have it back.
    func cut(_ zones: Set<AvailabilityZone>) async
    /// What it has counted, under CloudWatch's names.
    func metrics() async -> BalancerMetrics
    /// What the cookies of a request with this head decide, in sentences; empty where nothing binds clients.
    func explainStickiness(head: [UInt8], port: Port, peer: IPAddress) async -> [String]
    /// Where a new flow with these numbers goes, `127.10.1.64:8080`; `nil` if they do not suffice, or if there is no target.
    func explainFlow(_ flow: TracedFlow) async -> String?
}

/// A flow whose way shall be explained.
package struct TracedFlow: Hashable, Sendable {
    package var isTCP: Bool
    package var source: IPAddress
    /// `nil` if nobody has said.
    package var sourcePort: Port?
    /// A node and a listener's port.
    package var destination: Endpoint

    package init(isTCP: Bool, source: IPAddress, sourcePort: Port?, destination: Endpoint) {
        self.isTCP = isTCP
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
    }
}

extension LabBalancer {
    /// A load balancer that binds no clients.
    package func explainStickiness(head: [UInt8], port: Port, peer: IPAddress) async -> [String] { [] }

    /// A load balancer that looks into requests.
    package func explainFlow(_ flow: TracedFlow) async -> String? { nil }
}

extension LabBalancer {
    /// Load balancers that log nobody in have no key.
    package var identityKey: LabIdentityKey? { nil }
}

/// The public half of the key that signs what targets are told of users, and its id (ALB-AUTH-016).
package struct LabIdentityKey: Hashable, Sendable {
    package var id: String
    package var pem: String

    package init(id: String, pem: String) {
        self.id = id
        self.pem = pem
    }
}

/// What the running probers say.
package struct LabHealth: Hashable, Sendable {
    /// Of target groups.
    package var targets: [LabTargetHealth]
    /// Of Classic Load Balancers.
    package var instances: [LabInstanceHealth]

    package init(targets: [LabTargetHealth] = [], instances: [LabInstanceHealth] = []) {
        self.targets = targets
        self.instances = instances
    }
}

/// One target's health at one node.
package struct LabTargetHealth: Hashable, Sendable {
    package var targetGroup: TargetGroupID
    package var target: Target
    package var health: TargetHealth
    package var node: AvailabilityZone
    package var anomalies: AnomalyDetection

    package init(
        targetGroup: TargetGroupID,
        target: Target,
        health: TargetHealth,
        node: AvailabilityZone,
        anomalies: AnomalyDetection = AnomalyDetection()
    ) {
        self.targetGroup = targetGroup
        self.target = target
        self.health = health
        self.node = node
        self.anomalies = anomalies
    }
}

/// Something that the fleet runs for the lab.
package enum LabServer: Hashable, Sendable {
    case instance(Instance)
    case function(LambdaFunction)

    /// What people call it by.
    package var name: String {
        switch self {
        case .instance(let instance): instance.name
        case .function(let function): function.name
        }
    }

    /// What security groups let in; a change of it needs no new start.
    var ingress: TrafficFilter? {
        get {
            switch self {
            case .instance(let instance): instance.ingress
            case .function: nil
            }
        }
        set {
            guard case .instance(var instance) = self else { return }
            instance.ingress = newValue
            self = .instance(instance)
        }
    }
}

/// The fake instances and functions, as the lab commands them. The program puts the fleet here.
package protocol LabFleet: Sendable {
    /// Starts all of them or, throwing, none.
    func start(_ servers: [LabServer]) async throws
    /// Lets in what the filter does, from the next connection on; `nil` lets in everything.
    func filter(_ name: String, _ ingress: TrafficFilter?) async throws
    /// Stops those of these names; unknown names are no error.
    func stop(_ names: [String]) async
    /// The answer to a body of `POST /_lab/fleet`; the lab does not look into either.
    func perform(_ body: [UInt8]) async -> LabReply
}

/// An answer of the endpoint.
package struct LabReply: Hashable, Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
