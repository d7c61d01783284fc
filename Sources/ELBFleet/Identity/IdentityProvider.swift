import ELBModel
import FoundationEssentials

/// A fake OpenID Connect provider: users consent at once, and everything that a real one could do wrong can be asked for in the
/// query of its endpoints (docs/fleet.md). It remembers nobody: codes and refresh tokens say by themselves whose they are.
struct IdentityProvider {
    let backend: BackendDescription
    let record: RequestRecord
    private let query: FormFields
    /// Seconds since 1970.
    private let now: Int64

    /// What it answers.
    struct Answer {
        var status = 200
        var contentType = "application/json"
        var fields: [RecordedField] = []
        var body = ""
    }

    /// The user who consents when nobody else is hinted at.
    static let usualUser = "ann"
    /// Seconds that an access token is good for, unless asked for otherwise.
    private static let usualLifetime = 3600

    init(_ backend: BackendDescription, _ record: RequestRecord) {
        self.backend = backend
        self.record = record
        self.query = FormFields(record.target.drop { $0 != "?" }.dropFirst())
        self.now = record.wallClockMicroseconds / 1_000_000
    }

    /// The answer; `nil` for paths that are none of a provider's.
    var answer: Answer? {
        switch self.record.path {
        case "/.well-known/openid-configuration": self.discovery
        case "/authorize", "/oauth2/authorize": self.authorization
        case "/token", "/oauth2/token": self.tokens
        case "/userinfo", "/oauth2/userInfo": self.userInfo
        case "/jwks", "/.well-known/jwks.json": self.keySet
        case "/logout": self.logout
        case "/mint": self.minted
        default: nil
        }
    }

    private var settings: IdentityProviderSettings { self.backend.behaviour.identityProvider ?? .init() }

    private var base: String { "https://\(self.backend.address):\(self.record.localPort)" }

    private var issuer: String { self.settings.issuer ?? self.base }

    // MARK: Endpoints

    private var discovery: Answer {
        let endpoints = [
            ("issuer", self.issuer), ("authorization_endpoint", self.base + "/authorize"),
            ("token_endpoint", self.base + "/token"), ("userinfo_endpoint", self.base + "/userinfo"),
            ("jwks_uri", self.base + "/jwks"), ("end_session_endpoint", self.base + "/logout"),
        ]
        return Answer(body: Self.object(endpoints.map { ($0, Self.quoted($1)) }))
    }

    /// The user says yes at once, or `idp-error` in his place; `login_hint` tells who he is.
    private var authorization: Answer {
        guard let callback = self.query["redirect_uri"], self.allows(callback),
            self.query["response_type"] == "code", let client = self.query["client_id"], self.knows(client)
        else {
            // Never sent back to a place that is not registered (RFC 6749, section 4.1.2.1).
            return Answer(status: 400, contentType: "text/plain; charset=utf-8", body: "this request is not allowed\n")
        }
        var parameters: [(String, String)]
        if let error = self.query["idp-error"] {
            parameters = [("error", error)]
        } else {
            let user = self.query["login_hint"] ?? Self.usualUser
            parameters = [("code", Self.ticket("code", user, self.query["scope"] ?? ""))]
        }
        if let state = self.query["state"] { parameters.append(("state", state)) }
        let separator = callback.contains("?") ? "&" : "?"
        let text = parameters.map { "\($0)=\(FormFields.encoded($1))" }.joined(separator: "&")
        return Answer(
            status: 302,
            contentType: "text/plain; charset=utf-8",
            fields: [RecordedField(name: "Location", value: callback + separator + text)]
        )
    }

