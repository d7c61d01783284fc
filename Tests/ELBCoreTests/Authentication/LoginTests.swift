import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Logging in` {
    private typealias Bench = AuthenticationBench

    private static func bench(
        _ behaviour: AuthenticationSession.UnauthenticatedRequestBehaviour = .authenticate,
        timeout: Int = 604_800,
        quirks: Set<Quirk> = []
    ) throws -> AuthenticationBench {
        try Bench(
            Bench.oidc {
                $0.session.onUnauthenticatedRequest = behaviour
                $0.session.timeoutSeconds = timeout
            },
            quirks: quirks
        )
    }

    private static func reason(_ callback: LoginCallback) -> (status: Int, reason: ErrorReason?)? {
        guard case .refuse(let answer) = callback else { return nil }
        return (answer.status, answer.reason)
    }

    @Test(.covers("ALB-AUTH-005", "ALB-AUTH-006", "ALB-AUTH-007", "ALB-AUTH-019"))
    func `leads strangers to the provider with OpenID Connect's parameters`() throws {
        var bench = try Bench(Bench.oidc { $0.session.extraParameters = [.init(name: "prompt", value: "log in")] })
        guard case .redirect(let answer) = try bench.admit() else {
            Issue.record("no redirect")
            return
        }
        #expect(answer.status == 302)
        let location = answer.location.text
        let expected =
            "https://idp.example.com/authorize?client_id=lab"
            + "&redirect_uri=https%3A%2F%2Fapp.example.com%3A8443%2Foauth2%2Fidpresponse&response_type=code&scope=openid&state="
        #expect(location.hasPrefix(expected))
        #expect(location.hasSuffix("&prompt=log%20in"))
        #expect(answer.fields.text.hasPrefix("Set-Cookie: AWSALBAuthNonce=BwcHBwcHBwcHBwcHBwcHBw; Expires="))
        #expect(answer.fields.text.hasSuffix("; Path=/; Secure; HttpOnly\r\n"))
        bench.keepCookies(of: answer.fields)
        guard case .redirect(let second) = try bench.admit() else {
            Issue.record("no second redirect")
            return
        }
        #expect(second.fields == answer.fields)
    }

    @Test(.covers("ALB-AUTH-010", "ALB-AUTH-013", "ALB-AUTH-017"))
    func `asks the token endpoint, then for the user info, and sends the user back where he wanted to go`() throws {
        var bench = try Self.bench()
        let state = try bench.beginLogin()
        guard case .exchange(var session) = bench.callback("code=c%2B1&state=\(state)") else {
            Issue.record("no exchange")
            return
        }
        let tokenRequest = session.firstRequest.bytes.text
        #expect(tokenRequest.hasPrefix("POST /token HTTP/1.1\r\nHost: idp.example.com\r\n"))
        #expect(tokenRequest.contains("\r\nAuthorization: Basic bGFiOmElM0Fi\r\n"))
        #expect(
            tokenRequest.hasSuffix(
                "\r\n\r\ngrant_type=authorization_code&code=c%2B1"
                    + "&redirect_uri=https%3A%2F%2Fapp.example.com%3A8443%2Foauth2%2Fidpresponse"
            )
        )
        guard case .ask(let infoRequest) = session.answered(Bench.tokens(), bench.context) else {
            Issue.record("no second question")
            return
        }
        #expect(infoRequest.bytes.text.hasPrefix("GET /userinfo HTTP/1.1\r\n"))
        #expect(infoRequest.bytes.text.contains("\r\nAuthorization: Bearer AT\r\n"))
        guard case .loggedIn(let answer) = session.answered(Bench.userInfo(), bench.context) else {
            Issue.record("no login")
            return
        }
        #expect(answer.status == 302)
        #expect(answer.location.text == "https://app.example.com:8443/cart?a=1")
        #expect(answer.fields.text.hasPrefix("Set-Cookie: AWSELBAuthSessionCookie-0="))
        // Seven days, whatever the session's own time.
        #expect(answer.fields.text.contains("; Expires=Sun, 22 Jun 2025 15:06:40 GMT; Path=/; Secure; HttpOnly\r\n"))
        #expect(!answer.fields.text.contains("SameSite"))
        bench.keepCookies(of: answer.fields)
        guard case .pass(let identity) = try bench.admit() else {
            Issue.record("no pass")
            return
        }
        let lines = identity.text.split(separator: "\r\n").map(String.init)
        #expect(lines[0] == "x-amzn-oidc-accesstoken: AT")
        #expect(lines[1] == "x-amzn-oidc-identity: ann")
        #expect(lines[2].hasPrefix("x-amzn-oidc-data: "))
        #expect(lines.count == 3)
    }

    @Test(.covers("ALB-AUTH-014", "ALB-AUTH-015"))
    func `signs the claims, in padded segments`() throws {
        var bench = try Self.bench()
        _ = try bench.logIn()
        guard case .pass(let identity) = try bench.admit() else {
            Issue.record("no pass")
            return
        }
        let token = identity.text.split(separator: "\r\n")[2].dropFirst("x-amzn-oidc-data: ".count)
        let segments = token.split(separator: ".")
        #expect(segments.map { $0.count % 4 } == [0, 0, 0])
        let decoded = segments.map { segment in
            let standard = Array(segment.replacing("-", with: "+").replacing("_", with: "/").utf8)
            return Base64.decode(standard.span)?.text
        }
        #expect(
            decoded[0] == #"{"typ":"JWT","kid":"key-1","alg":"ES256","iss":"https://idp.example.com","client":"lab","#
                + #""signer":"arn:lb","exp":1750000120}"#
        )
        #expect(decoded[1] == #"{"sub":"ann","email":"ann@example.com"}"#)
    }

    @Test(.covers("ALB-AUTH-008", "ALB-AUTH-009"))
    func `lets strangers on, or denies them, as the action says`() throws {
        guard case .pass(let identity) = try Self.bench(.allow).admit() else {
            Issue.record("not allowed")
            return
        }
        #expect(identity.isEmpty)
        guard case .refuse(let answer) = try Self.bench(.deny).admit() else {
            Issue.record("not denied")
            return
        }
        #expect(answer.status == 401)
    }

    @Test(
        .covers("ALB-AUTH-009", "ALB-AUTH-017", "ALB-AUTH-025"),
        arguments: [
            AuthenticationSession.UnauthenticatedRequestBehaviour.deny, .authenticate,
        ]
    )
    func `ends sessions after their time, and then leads to the provider`(
        behaviour: AuthenticationSession.UnauthenticatedRequestBehaviour
    ) throws {
        // A denying rule shares the session of the rule that logs in.
        var bench = try Self.bench(.authenticate, timeout: 60)
        _ = try bench.logIn()
        var other = try Self.bench(behaviour, timeout: 60)
        other.cookies = bench.cookies
        other.now += 60 * Bench.second - 1
        guard case .pass = try other.admit() else {
            Issue.record("ended too early")
            return
        }
        other.now += 1
        guard case .redirect = try other.admit() else {
            Issue.record("no redirect")
            return
        }
    }

    @Test(.covers("ALB-AUTH-027")) func `shares sessions between rules with one cookie name, and with no others`()
        throws
    {
        var bench = try Self.bench()
        _ = try bench.logIn()
        var stranger = try Bench(Bench.oidc { $0.session.cookieName = "Other" })
        stranger.cookies = bench.cookies
        guard case .redirect = try stranger.admit() else {
            Issue.record("shared")
            return
        }
        // Not even by renaming it: a cookie is sealed for its name.
        stranger.cookies = bench.cookies.map {
            ($0.name.replacing("AWSELBAuthSessionCookie", with: "Other"), $0.value)
        }
        guard case .redirect(let answer) = try stranger.admit() else {
            Issue.record("renamed")
            return
        }
        #expect(answer.reason == .authInvalidCookie)
    }

    @Test(.covers("ALB-AUTH-022")) func `refuses a request without a host`() throws {
        guard case .refuse(let answer) = try Self.bench().admit("GET / HTTP/1.0", host: nil) else {
            Issue.record("not refused")
            return
        }
        #expect(answer.status == 401)
        #expect(answer.reason == .authMissingHostHeader)
    }

    @Test(.covers("ALB-AUTH-017")) func `marks cookies for other sites' pages, and only for those`() throws {
        let bench = try Self.bench()
        let same = try bench.admit("GET / HTTP/1.1", ["Origin: https://app.example.com:8443"])
        let other = try bench.admit("GET / HTTP/1.1", ["Origin: https://elsewhere.example"])
        guard case .redirect(let own) = same, case .redirect(let foreign) = other else {
            Issue.record("no redirect")
            return
        }
        #expect(!own.fields.text.contains("SameSite"))
        #expect(foreign.fields.text.hasSuffix("; HttpOnly; SameSite=None\r\n"))
    }

    @Test(.covers("ALB-AUTH-018")) func `cuts large sessions into shards of at most 4 KiB`() throws {
        var bench = try Self.bench()
        let info = Bench.userInfo(#"{"sub":"ann","x":"\#(String(repeating: "y", count: 11_000))"}"#)
        let answer = try bench.logIn(userInfo: info)
        let lines = answer.fields.text.split(separator: "\r\n")
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.utf8.count - "Set-Cookie: ".count <= 4096 })
        #expect(
            bench.cookies.map(\.name).filter { $0 != "AWSALBAuthNonce" }
                == (0..<4).map { "AWSELBAuthSessionCookie-\($0)" }
        )
        guard case .pass(let identity) = try bench.admit() else {
            Issue.record("no pass")
            return
        }
        #expect(identity.count > 11_000)
        // A shard is missing, or is another's.
        bench.cookies.removeAll { $0.name.hasSuffix("-2") }
        guard case .redirect(let again) = try bench.admit() else {
            Issue.record("pass without a shard")
            return
        }
        #expect(again.reason == .authInvalidCookie)
        // A shorter session does not mind what is left of the longer one.
        _ = try bench.logIn()
        guard case .pass = try bench.admit() else {
            Issue.record("left-over shards do harm")
            return
        }
    }

    @Test(.covers("ALB-AUTH-021", "ALB-AUTH-024", "ALB-AUTH-028", "ALB-ERR-009", "ALB-ERR-046"))
    func `judges what comes back from the provider`() throws {
        var bench = try Self.bench()
        let state = try bench.beginLogin()
        let cases: [(String, Int, ErrorReason?)] = [
            ("code=c", 401, .authMissingStateParam), ("code=c&state=x", 401, .authInvalidStateParam),
            ("state=\(state)", 401, .authMissingCodeParam),
            ("error=access_denied&state=\(state)", 561, nil),
        ]
        for (query, status, reason) in cases {
            let refusal = Self.reason(bench.callback(query))
            #expect(refusal?.status == status, "\(query)")
            #expect(refusal?.reason == reason, "\(query)")
        }
        bench.now += 900 * Bench.second - 1
        #expect(Self.reason(bench.callback("code=c&state=\(state)")) == nil)
        bench.now += 1
        #expect(Self.reason(bench.callback("code=c&state=\(state)"))?.reason == .authInvalidStateParam)
        bench.now = Bench.start
        bench.cookies = []
        #expect(Self.reason(bench.callback("code=c&state=\(state)"))?.reason == .authInvalidCookie)
        let careless = try Self.bench(quirks: [.authStateNotChecked])
        #expect(Self.reason(careless.callback("code=c&state=\(state)")) == nil)
    }

    @Test(
        .covers("ALB-AUTH-011", "ALB-AUTH-020", "ALB-AUTH-023", "ALB-AUTH-028", "ALB-ERR-022"),
        arguments: [
            (ProviderAnswer.failed, 500, ErrorReason.authTokenEpRequestFailed),
            (.timedOut, 500, .authTokenEpRequestTimeout),
            (.response(status: 503, body: []), 500, .authTokenEpRequestFailed),
            (.response(status: 400, body: Array(#"{"error":"invalid_grant"}"#.utf8)), 401, .authInvalidGrantError),
            (.response(status: 400, body: Array(#"{"error":"invalid_client"}"#.utf8)), 500, .authTokenEpRequestFailed),
            (.response(status: 200, body: Array("<html>".utf8)), 401, .authInvalidTokenResponse),
            (.response(status: 200, body: Array("{}".utf8)), 401, .authInvalidTokenResponse),
            (.response(status: 200, body: Array(#"{"access_token":"a\r\nb"}"#.utf8)), 401, .authInvalidTokenResponse),
            (.tooLarge, 401, .authInvalidTokenResponse),
            (AuthenticationBench.tokens(idToken: nil), 401, .authInvalidIDToken),
            (AuthenticationBench.tokens(idToken: "x"), 401, .authInvalidIDToken),
            (
                AuthenticationBench.tokens(idToken: AuthenticationBench.idToken(issuer: "https://evil")), 401,
                .authInvalidIDToken
            ),
            (
                AuthenticationBench.tokens(idToken: AuthenticationBench.idToken(audience: #"["other"]"#)), 401,
                .authInvalidIDToken
            ),
            (AuthenticationBench.tokens(idToken: AuthenticationBench.idToken(expires: 1)), 401, .authInvalidIDToken),
        ]
    )
    func `judges the token endpoint's answer`(answer: ProviderAnswer, status: Int, reason: ErrorReason) throws {
        var bench = try Self.bench()
        let state = try bench.beginLogin()
        guard case .exchange(var session) = bench.callback("code=c&state=\(state)"),
            case .refuse(let refusal) = session.answered(answer, bench.context)
        else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == status)
        #expect(refusal.reason == reason)
    }

    @Test(
        .covers("ALB-AUTH-011", "ALB-AUTH-020", "ALB-AUTH-028", "ALB-ERR-022"),
        arguments: [
            (ProviderAnswer.failed, 500, ErrorReason.authUserinfoEpRequestFailed),
            (.timedOut, 500, .authUserinfoEpRequestTimeout),
            (.response(status: 401, body: []), 500, .authUserinfoEpRequestFailed),
            (AuthenticationBench.userInfo("[]"), 401, .authInvalidUserinfoResponse),
            (AuthenticationBench.userInfo(#"{"sub":""}"#), 401, .authInvalidUserinfoResponse),
            (AuthenticationBench.userInfo(#"{"sub":"a\r\nx-evil: 1"}"#), 401, .authInvalidUserinfoResponse),
            (AuthenticationBench.userInfo(#"{"sub":"bob"}"#), 401, .authInvalidUserinfoResponse),
            (.tooLarge, 500, .authUserinfoResponseSizeExceeded),
            (
                AuthenticationBench.userInfo(#"{"sub":"ann","x":"\#(String(repeating: "y", count: 11_264))"}"#), 500,
                .authUserinfoResponseSizeExceeded
            ),
        ]
    )
    func `judges the user info endpoint's answer`(answer: ProviderAnswer, status: Int, reason: ErrorReason) throws {
        var bench = try Self.bench()
        let state = try bench.beginLogin()
        guard case .exchange(var session) = bench.callback("code=c&state=\(state)"),
            case .ask = session.answered(AuthenticationBench.tokens(), bench.context),
            case .refuse(let refusal) = session.answered(answer, bench.context)
        else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == status)
        #expect(refusal.reason == reason)
    }

    @Test(.covers("ALB-AUTH-025")) func `refreshes the claims when the access token has ended`() throws {
        var bench = try Self.bench(timeout: 600)
        _ = try bench.logIn(more: #","expires_in":60,"refresh_token":"RT""#)
        bench.now += 59 * Bench.second
        guard case .pass = try bench.admit() else {
            Issue.record("refreshed too early")
            return
        }
        bench.now += Bench.second
        guard case .refresh(var session) = try bench.admit() else {
            Issue.record("not refreshed")
            return
        }
        #expect(session.firstRequest.bytes.text.hasSuffix("\r\n\r\ngrant_type=refresh_token&refresh_token=RT"))
        var failing = session
        guard case .notRefreshed = failing.answered(.failed, bench.context) else {
            Issue.record("failed otherwise")
            return
        }
        guard
            case .ask = session.answered(Bench.tokens(idToken: nil, more: #","expires_in":60"#), bench.context),
            case .refreshed(let identity, let cookies) = session.answered(
                Bench.userInfo(#"{"sub":"ann","n":2}"#),
                bench.context
            )
        else {
            Issue.record("no new session")
            return
        }
        #expect(identity.text.contains("x-amzn-oidc-identity: ann"))
        bench.keepCookies(of: cookies)
        bench.now += 59 * Bench.second
        guard case .pass = try bench.admit() else {
            Issue.record("the new tokens do not count")
            return
        }
        // The session's own time goes on.
        bench.now = Bench.start + 600 * Bench.second
        guard case .redirect = try bench.admit() else {
            Issue.record("the session does not end")
            return
        }
    }

    @Test(.covers("ALB-AUTH-025")) func `leaves a session without a refresh token as it is until its end`() throws {
        var bench = try Self.bench()
        _ = try bench.logIn(more: #","expires_in":60"#)
        bench.now += 3600 * Bench.second
        guard case .pass = try bench.admit() else {
            Issue.record("ended with the access token")
            return
        }
    }

    @Test(.covers("ALB-AUTH-006")) func `knows the callback's path on listeners with logins only`() throws {
        let bench = try Self.bench()
        let questions = bench.listener.questions
        #expect(bench.withHead("GET /oauth2/idpresponse?x=1 HTTP/1.1") { questions.isCallback($0, bytes: $1) })
        #expect(!bench.withHead("GET /oauth2/idpresponses HTTP/1.1") { questions.isCallback($0, bytes: $1) })
        let plain = try Bench(.jwtValidation(.init(jwksEndpoint: "https://a/b", issuer: "i"))).listener.questions
        #expect(!bench.withHead("GET /oauth2/idpresponse HTTP/1.1") { plain.isCallback($0, bytes: $1) })
    }
}
