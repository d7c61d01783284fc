package import ELBModel
package import ELBWire

// Logging users in, as values (group ALB-AUTH). The way of a login:
//
//     client                     load balancer                              provider
//       │ GET /cart                    │
//       ├─────────────────────────────▶│ no session: `admit` says redirect
//       │◀──── 302 authorize?state ────┤   state = sealed (time, rule, nonce, /cart); nonce in a cookie too
//       │ GET authorize ───────────────┼─────────────────────────────────────▶│ asks the user
//       │◀─────────────────────────────┼──── 302 /oauth2/idpresponse?code ────┤
//       │ GET /oauth2/idpresponse      │
//       ├─────────────────────────────▶│ `LoginCallback`: state and nonce belong together, in time
//       │                              ├─ code ──────────────────────────────▶│ `ProviderSession` asks twice
//       │                              │◀──────────── ID and access token ────┤
//       │                              ├─ access token ──────────────────────▶│
//       │                              │◀──────────── user info ──────────────┤
//       │◀──── 302 /cart, session ─────┤
//       │ GET /cart, session           │
//       ├─────────────────────────────▶│ `admit` says pass, with identity ───▶ target
//
// Everything that must be remembered in between goes through the client's hands, sealed.

/// A rule's authentication, compiled. An object, for it is shared and never changes.
package final class CompiledLogin: Sendable {
    package let provider: AuthenticateOIDCAction
    let tokenEndpoint: WebURL
    let userInfoEndpoint: WebURL
    let cookieName: [UInt8]
    /// Tells this login from others in a `state`; the same as long as provider and client are the same.
    let identity: [UInt8]
    let quirks: AuthenticationQuirks

    /// - Throws: `ValidationError` if an endpoint is no URL.
    init(_ provider: AuthenticateOIDCAction, quirks: AuthenticationQuirks) throws(ModelError) {
        guard let token = WebURL(provider.tokenEndpoint), let userInfo = WebURL(provider.userInfoEndpoint) else {
            throw ModelError(.validationError, "The endpoints must be URLs", at: "AuthenticateOidcConfig")
        }
        self.provider = provider
        self.tokenEndpoint = token
        self.userInfoEndpoint = userInfo
        self.cookieName = Array(provider.session.cookieName.utf8)
        let parts = [provider.issuer, provider.clientID, provider.tokenEndpoint, provider.session.cookieName]
        self.identity = Array(parts.joined(separator: "\n").utf8)
        self.quirks = quirks
    }

    /// Where providers send users back to, on every host of the listener (ALB-AUTH-006).
    package static let callbackPath: StaticString = "/oauth2/idpresponse"
    /// Carries what a callback's `state` must know (ALB-AUTH-019).
    package static let nonceCookieName = Array("AWSALBAuthNonce".utf8)
    /// Seconds from the redirect to the callback (ALB-AUTH-021).
    package static let longestLogin = 900

    /// What becomes of a request that a rule with authentication has taken.
    package enum Decision: Sendable {
        /// It goes on, with these lines for the target; none if the user is unknown.
        case pass(identity: [UInt8])
        /// The session's access token has ended: ask for another one first.
        case refresh(ProviderSession)
        /// The user must log in.
        case redirect(OwnAnswer)
        case refuse(OwnAnswer)
    }

    /// Decides about a request.
    package func admit(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        _ context: AuthenticationContext
    ) -> Decision {
        let cookies = RequestCookies(head, bytes: bytes)
        switch SessionCookie.read(self.cookieName, from: cookies, context.cryptography) {
        case .absent:
            return self.unauthenticated(head, bytes, cookies, context, hadSession: false, reason: nil)
        case .invalid:
            return self.unauthenticated(head, bytes, cookies, context, hadSession: false, reason: .authInvalidCookie)
        case .session(let session):
            if self.hasEnded(session, context) {
                return self.unauthenticated(head, bytes, cookies, context, hadSession: true, reason: nil)
            }
            let mayRefresh = !session.refreshToken.isEmpty && !self.quirks.contains(.refreshNever)
            if mayRefresh, session.accessExpiresAt != 0, context.time >= session.accessExpiresAt {
                return .refresh(ProviderSession(refreshing: session, by: self))
            }
            return .pass(identity: self.identityLines(of: session, context))
        }
    }

    /// What becomes of a request whose session could not be refreshed: as if it had ended (ALB-AUTH-025).
    package func refreshFailed(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        _ context: AuthenticationContext
    ) -> Decision {
        let cookies = RequestCookies(head, bytes: bytes)
        return self.unauthenticated(head, bytes, cookies, context, hadSession: true, reason: nil)
    }

    private func hasEnded(_ session: UserSession, _ context: AuthenticationContext) -> Bool {
        if self.quirks.contains(.sessionTimeoutIgnored) { return false }
        let (age, overflow) = context.time.subtractingReportingOverflow(session.startedAt)
        let limit = context.later(seconds: self.provider.session.timeoutSeconds) - context.time
        return overflow || age < 0 || age >= limit
    }

    private func unauthenticated(
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ cookies: RequestCookies,
        _ context: AuthenticationContext,
        hadSession: Bool,
        reason: ErrorReason?
    ) -> Decision {
        switch self.provider.session.onUnauthenticatedRequest {
        case .allow:
            return .pass(identity: [])
        case .deny where !hadSession && !self.quirks.contains(.denyRedirects):
            return .refuse(OwnAnswer(status: 401, reason: reason))
        case .deny, .authenticate:
            // Without a host there is no URL to come back to (ALB-AUTH-022).
            guard let host = CallbackHost(head, bytes: bytes) else {
                return .refuse(OwnAnswer(status: 401, reason: .authMissingHostHeader))
            }
            return .redirect(self.redirect(head, bytes, cookies, host, context, reason: reason))
        }
    }

    /// The way to the provider: 302 with the parameters of OpenID Connect (ALB-AUTH-005; AWS spells neither out).
    private func redirect(
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ cookies: RequestCookies,
        _ host: CallbackHost,
        _ context: AuthenticationContext,
        reason: ErrorReason?
    ) -> OwnAnswer {
        // Another login of the same browser may be under way in another window; both must find their nonce.
        let known = cookies.value(of: Self.nonceCookieName).flatMap { Self.isNonce($0) ? $0 : nil }
        var nonce = known ?? []
        if known == nil { Base64URL.append(context.cryptography.randomBytes(16).span, to: &nonce) }
        let state = LoginState(
            createdAt: context.time,
            login: self.identity,
            nonce: nonce,
            target: Self.originalTarget(head, bytes)
        )
        var query: [UInt8] = []
        FormText.append("client_id", Array(self.provider.clientID.utf8), to: &query)
        FormText.append("redirect_uri", host.callbackURL, to: &query)
        FormText.append("response_type", Array("code".utf8), to: &query)
        FormText.append("scope", Array(self.provider.session.scope.utf8), to: &query)
        FormText.append("state", state.sealed(context.cryptography), to: &query)
        for parameter in self.provider.session.extraParameters {
            FormText.append(parameter.name, Array(parameter.value.utf8), to: &query)
        }
        var answer = OwnAnswer(status: 302, reason: reason)
        answer.location = Array(self.provider.authorizationEndpoint.utf8)
        answer.location.append(
            self.provider.authorizationEndpoint.contains("?") ? UInt8(ascii: "&") : UInt8(ascii: "?")
        )
        answer.location += query
        answer.fields.append("Set-Cookie: ")
        answer.fields += Self.nonceCookieName
        answer.fields.append("=")
        answer.fields += nonce
        answer.fields += SessionCookie.attributes(
            expires: Self.cookieDate(context),
            isCrossSite: CallbackHost.isCrossSite(head, bytes: bytes),
            self.quirks
        )
        answer.fields.append("\r\n")
        return answer
    }

    private static func isNonce(_ text: [UInt8]) -> Bool {
        text.count == 22 && Base64URL.decode(text.span) != nil
    }

    /// Path and query that the user wanted, in origin-form.
    private static func originalTarget(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) -> [UInt8] {
        guard head.form == .origin || head.form == .absolute else { return [UInt8(ascii: "/")] }
        let range =
            head.form == .absolute ? Int(head.path.lowerBound)..<head.target.range.upperBound : head.target.range
        var target: [UInt8] = []
        if range.isEmpty || bytes[range.lowerBound] != UInt8(ascii: "/") { target.append("/") }
        // It comes back in a Location; what could end the line there is encoded.
        for index in range {
            if bytes[index] > 0x20, bytes[index] != 0x7f {
                target.append(bytes[index])
            } else {
                FormText.appendEncoded([bytes[index]], to: &target)
            }
        }
        return target
    }

    /// A date seven days away, which all cookies of authentication carry (ALB-AUTH-017).
    static func cookieDate(_ context: AuthenticationContext) -> [UInt8] {
        var clock = WallClockText()
        return clock.httpDate(second: context.time / 1_000_000 + SessionCookie.lifetimeSeconds)
    }
}

