// What a group of a Network Load Balancer does where nobody has said: AWS's defaults depend on the group.
extension TargetGroup {
    /// Whether targets see the clients' addresses (NLB-IP-001): always with UDP, by default of instances, by default not of
    /// addresses. An Application Load Balancer as target always sees them (NLB-IP-007).
    package var preservesClientIP: Bool {
        if self.protocol.hasUDP || self.targetType == .alb { return true }
        return self.attributes.preserveClientIPEnabled ?? (self.targetType == .instance)
    }

    /// Whether connections end soon after the deregistration delay (NLB-DR-003); a load balancer made before that default was
    /// changed does not exist here.
    package var terminatesDeregistered: Bool {
        self.attributes.connectionTerminationEnabled ?? self.protocol.hasUDP
    }

    /// Whether connections end when their target becomes unhealthy (NLB-FO-001).
    package var terminatesUnhealthy: Bool {
        self.attributes.unhealthyConnectionTerminationEnabled ?? !self.protocol.hasUDP
    }
}

extension Listener.Proto {
    /// Whether a listener of this protocol can forward to a group of that one (NLB-LS-004).
    package func canForward(to protocol: TargetGroup.Proto) -> Bool {
        switch self {
        case .http, .https: `protocol` == .http || `protocol` == .https
        case .tcp: `protocol` == .tcp || `protocol` == .tcpUDP
        case .tls: `protocol` == .tcp || `protocol` == .tls
        case .udp: `protocol` == .udp || `protocol` == .tcpUDP
        case .tcpUDP: `protocol` == .tcpUDP
        }
    }
}
