import ELBCore
import ELBModel
import ELBWire

/// Cryptography that anybody can see through: sealing keeps the text, and a signature is good if it says so.
struct GlassCryptography: AuthenticationCryptography {
    let keyID = "key-1"

    func seal(_ text: [UInt8], for purpose: [UInt8]) -> [UInt8] { Array("sealed:".utf8) + purpose + [0] + text }

    func open(_ sealed: [UInt8], for purpose: [UInt8]) -> [UInt8]? {
        let expected = Array("sealed:".utf8) + purpose + [0]
        return sealed.starts(with: expected) ? Array(sealed.dropFirst(expected.count)) : nil
    }

    func randomBytes(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }

    func signES256(_ message: [UInt8]) -> [UInt8] { Array(repeating: 1, count: 64) }

    func verifiesRS256(_ signature: [UInt8], of message: [UInt8], by key: RSAPublicKey) -> Bool {
        signature == Array("good".utf8)
    }
}

/// Everything a test of authentication needs: a compiled listener, a clock, a browser's cookies.
struct AuthenticationBench {
    static let second: Int64 = 1_000_000
    /// Some moment of 2025.
    static let start: Int64 = 1_750_000_000 * second

    var now = Self.start
    var cookies: [(name: String, value: String)] = []
    let listener: CompiledListener

    init(_ question: RuleAction, quirks: Set<Quirk> = []) throws {
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "test"),
            nodes: [],
            listeners: [
                Listener(
                    port: 443,
                    protocol: .https,
                    defaultActions: [question, .fixedResponse(FixedResponseAction(statusCode: 200))]
                )
            ],
            dnsName: "test.elb.aws.test",
            quirks: quirks
        )
        self.listener = try Snapshot(compiling: loadBalancer, targetGroups: []).listeners[0]
    }

    static func oidc(_ configure: (inout AuthenticateOIDCAction) -> Void = { _ in }) -> RuleAction {
        var action = AuthenticateOIDCAction(
            issuer: "https://idp.example.com",
            authorizationEndpoint: "https://idp.example.com/authorize",
            tokenEndpoint: "https://idp.example.com/token",
            userInfoEndpoint: "https://idp.example.com/userinfo",
            clientID: "lab",
            clientSecret: "a:b"
        )
        configure(&action)
        return .authenticateOIDC(action)
    }

    var context: AuthenticationContext {
        AuthenticationContext(
            time: self.now,
            secondLength: Self.second,
            cryptography: GlassCryptography(),
            signer: "arn:lb"
        )
    }

    var login: CompiledLogin {
        get throws {
            guard case .login(let login)? = self.listener.questions.question(of: RuleMatch(action: 0, priority: 0))
            else {
                throw BenchError.noLogin
            }
            return login
        }
    }

    var check: CompiledTokenCheck {
        get throws {
            guard case .token(let check)? = self.listener.questions.question(of: RuleMatch(action: 0, priority: 0))
            else {
                throw BenchError.noLogin
            }
            return check
        }
    }

    enum BenchError: Error { case noLogin }

    /// Parses a head and gives it to `body`. Lines may be added; Host and cookies are.
    func withHead<Result>(
        _ line: String,
        _ fields: [String] = [],
        host: String? = "App.example.com:8443",
        _ body: (borrowing RequestHead, Span<UInt8>) throws -> Result
    ) rethrows -> Result {
        var lines = [line] + (host.map { ["Host: \($0)"] } ?? []) + fields
        if !self.cookies.isEmpty {
            lines.append("Cookie: " + self.cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
        }
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = RequestHeadParser()
        var head = RequestHead()
        _ = parser.parse(bytes.span, into: &head)
        return try body(head, bytes.span)
    }

    func admit(
        _ line: String = "GET /cart?a=1 HTTP/1.1",
        _ fields: [String] = [],
        host: String? = "App.example.com:8443"
    ) throws -> CompiledLogin.Decision {
        let login = try self.login
        return self.withHead(line, fields, host: host) { login.admit($0, bytes: $1, self.context) }
    }

    func callback(_ query: String) -> LoginCallback {
        self.withHead("GET /oauth2/idpresponse?\(query) HTTP/1.1") { head, bytes in
            LoginCallback(head, bytes: bytes, logins: self.listener.questions.logins, self.context)
        }
    }

    /// Keeps what an answer sets, as a browser does.
    mutating func keepCookies(of fields: [UInt8]) {
        for line in String(decoding: fields, as: UTF8.self).split(separator: "\r\n") {
            let pair = line.dropFirst("Set-Cookie: ".count).prefix { $0 != ";" }
            let parts = pair.split(separator: "=", maxSplits: 1)
            let name = String(parts[0])
            self.cookies.removeAll { $0.name == name }
            self.cookies.append((name, parts.count > 1 ? String(parts[1]) : ""))
        }
    }

    /// Goes as far as the provider and returns the `state` that it would send back.
    mutating func beginLogin() throws -> String {
        guard case .redirect(let answer) = try self.admit() else { throw BenchError.noLogin }
        self.keepCookies(of: answer.fields)
        return Self.parameter("state", of: answer.location)
    }

    static func parameter(_ name: String, of url: [UInt8]) -> String {
        let text = String(decoding: url, as: UTF8.self)
        for part in text.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") where part.hasPrefix(name + "=") {
            return String(part.dropFirst(name.count + 1))
        }
        return ""
    }

    /// A token whose signature the glass cryptography takes for good, unless told otherwise.
    static func token(_ claims: String, signature: String = "good") -> String {
        Self.token(#"{"alg":"RS256","kid":"k"}"#, claims, signature: signature)
    }

    static func token(_ header: String, _ claims: String, signature: String = "good") -> String {
        [header, claims, signature].map { part in
            var text: [UInt8] = []
            let bytes = Array(part.utf8)
            Base64URL.append(bytes.span, to: &text)
            return String(decoding: text, as: UTF8.self)
        }.joined(separator: ".")
    }

    static func idToken(
        issuer: String = "https://idp.example.com",
        audience: String = #""lab""#,
        expires: Int64 = Self.start / Self.second + 60,
        subject: String = "ann"
    ) -> String {
        Self.token(
            #"{"alg":"RS256"}"#,
            #"{"iss":"\#(issuer)","aud":\#(audience),"exp":\#(expires),"sub":"\#(subject)"}"#
        )
    }

    static func tokens(idToken: String? = Self.idToken(), more: String = "") -> ProviderAnswer {
        let id = idToken.map { #","id_token":"\#($0)""# } ?? ""
        return .response(status: 200, body: Array(#"{"access_token":"AT","token_type":"Bearer"\#(id)\#(more)}"#.utf8))
    }

    static func userInfo(_ json: String = #"{"sub":"ann","email":"ann@example.com"}"#) -> ProviderAnswer {
        .response(status: 200, body: Array(json.utf8))
    }

    /// A whole login; afterwards the browser has its session.
    mutating func logIn(more: String = "", userInfo: ProviderAnswer = Self.userInfo()) throws -> OwnAnswer {
        let state = try self.beginLogin()
        guard case .exchange(var session) = self.callback("code=c&state=\(state)"),
            case .ask = session.answered(Self.tokens(more: more), self.context),
            case .loggedIn(let answer) = session.answered(userInfo, self.context)
        else { throw BenchError.noLogin }
        self.keepCookies(of: answer.fields)
        return answer
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}