/// An answer of the load balancer's own that authentication asks for.
package struct OwnAnswer: Hashable, Sendable {
    package var status: Int
    /// Empty for none.
    package var location: [UInt8] = []
    /// Whole field lines, Set-Cookie.
    package var fields: [UInt8] = []
    /// For the access log; the metrics follow from it.
    package var reason: ErrorReason?

    package init(status: Int, reason: ErrorReason?) {
        self.status = status
        self.reason = reason
    }
}

/// The host a user came to, as far as it can stand in a URL.
struct CallbackHost: Hashable, Sendable {
    /// In lower case, as providers compare callback URLs with what has been registered (ALB-AUTH-007).
    let name: [UInt8]

    /// `nil` if the request names no host, or nothing that may stand in a URL.
    init?(_ head: borrowing RequestHead, bytes: Span<UInt8>) {
        let range = EffectiveHost(head, bytes: bytes).whole
        guard !range.isEmpty else { return nil }
        var name: [UInt8] = []
        for index in range {
            let byte = ASCII.lowercase(bytes[index])
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                name.append(byte)
            default: return nil
            }
        }
        self.name = name
    }

    var origin: [UInt8] { Array("https://".utf8) + self.name }

    /// What providers must have registered (ALB-AUTH-006).
    var callbackURL: [UInt8] {
        var url = self.origin
        url.append(CompiledLogin.callbackPath)
        return url
    }

    /// Whether a page of another origin makes the request (CORS): the browser says so by Origin.
    static func isCrossSite(_ head: borrowing RequestHead, bytes: Span<UInt8>) -> Bool {
        for index in head.fields.indices where head.fields[index].known == .other {
            let field = head.fields[index]
            guard field.name.count == 6, bytes.equalsIgnoringCase("origin", at: field.name.range) else { continue }
            var origin: [UInt8] = []
            for position in field.value.range { origin.append(ASCII.lowercase(bytes[position])) }
            return CallbackHost(head, bytes: bytes)?.origin != origin
        }
        return false
    }
}

