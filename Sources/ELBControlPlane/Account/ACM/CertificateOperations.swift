package import ELBControlAPI
import ELBModel

extension ACM {
    static let operations: [any AccountCommand.Type] = [
        ImportCertificate.self, RequestCertificate.self, DescribeCertificate.self, GetCertificate.self,
        DeleteCertificate.self, ListCertificates.self, AddTagsToCertificate.self, RemoveTagsFromCertificate.self,
        ListTagsForCertificate.self,
    ]

    /// AWS's quota of certificates in a Region.
    static let mostCertificates = 2500
}

extension ACM.ImportCertificate: AccountCommand {
    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {
        do throws(MaterialError) {
            self.document = try materials.read(
                certificate: self.certificate,
                privateKey: self.privateKey,
                chain: self.chain
            )
        } catch {
            throw APIError("ValidationException", error.description)
        }
    }

    /// A certificate that takes another's place keeps its ARN, and the listeners that use it show the new one from then on.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let document else { throw .validation("The certificate has not been read") }
        let source = Certificate.Source.imported(
            certificate: .text(document.fullChain),
            privateKey: .text(self.privateKey)
        )
        guard let arn else {
            let certificate = Certificate(arn: transaction.makeCertificateARN(), source: source)
            var record = CertificateRecord(
                owner: .api,
                created: transaction.now,
                certificate: certificate,
                kind: .imported,
                document: document
            )
            record.tags = self.tags
            try transaction.add(record)
            return ["CertificateArn": .text(record.id)]
        }
        var record = try transaction.acmCertificate(arn)
        guard record.kind == .imported, record.owner == .api else {
            throw APIError("ValidationException", "Only an imported certificate can be imported once more")
        }
        record.document = document
        record.certificate.source = source
        record.replaced = transaction.now
        transaction.save(.certificate(record))
        try transaction.replace(record.certificate)
        return ["CertificateArn": .text(arn)]
    }
}

extension ACM.RequestCertificate: AccountCommand {
    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {
        guard self.names.count <= Certificate.mostNames else {
            throw APIError(
                "LimitExceededException",
                "A certificate can have at most \(Certificate.mostNames) names, not \(self.names.count)"
            )
        }
        if let name = self.names.first(where: { !Certificate.isDomainName($0) }) {
            throw APIError("InvalidParameterException", "'\(name.prefix(80))' is no domain name for a certificate")
        }
        do throws(MaterialError) {
            let issued = try materials.issue(names: self.names, keyAlgorithm: self.keyAlgorithm)
            self.issued = Issued(document: issued.document, privateKey: issued.privateKey)
        } catch {
            throw APIError("LimitExceededException", error.description)
        }
    }

    /// Issued at once: the lab owns every name.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        if let token, let known = transaction.account.certificates.first(where: { $0.clientToken == token }),
            known.names == self.names
        {
            return ["CertificateArn": .text(known.id)]
        }
        guard let issued else { throw .validation("The certificate has not been issued") }
        var record = CertificateRecord(
            owner: .api,
            created: transaction.now,
            certificate: Certificate(
                arn: transaction.makeCertificateARN(),
                source: .imported(
                    certificate: .text(issued.document.fullChain),
                    privateKey: .text(issued.privateKey)
                )
            ),
            kind: .issued,
            document: issued.document
        )
        record.tags = self.tags
        record.clientToken = self.token
        try transaction.add(record)
        return ["CertificateArn": .text(record.id)]
    }
}

extension ACM.DescribeCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.acmCertificate(self.arn)
        return ["Certificate": .certificateDetail(record, users: transaction.account.users(ofCertificate: record.id))]
    }
}

extension ACM.GetCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        guard let document = try transaction.acmCertificate(self.arn).document else {
            throw .notInLab("The text of a certificate that a template describes")
        }
        return ["Certificate": .text(document.body), "CertificateChain": document.chain.map { .text($0) }]
    }
}

extension ACM.DeleteCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.acmCertificate(self.arn)
        guard transaction.account.users(ofCertificate: record.id).isEmpty else {
            throw APIError("ResourceInUseException", "Certificate \(record.id) is in use")
        }
        transaction.remove(.certificate, record.id)
        return [:]
    }
}

