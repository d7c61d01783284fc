package import ELBModel

/// The deliberate deviations of authentication, as bits. Empty on an honest balancer.
package struct AuthenticationQuirks: QuirkOptions {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let sessionTimeoutIgnored = Self(rawValue: 1 << 0)
    package static let stateNotChecked = Self(rawValue: 1 << 1)
    package static let denyRedirects = Self(rawValue: 1 << 2)
    package static let providerErrorAs401 = Self(rawValue: 1 << 3)
    package static let claimsUnlimited = Self(rawValue: 1 << 4)
    package static let cookieNotSecure = Self(rawValue: 1 << 5)
    package static let identityMissing = Self(rawValue: 1 << 6)
    package static let paddingMissing = Self(rawValue: 1 << 7)
    package static let failuresAs502 = Self(rawValue: 1 << 8)
    package static let expiryIgnored = Self(rawValue: 1 << 9)
    package static let algorithmNoneAccepted = Self(rawValue: 1 << 10)
    package static let issuerIgnored = Self(rawValue: 1 << 11)
    package static let claimsIgnored = Self(rawValue: 1 << 12)
    package static let signatureIgnored = Self(rawValue: 1 << 13)
    package static let refreshNever = Self(rawValue: 1 << 14)
    package static let keySetFailureAs500 = Self(rawValue: 1 << 15)

    package static let bits: [(quirk: Quirk, bit: Self)] = [
        (.authSessionTimeoutIgnored, .sessionTimeoutIgnored),
        (.authStateNotChecked, .stateNotChecked),
        (.authDenyRedirects, .denyRedirects),
        (.authProviderErrorAs401, .providerErrorAs401),
        (.authClaimsUnlimited, .claimsUnlimited),
        (.authCookieNotSecure, .cookieNotSecure),
        (.authIdentityMissing, .identityMissing),
        (.authPaddingMissing, .paddingMissing),
        (.authFailuresAs502, .failuresAs502),
        (.authRefreshNever, .refreshNever),
        (.jwtExpiryIgnored, .expiryIgnored),
        (.jwtAlgorithmNoneAccepted, .algorithmNoneAccepted),
        (.jwtIssuerIgnored, .issuerIgnored),
        (.jwtClaimsIgnored, .claimsIgnored),
        (.jwtSignatureIgnored, .signatureIgnored),
        (.jwtKeySetFailureAs500, .keySetFailureAs500),
    ]
}