/// What the parameter `state` says of a login under way.
struct LoginState: Hashable, Sendable {
    var createdAt: Int64
    /// `CompiledLogin.identity`.
    var login: [UInt8]
    var nonce: [UInt8]
    var target: [UInt8]

    private static let purpose = Array("state".utf8)

    init(createdAt: Int64, login: [UInt8], nonce: [UInt8], target: [UInt8]) {
        self.createdAt = createdAt
        self.login = login
        self.nonce = nonce
        self.target = target
    }

    func sealed(_ cryptography: any AuthenticationCryptography) -> [UInt8] {
        var record = SealedRecord()
        record.write(self.createdAt)
        record.write(self.login)
        record.write(self.nonce)
        record.write(self.target)
        var text: [UInt8] = []
        Base64URL.append(cryptography.seal(record.bytes, for: Self.purpose).span, to: &text)
        return text
    }

    init?(sealed text: [UInt8], _ cryptography: any AuthenticationCryptography) {
        guard let sealed = Base64URL.decode(text.span), let bytes = cryptography.open(sealed, for: Self.purpose) else {
            return nil
        }
        var record = SealedRecord(reading: bytes)
        guard let createdAt = record.readNumber(), let login = record.read(), let nonce = record.read(),
            let target = record.read(), record.isAtEnd
        else { return nil }
        self.init(createdAt: createdAt, login: login, nonce: nonce, target: target)
    }
}
