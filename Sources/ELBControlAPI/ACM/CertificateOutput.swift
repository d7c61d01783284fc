package import ELBModel

/// Certificates as Certificate Manager shows them.
extension WireValue {
    /// - Parameter users: the ARNs of the load balancers that use it.
    package static func certificateDetail(_ record: CertificateRecord, users: [String]) -> Self {
        let names = record.names
        let facts = record.document?.facts
        var members: [Member] = [
            .init("CertificateArn", .text(record.id)), .init("DomainName", .text(names.first ?? "")),
            .init("SubjectAlternativeNames", .texts(names)), .init("Status", "ISSUED"),
            .init("InUseBy", .texts(users)), .init("CreatedAt", .timestamp(record.created)),
        ]
        switch record.kind {
        case .issued:
            members += [
                .init("Type", "AMAZON_ISSUED"), .init("IssuedAt", .timestamp(record.created)),
                .init("DomainValidationOptions", .list(names.map(Self.validated))),
                .init("RenewalEligibility", users.isEmpty ? "INELIGIBLE" : "ELIGIBLE"),
            ]
        case .imported, .server:
            members += [
                .init("Type", "IMPORTED"), .init("ImportedAt", .timestamp(record.replaced ?? record.created)),
                .init("RenewalEligibility", "INELIGIBLE"),
            ]
        }
        members.append(.init("KeyAlgorithm", .text(record.keyAlgorithm)))
        if let facts {
            members += [
                .init("Serial", .text(facts.serial)), .init("Subject", .text(facts.subject)),
                .init("Issuer", .text(facts.issuer)), .init("NotBefore", .timestamp(facts.notBefore)),
                .init("NotAfter", .timestamp(facts.notAfter)),
                .init("SignatureAlgorithm", .text(facts.signatureAlgorithm)),
            ]
        }
        members.append(
            .init("Options", ["CertificateTransparencyLoggingPreference": "DISABLED", "Export": "DISABLED"])
        )
        return .structure(members)
    }

    package static func certificateSummary(_ record: CertificateRecord, isUsed: Bool) -> Self {
        let facts = record.document?.facts
        return [
            "CertificateArn": .text(record.id),
            "DomainName": .text(record.names.first ?? ""),
            "SubjectAlternativeNameSummaries": .texts(record.names),
            "HasAdditionalSubjectAlternativeNames": false,
            "Status": "ISSUED",
            "Type": record.kind == .issued ? "AMAZON_ISSUED" : "IMPORTED",
            "KeyAlgorithm": .text(record.keyAlgorithm),
            "InUse": .boolean(isUsed),
            "Exported": false,
            "RenewalEligibility": record.kind == .issued && isUsed ? "ELIGIBLE" : "INELIGIBLE",
            "NotBefore": facts.map { .timestamp($0.notBefore) },
            "NotAfter": facts.map { .timestamp($0.notAfter) },
            "CreatedAt": .timestamp(record.created),
            "IssuedAt": record.kind == .issued ? .timestamp(record.created) : nil,
            "ImportedAt": record.kind == .issued ? nil : .timestamp(record.replaced ?? record.created),
        ]
    }

    /// The lab owns every name, so nobody has to prove anything.
    private static func validated(_ name: String) -> Self {
        [
            "DomainName": .text(name), "ValidationDomain": .text(name), "ValidationStatus": "SUCCESS",
            "ValidationMethod": "DNS",
        ]
    }

    package static func certificateTags(_ record: CertificateRecord) -> Self { ["Tags": .tags(record.tags)] }
}
