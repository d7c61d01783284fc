/// The unit of health and routing: targets, how they are probed, and how one is chosen.
package struct TargetGroup: Hashable, Codable, Sendable {
    package var id: TargetGroupID
    package var name: TargetGroupName
    package var `protocol`: Proto
    /// Fixed when the group is made (ALB-HTTP-008).
    package var protocolVersion: ProtocolVersion
    /// Only the default for targets registered without a port of their own (ALB-TG-004). Groups of type lambda have neither port nor
    /// protocol; what stands here then is not looked at.
    package var port: Port
    package var targetType: TargetType
    package var healthCheck: HealthCheckSettings
    package var attributes: TargetGroupAttributes
    /// One entry per address and port; the same address may stand here on several ports (ALB-TG-005).
    package var targets: [Target]

    package init(
        id: TargetGroupID,
        name: TargetGroupName,
        protocol: Proto = .http,
        protocolVersion: ProtocolVersion = .http1,
        port: Port,
        targetType: TargetType = .instance,
        healthCheck: HealthCheckSettings = .init(),
        attributes: TargetGroupAttributes = .init(),
        targets: [Target] = []
    ) {
        self.id = id
        self.name = name
        self.protocol = `protocol`
        self.protocolVersion = protocolVersion
        self.port = port
        self.targetType = targetType
        self.healthCheck = healthCheck
        self.attributes = attributes
        self.targets = targets
    }

    /// What the load balancer speaks to targets: the first two behind an Application Load Balancer, the others behind a Network
    /// Load Balancer, whose health checks speak the first three (NLB-HC-001). The raw value is the API's. QUIC and TCP_QUIC are
    /// not in the lab.
    package enum Proto: String, Hashable, Codable, Sendable, CaseIterable {
        case http = "HTTP"
        case https = "HTTPS"
        case tcp = "TCP"
        case tls = "TLS"
        case udp = "UDP"
        case tcpUDP = "TCP_UDP"

        /// The kind of load balancer that speaks it to targets.
        package var kind: LoadBalancer.Kind {
            switch self {
            case .http, .https: .application
            case .tcp, .tls, .udp, .tcpUDP: .network
            }
        }

        /// Whether datagrams may be meant.
        package var hasUDP: Bool {
            switch self {
            case .udp, .tcpUDP: true
            case .http, .https, .tcp, .tls: false
            }
        }
    }

    /// The kind of load balancer that the group can serve. Functions have no protocol that would tell, and an Application Load
    /// Balancer serves none of its own kind.
    package var kind: LoadBalancer.Kind {
        switch self.targetType {
        case .instance, .ip: self.protocol.kind
        case .lambda: .application
        case .alb: .network
        }
    }

    /// What the balancer speaks to the targets, whatever the client speaks (ALB-HTTP-007, -008); the raw value is the API's.
    package enum ProtocolVersion: String, Hashable, Codable, Sendable, CaseIterable {
        case http1 = "HTTP1"
        /// Over TLS, or with prior knowledge in clear text (ALB-HTTP-012).
        case http2 = "HTTP2"
        /// HTTP/2 and health checks that are calls.
        case grpc = "GRPC"
    }

    /// What a target id means (ALB-TG-001); the raw value is the API's.
    package enum TargetType: String, Hashable, Codable, Sendable, CaseIterable {
        case instance
        case ip
        case lambda
        /// An Application Load Balancer behind a Network Load Balancer (NLB-AL-001).
        case alb
    }
}

/// A member of a target group: what AWS calls it, and where its packets really go.
package struct Target: Hashable, Codable, Sendable {
    package var id: TargetID
    /// For a Lambda function, whose id is its ARN, where its Invoke API stands. For an Application Load Balancer, whose id is its ARN
    /// too, one of its nodes: which ones it has is known when the data plane is told (`Account.topology`).
    package var endpoint: Endpoint
    /// `nil` is AWS's `all`: reachable from every zone.
    package var zone: AvailabilityZone?
    /// Of an Application Load Balancer, the zone of the node that is meant; `nil` where the load balancer is meant as a whole.
    package var node: AvailabilityZone?

    package init(id: TargetID, endpoint: Endpoint, zone: AvailabilityZone?, node: AvailabilityZone? = nil) {
        self.id = id
        self.endpoint = endpoint
        self.zone = zone
        self.node = node
    }

    /// What makes two registrations the same one: id and port (ALB-TG-005, -020). One load balancer's nodes are told apart.
    package var key: Key { Key(id: self.id, port: self.endpoint.port, node: self.node) }

    package struct Key: Hashable, Codable, Sendable {
        package var id: TargetID
        package var port: Port
        package var node: AvailabilityZone?

        package init(id: TargetID, port: Port, node: AvailabilityZone? = nil) {
            self.id = id
            self.port = port
            self.node = node
        }

        /// What was registered, of whose nodes this may be one.
        package var registration: Self { Self(id: self.id, port: self.port) }
    }
}

extension Target.Key: CustomStringConvertible {
    /// `i-0123456789abcdef0:8080`; of a function its ARN alone, of a load balancer's node with its zone.
    package var description: String {
        guard FunctionARN(self.id.rawValue) == nil else { return self.id.rawValue }
        return "\(self.id):\(self.port)" + (self.node.map { " in \($0)" } ?? "")
    }
}
