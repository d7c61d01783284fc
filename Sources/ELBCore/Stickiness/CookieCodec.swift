package import ELBModel
import ELBWire

/// What a cookie of the load balancer's is worth.
package enum CookieReading: Hashable, Sendable {
    case absent
    /// Not ours, damaged or percent-encoded.
    case invalid
    /// Was good once; its duration is over (ALB-STK-010), or it speaks of something else.
    case stale
    case session(StickySession)
}

/// Turns sessions into Set-Cookie lines, and Cookie values into sessions. Belongs to one node.
package struct CookieCodec {
    let sealer: any CookieSealing
    /// How long an AWS second lasts, in nanoseconds.
    private let secondLength: UInt64
    private let deviations: Deviations

    /// The quirks that act here.
    package struct Deviations: QuirkOptions {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        static let corsMissing = Self(rawValue: 1 << 0)
        static let corsLoses = Self(rawValue: 1 << 1)
        static let expiresFollowsDuration = Self(rawValue: 1 << 2)
        package static let neverRenewed = Self(rawValue: 1 << 3)
        package static let applicationCookieNotNeeded = Self(rawValue: 1 << 4)
        static let percentDecoded = Self(rawValue: 1 << 5)
        static let sameSiteAlways = Self(rawValue: 1 << 6)

        package static let bits: [(quirk: Quirk, bit: Self)] = [
            (.stickyCORSMissing, .corsMissing), (.stickyCORSLoses, .corsLoses),
            (.stickyExpiresFollowsDuration, .expiresFollowsDuration), (.stickyNeverRenewed, .neverRenewed),
            (.stickyApplicationCookieNotNeeded, .applicationCookieNotNeeded),
            (.stickyPercentDecoded, .percentDecoded), (.stickySameSiteAlways, .sameSiteAlways),
        ]
    }

    package init(sealer: any CookieSealing, secondLength: UInt64, deviations: Deviations) {
        self.sealer = sealer
        self.secondLength = secondLength
        self.deviations = deviations
    }

    /// Whether a client that has a good cookie gets a new one with every response (ALB-STK-011).
    package var renews: Bool { !self.deviations.contains(.neverRenewed) }
    /// Whether a client must return the application's cookie as well (ALB-STK-018).
    package var needsApplicationCookie: Bool { !self.deviations.contains(.applicationCookieNotNeeded) }

    // MARK: Reading

    /// What AWSALBTG and AWSALBTGCORS say.
    package func groupSession(_ cookies: StickyCookies, bytes: Span<UInt8>, at now: Int64) -> CookieReading {
        self.read(.group, plain: cookies.group, cors: cookies.groupCORS, bytes, now)
    }

    /// What AWSALB and AWSALBCORS say.
    package func targetSession(_ cookies: StickyCookies, bytes: Span<UInt8>, at now: Int64) -> CookieReading {
        self.read(.target, plain: cookies.target, cors: cookies.targetCORS, bytes, now)
    }

    /// What AWSALBAPP-0 to -3 say together.
    package func applicationSession(_ cookies: StickyCookies, bytes: Span<UInt8>, at now: Int64) -> CookieReading {
        guard cookies.shards[0] != nil else { return .absent }
        var text: [UInt8] = []
        for shard in cookies.shards {
            guard let shard else { break }
            text.append(bytes, shard)
        }
        return self.read(.application, text, now)
    }

    /// With two different values the one for cross-origin requests decides (ALB-STK-012).
    private func read(
        _ kind: StickySession.Kind,
        plain: Range<Int>?,
        cors: Range<Int>?,
        _ bytes: Span<UInt8>,
        _ now: Int64
    ) -> CookieReading {
        let preferred = self.deviations.contains(.corsLoses) ? plain ?? cors : cors ?? plain
        guard let range = preferred else { return .absent }
        var text: [UInt8] = []
        text.append(bytes, range)
        return self.read(kind, text, now)
    }

    /// A value that somebody has percent-encoded on its way is not understood, as at AWS (ALB-STK-022, ALB-HTTP-037).
    private func read(_ kind: StickySession.Kind, _ sent: [UInt8], _ now: Int64) -> CookieReading {
        let text = self.deviations.contains(.percentDecoded) ? Self.percentDecoded(sent) : sent
        guard text.count <= Self.shardLength * Self.mostShards, let sealed = Base64.decode(text.span),
            let clear = self.sealer.open(sealed, at: now), let session = StickySession(clear), session.kind == kind
        else { return .invalid }
        return session.isCurrent(at: now, secondLength: self.secondLength) ? .session(session) : .stale
    }

    private static func percentDecoded(_ text: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
                let byte = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(text[index])
                index += 1
            }
        }
        return decoded
    }

    // MARK: Writing

    /// A week, whatever the duration says (ALB-STK-007); the browser's clock is the wall's.
    package static let expirySeconds: Int64 = 604_800
    /// Values longer than this are split (ALB-STK-020).
    static let shardLength = 4096
    static let mostShards = 4

    /// When a cookie issued now expires for the browser, in seconds since 1970.
    package func expiry(of session: StickySession) -> Int64 {
        let ahead = self.deviations.contains(.expiresFollowsDuration) ? Int64(session.seconds) : Self.expirySeconds
        return session.issuedAt / 1_000_000 + ahead
    }

    /// Appends the two Set-Cookie lines of a target's or a group's session.
    ///
    /// - Parameters:
    ///   - expires: `expiry(of:)` as an HTTP date.
    ///   - isSecure: the listener is HTTPS. On HTTP the CORS cookie goes without `Secure` (ALB-STK-009).
    package func append(_ session: StickySession, expires: [UInt8], isSecure: Bool, to output: inout [UInt8]) {
        let value = self.value(of: session)
        let isGroup = session.kind == .group
        output.append(isGroup ? "Set-Cookie: AWSALBTG=" : "Set-Cookie: AWSALB=")
        Self.append(value, expires, to: &output)
        output.append("\r\n")
        guard !self.deviations.contains(.corsMissing) else { return }
        output.append(isGroup ? "Set-Cookie: AWSALBTGCORS=" : "Set-Cookie: AWSALBCORS=")
        Self.append(value, expires, to: &output)
        output.append(isSecure ? "; SameSite=None; Secure\r\n" : "; SameSite=None\r\n")
    }

    /// Appends the Set-Cookie lines of an application session: as many as the value needs, each within 4 KB.
    ///
    /// - Parameter isCrossSite: the user agent keeps it across sites only with these attributes (ALB-STK-021).
    package func appendApplication(
        _ session: StickySession,
        expires: [UInt8],
        isCrossSite: Bool,
        to output: inout [UInt8]
    ) {
        for (number, piece) in Self.shards(of: self.value(of: session)).enumerated() {
            output.append("Set-Cookie: AWSALBAPP-")
            output.append(decimal: number)
            output.append("=")
            Self.append(piece, expires, to: &output)
            let hasAttributes = isCrossSite || self.deviations.contains(.sameSiteAlways)
            output.append(hasAttributes ? "; SameSite=None; Secure\r\n" : "\r\n")
        }
    }

    static func shards(of value: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: value.count, by: Self.shardLength).prefix(Self.mostShards).map { start in
            Array(value[start..<min(start + Self.shardLength, value.count)])
        }
    }

    private func value(of session: StickySession) -> [UInt8] {
        var text: [UInt8] = []
        Base64.append(self.sealer.seal(session.bytes, at: session.issuedAt).span, to: &text)
        return text
    }

    private static func append(_ value: [UInt8], _ expires: [UInt8], to output: inout [UInt8]) {
        output += value
        output.append("; Expires=")
        output += expires
        output.append("; Path=/")
    }
}
