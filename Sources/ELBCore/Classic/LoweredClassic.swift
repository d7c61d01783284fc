package import ELBModel

/// A Classic Load Balancer as the data path takes every load balancer: listeners that forward to target groups.
///
///     ClassicLoadBalancer                LoadBalancer (classic)      TargetGroups
///     listener HTTP:80  → HTTP:8080  ─▶  listener 80,  default ─▶    NAME:HTTP:8080   ─┐ take over what the
///     listener HTTPS:443 → HTTP:8080 ─▶  listener 443, default ─▶    NAME:HTTP:8080    │ first group knows
///     listener HTTP:81  → HTTPS:8443 ─▶  listener 81,  default ─▶    NAME:HTTPS:8443  ─┘
///     health check, instances        ────────────────────────────▶   NAME:instances
///
/// There is one health check per load balancer, whatever its listeners (CLB-HC-001), so the first group has every instance, is
/// the only one that is checked, and gets no requests. One group per protocol and port of the instances gets requests, and takes
/// over what the first one finds out. Listeners that bind clients to instances in different ways have groups of their own.
package struct LoweredClassic: Hashable, Sendable {
    package var loadBalancer: LoadBalancer
    /// The group of instances first.
    package var targetGroups: [TargetGroup]
    package var settings: ClassicSettings

    /// Whether a listener carries streams, for which a relay is needed.
    package var hasStreams: Bool { self.loadBalancer.listeners.contains { $0.protocol.kind == .network } }

    /// - Throws: for what the lab does not carry out. The configuration has been validated.
    package init(_ classic: ClassicLoadBalancer) throws(ModelError) {
        var lowering = Lowering(classic)
        var listeners: [Listener] = []
        for (index, listener) in classic.listeners.enumerated() {
            do {
                listeners.append(try lowering.lower(listener))
            } catch {
                throw ModelError(error.code, error.message, at: "Listeners[\(index)]")
            }
        }
        self.loadBalancer = LoadBalancer(
            name: classic.name,
            kind: .classic,
            scheme: classic.scheme,
            nodes: classic.nodes,
            listeners: listeners,
            attributes: Self.attributes(of: classic),
            ingress: classic.ingress,
            egress: classic.egress,
            dnsName: classic.dnsName,
            quirks: classic.quirks
        )
        self.targetGroups = lowering.groups
        self.settings = ClassicSettings(classic)
        self.settings.negotiations = lowering.negotiations
        self.settings.publicKeys = lowering.publicKeys
        self.settings.proxied = lowering.proxied
    }

    private static func attributes(of classic: ClassicLoadBalancer) -> LoadBalancerAttributes {
        var attributes = LoadBalancerAttributes()
        attributes.idleTimeoutSeconds = classic.attributes.idleTimeoutSeconds
        // Clients' connections end with the idle timeout and for no other reason.
        attributes.clientKeepAliveSeconds = .max
        attributes.accessLogs = classic.attributes.accessLog.delivery
        attributes.desyncMitigationMode = classic.attributes.desyncMitigationMode
        // CLB-HD-005.
        attributes.preserveHostHeaderEnabled = true
        // CLB-LS-008.
        attributes.http2Enabled = false
        return attributes
    }
}

/// What differs from other load balancers and is no setting of theirs.
package struct ClassicSettings: Hashable, Sendable {
    /// What instances are asked in (CLB-HC-001).
    package var check: ClassicListener.Proto
    /// An instance that is found unhealthy loses its connections at once: without connection draining nobody waits for it
    /// (CLB-DR-003, -004).
    package var cutsUnhealthy: Bool
    /// Of the access log: 5 or 60 (CLB-LG-001).
    package var logMinutes: Int
    /// What secure listeners negotiate.
    package var negotiations: [Port: ClassicNegotiation] = [:]
    /// By group, the keys of which an instance must show one (CLB-TL-007, -008): in base64, as policies have them. Instances of
    /// groups that are not here may show any (CLB-TL-006).
    package var publicKeys: [TargetGroupID: [String]] = [:]
    /// Groups to whose instances connections begin with a line of PROXY protocol (CLB-PP-001).
    package var proxied: Set<TargetGroupID> = []

    init(_ classic: ClassicLoadBalancer) {
        self.check = classic.healthCheck.target.protocol
        self.cutsUnhealthy = classic.attributes.connectionDrainingSeconds == nil
        self.logMinutes = classic.attributes.accessLog.intervalMinutes
    }
}

