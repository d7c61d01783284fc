/// A predefined security policy: which versions of TLS, which cipher suites in which order, which key exchanges. There are
/// no others (ALB-TLS-002). The table is in `SecurityPolicy+Table.swift`.
package struct SecurityPolicy: Hashable, Sendable {
    /// `ELBSecurityPolicy-2016-08`.
    package let name: String
    /// From oldest to newest; without gaps.
    package let versions: [TLSVersion]
    /// In the order of preference; the server's order decides (ALB-TLS-002).
    package let cipherSuites: [TLSCipherSuite]
    package let keyExchanges: [TLSKeyExchange]
    package let family: Family

    package init(
        name: String,
        versions: [TLSVersion],
        cipherSuites: [TLSCipherSuite],
        keyExchanges: [TLSKeyExchange],
        family: Family
    ) {
        self.name = name
        self.versions = versions
        self.cipherSuites = cipherSuites
        self.keyExchanges = keyExchanges
        self.family = family
    }

    /// What decides the policy towards targets (ALB-TLS-013); from the weakest claim to the strongest.
    package enum Family: Int, Hashable, Sendable, Comparable {
        case legacy
        case tls13
        case postQuantum
        case fips
        case fipsPostQuantum
        case rfc9151

        package static func < (left: Self, right: Self) -> Bool {
            left.rawValue < right.rawValue
        }

        /// Whether its policies use AWS's validated module; listeners of one load balancer all do, or none does.
        package var isFIPS: Bool {
            switch self {
            case .legacy, .tls13, .postQuantum: false
            case .fips, .fipsPostQuantum, .rfc9151: true
            }
        }
    }

    /// The policy of a listener made without one by the API, the command line or CloudFormation (ALB-TLS-001).
    package static let defaultName = "ELBSecurityPolicy-2016-08"

    /// The policy of that name, if AWS has it.
    package static func named(_ name: String) -> Self? {
        Self.byName[name]
    }

    /// The policy towards targets, given those of the load balancer's HTTPS listeners (ALB-TLS-013).
    package static func towardsTargets(of listeners: some Sequence<SecurityPolicy>) -> Self {
        let name =
            switch listeners.map(\.family).max() ?? .legacy {
            case .rfc9151: "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07"
            case .fipsPostQuantum: "ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09"
            case .fips: "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04"
            case .postQuantum: "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09"
            case .tls13: "ELBSecurityPolicy-TLS13-1-0-2021-06"
            case .legacy: Self.defaultName
            }
        guard let policy = Self.named(name) else { preconditionFailure("\(name) is not in the table") }
        return policy
    }

    private static let byName = Dictionary(uniqueKeysWithValues: Self.all.map { ($0.name, $0) })
}
