package import ELBModel

/// The deliberate deviations of TLS. Empty on an honest balancer.
package struct TLSQuirks: QuirkOptions {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let defaultCertificateAlways = Self(rawValue: 1 << 0)
    package static let unknownNameRefused = Self(rawValue: 1 << 1)
    package static let wildcardAnyDepth = Self(rawValue: 1 << 2)
    package static let rsaPreferred = Self(rawValue: 1 << 3)
    package static let clientOrder = Self(rawValue: 1 << 4)
    package static let clientCertificateNotVerified = Self(rawValue: 1 << 5)
    package static let clientCertificateExpiryIgnored = Self(rawValue: 1 << 6)
    package static let revocationIgnored = Self(rawValue: 1 << 7)
    package static let clientCertificateHeadersMissing = Self(rawValue: 1 << 8)
    package static let validatesTargets = Self(rawValue: 1 << 9)
    package static let certificateKept = Self(rawValue: 1 << 10)
    package static let clientCertificateAlwaysRequired = Self(rawValue: 1 << 11)

    package static let bits: [(quirk: Quirk, bit: Self)] = [
        (.tlsDefaultCertificateAlways, .defaultCertificateAlways),
        (.tlsUnknownNameRefused, .unknownNameRefused),
        (.tlsWildcardAnyDepth, .wildcardAnyDepth),
        (.tlsRSAPreferred, .rsaPreferred),
        (.tlsClientOrder, .clientOrder),
        (.mtlsNotVerified, .clientCertificateNotVerified),
        (.mtlsExpiryIgnored, .clientCertificateExpiryIgnored),
        (.mtlsRevocationIgnored, .revocationIgnored),
        (.mtlsHeadersMissing, .clientCertificateHeadersMissing),
        (.tlsValidatesTargets, .validatesTargets),
        (.tlsCertificateKept, .certificateKept),
        (.mtlsPassthroughRequires, .clientCertificateAlwaysRequired),
    ]
}
