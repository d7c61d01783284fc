import ELBCore
import ELBHTTPProxy
import ELBModel
import FoundationEssentials

/// An identity provider in clear text, whose answers a test scripts, and the browser that comes along.
struct ScriptedProvider {
    let server: TestBackend

    /// - Parameter script: for paths other than `/token` and `/userinfo`, or to answer those otherwise.
    static func start(_ script: @escaping @Sendable (String) -> TestBackend.Reply? = { _ in nil }) async throws -> Self
    {
        let server = try await TestBackend.start { request, _ in
            if let reply = script(request) { return reply }
            if request.hasPrefix("POST /token ") { return .bytes(Self.json(Self.tokens())) }
            if request.hasPrefix("GET /userinfo ") {
                return .bytes(Self.json(#"{"sub":"ann","email":"ann@example.com"}"#))
            }
            return .bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        }
        return Self(server: server)
    }

    static func json(_ text: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
    }

    static func tokens(more: String = "") -> String {
        let claims = #"{"iss":"https://idp.example.com","aud":"lab","sub":"ann","exp":4102444800}"#
        let idToken = "\(Self.encoded(#"{"alg":"RS256"}"#)).\(Self.encoded(claims)).\(Self.encoded("x"))"
        return #"{"access_token":"AT","token_type":"Bearer","id_token":"\#(idToken)"\#(more)}"#
    }

    private static func encoded(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().filter { $0 != "=" }.map {
            switch $0 {
            case "+": "-"
            case "/": "_"
            default: String($0)
            }
        }.joined()
    }

    /// The action that logs users in here.
    func action(_ configure: (inout AuthenticateOIDCAction) -> Void = { _ in }) -> RuleAction {
        let base = "http://127.0.0.1:\(self.server.port)"
        var action = AuthenticateOIDCAction(
            issuer: "https://idp.example.com",
            authorizationEndpoint: "\(base)/authorize",
            tokenEndpoint: "\(base)/token",
            userInfoEndpoint: "\(base)/userinfo",
            clientID: "lab",
            clientSecret: "secret"
        )
        configure(&action)
        return .authenticateOIDC(action)
    }

    /// The action that checks tokens by the keys from here.
    func tokenCheck() -> RuleAction {
        .jwtValidation(
            .init(jwksEndpoint: "http://127.0.0.1:\(self.server.port)/jwks", issuer: "https://idp.example.com")
        )
    }
}

/// What a browser keeps between two requests.
struct Browser {
    private var cookies: [String: String] = [:]

    /// Keeps a response's cookies.
    mutating func keep(_ response: String) {
        for line in response.split(separator: "\r\n") where line.hasPrefix("Set-Cookie: ") {
            let pair = line.dropFirst("Set-Cookie: ".count).prefix { $0 != ";" }
            let parts = pair.split(separator: "=", maxSplits: 1)
            self.cookies[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    /// A GET with what is kept.
    func get(_ target: String, _ fields: String...) -> String {
        let cookies = self.cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let lines =
            ["GET \(target) HTTP/1.1", "Host: app.example.com"] + fields
            + (cookies.isEmpty ? [] : ["Cookie: \(cookies)"])
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    static func location(of response: String) -> String {
        let line = response.split(separator: "\r\n").first { $0.hasPrefix("Location: ") }
        return line.map { String($0.dropFirst("Location: ".count)) } ?? ""
    }

    /// The value of a parameter of the response's Location.
    static func parameter(_ name: String, of response: String) -> String {
        for part in Self.location(of: response).drop(while: { $0 != "?" }).dropFirst().split(separator: "&")
        where part.hasPrefix(name + "=") { return String(part.dropFirst(name.count + 1)) }
        return ""
    }

    /// Goes to the provider and comes back; returns the answer to the callback.
    mutating func logIn(_ running: RunningBalancer, _ target: String = "/cart?a=1") async throws -> String {
        let first = try await running.exchange(self.get(target)).text
        self.keep(first)
        let state = Self.parameter("state", of: first)
        let second = try await running.exchange(self.get("/oauth2/idpresponse?code=c&state=\(state)")).text
        self.keep(second)
        return second
    }
}

extension RunningBalancer {
    /// What the only node has counted since its start.
    func authenticationCounters() async -> LoadBalancerCounters {
        await self.balancer.metrics().nodes.first?.total.counters ?? LoadBalancerCounters()
    }
}
