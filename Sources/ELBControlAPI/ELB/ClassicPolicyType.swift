package import ELBModel

/// The types of policies. The raw value is AWS's name; the order is that in which AWS describes them.
package enum ClassicPolicyType: String, CaseIterable, Sendable {
    case proxyProtocol = "ProxyProtocolPolicyType"
    case publicKey = "PublicKeyPolicyType"
    case applicationStickiness = "AppCookieStickinessPolicyType"
    case durationStickiness = "LBCookieStickinessPolicyType"
    case sslNegotiation = "SSLNegotiationPolicyType"
    case backendAuthentication = "BackendServerAuthenticationPolicyType"

    /// What attributes make of the type.
    package func kind(_ attributes: inout ClassicPolicyAttributes) throws(APIError) -> ClassicPolicy.Kind {
        switch self {
        case .proxyProtocol:
            guard let isEnabled = try attributes.boolean("ProxyProtocol") else {
                throw ClassicPolicyAttributes.invalid("The attribute 'ProxyProtocol' must be specified")
            }
            return .proxyProtocol(isEnabled: isEnabled)
        case .publicKey: return .publicKey(try attributes.required("PublicKey"))
        case .applicationStickiness: return .applicationStickiness(cookie: try attributes.required("CookieName"))
        case .durationStickiness:
            guard let text = try attributes.one("CookieExpirationPeriod") else {
                return .durationStickiness(seconds: nil)
            }
            guard let seconds = Int(text) else {
                throw ClassicPolicyAttributes.invalid(
                    "CookieExpirationPeriod must be a number, not '\(text.prefix(80))'"
                )
            }
            return .durationStickiness(seconds: seconds == 0 ? nil : seconds)
        case .sslNegotiation: return .sslNegotiation(try Self.negotiation(&attributes))
        case .backendAuthentication:
            return .backendAuthentication(publicKeyPolicies: attributes.all("PublicKeyPolicyName"))
        }
    }

    fileprivate static let reference = "Reference-Security-Policy"
    fileprivate static let serverOrder = "Server-Defined-Cipher-Order"
    fileprivate static let oldProtocols = ["Protocol-SSLv2", "Protocol-SSLv3"]
    fileprivate static let versions: [TLSVersion] = [.v10, .v11, .v12]

    fileprivate static func attribute(_ version: TLSVersion) -> String { "Protocol-\(version.name)" }

    /// A predefined policy by its name, with or without what the API shows of it; or version by version and cipher by cipher.
    private static func negotiation(
        _ attributes: inout ClassicPolicyAttributes
    ) throws(APIError) -> ClassicPolicy.Negotiation {
        let reference = try attributes.one(Self.reference)
        var versions: [TLSVersion] = []
        for version in Self.versions where try attributes.boolean(Self.attribute(version)) == true {
            versions.append(version)
        }
        var suites: [String] = []
        for name in ClassicSecurityPolicy.known where try attributes.boolean(name) == true { suites.append(name) }
        let serverOrder = try attributes.boolean(Self.serverOrder) ?? false
        var old: [String] = []
        for name in Self.oldProtocols where try attributes.boolean(name) == true { old.append(name) }
        if let reference {
            let isAlone = attributes.names.count == 1
            if let policy = ClassicSecurityPolicy.named(reference), !isAlone,
                policy.versions != versions || Set(policy.cipherSuites) != Set(suites)
                    || policy.serverOrder != serverOrder
            {
                throw ClassicPolicyAttributes.invalid(
                    "\(Self.reference) cannot be combined with attributes that differ from the policy's own"
                )
            }
            return .predefined(reference)
        }
        if let name = old.first { throw .notInLab("'\(name)'") }
        return .custom(versions: versions, cipherSuites: suites, serverOrder: serverOrder)
    }
}

// MARK: Describing

extension ClassicPolicyType {
    fileprivate init(_ kind: ClassicPolicy.Kind) {
        switch kind {
        case .durationStickiness: self = .durationStickiness
        case .applicationStickiness: self = .applicationStickiness
        case .sslNegotiation: self = .sslNegotiation
        case .proxyProtocol: self = .proxyProtocol
        case .publicKey: self = .publicKey
        case .backendAuthentication: self = .backendAuthentication
        }
    }

    /// AWS's sentence.
    private var detail: String {
        switch self {
        case .proxyProtocol:
            "Policy that controls whether to include the IP address and port of the originating request for TCP messages. "
                + "This policy operates on TCP/SSL listeners only"
        case .publicKey:
            "Policy containing a list of public keys to accept when authenticating the back-end server(s). This policy cannot "
                + "be applied directly to back-end servers or listeners but must be part of a "
                + "BackendServerAuthenticationPolicyType."
        case .applicationStickiness:
            "Stickiness policy with session lifetimes controlled by the lifetime of the application-generated cookie. This "
                + "policy can be associated only with HTTP/HTTPS listeners."
        case .durationStickiness:
            "Stickiness policy with session lifetimes controlled by the browser (user-agent) or a specified expiration period. "
                + "This policy can be associated only with HTTP/HTTPS listeners."
        case .sslNegotiation:
            "Listener policy that defines the ciphers and protocols that will be accepted by the load balancer. This policy can "
                + "be associated only with HTTPS/SSL listeners."
        case .backendAuthentication:
            "Policy that controls authentication to back-end server(s) and contains one or more policies, such as an instance "
                + "of a PublicKeyPolicyType. This policy can be associated only with back-end servers that are using HTTPS/SSL."
        }
    }

