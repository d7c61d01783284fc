package import ELBControlAPI
import ELBModel

extension ELB {
    static let listenerOperations: [any AccountCommand.Type] = [
        CreateLoadBalancerListeners.self, DeleteLoadBalancerListeners.self, SetLoadBalancerListenerSSLCertificate.self,
    ]
}

extension ELB.CreateLoadBalancerListeners: AccountCommand {
    /// The same listener once more is the same, another one on its port is not (CLB-LS-005).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        for listener in try transaction.classicListeners(self.listeners) {
            if let known = record.balancer.listeners.first(where: { $0.port == listener.port }) {
                guard known.isSame(as: listener) else {
                    throw APIError(
                        "DuplicateListener",
                        "A listener already exists for \(record.id) with LoadBalancerPort \(listener.port), but with a different "
                            + "InstancePort, Protocol, or SSLCertificateId"
                    )
                }
                continue
            }
            record.balancer.add(listener)
        }
        try transaction.save(classic: record)
        transaction.listenForClassic(record)
        return [:]
    }
}

extension ELB.DeleteLoadBalancerListeners: AccountCommand {
    /// Ports without a listener are no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        record.balancer.listeners.removeAll { self.ports.contains(Int($0.port.rawValue)) }
        // Policies are set on the instance ports of listeners.
        let ports = Set(record.balancer.listeners.map(\.instancePort))
        record.balancer.backendPolicies = record.balancer.backendPolicies.filter { ports.contains($0.key) }
        try transaction.save(classic: record)
        return [:]
    }
}

extension ELB.SetLoadBalancerListenerSSLCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.classicLoadBalancer(self.loadBalancer)
        let index = try record.balancer.listener(onPort: self.port)
        guard record.balancer.listeners[index].protocol.isSecure else {
            throw APIError(
                "InvalidConfigurationRequest",
                "The listener of port \(self.port) speaks \(record.balancer.listeners[index].protocol.rawValue), without a "
                    + "certificate"
            )
        }
        record.balancer.listeners[index].certificate = try transaction.classicCertificate(self.certificate)
        try transaction.save(classic: record)
        return [:]
    }
}

extension ClassicLoadBalancer {
    /// The place of the listener on that port, or AWS's error.
    func listener(onPort port: Int) throws(APIError) -> Int {
        guard let index = self.listeners.firstIndex(where: { Int($0.port.rawValue) == port }) else {
            throw APIError("ListenerNotFound", "There is no listener on port \(port) of load balancer \(self.name)")
        }
        return index
    }
}

extension Transaction {
    /// What the choices mean, certificates found.
    func classicListeners(_ choices: [ELB.ListenerChoice]) throws(APIError) -> [ClassicListener] {
        try choices.map { choice throws(APIError) in
            ClassicListener(
                port: choice.port,
                protocol: choice.protocol,
                instancePort: choice.instancePort,
                instanceProtocol: choice.instanceProtocol,
                certificate: try choice.certificate.map { arn throws(APIError) in try self.classicCertificate(arn) }
            )
        }
    }

    /// CLB-LS-006, CLB-TL-004.
    fileprivate func classicCertificate(_ arn: String) throws(APIError) -> Certificate {
        guard let record = self.account.certificates[arn] else {
            throw APIError("CertificateNotFound", "Server Certificate not found for the key: \(arn.prefix(160))")
        }
        if record.kind.isACM, record.keyAlgorithm.hasPrefix("EC_") || record.keyAlgorithm == "RSA_4096" {
            throw APIError(
                "InvalidConfigurationRequest",
                "A Classic Load Balancer cannot use a certificate of Certificate Manager with key algorithm \(record.keyAlgorithm)"
            )
        }
        return record.certificate
    }

    /// Backends of registered instances listen where listeners and the health check expect them. Ports are added and never taken
    /// away, because who drains still answers.
    mutating func listenForClassic(_ record: ClassicLoadBalancerRecord) {
        for registered in record.balancer.instances {
            guard var instance = self.account.instances[registered.id.rawValue] else { continue }
            let missing = record.balancer.instancePorts.subtracting(instance.instance.ports)
            guard !missing.isEmpty else { continue }
            instance.instance.ports = (instance.instance.ports + missing).sorted()
            self.save(.instance(instance))
        }
    }
}
