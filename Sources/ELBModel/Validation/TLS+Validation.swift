extension LoadBalancer {
    /// ALB-TLS-010: beside the listeners' default certificates.
    package static let mostCertificates = 25
    /// ALB-TLS-026.
    package static let mostVerifyListeners = 2

    /// What concerns the certificates and policies of all listeners together.
    func validateCertificates(_ validator: inout Validator) {
        let secure = self.listeners.compactMap(\.tls)
        let extra = secure.reduce(0) { $0 + $1.certificates.count }
        if extra > Self.mostCertificates {
            validator.report(
                .tooManyCertificates,
                "A load balancer can have at most \(Self.mostCertificates) certificates beside the default ones, "
                    + "and this one has \(extra)",
                at: "Listeners"
            )
        }
        if secure.filter({ $0.mutualAuthentication.mode == .verify }).count > Self.mostVerifyListeners {
            validator.report(
                .invalidConfigurationRequest,
                "A load balancer can have at most \(Self.mostVerifyListeners) listeners that verify their clients",
                at: "Listeners"
            )
        }
        let families = secure.compactMap(\.policy).map(\.family.isFIPS)
        if families.contains(true), families.contains(false) {
            validator.report(
                .invalidConfigurationRequest,
                "The listeners of a load balancer must all use FIPS security policies, or none",
                at: "Listeners"
            )
        }
    }
}

extension Listener {
    static func certificateMissing(_ protocol: Proto) -> ModelError {
        ModelError(
            .validationError,
            "A certificate must be specified for \(`protocol`.rawValue) listeners",
            at: "Certificates"
        )
    }

    static func certificateUseless(_ protocol: Proto) -> ModelError {
        ModelError(
            .validationError,
            "Certificates and a security policy cannot be specified for \(`protocol`.rawValue) listeners",
            at: "Certificates"
        )
    }

    func validateTLS(_ validator: inout Validator) {
        switch (self.protocol.isSecure, self.tls) {
        case (false, nil): break
        case (false, .some): validator.report(Self.certificateUseless(self.protocol))
        case (true, nil): validator.report(Self.certificateMissing(self.protocol))
        case (true, .some(let tls)):
            tls.validate(&validator)
            self.validateNegotiation(tls, &validator)
        }
    }

    /// An HTTPS listener negotiates HTTP by itself, a TLS listener asks nobody for a certificate (NLB-TL-014).
    private func validateNegotiation(_ tls: ListenerTLS, _ validator: inout Validator) {
        if self.protocol != .tls, tls.alpnPolicy != .none {
            validator.report(
                .validationError,
                "An ALPN policy can be specified for TLS listeners only",
                at: "AlpnPolicy"
            )
        }
        if self.protocol == .tls, tls.mutualAuthentication.mode != .off {
            validator.report(
                .validationError,
                "Mutual authentication cannot be specified for TLS listeners",
                at: "MutualAuthentication"
            )
        }
    }
}

extension ListenerTLS {
    func validate(_ validator: inout Validator) {
        if self.policy == nil {
            validator.report(
                .sslPolicyNotFound,
                "There is no security policy '\(self.sslPolicy.prefix(80))'",
                at: "SslPolicy"
            )
        }
        self.defaultCertificate.validate(&validator, at: "Certificates[0].CertificateArn")
        for (index, certificate) in self.certificates.enumerated() {
            certificate.validate(&validator, at: "ListenerCertificates[\(index)].CertificateArn")
        }
        validator.at("MutualAuthentication") { self.mutualAuthentication.validate(&$0) }
    }
}

extension Certificate {
    /// AWS's limit of names in one ACM certificate.
    package static let mostNames = 10

    func validate(_ validator: inout Validator, at place: String) {
        // INT-AC-001: ACM's certificates do not leave their region.
        if let region = self.arn.region, region != AvailabilityZone.region {
            validator.report(
                .certificateNotFound,
                "The certificate '\(self.arn)' is of region \(region), and the load balancer of "
                    + AvailabilityZone.region,
                at: place
            )
        }
        guard case .issued(let names, _) = self.source else { return }
        if names.isEmpty || names.count > Self.mostNames {
            validator.report(
                .validationError,
                "A certificate must have 1 to \(Self.mostNames) names, not \(names.count)",
                at: place
            )
        }
        for name in names where !Self.isDomainName(name) {
            validator.report(.validationError, "'\(name.prefix(80))' is no domain name for a certificate", at: place)
        }
    }