extension ACM.ListCertificates: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var found = transaction.account.certificates.filter { record in
            record.kind.isACM && self.keyTypes.contains(record.keyAlgorithm)
                && (self.statuses?.contains("ISSUED") ?? true)
        }
        if self.isNewestFirst { found.reverse() }
        let (page, next) = try self.page.cut(found, id: \.id)
        return [
            "NextToken": next.map { .text($0) },
            "CertificateSummaryList": .list(
                page.map { record in
                    .certificateSummary(
                        record,
                        isUsed: !transaction.account.users(ofCertificate: record.id).isEmpty
                    )
                }
            ),
        ]
    }
}

extension ACM.AddTagsToCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.acmCertificate(self.arn)
        for tag in self.tags {
            record.tags.removeAll { $0.key == tag.key }
            record.tags.append(tag)
        }
        guard record.tags.count <= ELBv2.mostTags else {
            throw APIError("TooManyTagsException", "A certificate can have at most \(ELBv2.mostTags) tags")
        }
        transaction.save(.certificate(record))
        return [:]
    }
}

extension ACM.RemoveTagsFromCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.acmCertificate(self.arn)
        for (key, value) in self.tags { record.tags.removeAll { $0.key == key && $0.value == value ?? $0.value } }
        transaction.save(.certificate(record))
        return [:]
    }
}

extension ACM.ListTagsForCertificate: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        .certificateTags(try transaction.acmCertificate(self.arn))
    }
}

extension Transaction {
    fileprivate func acmCertificate(_ arn: String) throws(APIError) -> CertificateRecord {
        guard let record = self.account.certificates[arn], record.kind.isACM else {
            throw APIError(
                "ResourceNotFoundException",
                "Could not find certificate \(arn.prefix(160)) in account \(Account.number)"
            )
        }
        return record
    }

    mutating func add(_ record: CertificateRecord) throws(APIError) {
        guard self.account.certificates.count < ACM.mostCertificates else {
            let code = record.kind.isACM ? "LimitExceededException" : "LimitExceeded"
            throw APIError(code, "There can be at most \(ACM.mostCertificates) certificates")
        }
        self.save(.certificate(record))
    }

    /// Takes over what a certificate is now in every listener that uses it.
    fileprivate mutating func replace(_ certificate: Certificate) throws(APIError) {
        for var record in self.account.listeners where record.listener.uses(certificate.arn) {
            guard var tls = record.listener.tls else { continue }
            if tls.defaultCertificate.arn == certificate.arn { tls.defaultCertificate = certificate }
            tls.certificates = tls.certificates.map { $0.arn == certificate.arn ? certificate : $0 }
            record.listener.tls = tls
            self.save(.listener(record))
            try self.validate(loadBalancer: record.loadBalancer)
        }
        for var record in self.account.classicLoadBalancers where record.balancer.uses(certificate.arn) {
            for index in record.balancer.listeners.indices
            where record.balancer.listeners[index].certificate?.arn == certificate.arn {
                record.balancer.listeners[index].certificate = certificate
            }
            try self.save(classic: record)
        }
    }
}

extension Account {
    /// The ARNs of the load balancers with a listener that uses the certificate.
    func users(ofCertificate arn: String) -> [String] {
        var users: [String] = []
        for record in self.listeners where record.listener.uses(CertificateARN(rawValue: arn)) {
            if !users.contains(record.loadBalancer) { users.append(record.loadBalancer) }
        }
        users += self.classicLoadBalancers.filter { $0.balancer.uses(CertificateARN(rawValue: arn)) }
            .map { ResourceARN.classicLoadBalancer(name: $0.balancer.name) }
        return users
    }
}

extension ClassicLoadBalancer {
    fileprivate func uses(_ certificate: CertificateARN) -> Bool {
        self.listeners.contains { $0.certificate?.arn == certificate }
    }
}

extension Listener {
    fileprivate func uses(_ certificate: CertificateARN) -> Bool {
        guard let tls else { return false }
        return tls.defaultCertificate.arn == certificate || tls.certificates.contains { $0.arn == certificate }
    }
}