/// The part that one node plays for a group of a Classic Load Balancer.
package enum ClassicRole: Hashable, Sendable {
    /// The group of instances: is asked in this protocol, and gets no requests.
    case instances(ClassicListener.Proto)
    /// Gets requests, and takes over what the group of instances knows.
    case follower
}

/// Makes listeners and groups, one group for all that go the same way.
private struct Lowering {
    let classic: ClassicLoadBalancer
    private(set) var groups: [TargetGroup] = []
    private(set) var negotiations: [Port: ClassicNegotiation] = [:]
    private(set) var publicKeys: [TargetGroupID: [String]] = [:]
    private(set) var proxied: Set<TargetGroupID> = []

    init(_ classic: ClassicLoadBalancer) {
        self.classic = classic
        self.groups = [self.instances]
        let check = classic.healthCheck.target
        if check.protocol.isSecure {
            self.publicKeys[self.groups[0].id] = classic.publicKeys(ofInstancePort: check.port)
        }
    }

    mutating func lower(_ listener: ClassicListener) throws(ModelError) -> Listener {
        let group = self.group(for: listener)
        // No error of the balancer's says who made it (CLB-ER-006, -007).
        var attributes = ListenerAttributes()
        attributes.serverHeaderEnabled = false
        return Listener(
            port: listener.port,
            protocol: listener.protocol.listenerProtocol,
            defaultActions: [.forward(ForwardAction(to: group))],
            attributes: attributes,
            tls: try self.tls(of: listener)
        )
    }

    // MARK: Groups

    /// Every instance, to be checked. The port of its targets says nothing: checks go to a port of their own, and a change of it
    /// makes no other instance.
    private var instances: TargetGroup {
        var group = self.group(named: "instances", .http, port: 1)
        let check = self.classic.healthCheck
        group.healthCheck.protocol = check.target.protocol.isSecure ? .https : .http
        group.healthCheck.port = .fixed(check.target.port)
        group.healthCheck.path = check.target.path ?? "/"
        group.healthCheck.intervalSeconds = check.intervalSeconds
        group.healthCheck.timeoutSeconds = check.timeoutSeconds
        group.healthCheck.healthyThresholdCount = check.healthyThreshold
        group.healthCheck.unhealthyThresholdCount = check.unhealthyThreshold
        // CLB-HC-005.
        group.healthCheck.matcher = .ok
        return group
    }

    private mutating func group(for listener: ClassicListener) -> TargetGroupID {
        let (stickiness, policy) = self.stickiness(of: listener)
        let place = "\(listener.instanceProtocol.rawValue):\(listener.instancePort)"
        var group = self.group(
            named: policy.map { "\(place):\($0)" } ?? place,
            listener.instanceProtocol.groupProtocol,
            port: listener.instancePort
        )
        // CLB-RT-001, -002.
        group.attributes.algorithm = listener.protocol.isHTTP ? .leastOutstandingRequests : .roundRobin
        if let stickiness { group.attributes.stickiness = stickiness }
        if !self.groups.contains(where: { $0.id == group.id }) { self.groups.append(group) }
        if listener.instanceProtocol == .tcp, self.classic.hasProxyProtocol(onInstancePort: listener.instancePort),
            !self.classic.quirks.contains(.classicProxyLineMissing)
        {
            self.proxied.insert(group.id)
        }
        if listener.instanceProtocol.isSecure {
            self.publicKeys[group.id] = self.classic.publicKeys(ofInstancePort: listener.instancePort)
        }
        return group.id
    }