    /// Labels of letters, digits and hyphens, the first of them `*` perhaps; at most 253 characters.
    package static func isDomainName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2 else { return false }
        let isCharacter = Characters.alphanumerics(and: "-")
        return labels.enumerated().allSatisfy { index, label in
            if index == 0, label == "*" { return true }
            return (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isCharacter)
                && !label.hasPrefix("-") && !label.hasSuffix("-")
        }
    }
}

extension MutualAuthentication {
    func validate(_ validator: inout Validator) {
        switch self.mode {
        case .off, .passthrough:
            if self.trustStore != nil {
                validator.report(
                    .validationError,
                    "A trust store can be specified in mode verify only",
                    at: "TrustStoreArn"
                )
            }
            if self.ignoreClientCertificateExpiry {
                validator.report(
                    .validationError,
                    "IgnoreClientCertificateExpiry can be specified in mode verify only",
                    at: "IgnoreClientCertificateExpiry"
                )
            }
            if self.advertiseTrustStoreCANames {
                validator.report(
                    .validationError,
                    "AdvertiseTrustStoreCaNames can be specified in mode verify only",
                    at: "AdvertiseTrustStoreCaNames"
                )
            }
        case .verify:
            guard let trustStore else {
                validator.report(.validationError, "A trust store is required in mode verify", at: "TrustStoreArn")
                return
            }
            trustStore.validate(&validator)
        }
    }
}

extension TrustStore {
    /// ALB-TLS-026: per account, and CA certificates per store.
    package static let mostStores = 20
    package static let mostCACertificates = 25
    /// ALB-TLS-025: lists per store, bytes of one list, entries of all lists of a store.
    package static let mostRevocationLists = 30
    package static let largestRevocationList = 50 << 20
    package static let mostRevocationEntries = 500_000

    func validate(_ validator: inout Validator) {
        validator.validate(name: self.name, what: "trust store")
        if self.revocations.count > Self.mostRevocationLists {
            validator.report(
                .tooManyTrustStoreRevocationEntries,
                "A trust store can have at most \(Self.mostRevocationLists) revocation lists",
                at: "RevocationContents"
            )
        }
        if case .text(let text) = self.caCertificates, let error = Self.judge(bundle: text) {
            validator.report(error)
        }
        for case .text(let text) in self.revocations {
            if let error = Self.judge(revocationList: text) {
                validator.report(error)
            }
        }
    }

    /// What AWS would refuse about the text of a bundle of CA certificates before it looks into the certificates.
    package static func judge(bundle text: String) -> ModelError? {
        let count = PEMText.blocks(of: "CERTIFICATE", in: text)
        guard count == 0 || count > Self.mostCACertificates else { return nil }
        return ModelError(
            .invalidCaCertificatesBundle,
            count == 0
                ? "The bundle has no certificate in PEM format"
                : "The bundle has \(count) CA certificates; a trust store can have at most \(Self.mostCACertificates)",
            at: "CaCertificatesBundle"
        )
    }

    /// What AWS would refuse about the text of a revocation list before it looks into it.
    package static func judge(revocationList text: String) -> ModelError? {
        let problem: String? =
            if text.utf8.count > Self.largestRevocationList {
                "A revocation list can have at most 50 MB"
            } else if PEMText.blocks(of: "X509 CRL", in: text) == 0 {
                "The revocation list is not in PEM format"
            } else {
                nil
            }
        return problem.map { ModelError(.invalidRevocationContent, $0, at: "RevocationContents") }
    }
}

/// What can be said of PEM text without reading what it encodes.
package enum PEMText {
    /// How many blocks with this label begin in the text.
    package static func blocks(of label: String, in text: String) -> Int {
        let opening = Array("-----BEGIN \(label)-----".utf8)
        var count = 0
        var matched = 0
        for byte in text.utf8 {
            if byte == opening[matched] {
                matched += 1
            } else {
                // Within the opening only the five dashes can begin another one.
                matched = byte == UInt8(ascii: "-") ? (matched == 5 ? 5 : 1) : 0
            }
            if matched == opening.count {
                count += 1
                matched = 0
            }
        }
        return count
    }
}
