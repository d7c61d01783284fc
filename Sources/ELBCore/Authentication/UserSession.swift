import ELBWire

/// A user who has logged in, as the session cookie carries it: the load balancer itself remembers nobody.
package struct UserSession: Hashable, Sendable {
    /// `sub` of the user info.
    package var subject: [UInt8]
    package var accessToken: [UInt8]
    /// The user info as the provider wrote it, JSON.
    package var claims: [UInt8]
    /// Empty if the provider gave none.
    package var refreshToken: [UInt8]
    /// Microseconds since 1970; the session's time counts from here, however often it is refreshed.
    package var startedAt: Int64
    /// When the access token ends, in microseconds since 1970; 0 if the provider did not say.
    package var accessExpiresAt: Int64

    package init(
        subject: [UInt8],
        accessToken: [UInt8],
        claims: [UInt8],
        refreshToken: [UInt8] = [],
        startedAt: Int64,
        accessExpiresAt: Int64 = 0
    ) {
        self.subject = subject
        self.accessToken = accessToken
        self.claims = claims
        self.refreshToken = refreshToken
        self.startedAt = startedAt
        self.accessExpiresAt = accessExpiresAt
    }

    /// Bytes that claims and access token may have together (ALB-AUTH-020).
    package static let largestIdentity = 11 * 1024

    var bytes: [UInt8] {
        var record = SealedRecord()
        record.write(self.startedAt)
        record.write(self.accessExpiresAt)
        record.write(self.subject)
        record.write(self.accessToken)
        record.write(self.claims)
        record.write(self.refreshToken)
        return record.bytes
    }

    init?(bytes: [UInt8]) {
        var record = SealedRecord(reading: bytes)
        guard let startedAt = record.readNumber(), let accessExpiresAt = record.readNumber(),
            let subject = record.read(), let accessToken = record.read(), let claims = record.read(),
            let refreshToken = record.read(), record.isAtEnd
        else { return nil }
        self.init(
            subject: subject,
            accessToken: accessToken,
            claims: claims,
            refreshToken: refreshToken,
            startedAt: startedAt,
            accessExpiresAt: accessExpiresAt
        )
    }
}

/// The session cookie: sealed, and cut into shards because browsers keep no cookie over 4 KiB (ALB-AUTH-018).
///
///     AWSELBAuthSessionCookie-0 = 2 <first part>
///     AWSELBAuthSessionCookie-1 =   <second part>
///
/// The digit in front says how many parts belong together, so that a part left over from a longer session does no harm.
enum SessionCookie {
    /// Shards per session (ALB-AUTH-018).
    static let mostShards = 4
    /// Bytes of one Set-Cookie, name and attributes included.
    static let largestCookie = 4096
    /// How long the browser is told to keep it, whatever the session's own time (ALB-AUTH-017).
    static let lifetimeSeconds: Int64 = 604_800

    /// What a request's cookies say of the session of that name.
    enum Reading: Hashable, Sendable {
        case absent
        /// There is a cookie, but not one of ours.
        case invalid
        case session(UserSession)
    }

    static func read(
        _ name: [UInt8],
        from cookies: RequestCookies,
        _ cryptography: any AuthenticationCryptography
    ) -> Reading {
        guard let first = cookies.value(of: name + Array("-0".utf8)) else { return .absent }
        guard let digit = first.first, (UInt8(ascii: "1")...UInt8(ascii: "4")).contains(digit) else { return .invalid }
        var text = Array(first.dropFirst())
        for index in 1..<max(1, Int(digit - UInt8(ascii: "0"))) {
            guard let part = cookies.value(of: name + Array("-\(index)".utf8)) else { return .invalid }
            text += part
        }
        guard let sealed = Base64URL.decode(text.span), let bytes = cryptography.open(sealed, for: name),
            let session = UserSession(bytes: bytes)
        else { return .invalid }
        return .session(session)
    }

    /// The Set-Cookie lines for a session; `nil` if it does not fit into four cookies.
    ///
    /// - Parameters:
    ///   - expires: a date seven days from now, in the form of RFC 9110, section 5.6.7.
    ///   - isCrossSite: whether the cookie must be sent in requests that other sites' pages make (ALB-AUTH-017).
    static func lines(
        _ name: [UInt8],
        for session: UserSession,
        _ cryptography: any AuthenticationCryptography,
        expires: [UInt8],
        isCrossSite: Bool,
        quirks: AuthenticationQuirks = []
    ) -> [UInt8]? {
        var text: [UInt8] = []
        Base64URL.append(cryptography.seal(session.bytes, for: name).span, to: &text)
        let attributes = Self.attributes(expires: expires, isCrossSite: isCrossSite, quirks)
        // Behind the name stand `-0=` and, in the first shard, the digit.
        let room = Self.largestCookie - name.count - 4 - attributes.count
        let count = (text.count + room - 1) / max(room, 1)
        guard room > 0, count <= Self.mostShards else { return nil }
        var lines: [UInt8] = []
        for index in 0..<count {
            lines.append("Set-Cookie: ")
            lines += name
            lines += Array("-\(index)=".utf8)
            if index == 0 { lines.append(decimal: count) }
            lines += text[(index * room)..<min((index + 1) * room, text.count)]
            lines += attributes
            lines.append("\r\n")
        }
        return lines
    }

    static func attributes(expires: [UInt8], isCrossSite: Bool, _ quirks: AuthenticationQuirks) -> [UInt8] {
        var text: [UInt8] = []
        text.append("; Expires=")
        text += expires
        text.append("; Path=/")
        if !quirks.contains(.cookieNotSecure) { text.append("; Secure") }
        text.append("; HttpOnly")
        if isCrossSite { text.append("; SameSite=None") }
        return text
    }
}

/// The cookies of a request, looked up by name.
struct RequestCookies: Sendable {
    /// The values of all Cookie fields, joined as one.
    private var text: [UInt8] = []

    init(_ head: borrowing RequestHead, bytes: Span<UInt8>) {
        for index in head.fields.indices where head.fields[index].known == .other {
            let field = head.fields[index]
            guard field.name.count == 6, bytes.equalsIgnoringCase("cookie", at: field.name.range) else { continue }
            if !self.text.isEmpty { self.text.append("; ") }
            self.text.append(bytes.extracting(field.value.range))
        }
    }

    /// The first cookie of that name, which is the one with the longest path (RFC 6265, section 5.4).
    func value(of name: [UInt8]) -> [UInt8]? {
        for part in self.text.split(separator: UInt8(ascii: ";")) {
            let pair = part.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), pair[..<equals].elementsEqual(name) else {
                continue
            }
            return Array(pair[(equals + 1)...])
        }
        return nil
    }
}
