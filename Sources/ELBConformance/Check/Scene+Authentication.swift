package import ELBFleet
package import ELBModel
internal import Synchronization

extension Scene {
    /// Starts a fake identity provider that the subject trusts.
    package func identityProvider(zone: AvailabilityZone = .a) async throws -> SceneProvider {
        let number = self.state.withLock { $0.backends.count }
        let hosts = LabAddresses.instanceHosts
        let address = LabAddresses.privateAddress(zone, host: hosts.lowerBound + UInt8(number % hosts.count))
        // A name of its own: of several authorities with one name, whoever verifies may try the wrong one.
        let name = "idp-\(number).\(self.token).example.com"
        guard let made = try? ServerCertificate(names: [name], addresses: [address]) else {
            throw Problem.uncertain("no certificate could be made")
        }
        var behaviour = BackendBehaviour()
        behaviour.speaks = .oidc
        behaviour.tls = BackendTLS()
        var description = BackendDescription(name: "idp", zone: zone, address: address, behaviour: behaviour)
        description.credentials = BackendCredentials(certificate: made.certificate, privateKey: made.privateKey)
        let backend = try await Backend.start(description)
        self.state.withLock { state in
            state.backends.append(backend)
            state.part.providerNetwork.authorities.append(made.certificate)
        }
        return SceneProvider(backend: backend, base: "https://\(address):\(backend.port)")
    }

    /// Opens an HTTPS listener whose default asks who the sender is before it does anything.
    package func secureListener(asking question: RuleAction, then action: RuleAction) throws -> Endpoint {
        let endpoint = try self.secureListener(default: action)
        self.state.withLock { state in
            state.part.listeners[state.part.listeners.count - 1].defaultActions.insert(question, at: 0)
        }
        return endpoint
    }

    /// A GET with the browser's cookies, by HTTPS; redirects are not followed.
    package func get(
        _ path: String,
        as browser: SceneBrowser,
        at listener: Endpoint,
        headers: [CurlHeader] = []
    ) async -> Exchange {
        await self.sendSecure("GET", path, to: listener, headers: browser.headers + headers)
    }

    /// Goes where an answer of the subject leads: to the provider.
    /// - Returns: path and query that the provider sends the browser back to.
    package func visitProvider(_ location: String?) async throws -> String {
        var request = CurlRequest("GET", location ?? "", timeout: .seconds(12))
        request.verifiesCertificate = false
        guard location != nil, case .success(let answer) = await self.stage.curl.perform(request),
            let back = answer.header("Location"), let mark = back.firstRange(of: "/oauth2/idpresponse")
        else {
            throw Problem.broken(
                tried: "following the redirect to \(location ?? "nowhere")",
                expected: "the provider sends the user back to /oauth2/idpresponse",
                actual: "it does not",
                evidence: []
            )
        }
        return String(back[mark.lowerBound...])
    }

    /// A whole login: to the subject, to the provider, and back with the code.
    /// - Returns: the subject's answer to the code.
    @discardableResult
    package func logIn(
        _ browser: inout SceneBrowser,
        _ path: String = "/start",
        at listener: Endpoint
    ) async throws -> (exchange: Exchange, answer: CurlResponse) {
        let first = await self.get(path, as: browser, at: listener)
        let redirect = try self.answer(first, expected: "302 to the provider")
        try self.expect("status", of: first, redirect.status, is: 302)
        browser.keep(redirect)
        let callback = try await self.visitProvider(redirect.header("Location"))
        let second = await self.get(callback, as: browser, at: listener)
        let answer = try self.answer(second, expected: "an answer to the code")
        browser.keep(answer)
        return (second, answer)
    }

    /// A token that the provider makes to order.
    package func token(_ provider: SceneProvider, _ parameters: [(String, String)]) async throws -> String {
        let query = parameters.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
        var request = CurlRequest("GET", "\(provider.base)/mint?\(query)", timeout: .seconds(12))
        request.verifiesCertificate = false
        guard case .success(let answer) = await self.stage.curl.perform(request), answer.status == 200 else {
            throw Problem.uncertain("our provider made no token")
        }
        return answer.text
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }
}

/// A fake identity provider of a scene.
package struct SceneProvider: Sendable {
    package let backend: Backend
    /// `https://ADDRESS:PORT`.
    package let base: String

    /// The action that logs users in here. Queries of endpoints ask the provider for mistakes.
    package func login(
        scope: String = "openid",
        timeout: Int = AuthenticationSession.longestTimeout,
        otherwise: AuthenticationSession.UnauthenticatedRequestBehaviour = .authenticate,
        authorize: String = "",
        token: String = "",
        userInfo: String = ""
    ) -> RuleAction {
        .authenticateOIDC(
            AuthenticateOIDCAction(
                issuer: self.base,
                authorizationEndpoint: "\(self.base)/authorize\(authorize)",
                tokenEndpoint: "\(self.base)/token\(token)",
                userInfoEndpoint: "\(self.base)/userinfo\(userInfo)",
                clientID: "conformance",
                clientSecret: "secret",
                session: AuthenticationSession(
                    scope: scope,
                    timeoutSeconds: timeout,
                    onUnauthenticatedRequest: otherwise
                )
            )
        )
    }

    /// The action that validates tokens from here.
    package func validation(
        keys: String = "",
        claims: [JWTValidationAction.AdditionalClaim] = []
    ) -> RuleAction {
        .jwtValidation(
            JWTValidationAction(
                jwksEndpoint: "\(self.base)/jwks\(keys)",
                issuer: self.base,
                additionalClaims: claims
            )
        )
    }
}

/// What a browser keeps: cookies, the latest of each name.
package struct SceneBrowser: Sendable {
    package private(set) var cookies: [(name: String, value: String)] = []

    package init() {}

    package mutating func keep(_ response: CurlResponse) {
        for header in response.headers where header.name.lowercased() == "set-cookie" {
            let parts = header.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            guard let name = parts.first.map(String.init) else { continue }
            self.cookies.removeAll { $0.name == name }
            self.cookies.append((name, parts.count > 1 ? String(parts[1]) : ""))
        }
    }

    /// Forgets cookies of that name.
    package mutating func forget(_ name: String) {
        self.cookies.removeAll { $0.name == name }
    }

    package var headers: [CurlHeader] {
        guard !self.cookies.isEmpty else { return [] }
        return [CurlHeader("Cookie", self.cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))]
    }
}

extension CurlResponse {
    /// Every Set-Cookie, in order.
    package var setCookieLines: [String] {
        self.headers.filter { $0.name.lowercased() == "set-cookie" }.map(\.value)
    }

    /// The value of a parameter in the Location's query, as written.
    package func locationParameter(_ name: String) -> String? {
        guard let location = self.header("Location") else { return nil }
        for part in location.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair[0] == name { return pair.count > 1 ? String(pair[1]) : "" }
        }
        return nil
    }
}
