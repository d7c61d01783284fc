package import ELBModel

/// The deliberate deviations of the request's way, as bits: one test each, at one named place. Empty on an honest balancer.
package struct ExchangeQuirks: QuirkOptions {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let hopByHopForwarded = Self(rawValue: 1 << 0)
    package static let expectForwarded = Self(rawValue: 1 << 1)
    package static let keepAliveNever = Self(rawValue: 1 << 2)
    package static let desyncOff = Self(rawValue: 1 << 3)
    package static let badGatewayAs500 = Self(rawValue: 1 << 4)
    package static let timeoutAs502 = Self(rawValue: 1 << 5)
    package static let noTargetsAs502 = Self(rawValue: 1 << 7)
    package static let traceAllowed = Self(rawValue: 1 << 8)
    package static let retriesPost = Self(rawValue: 1 << 9)
    package static let bodyTruncated = Self(rawValue: 1 << 10)
    package static let responseHeadersDropped = Self(rawValue: 1 << 11)
    package static let urlDecoded = Self(rawValue: 1 << 12)

    package static let viaAdded = Self(rawValue: 1 << 14)
    package static let requestHeadersDropped = Self(rawValue: 1 << 15)
    package static let upstreamNeverReused = Self(rawValue: 1 << 16)
    package static let methodRewritten = Self(rawValue: 1 << 17)
    package static let requestTimeoutAs400 = Self(rawValue: 1 << 18)
    package static let notImplementedAs400 = Self(rawValue: 1 << 19)
    package static let badRequestAs500 = Self(rawValue: 1 << 20)
    package static let responseLengthDropped = Self(rawValue: 1 << 21)
    package static let tlsHeadersTrusted = Self(rawValue: 1 << 13)
    package static let identityTrusted = Self(rawValue: 1 << 22)

    package static let upgradeDropped = Self(rawValue: 1 << 40)
    package static let tunnelIdleIgnored = Self(rawValue: 1 << 41)
    package static let namesCapitalized = Self(rawValue: 1 << 42)
    package static let streamsFew = Self(rawValue: 1 << 43)
    package static let malformedAccepted = Self(rawValue: 1 << 44)
    package static let goAwayNever = Self(rawValue: 1 << 45)
    package static let pingIsActivity = Self(rawValue: 1 << 46)
    package static let badVersionAs400 = Self(rawValue: 1 << 47)
    package static let versionMismatchAllowed = Self(rawValue: 1 << 48)
    package static let trailersDropped = Self(rawValue: 1 << 49)
    package static let grpcStatusMissing = Self(rawValue: 1 << 50)
    package static let limitsEndConnection = Self(rawValue: 1 << 51)

    package static let longMethodsForwarded = Self(rawValue: 1 << 62)
    /// No deviation: the load balancer is a Classic one. See `classicWays`.
    package static let classic = Self(rawValue: 1 << 63)

    package static let bits: [(quirk: Quirk, bit: Self)] = [
        (.hopByHopForwarded, .hopByHopForwarded),
        (.expectForwarded, .expectForwarded),
        (.keepAliveNever, .keepAliveNever),
        (.desyncOff, .desyncOff),
        (.errorBadGatewayAs500, .badGatewayAs500),
        (.errorTimeoutAs502, .timeoutAs502),
        (.errorNoTargetsAs502, .noTargetsAs502),
        (.errorTraceAllowed, .traceAllowed),
        (.retriesPost, .retriesPost),
        (.bodyTruncated, .bodyTruncated),
        (.responseHeadersDropped, .responseHeadersDropped),
        (.urlDecoded, .urlDecoded),
        (.tlsHeadersTrusted, .tlsHeadersTrusted),
        (.viaAdded, .viaAdded),
        (.requestHeadersDropped, .requestHeadersDropped),
        (.upstreamNeverReused, .upstreamNeverReused),
        (.methodRewritten, .methodRewritten),
        (.errorRequestTimeoutAs400, .requestTimeoutAs400),
        (.errorNotImplementedAs400, .notImplementedAs400),
        (.errorBadRequestAs500, .badRequestAs500),
        (.responseLengthDropped, .responseLengthDropped),
        (.authIdentityTrusted, .identityTrusted),
        (.webSocketUpgradeDropped, .upgradeDropped),
        (.webSocketIdleIgnored, .tunnelIdleIgnored),
        (.http2NamesCapitalized, .namesCapitalized),
        (.http2StreamsFew, .streamsFew),
        (.http2MalformedAccepted, .malformedAccepted),
        (.http2GoAwayNever, .goAwayNever),
        (.http2PingIsActivity, .pingIsActivity),
        (.http2LimitsEndConnection, .limitsEndConnection),
        (.errorBadVersionAs400, .badVersionAs400),
        (.protocolVersionMismatchAllowed, .versionMismatchAllowed),
        (.grpcTrailersDropped, .trailersDropped),
        (.grpcErrorsWithoutStatus, .grpcStatusMissing),
    ]
}
