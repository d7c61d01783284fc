extension ClassicLoadBalancer {
    func validatePolicies(_ validator: inout Validator) {
        if self.policies.count > Self.mostPolicies {
            validator.report(
                .tooManyPolicies,
                "A load balancer can have at most \(Self.mostPolicies) policies",
                at: "Policies"
            )
        }
        var names: Set<String> = []
        for (index, policy) in self.policies.enumerated() {
            validator.at("Policies[\(index)]") { validator in
                if !names.insert(policy.name).inserted {
                    validator.report(
                        .duplicatePolicyName,
                        "A policy with the name '\(policy.name)' already exists",
                        at: "PolicyName"
                    )
                }
                policy.validate(&validator)
                self.validateKeys(of: policy, &validator)
            }
        }
    }

    /// CLB-TL-007: what is collected are policies with public keys.
    private func validateKeys(of policy: ClassicPolicy, _ validator: inout Validator) {
        guard case .backendAuthentication(let keys) = policy.kind else { return }
        for key in keys {
            if case .publicKey = self.policy(key)?.kind { continue }
            validator.report(
                .invalidConfigurationRequest,
                "PublicKeyPolicyName '\(key.prefix(80))' names no policy of type PublicKeyPolicyType",
                at: "PublicKeyPolicyName"
            )
        }
    }

    func validatePoliciesInUse(_ validator: inout Validator) {
        for (index, listener) in self.listeners.enumerated() {
            validator.at("Listeners[\(index)].PolicyNames") { self.validate(policiesOf: listener, &$0) }
        }
        for (port, names) in self.backendPolicies.sorted(by: { $0.key < $1.key }) {
            validator.at("BackendServers[\(port)].PolicyNames") { self.validate(policies: names, of: port, &$0) }
        }
    }

    /// CLB-SK-001: stickiness reads cookies, and only TLS negotiates.
    private func validate(policiesOf listener: ClassicListener, _ validator: inout Validator) {
        var stickiness = 0
        var negotiations = 0
        for name in listener.policies {
            guard let policy = self.known(name, &validator) else { continue }
            let isFitting: Bool
            switch policy.kind {
            case .durationStickiness, .applicationStickiness:
                stickiness += 1
                isFitting = listener.protocol.isHTTP
            case .sslNegotiation:
                negotiations += 1
                isFitting = listener.protocol.isSecure
            case .proxyProtocol, .publicKey, .backendAuthentication: isFitting = false
            }
            if !isFitting {
                validator.report(
                    .invalidConfigurationRequest,
                    "Policy '\(name)' of type \(policy.kind.typeName) cannot be set on the \(listener.protocol.rawValue) listener "
                        + "of port \(listener.port)"
                )
            }
        }
        if stickiness > 1 || negotiations > 1 || Set(listener.policies).count < listener.policies.count {
            validator.report(
                .invalidConfigurationRequest,
                "A listener can have one policy for stickiness and one for TLS"
            )
        }
    }

    /// CLB-PP-001, CLB-PP-004, CLB-TL-007.
    private func validate(policies names: [String], of port: Port, _ validator: inout Validator) {
        let protocols = Set(self.listeners.filter { $0.instancePort == port }.map(\.instanceProtocol))
        if protocols.isEmpty {
            validator.report(.invalidConfigurationRequest, "No listener has the instance port \(port)")
        }
        var kinds: Set<String> = []
        for name in names {
            guard let policy = self.known(name, &validator) else { continue }
            let isFitting: Bool
            switch policy.kind {
            // HTTP sends no line, and AWS's own examples have the policy there nevertheless.
            case .proxyProtocol: isFitting = !protocols.contains(where: \.isSecure)
            case .backendAuthentication: isFitting = protocols.allSatisfy(\.isSecure)
            case .durationStickiness, .applicationStickiness, .sslNegotiation, .publicKey: isFitting = false
            }
            if !isFitting {
                validator.report(
                    .invalidConfigurationRequest,
                    "Policy '\(name)' of type \(policy.kind.typeName) cannot be set on instance port \(port)"
                )
            }
            if !kinds.insert(policy.kind.typeName).inserted {
                validator.report(
                    .invalidConfigurationRequest,
                    "An instance port can have one policy of type \(policy.kind.typeName)"
                )
            }
        }
    }

    private func known(_ name: String, _ validator: inout Validator) -> ClassicPolicy? {
        let policy = self.policy(name)
        if policy == nil {
            validator.report(
                .policyNotFound,
                "There is no policy with name \(name.prefix(80)) for load balancer \(self.name)"
            )
        }
        return policy
    }
}

