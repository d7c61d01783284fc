import ELBModel
import ELBWire

/// The conversation with a provider that makes a session, or refreshes one: the token endpoint first, then the user info
/// (ALB-AUTH-010). An answer goes in, the next request or the outcome comes out.
package struct ProviderSession: Sendable {
    private enum Goal {
        /// A login; afterwards the user goes back to where he wanted to go.
        case login(original: [UInt8], isCrossSite: Bool)
        /// New tokens for a session that goes on.
        case refresh(UserSession)
    }

    private enum State {
        case askingForTokens
        case askingForUserInfo(UserSession, idSubject: String?)
        case done
    }

    package enum Step: Sendable {
        case ask(ProviderRequest)
        /// The login is done: 302 to the original URL, with the session in its cookies.
        case loggedIn(OwnAnswer)
        /// The request goes on, with these lines for the target and for the client.
        case refreshed(identity: [UInt8], cookies: [UInt8])
        /// The login has failed.
        case refuse(OwnAnswer)
        /// The session could not be refreshed: the user must log in again.
        case notRefreshed
    }

    package let login: CompiledLogin
    private let goal: Goal
    private var state = State.askingForTokens
    /// The token endpoint's first request.
    package let firstRequest: ProviderRequest

    /// Bytes of a token response; user info has a limit of its own.
    private static let largestTokenResponse = 64 * 1024

    init(
        exchanging code: [UInt8],
        by login: CompiledLogin,
        callbackURL: [UInt8],
        original: [UInt8],
        isCrossSite: Bool
    ) {
        var form: [UInt8] = []
        FormText.append("grant_type", Array("authorization_code".utf8), to: &form)
        FormText.append("code", code, to: &form)
        FormText.append("redirect_uri", callbackURL, to: &form)
        self.login = login
        self.goal = .login(original: original, isCrossSite: isCrossSite)
        self.firstRequest = Self.tokenRequest(form, login)
    }

    init(refreshing session: UserSession, by login: CompiledLogin) {
        var form: [UInt8] = []
        FormText.append("grant_type", Array("refresh_token".utf8), to: &form)
        FormText.append("refresh_token", session.refreshToken, to: &form)
        self.login = login
        self.goal = .refresh(session)
        self.firstRequest = Self.tokenRequest(form, login)
    }

    /// Client id and secret as HTTP Basic, both encoded like a form before (RFC 6749, section 2.3.1).
    private static func tokenRequest(_ form: [UInt8], _ login: CompiledLogin) -> ProviderRequest {
        var credentials: [UInt8] = []
        FormText.appendEncoded(Array(login.provider.clientID.utf8), to: &credentials)
        credentials.append(UInt8(ascii: ":"))
        FormText.appendEncoded(Array((login.provider.clientSecret ?? "").utf8), to: &credentials)
        var authorization = Array("Basic ".utf8)
        Base64.append(credentials.span, to: &authorization)
        return ProviderRequest(
            url: login.tokenEndpoint,
            form: form,
            authorization: authorization,
            bodyLimit: Self.largestTokenResponse
        )
    }

    /// The provider has answered the latest request, or has not.
    package mutating func answered(_ answer: ProviderAnswer, _ context: AuthenticationContext) -> Step {
        switch self.state {
        case .askingForTokens: self.tokensAnswered(answer, context)
        case .askingForUserInfo(let session, let idSubject):
            self.userInfoAnswered(answer, session, idSubject: idSubject, context)
        case .done: self.fail(500, .authUnhandledException)
        }
    }

    // MARK: Tokens

    private mutating func tokensAnswered(_ answer: ProviderAnswer, _ context: AuthenticationContext) -> Step {
        let body: [UInt8]
        switch answer {
        case .failed: return self.fail(500, .authTokenEpRequestFailed)
        case .timedOut: return self.fail(500, .authTokenEpRequestTimeout)
        case .tooLarge: return self.fail(401, .authInvalidTokenResponse)
        case .response(200, let content): body = content
        case .response(_, let content):
            // The provider's "no" to this code or refresh token, among other errors (RFC 6749, section 5.2).
            let error = (try? JSONValue(content.span))?["error"]?.text
            return error == "invalid_grant"
                ? self.fail(401, .authInvalidGrantError) : self.fail(500, .authTokenEpRequestFailed)
        }
        guard let tokens = try? JSONValue(body.span), let access = tokens["access_token"]?.text,
            Self.isPlain(Array(access.utf8)), tokens["token_type"]?.text.map({ $0.lowercased() == "bearer" }) ?? true
        else { return self.fail(401, .authInvalidTokenResponse) }

        var session: UserSession
        switch self.goal {
        case .login:
            session = UserSession(subject: [], accessToken: [], claims: [], startedAt: context.time)
        case .refresh(let old):
            session = old
        }
        session.accessToken = Array(access.utf8)
        session.accessExpiresAt = tokens["expires_in"]?.integer.map { context.later(seconds: max(0, $0)) } ?? 0
        if let refresh = tokens["refresh_token"]?.text { session.refreshToken = Array(refresh.utf8) }
        var idSubject: String?
        if let idToken = tokens["id_token"]?.text {
            guard let subject = self.subject(ofIDToken: idToken, context) else {
                return self.fail(401, .authInvalidIDToken)
            }
            idSubject = subject
        } else if case .login = self.goal {
            // A scope without `openid` (ALB-AUTH-023). Refreshed tokens need no new one.
            return self.fail(401, .authInvalidIDToken)
        }
        self.state = .askingForUserInfo(session, idSubject: idSubject)
        return .ask(
            ProviderRequest(
                url: self.login.userInfoEndpoint,
                authorization: Array("Bearer ".utf8) + session.accessToken,
                bodyLimit: 2 * UserSession.largestIdentity
            )
        )
    }

    /// `sub` of a good ID token; `nil` for others. It came from the token endpoint itself over TLS, so that its signature adds
    /// nothing (OpenID Connect Core, section 3.1.3.7), and no key set is configured to verify it with.
    private func subject(ofIDToken token: String, _ context: AuthenticationContext) -> String? {
        guard let claims = SignedToken(Array(token.utf8))?.claims,
            claims["iss"]?.text == self.login.provider.issuer,
            let subject = claims["sub"]?.text, !subject.isEmpty,
            let expiry = claims["exp"]?.integer, Int64(clamping: expiry) > context.time / 1_000_000
        else { return nil }
        let client = self.login.provider.clientID
        let audience = claims["aud"]?.elements?.compactMap(\.text) ?? claims["aud"]?.text.map { [$0] } ?? []
        return audience.contains(client) ? subject : nil
    }

    /// Whether a text can stand in a header field.
    private static func isPlain(_ text: [UInt8]) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    // MARK: User info

    private mutating func userInfoAnswered(
        _ answer: ProviderAnswer,
        _ tokens: UserSession,
        idSubject: String?,
        _ context: AuthenticationContext
    ) -> Step {
        let body: [UInt8]
        switch answer {
        case .failed: return self.fail(500, .authUserinfoEpRequestFailed)
        case .timedOut: return self.fail(500, .authUserinfoEpRequestTimeout)
        case .tooLarge: return self.fail(500, .authUserinfoResponseSizeExceeded)
        case .response(200, let content): body = content
        case .response: return self.fail(500, .authUserinfoEpRequestFailed)
        }
        guard let info = try? JSONValue(body.span), let subject = info["sub"]?.text,
            !subject.isEmpty, subject.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
        else { return self.fail(401, .authInvalidUserinfoResponse) }
        // Tokens of one user and info of another (OpenID Connect Core, section 5.3.2).
        if let expected = idSubject ?? self.knownSubject, expected != subject {
            return self.fail(401, .authInvalidUserinfoResponse)
        }
        var session = tokens
        session.subject = Array(subject.utf8)
        session.claims = body
        let size = session.claims.count + session.accessToken.count
        let isUnlimited = self.login.quirks.contains(.claimsUnlimited)
        guard size <= UserSession.largestIdentity || isUnlimited else {
            return self.fail(500, .authUserinfoResponseSizeExceeded)
        }
        return self.finish(session, context)
    }

    private var knownSubject: String? {
        switch self.goal {
        case .login: nil
        case .refresh(let session): String(decoding: session.subject, as: UTF8.self)
        }
    }

    private mutating func finish(_ session: UserSession, _ context: AuthenticationContext) -> Step {
        self.state = .done
        let isCrossSite: Bool
        switch self.goal {
        case .login(_, let crossSite): isCrossSite = crossSite
        case .refresh: isCrossSite = false
        }
        let cookies = SessionCookie.lines(
            self.login.cookieName,
            for: session,
            context.cryptography,
            expires: CompiledLogin.cookieDate(context),
            isCrossSite: isCrossSite,
            quirks: self.login.quirks
        )
        guard let cookies else { return self.fail(500, .authUserinfoResponseSizeExceeded) }
        switch self.goal {
        case .login(let original, _):
            var answer = OwnAnswer(status: 302, reason: nil)
            answer.location = original
            answer.fields = cookies
            return .loggedIn(answer)
        case .refresh:
            return .refreshed(identity: self.login.identityLines(of: session, context), cookies: cookies)
        }
    }

    private mutating func fail(_ status: Int, _ reason: ErrorReason) -> Step {
        self.state = .done
        switch self.goal {
        case .refresh: return .notRefreshed
        case .login:
            let shown = status == 500 && self.login.quirks.contains(.failuresAs502) ? 502 : status
            return .refuse(OwnAnswer(status: shown, reason: reason))
        }
    }
}
