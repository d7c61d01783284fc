package import ELBControlAPI
import ELBModel

extension ELBv2 {
    static let listenerCertificateOperations: [any AccountCommand.Type] = [
        AddListenerCertificates.self, RemoveListenerCertificates.self, DescribeListenerCertificates.self,
    ]
}

extension ELBv2.AddListenerCertificates: AccountCommand {
    /// Those that are in the list already stay where they are.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.listener(self.listener)
        var tls = try record.requireTLS()
        for arn in self.certificates where !tls.certificates.contains(where: { $0.arn.rawValue == arn }) {
            tls.certificates.append(try transaction.certificate(arn))
        }
        try transaction.requireKeys(of: tls.certificates, for: record.listener.protocol)
        record.listener.tls = tls
        transaction.save(.listener(record))
        try transaction.validate(loadBalancer: record.loadBalancer)
        let added = tls.certificates.filter { self.certificates.contains($0.arn.rawValue) }
        return ["Certificates": .list(added.map { .listenerCertificate($0, isDefault: false) })]
    }
}

extension ELBv2.RemoveListenerCertificates: AccountCommand {
    /// The default certificate is changed by ModifyListener, never removed. One that is not in the list is no mistake.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.listener(self.listener)
        var tls = try record.requireTLS()
        let list = Set(tls.certificates.map(\.arn.rawValue))
        let defaultARN = tls.defaultCertificate.arn.rawValue
        guard !self.certificates.contains(where: { $0 == defaultARN && !list.contains($0) }) else {
            throw APIError("OperationNotPermitted", "The default certificate of a listener cannot be removed")
        }
        tls.certificates.removeAll { self.certificates.contains($0.arn.rawValue) }
        record.listener.tls = tls
        transaction.save(.listener(record))
        return [:]
    }
}

extension ELBv2.DescribeListenerCertificates: AccountCommand {
    /// The default certificate first, then the list; a certificate that is both is shown twice, as AWS does.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let tls = try transaction.listener(self.listener).requireTLS()
        var entries = [(certificate: tls.defaultCertificate, isDefault: true)]
        entries += tls.certificates.map { ($0, false) }
        let (page, next) = try self.page.cut(entries) { "\($0.certificate.arn)\($0.isDefault ? "/default" : "")" }
        return [
            "Certificates": .list(page.map { .listenerCertificate($0.certificate, isDefault: $0.isDefault) }),
            "NextMarker": next.map { .text($0) },
        ]
    }
}

extension ListenerRecord {
    fileprivate func requireTLS() throws(APIError) -> ListenerTLS {
        guard let tls = self.listener.tls else {
            throw .validation("Certificates cannot be specified for \(self.listener.protocol.rawValue) listeners")
        }
        return tls
    }
}