extension ClassicPolicy {
    func validate(_ validator: inout Validator) {
        validator.require(length: 1...128, of: self.name, what: "The name of a policy", at: "PolicyName")
        validator.require(
            characters: Characters.alphanumerics(and: "-"),
            of: self.name,
            what: "The name of a policy",
            at: "PolicyName"
        )
        switch self.kind {
        case .durationStickiness(let seconds):
            // CLB-SK-004: who reads a zero makes it none.
            if let seconds, seconds < 1 {
                validator.report(
                    .validationError,
                    "CookieExpirationPeriod must be a positive number of seconds",
                    at: "CookieExpirationPeriod"
                )
            }
        case .applicationStickiness(let cookie):
            validator.require(length: 1...255, of: cookie, what: "CookieName", at: "CookieName")
            // RFC 6265: a cookie's name is a token.
            validator.require(
                characters: Characters.alphanumerics(and: "!#$%&'*+-.^_`|~"),
                of: cookie,
                what: "CookieName",
                at: "CookieName"
            )
            if ["AWSELB", "AWSELBCORS"].contains(cookie) {
                validator.report(
                    .invalidConfigurationRequest,
                    "CookieName \(cookie) is the load balancer's own",
                    at: "CookieName"
                )
            }
        case .sslNegotiation(let negotiation): negotiation.validate(&validator)
        case .proxyProtocol: break
        case .publicKey(let key):
            if !Self.isBase64(key) {
                validator.report(
                    .invalidConfigurationRequest,
                    "PublicKey must be a key in base64 without the first and last lines of PEM",
                    at: "PublicKey"
                )
            }
        case .backendAuthentication(let keys):
            if keys.isEmpty {
                validator.report(
                    .invalidConfigurationRequest,
                    "A policy of type BackendServerAuthenticationPolicyType needs at least one PublicKeyPolicyName",
                    at: "PublicKeyPolicyName"
                )
            }
        }
    }

    /// Lines may be broken.
    private static func isBase64(_ text: String) -> Bool {
        let isDigit = Characters.alphanumerics(and: "+/")
        let digits = text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return (4...16_384).contains(digits.count) && digits.count % 4 == 0 && padding <= 2
            && digits.dropLast(padding).allSatisfy(isDigit)
    }
}

extension ClassicPolicy.Kind {
    /// AWS's `PolicyTypeName`.
    package var typeName: String {
        switch self {
        case .durationStickiness: "LBCookieStickinessPolicyType"
        case .applicationStickiness: "AppCookieStickinessPolicyType"
        case .sslNegotiation: "SSLNegotiationPolicyType"
        case .proxyProtocol: "ProxyProtocolPolicyType"
        case .publicKey: "PublicKeyPolicyType"
        case .backendAuthentication: "BackendServerAuthenticationPolicyType"
        }
    }
}

extension ClassicPolicy.Negotiation {
    fileprivate func validate(_ validator: inout Validator) {
        guard let settings else {
            if case .predefined(let name) = self {
                validator.report(
                    .invalidConfigurationRequest,
                    "There is no predefined policy '\(name.prefix(80))'",
                    at: "Reference-Security-Policy"
                )
            }
            return
        }
        if case .custom = self, settings.versions.contains(.v13) {
            validator.report(.invalidConfigurationRequest, "A Classic Load Balancer does not speak TLS 1.3")
        }
        for name in settings.cipherSuites where !ClassicSecurityPolicy.known.contains(name) {
            validator.report(
                .invalidConfigurationRequest,
                "'\(name.prefix(80))' is no cipher of policies of type SSLNegotiationPolicyType"
            )
        }
        if settings.versions.isEmpty || settings.cipherSuites.isEmpty {
            validator.report(
                .invalidConfigurationRequest,
                "A policy of type SSLNegotiationPolicyType must enable at least one protocol and one cipher"
            )
        } else if !settings.cipherSuites.contains(where: Self.isInLab) {
            validator.report(.notInLab, "None of the policy's ciphers is in the lab's TLS library")
        }
    }

    private static func isInLab(_ name: String) -> Bool {
        TLSCipherSuite(named: name).map { !SecurityPolicy.notInLab.contains($0) } ?? false
    }
}