    private var tokens: Answer {
        let form = FormFields(String(decoding: self.record.body.bytes, as: UTF8.self))
        guard let client = self.client(form) else { return Self.failure("invalid_client", status: 401) }
        if let error = self.query["idp-error"] { return Self.failure(error) }
        switch form["grant_type"] {
        case "authorization_code":
            guard let (user, scope) = Self.open("code", form["code"] ?? "") else {
                return Self.failure("invalid_grant")
            }
            return self.tokens(for: user, scope: scope, client: client)
        case "refresh_token":
            guard let (user, scope) = Self.open("refresh", form["refresh_token"] ?? "") else {
                return Self.failure("invalid_grant")
            }
            return self.tokens(for: user, scope: scope, client: client)
        case "client_credentials":
            let scope = form["scope"].map { [("scope", Self.quoted($0))] } ?? []
            let claims = self.claims(subject: client) + [("client_id", Self.quoted(client))] + scope
            let token = ProviderKeys.shared.token(header: Self.header(), claims: Self.object(claims))
            return Answer(body: Self.object(self.bearer(token)))
        default: return Self.failure("unsupported_grant_type")
        }
    }

    private func tokens(for user: String, scope: String, client: String) -> Answer {
        var members = self.bearer(Self.ticket("access", user, "\(self.record.sequence)"))
        let scopes = scope.split(separator: " ")
        if scopes.contains("openid") {
            let audience = self.query["idp-audience"] ?? client
            let claims = self.claims(subject: user) + [("aud", Self.quoted(audience))]
            let token = ProviderKeys.shared.token(header: Self.header(), claims: Self.object(claims))
            members.append(("id_token", Self.quoted(token)))
        }
        if scopes.contains("offline_access") {
            members.append(("refresh_token", Self.quoted(Self.ticket("refresh", user, scope))))
        }
        return Answer(body: self.object(withoutOmitted: members))
    }

    private var userInfo: Answer {
        let bearer = self.record.values(of: "authorization").first ?? ""
        guard bearer.hasPrefix("Bearer "), let (user, number) = Self.open("access", bearer.dropFirst(7)) else {
            return Answer(
                status: 401,
                fields: [RecordedField(name: "WWW-Authenticate", value: "Bearer error=\"invalid_token\"")],
                body: Self.object([("error", Self.quoted("invalid_token"))])
            )
        }
        var members = [
            ("sub", Self.quoted(self.query["idp-sub"] ?? user)), ("name", Self.quoted(user.capitalizedASCII)),
            ("email", Self.quoted("\(user)@example.com")),
            // Tells a refreshed claim from an older one.
            ("token_number", Self.quoted(number)),
        ]
        if let length = self.query.number("idp-pad", in: 0...1 << 20) {
            members.append(("padding", Self.quoted(String(repeating: "x", count: length))))
        }
        return Answer(body: self.object(withoutOmitted: members))
    }

