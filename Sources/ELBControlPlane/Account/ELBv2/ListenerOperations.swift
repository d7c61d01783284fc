package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let listenerOperations: [any AccountCommand.Type] = [
        CreateListener.self, DescribeListeners.self, ModifyListener.self, DeleteListener.self,
    ]
}

extension ELBv2.CreateListener: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let balancer = try transaction.loadBalancer(self.loadBalancer)
        // Before anything that the protocol would need: nobody shall look for a certificate in vain.
        if let refusal = self.protocol.refusal(by: balancer.balancer.kind) { throw APIError(refusal) }
        if !self.protocol.isSecure, !self.tls.isEmpty {
            throw .validation(
                "Certificates and security policies cannot be specified for \(self.protocol.rawValue) listeners"
            )
        }
        try transaction.requireTargetGroups(of: self.defaultActions, for: balancer.arn)
        let listener = Listener(
            port: self.port,
            protocol: self.protocol,
            defaultActions: self.defaultActions,
            tls: self.protocol.isSecure ? try transaction.tls(self.tls, from: nil) : nil
        )
        if let tls = listener.tls { try transaction.requireKeys(of: [tls.defaultCertificate], for: self.protocol) }
        if let known = transaction.account.listeners(of: balancer.arn).first(where: { $0.listener.port == self.port }) {
            var same = listener
            same.attributes = known.listener.attributes
            same.id = known.listener.id
            // The same once more is the same; anything else on that port is not (ALB-LSN-002).
            guard same == known.listener else {
                throw APIError("DuplicateListener", "A listener already exists on this port for this load balancer")
            }
            return ["Listeners": [.listener(known)]]
        }
        var record = ListenerRecord(
            arn: ResourceARN.listener(ofLoadBalancer: balancer.arn, id: transaction.makeID()),
            owner: .api,
            loadBalancer: balancer.arn,
            listener: listener
        )
        record.tags = self.tags
        transaction.save(.listener(record))
        try transaction.validate(loadBalancer: balancer.arn)
        return ["Listeners": [.listener(record)]]
    }
}

extension ELBv2.DescribeListeners: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let found: [ListenerRecord]
        if let loadBalancer {
            _ = try transaction.loadBalancer(loadBalancer)
            found = transaction.account.listeners(of: loadBalancer)
        } else {
            guard let arns, !arns.isEmpty else {
                throw .validation("You must specify either listener ARNs or a load balancer ARN")
            }
            found = try Array(transaction.account.listeners).chosen(arns) {
                APIError("ListenerNotFound", "One or more listeners not found")
            }
        }
        let (page, next) = try self.page.cut(found, id: \.id)
        return ["Listeners": .list(page.map(WireValue.listener)), "NextMarker": next.map { .text($0) }]
    }
}

extension ELBv2.ModifyListener: AccountCommand {
    /// What is not given stays (ALB-LSN-009); a protocol without TLS has no use for certificates and drops them (ALB-LSN-008,
    /// NLB-LS-015).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.listener(self.arn)
        if let port { record.listener.port = port }
        if let defaultActions {
            try transaction.requireTargetGroups(of: defaultActions, for: record.loadBalancer)
            record.listener.defaultActions = defaultActions
        }
        let next = self.protocol ?? record.listener.protocol
        guard next.isSecure || self.tls.isEmpty else {
            throw .validation("Certificates and security policies cannot be specified for \(next.rawValue) listeners")
        }
        let tls = next.isSecure ? try transaction.tls(self.tls, from: record.listener.tls) : nil
        if let tls { try transaction.requireKeys(of: [tls.defaultCertificate] + tls.certificates, for: next) }
        do throws(ModelError) {
            try record.listener.modify(protocol: next, tls: tls)
        } catch {
            throw APIError(error)
        }
        transaction.save(.listener(record))
        try transaction.validate(loadBalancer: record.loadBalancer)
        return ["Listeners": [.listener(record)]]
    }
}

extension ELBv2.DeleteListener: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        transaction.remove(listener: try transaction.listener(self.arn))
        return [:]
    }
}

extension Transaction {
    /// The listener, or AWS's error.
    func listener(_ arn: String) throws(APIError) -> ListenerRecord {
        guard let record = self.account.listeners[arn] else {
            throw APIError("ListenerNotFound", "One or more listeners not found")
        }
        return record
    }

    /// Removes a listener with its rules.
    mutating func remove(listener: ListenerRecord) {
        for rule in self.account.rules(of: listener.arn) { self.remove(.rule, rule.arn) }
        self.remove(.listener, listener.arn)
    }

    /// What the names in a request stand for. What it does not name stays as it was.
    fileprivate func tls(_ choice: ELBv2.TLSChoice, from old: ListenerTLS?) throws(APIError) -> ListenerTLS {
        var certificate = old?.defaultCertificate
        if let arns = choice.certificates {
            guard arns.count <= 1 else {
                throw APIError("TooManyCertificates", "Exactly one certificate may be specified for a listener")
            }
            if let arn = arns.first { certificate = try self.certificate(arn) }
        }
        guard let certificate else {
            throw .validation("A certificate must be specified for HTTPS and TLS listeners")
        }
        var tls = old ?? ListenerTLS(defaultCertificate: certificate)
        tls.defaultCertificate = certificate
        if let policy = choice.policy {
            guard SecurityPolicy.named(policy) != nil else {
                throw APIError("SSLPolicyNotFound", "SSL policy '\(policy.prefix(80))' not found")
            }
            tls.sslPolicy = policy
        }
        if let policy = choice.alpnPolicy { tls.alpnPolicy = policy }
        if let mutual = choice.mutualAuthentication {
            tls.mutualAuthentication = MutualAuthentication(
                mode: mutual.mode,
                trustStore: try mutual.trustStore.map { arn throws(APIError) in try self.trustStore(arn) },
                ignoreClientCertificateExpiry: mutual.ignoresExpiry,
                advertiseTrustStoreCANames: mutual.advertisesNames
            )
        }
        return tls
    }

    func certificate(_ arn: String) throws(APIError) -> Certificate {
        guard let record = self.account.certificates[arn] else {
            throw APIError("CertificateNotFound", "Certificate '\(arn.prefix(160))' not found")
        }
        return record.certificate
    }

    /// Throws if the key of a certificate is not one that the listener can use. Network Load Balancers take none of RSA with 4096 bits
    /// (NLB-TL-005).
    func requireKeys(of certificates: [Certificate], for listenerProtocol: Listener.Proto) throws(APIError) {
        guard listenerProtocol == .tls else { return }
        for certificate in certificates
        where self.account.certificates[certificate.arn.rawValue]?.keyAlgorithm == "RSA_4096" {
            throw APIError(
                "UnsupportedCertificate",
                "The key algorithm RSA_4096 of certificate '\(certificate.arn)' is not supported for TLS listeners"
            )
        }
    }

    func trustStore(_ arn: String) throws(APIError) -> TrustStore {
        guard let record = self.account.trustStores[arn] else {
            throw APIError("TrustStoreNotFound", "Trust store '\(arn.prefix(160))' not found")
        }
        return record.store
    }
}
