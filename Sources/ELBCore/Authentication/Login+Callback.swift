import ELBModel
package import ELBWire

/// What a provider's answer to the user brings back, judged before anything is asked of the provider.
package enum LoginCallback: Sendable {
    /// Exchange the code.
    case exchange(ProviderSession)
    case refuse(OwnAnswer)

    /// - Parameter logins: all of the listener; the `state` says which one began it.
    package init(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        logins: [CompiledLogin],
        _ context: AuthenticationContext
    ) {
        let query = bytes.extracting(head.query?.range ?? 0..<0)
        guard let stateText = FormText.value("state", in: query) else {
            self = .refused(.authMissingStateParam)
            return
        }
        guard let state = LoginState(sealed: stateText, context.cryptography),
            let login = logins.first(where: { $0.identity == state.login })
        else {
            self = .refused(.authInvalidStateParam)
            return
        }
        // Somebody who followed another person's link has the state, but not the cookie that went with it.
        let cookies = RequestCookies(head, bytes: bytes)
        let isOwn = cookies.value(of: CompiledLogin.nonceCookieName) == state.nonce
        guard isOwn || login.quirks.contains(.stateNotChecked) else {
            self = .refused(.authInvalidCookie)
            return
        }
        let limit = context.later(seconds: CompiledLogin.longestLogin) - context.time
        guard context.time >= state.createdAt, context.time - state.createdAt < limit else {
            self = .refused(.authInvalidStateParam)
            return
        }
        guard FormText.value("error", in: query) == nil else {
            // The provider's own refusal has no reason in AWS's list (ALB-AUTH-024).
            self = .refuse(OwnAnswer(status: login.quirks.contains(.providerErrorAs401) ? 401 : 561, reason: nil))
            return
        }
        guard let code = FormText.value("code", in: query), !code.isEmpty else {
            self = .refused(.authMissingCodeParam)
            return
        }
        guard let host = CallbackHost(head, bytes: bytes) else {
            self = .refused(.authMissingHostHeader)
            return
        }
        self = .exchange(
            ProviderSession(
                exchanging: code,
                by: login,
                callbackURL: host.callbackURL,
                original: host.origin + state.target,
                isCrossSite: CallbackHost.isCrossSite(head, bytes: bytes)
            )
        )
    }

    private static func refused(_ reason: ErrorReason) -> Self {
        .refuse(OwnAnswer(status: 401, reason: reason))
    }
}