    private var keySet: Answer {
        let keys = ProviderKeys.shared
        let type = self.query["idp-key-type"] ?? "RSA"
        var texts = [self.key(ProviderKeys.keyID, keys.modulus, keys.exponent, type: type)]
        if self.query["idp-large-key"] != nil {
            texts.append(
                self.key(ProviderKeys.largeKeyID, Array(repeating: 0xfd, count: 512), keys.exponent, type: type)
            )
        }
        for number in 0..<(self.query.number("idp-more-keys", in: 0...1000) ?? 0) {
            texts.append(self.key("more-\(number)", keys.modulus, keys.exponent, type: type))
        }
        return Answer(body: #"{"keys":[\#(texts.joined(separator: ","))]}"#)
    }

    private func key(_ id: String, _ modulus: [UInt8], _ exponent: [UInt8], type: String) -> String {
        self.object(withoutOmitted: [
            ("kty", Self.quoted(type)), ("kid", Self.quoted(id)), ("use", Self.quoted("sig")),
            ("alg", Self.quoted("RS256")), ("n", Self.quoted(ProviderKeys.encoded(modulus))),
            ("e", Self.quoted(ProviderKeys.encoded(exponent))),
        ])
    }

    private var logout: Answer {
        guard let place = self.query["post_logout_redirect_uri"] else {
            return Answer(contentType: "text/plain; charset=utf-8", body: "logged out\n")
        }
        return Answer(
            status: 302,
            contentType: "text/plain; charset=utf-8",
            fields: [RecordedField(name: "Location", value: place.filter { $0 != "\r" && $0 != "\n" })]
        )
    }

    /// A token of any kind: `header` and `claims` are JSON as they stand, `signature=none` or `broken` spoils it.
    private var minted: Answer {
        let header = self.query["header"] ?? Self.header()
        let claims = self.query["claims"] ?? Self.object(self.claims(subject: Self.usualUser))
        var token = ProviderKeys.shared.token(
            header: header,
            claims: claims,
            isSigned: self.query["signature"] != "none"
        )
        if self.query["signature"] == "broken" {
            // The last character holds bits that do not count; one in the middle counts.
            let place = token.index(token.endIndex, offsetBy: -100)
            token.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
        }
        return Answer(contentType: "text/plain; charset=utf-8", body: token)
    }

    // MARK: Parts

    private func allows(_ callback: String) -> Bool {
        guard !callback.contains("\r"), !callback.contains("\n") else { return false }
        return self.settings.callbackURLs.isEmpty || self.settings.callbackURLs.contains(callback)
    }

    private func knows(_ client: String) -> Bool {
        self.settings.clients.isEmpty || self.settings.clients[client] != nil
    }

    /// The client whose id and secret the request shows, as HTTP Basic or in the form.
    private func client(_ form: FormFields) -> String? {
        var (id, secret) = (form["client_id"] ?? "", form["client_secret"] ?? "")
        if let basic = self.record.values(of: "authorization").first, basic.hasPrefix("Basic "),
            let data = Data(base64Encoded: String(basic.dropFirst(6)))
        {
            let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1)
            // Both were encoded like a form before (RFC 6749, section 2.3.1).
            let decoded = parts.map { FormFields("x=\($0)")["x"] ?? "" }
            (id, secret) = (decoded.first ?? "", decoded.count > 1 ? decoded[1] : "")
        }
        guard !id.isEmpty else { return nil }
        return self.settings.clients.isEmpty || self.settings.clients[id] == secret ? id : nil
    }

    private func claims(subject: String) -> [(String, String)] {
        [
            ("iss", Self.quoted(self.query["idp-issuer"] ?? self.issuer)), ("sub", Self.quoted(subject)),
            ("iat", "\(self.now)"), ("exp", "\(self.now + Int64(Self.usualLifetime))"),
        ]
    }

    private func bearer(_ token: String) -> [(String, String)] {
        let lifetime = self.query.number("idp-expires-in", in: 0...1_000_000) ?? Self.usualLifetime
        return [
            ("access_token", Self.quoted(token)), ("token_type", Self.quoted("Bearer")), ("expires_in", "\(lifetime)"),
        ]
    }

    private static func header() -> String {
        Self.object([
            ("alg", Self.quoted("RS256")), ("typ", Self.quoted("JWT")), ("kid", Self.quoted(ProviderKeys.keyID)),
        ])
    }

    private static func failure(_ error: String, status: Int = 400) -> Answer {
        Answer(status: status, body: Self.object([("error", Self.quoted(error))]))
    }

    // MARK: Tickets

    /// A code or an opaque token that says by itself whose it is.
    private static func ticket(_ kind: String, _ user: String, _ rest: String) -> String {
        "\(kind).\(ProviderKeys.encoded(Array(user.utf8))).\(ProviderKeys.encoded(Array(rest.utf8)))"
    }

    private static func open(_ kind: String, _ ticket: some StringProtocol) -> (user: String, rest: String)? {
        let parts = ticket.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == kind, let user = ProviderKeys.decoded(parts[1]), !user.isEmpty,
            let rest = ProviderKeys.decoded(parts[2])
        else { return nil }
        return (String(decoding: user, as: UTF8.self), String(decoding: rest, as: UTF8.self))
    }

    // MARK: JSON

    /// Members named in `idp-omit` are left out.
    private func object(withoutOmitted members: [(String, String)]) -> String {
        let omitted = self.query.list("idp-omit")
        return Self.object(members.filter { !omitted.contains($0.0) })
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(Self.quoted($0)):\($1)" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u00" + (digits.utf8.count == 1 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension String {
    /// With a capital letter in front.
    fileprivate var capitalizedASCII: String {
        (self.first.map { String($0).uppercased() } ?? "") + self.dropFirst()
    }
}