    private var attributeTypes: [WireValue] {
        switch self {
        case .proxyProtocol: [Self.attributeType("ProxyProtocol", "Boolean", "ONE")]
        case .publicKey: [Self.attributeType("PublicKey", "String", "ONE")]
        case .applicationStickiness: [Self.attributeType("CookieName", "String", "ONE")]
        case .durationStickiness: [Self.attributeType("CookieExpirationPeriod", "Long", "ZERO_OR_ONE")]
        case .sslNegotiation:
            [Self.attributeType(Self.reference, "PolicyName", "ZERO_OR_ONE")]
                + (Self.versions.map(Self.attribute) + [Self.serverOrder] + ClassicSecurityPolicy.known)
                .map { Self.attributeType($0, "Boolean", "ZERO_OR_ONE") }
        case .backendAuthentication: [Self.attributeType("PublicKeyPolicyName", "PolicyName", "ONE_OR_MORE")]
        }
    }

    private static func attributeType(_ name: String, _ type: String, _ cardinality: String) -> WireValue {
        ["AttributeName": .text(name), "AttributeType": .text(type), "Cardinality": .text(cardinality)]
    }

    package var output: WireValue {
        [
            "PolicyTypeName": .text(self.rawValue), "Description": .text(self.detail),
            "PolicyAttributeTypeDescriptions": .list(self.attributeTypes),
        ]
    }
}

extension WireValue {
    package static func classicPolicy(_ policy: ClassicPolicy) -> Self {
        .classicPolicy(policy.name, ClassicPolicyType(policy.kind), attributes(of: policy.kind))
    }

    /// A predefined policy, which belongs to no load balancer.
    package static func classicPolicy(_ policy: ClassicSecurityPolicy) -> Self {
        .classicPolicy(policy.name, .sslNegotiation, attributes(of: policy))
    }

    private static func classicPolicy(
        _ name: String,
        _ type: ClassicPolicyType,
        _ attributes: [(name: String, value: String)]
    ) -> Self {
        [
            "PolicyName": .text(name), "PolicyTypeName": .text(type.rawValue),
            "PolicyAttributeDescriptions": .list(
                attributes.map { ["AttributeName": .text($0.name), "AttributeValue": .text($0.value)] }
            ),
        ]
    }

    private static func attributes(of kind: ClassicPolicy.Kind) -> [(name: String, value: String)] {
        switch kind {
        case .durationStickiness(let seconds): return seconds.map { [("CookieExpirationPeriod", "\($0)")] } ?? []
        case .applicationStickiness(let cookie): return [("CookieName", cookie)]
        case .proxyProtocol(let isEnabled): return [("ProxyProtocol", isEnabled ? "true" : "false")]
        case .publicKey(let key): return [("PublicKey", key)]
        case .backendAuthentication(let keys): return keys.map { ("PublicKeyPolicyName", $0) }
        case .sslNegotiation(.predefined(let name)):
            return [(ClassicPolicyType.reference, name)] + (ClassicSecurityPolicy.named(name).map(attributes) ?? [])
        case .sslNegotiation(.custom(let versions, let suites, let serverOrder)):
            return attributes(versions, hasSSL3: false, suites, serverOrder)
        }
    }

    private static func attributes(of policy: ClassicSecurityPolicy) -> [(name: String, value: String)] {
        attributes(policy.versions, hasSSL3: policy.hasSSL3, policy.cipherSuites, policy.serverOrder)
    }

    /// Every protocol and every cipher, as AWS lists them, whether it is on or off.
    private static func attributes(
        _ versions: [TLSVersion],
        hasSSL3: Bool,
        _ suites: [String],
        _ serverOrder: Bool
    ) -> [(name: String, value: String)] {
        let suites = Set(suites)
        var list: [(name: String, isOn: Bool)] = [
            (ClassicPolicyType.attribute(.v10), versions.contains(.v10)), ("Protocol-SSLv3", hasSSL3),
        ]
        list += [TLSVersion.v11, .v12].map { (ClassicPolicyType.attribute($0), versions.contains($0)) }
        list.append((ClassicPolicyType.serverOrder, serverOrder))
        list += ClassicSecurityPolicy.known.map { ($0, suites.contains($0)) }
        return list.map { ($0.name, $0.isOn ? "true" : "false") }
    }
}
