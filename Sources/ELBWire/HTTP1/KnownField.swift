/// Header fields that the balancer reads, changes or removes. Everything else is `other` and passes by reference.
package enum KnownField: UInt8, Hashable, Sendable {
    case other
    case connection
    case contentLength
    case expect
    case host
    case keepAlive
    case proxyConnection
    case te
    case trailer
    case transferEncoding
    case upgrade
    case userAgent
    /// `x-amzn-oidc-data`, `-identity` and `-accesstoken`: what only the load balancer may say (ALB-AUTH-013).
    case xAmznOIDC
    case xAmznTraceID
    case xForwardedFor
    case xForwardedPort
    case xForwardedProto
    /// One of the fields by which the balancer tells a target about TLS, X-Amzn-Tls-… and X-Amzn-Mtls-….
    case xAmznTLS
    case date
    case server
    case proxyAuthenticate
    case proxyAuthorization

    /// Looks a name up without regard to case. Chosen by length first, so that most names cost one comparison of numbers.
    package static func lookup(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Self {
        switch name.count {
        case 2: Self.if(bytes, name, is: "te", .te)
        case 4: Self.if(bytes, name, is: "host", .host) | Self.if(bytes, name, is: "date", .date)
        case 6: Self.if(bytes, name, is: "expect", .expect) | Self.if(bytes, name, is: "server", .server)
        case 7: Self.if(bytes, name, is: "upgrade", .upgrade) | Self.if(bytes, name, is: "trailer", .trailer)
        case 10:
            Self.if(bytes, name, is: "connection", .connection) | Self.if(bytes, name, is: "user-agent", .userAgent)
                | Self.if(bytes, name, is: "keep-alive", .keepAlive)
        case 14: Self.if(bytes, name, is: "content-length", .contentLength)
        case 15:
            Self.if(bytes, name, is: "x-forwarded-for", .xForwardedFor)
                | Self.if(bytes, name, is: "x-amzn-trace-id", .xAmznTraceID)
        case 16:
            Self.if(bytes, name, is: "x-forwarded-port", .xForwardedPort)
                | Self.if(bytes, name, is: "proxy-connection", .proxyConnection)
                | Self.if(bytes, name, is: "x-amzn-oidc-data", .xAmznOIDC)
        case 17:
            Self.if(bytes, name, is: "transfer-encoding", .transferEncoding)
                | Self.if(bytes, name, is: "x-forwarded-proto", .xForwardedProto)
        case 18:
            Self.if(bytes, name, is: "proxy-authenticate", .proxyAuthenticate)
                | Self.if(bytes, name, is: "x-amzn-tls-version", .xAmznTLS)
        case 22: Self.if(bytes, name, is: "x-amzn-mtls-clientcert", .xAmznTLS)
        case 23:
            Self.if(bytes, name, is: "x-amzn-tls-cipher-suite", .xAmznTLS)
                | Self.if(bytes, name, is: "x-amzn-oidc-accesstoken", .xAmznOIDC)
        case 27: Self.if(bytes, name, is: "x-amzn-mtls-clientcert-leaf", .xAmznTLS)
        case 29: Self.if(bytes, name, is: "x-amzn-mtls-clientcert-issuer", .xAmznTLS)
        case 30: Self.if(bytes, name, is: "x-amzn-mtls-clientcert-subject", .xAmznTLS)
        case 31: Self.if(bytes, name, is: "x-amzn-mtls-clientcert-validity", .xAmznTLS)
        case 36: Self.if(bytes, name, is: "x-amzn-mtls-clientcert-serial-number", .xAmznTLS)
        case 19: Self.if(bytes, name, is: "proxy-authorization", .proxyAuthorization)
        case 20: Self.if(bytes, name, is: "x-amzn-oidc-identity", .xAmznOIDC)
        default: .other
        }
    }

    @inline(__always)
    private static func `if`(
        _ bytes: Span<UInt8>,
        _ name: Range<Int>,
        is expected: StaticString,
        _ field: Self
    ) -> Self {
        bytes.equalsIgnoringCase(expected, at: name) ? field : .other
    }

    /// The first of two results that names a field.
    fileprivate static func | (left: Self, right: @autoclosure () -> Self) -> Self {
        left == .other ? right() : left
    }
}
