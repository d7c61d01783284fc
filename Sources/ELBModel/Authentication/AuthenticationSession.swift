/// What logging users in has in common, whoever the identity provider is: what is asked of it, how long a session lasts, and
/// what becomes of users without one.
package struct AuthenticationSession: Hashable, Codable, Sendable {
    /// Rules with the same name share their users' sessions; independent logins need names of their own (ALB-AUTH-027).
    package var cookieName: String
    /// What is asked for, separated by spaces. Without `openid` there is no ID token and no login (ALB-AUTH-023).
    package var scope: String
    /// Seconds from the login to the end of the session, 1 to 604,800 (ALB-AUTH-004).
    package var timeoutSeconds: Int
    package var onUnauthenticatedRequest: UnauthenticatedRequestBehaviour
    /// Added to the query of the authorization request, at most ten; sorted by name.
    package var extraParameters: [ExtraParameter]

    /// The defaults are AWS's (ALB-AUTH-004).
    package init(
        cookieName: String = Self.usualCookieName,
        scope: String = "openid",
        timeoutSeconds: Int = Self.longestTimeout,
        onUnauthenticatedRequest: UnauthenticatedRequestBehaviour = .authenticate,
        extraParameters: [ExtraParameter] = []
    ) {
        self.cookieName = cookieName
        self.scope = scope
        self.timeoutSeconds = timeoutSeconds
        self.onUnauthenticatedRequest = onUnauthenticatedRequest
        self.extraParameters = extraParameters
    }

    package static let usualCookieName = "AWSELBAuthSessionCookie"
    /// Seven days, the default too.
    package static let longestTimeout = 604_800

    /// What becomes of a request without a session; the raw value is the API's.
    package enum UnauthenticatedRequestBehaviour: String, Hashable, Codable, Sendable, CaseIterable {
        /// 401, except that expired sessions are led to the provider (ALB-AUTH-009).
        case deny
        /// It goes on without identity (ALB-AUTH-008).
        case allow
        /// It is led to the provider (ALB-AUTH-005).
        case authenticate
    }

    /// One parameter of `AuthenticationRequestExtraParams`.
    package struct ExtraParameter: Hashable, Codable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}
