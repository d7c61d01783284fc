import ELBFleet
import ELBModel
import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A fake identity provider` {
    private static func description(_ settings: IdentityProviderSettings? = nil) -> BackendDescription {
        var description = BackendDescription(name: "Idp")
        description.behaviour.speaks = .oidc
        description.behaviour.identityProvider = settings
        return description
    }

    /// The answer to one request on a connection of its own, head and body apart.
    private static func answer(
        _ backend: Backend,
        _ line: String,
        _ fields: [String] = [],
        form: String? = nil
    ) async throws -> (head: String, body: String) {
        let client = try await RawClient.connect(backend.port)
        let length = form.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let lines = ["\(line) HTTP/1.1", "Host: idp", "Connection: close"] + fields + length
        try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (form ?? ""))
        let text = String(decoding: try await client.receivedUntilEnd().bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return (text, "") }
        return (String(text[..<end.upperBound]), String(text[end.upperBound...]))
    }

    /// A member of a flat JSON object, as text.
    private static func member(_ name: String, of json: String) -> String? {
        guard let start = json.firstRange(of: "\"\(name)\":\"") else { return nil }
        return String(json[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func claims(of token: String) -> String {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return "" }
        var standard = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        while standard.utf8.count % 4 != 0 { standard += "=" }
        return Data(base64Encoded: standard).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// From the authorization request to the code.
    private static func code(_ backend: Backend, scope: String, more: String = "") async throws -> String {
        let request =
            "GET /authorize?response_type=code&client_id=shop&redirect_uri=https%3A%2F%2Fshop.example.com%2Foauth2%2Fidpresponse"
            + "&scope=\(scope)&state=s%26t\(more)"
        let head = try await Self.answer(backend, request).head
        #expect(head.hasPrefix("HTTP/1.1 302 "))
        let start = try #require(head.firstRange(of: "Location: https://shop.example.com/oauth2/idpresponse?code="))
        let rest = head[start.upperBound...]
        #expect(rest.contains("&state=s%26t\r\n"))
        return String(rest.prefix { $0 != "&" })
    }

    @Test(.covers("ALB-AUTH-010", "ALB-AUTH-023")) func `gives tokens for a code, by its scope`() async throws {
        try await withBackend(Self.description()) { backend in
            let code = try await Self.code(backend, scope: "openid%20offline_access", more: "&login_hint=bob")
            let basic = "Authorization: Basic \(Data("shop:secret".utf8).base64EncodedString())"
            let tokens = try await Self.answer(
                backend,
                "POST /token",
                [basic],
                form: "grant_type=authorization_code&code=\(code)&redirect_uri=x"
            ).body
            let idToken = try #require(Self.member("id_token", of: tokens))
            let claims = Self.claims(of: idToken)
            #expect(claims.contains(#""sub":"bob""#) && claims.contains(#""aud":"shop""#))
            let access = try #require(Self.member("access_token", of: tokens))
            let info = try await Self.answer(backend, "GET /userinfo", ["Authorization: Bearer \(access)"]).body
            #expect(Self.member("email", of: info) == "bob@example.com")
            let refresh = try #require(Self.member("refresh_token", of: tokens))
            let refreshed = try await Self.answer(
                backend,
                "POST /token?idp-omit=id_token&idp-expires-in=5",
                [basic],
                form: "grant_type=refresh_token&refresh_token=\(refresh)"
            ).body
            #expect(Self.member("id_token", of: refreshed) == nil)
            #expect(refreshed.contains(#""expires_in":5"#))
            // Without openid it is OAuth only.
            let plain = try await Self.code(backend, scope: "email")
            let few = try await Self.answer(
                backend,
                "POST /token",
                [basic],
                form: "grant_type=authorization_code&code=\(plain)"
            ).body
            #expect(Self.member("id_token", of: few) == nil && Self.member("refresh_token", of: few) == nil)
        }
    }

    @Test func `refuses what a provider refuses`() async throws {
        let settings = IdentityProviderSettings(
            callbackURLs: ["https://shop.example.com/oauth2/idpresponse"],
            clients: ["shop": "secret"]
        )
        try await withBackend(Self.description(settings)) { backend in
            _ = try await Self.code(backend, scope: "openid")
            for query in [
                "client_id=shop&redirect_uri=https%3A%2F%2Fevil", "client_id=shop",
                "client_id=other&redirect_uri=https%3A%2F%2Fshop.example.com%2Foauth2%2Fidpresponse",
            ] {
                #expect(
                    try await Self.answer(backend, "GET /authorize?response_type=code&\(query)").head.hasPrefix(
                        "HTTP/1.1 400 "
                    )
                )
            }
            let wrong = "client_id=shop&client_secret=x&grant_type=client_credentials"
            #expect(try await Self.answer(backend, "POST /token", form: wrong).head.hasPrefix("HTTP/1.1 401 "))
            let right = "client_id=shop&client_secret=secret&grant_type="
            let forged = try await Self.answer(backend, "POST /token", form: right + "authorization_code&code=x.y.z")
            #expect(forged.body == #"{"error":"invalid_grant"}"#)
            let info = try await Self.answer(backend, "GET /userinfo", ["Authorization: Bearer x"])
            #expect(info.head.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test(.covers("ALB-JWT-004")) func `makes tokens of every kind, and keys to go with them`() async throws {
        try await withBackend(Self.description()) { backend in
            let keys = try await Self.answer(backend, "GET /jwks?idp-more-keys=2&idp-large-key=1").body
            #expect(keys.ranges(of: #""kty":"RSA""#).count == 4)
            let modulus = try #require(Self.member("n", of: keys))
            #expect(modulus.utf8.count == 342)
            let token = try await Self.answer(backend, "GET /mint?claims=%7B%22a%22:1%7D").body
            #expect(Self.claims(of: token) == #"{"a":1}"#)
            #expect(token.split(separator: ".").count == 3)
            let unsigned = try await Self.answer(backend, "GET /mint?signature=none").body
            #expect(unsigned.hasSuffix("."))
            let broken = try await Self.answer(backend, "GET /mint?claims=%7B%22a%22:1%7D&signature=broken").body
            #expect(broken != token && broken.utf8.count == token.utf8.count)
        }
    }

    @Test func `obeys the switches that every backend obeys, and answers other paths as ever`() async throws {
        try await withBackend(Self.description()) { backend in
            let status = try await Self.answer(backend, "GET /jwks?elb-status=503")
            #expect(status.head.hasPrefix("HTTP/1.1 503 "))
            #expect(try await Self.answer(backend, "GET /jwks?elb-body-bytes=10").body == "0123456789")
            #expect(try await Self.answer(backend, "GET /").body == "Idp zone a\n")
            try await backend.set(.fail(status: 500))
            #expect(try await Self.answer(backend, "GET /jwks").head.hasPrefix("HTTP/1.1 500 "))
        }
    }

    @Test(.covers("ALB-AUTH-007")) func `takes callback URLs in lower case only`() {
        #expect(IdentityProviderSettings(callbackURLs: ["https://shop.example.com/oauth2/idpresponse"]).problem == nil)
        let wrong = [
            "https://Shop.example.com/oauth2/idpresponse", "https://a.example.com/", "http://a/oauth2/idpresponse",
        ]
        for url in wrong {
            #expect(IdentityProviderSettings(callbackURLs: [url]).problem != nil)
        }
    }

    @Test func `travels to a child process with its settings and its certificate`() throws {
        var description = Self.description(
            IdentityProviderSettings(issuer: "i", domains: ["d"], callbackURLs: [], clients: ["a": "b"])
        )
        description.credentials = BackendCredentials(certificate: "c", privateKey: "k")
        let data = try JSONEncoder().encode(description)
        #expect(try JSONDecoder().decode(BackendDescription.self, from: data) == description)
    }
}