    private func group(named name: String, _ protocol: TargetGroup.Proto, port: Port) -> TargetGroup {
        var attributes = TargetGroupAttributes()
        attributes.crossZone = self.classic.attributes.crossZoneEnabled ? .on : .off
        // Without draining, whoever is deregistered loses its connections at once (CLB-DR-002, -004).
        attributes.deregistrationDelaySeconds = self.classic.attributes.connectionDrainingSeconds ?? 0
        return TargetGroup(
            id: TargetGroupID(rawValue: "\(self.classic.name):\(name)"),
            name: TargetGroupName(rawValue: name),
            protocol: `protocol`,
            port: port,
            attributes: attributes,
            targets: self.classic.instances.map {
                Target(
                    id: TargetID(rawValue: $0.id.rawValue),
                    endpoint: Endpoint(address: $0.address, port: port),
                    zone: $0.zone
                )
            }
        )
    }

    /// How the listener binds clients, if it does, and the name of the policy that says so.
    private func stickiness(of listener: ClassicListener) -> (TargetGroupAttributes.Stickiness?, policy: String?) {
        for name in listener.policies {
            var stickiness = TargetGroupAttributes.Stickiness()
            stickiness.isEnabled = true
            switch self.classic.policy(name)?.kind {
            case .durationStickiness(let seconds):
                stickiness.type = .loadBalancerCookie
                stickiness.loadBalancerCookieSeconds = seconds ?? 0
            case .applicationStickiness(let cookie):
                stickiness.type = .applicationCookie
                stickiness.applicationCookieName = cookie
            case .sslNegotiation, .proxyProtocol, .publicKey, .backendAuthentication, nil: continue
            }
            return (stickiness, name)
        }
        return (nil, nil)
    }

    // MARK: TLS

    private mutating func tls(of listener: ClassicListener) throws(ModelError) -> ListenerTLS? {
        guard listener.protocol.isSecure else { return nil }
        guard let certificate = listener.certificate else {
            throw ModelError(
                .certificateNotFound,
                "A listener of protocol \(listener.protocol.rawValue) needs a certificate"
            )
        }
        for name in listener.policies {
            guard case .sslNegotiation(let negotiation) = self.classic.policy(name)?.kind else { continue }
            self.negotiations[listener.port] = try ClassicNegotiation(negotiation, named: name)
        }
        return ListenerTLS(defaultCertificate: certificate)
    }
}

extension ClassicListener.Proto {
    fileprivate var listenerProtocol: Listener.Proto {
        switch self {
        case .http: .http
        case .https: .https
        case .tcp: .tcp
        case .ssl: .tls
        }
    }

    fileprivate var groupProtocol: TargetGroup.Proto {
        switch self {
        case .http: .http
        case .https: .https
        case .tcp: .tcp
        case .ssl: .tls
        }
    }
}

extension ClassicLoadBalancer {
    /// Whether connections to that port of instances begin with a line of PROXY protocol.
    fileprivate func hasProxyProtocol(onInstancePort port: Port) -> Bool {
        (self.backendPolicies[port] ?? []).contains { name in
            if case .proxyProtocol(isEnabled: true) = self.policy(name)?.kind { true } else { false }
        }
    }

    /// The public keys that instances may show on that port; `nil` without authentication.
    fileprivate func publicKeys(ofInstancePort port: Port) -> [String]? {
        let lists = (self.backendPolicies[port] ?? []).compactMap { name -> [String]? in
            guard case .backendAuthentication(let keys) = self.policy(name)?.kind else { return nil }
            return keys
        }
        guard !lists.isEmpty else { return nil }
        return lists.joined().compactMap { name in
            guard case .publicKey(let key) = self.policy(name)?.kind else { return nil }
            return key
        }
    }
}
