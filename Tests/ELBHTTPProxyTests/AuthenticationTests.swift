import ELBCore
import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

// AWS has these actions on HTTPS listeners only, and so has the model's validation; below it, the way of a request is the same
// in clear text, and the bytes are easier to see.
@Suite(.timeLimit(.minutes(1))) struct `Authentication by a running balancer` {
    private static let forward = RuleAction.forward(ForwardAction(to: RunningBalancer.groupID))

    @Test(
        .covers(
            "ALB-AUTH-010",
            "ALB-AUTH-013",
            "ALB-AUTH-026",
            "ALB-RULE-015",
            "ALB-LOG-025",
            "ALB-MET-021"
        )
    )
    func `logs a user in and tells the target who he is`() async throws {
        let backend = try await TestBackend.start { _, _ in
            .bytes(
                "HTTP/1.1 200 OK\r\nSet-Cookie: AWSELBAuthSessionCookie-0=; Max-Age=-1\r\nContent-Length: 5\r\n\r\nhello"
            )
        }
        let provider = try await ScriptedProvider.start()
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            defaultActions: [provider.action(), Self.forward]
        )
        var browser = Browser()
        let back = try await browser.logIn(running)
        #expect(back.hasPrefix("HTTP/1.1 302 Found\r\n"))
        #expect(Browser.location(of: back) == "https://app.example.com/cart?a=1")
        #expect(
            provider.server.requests.compactMap { $0.text.split(separator: "\r\n").first.map(String.init) } == [
                "POST /token HTTP/1.1", "GET /userinfo HTTP/1.1",
            ]
        )
        let answer = try await running.exchange(
            browser.get("/cart?a=1", "X-Amzn-Oidc-Identity: mallory", "x-amzn-oidc-data: e30.e30.")
        ).text
        #expect(answer.hasSuffix("hello"))
        // What the target says of the cookies passes: that is how applications log users out.
        #expect(answer.contains("\r\nSet-Cookie: AWSELBAuthSessionCookie-0=; Max-Age=-1\r\n"))
        let seen = try #require(backend.requests.first?.text)
        #expect(seen.contains("\r\nx-amzn-oidc-identity: ann\r\n"))
        #expect(seen.contains("\r\nx-amzn-oidc-accesstoken: AT\r\n"))
        #expect(!seen.contains("mallory"))
        #expect(seen.lowercased().ranges(of: "x-amzn-oidc-data: ").count == 1)
        let counters = await running.authenticationCounters()
        #expect(counters.elbAuthSuccess == 1)
        #expect(counters.elbAuthLatency.count == 1)
        await running.stop()
        let actions = running.log.lines.map { $0.split(separator: "\"")[11] }
        #expect(actions == ["authenticate", "authenticate", "authenticate,forward"])
        await provider.server.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-AUTH-008")) func `lets no client say who he is where strangers are allowed`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let provider = try await ScriptedProvider.start()
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            defaultActions: [provider.action { $0.session.onUnauthenticatedRequest = .allow }, Self.forward]
        )
        let answer = try await running.exchange(Browser().get("/", "x-amzn-oidc-identity: mallory")).text
        #expect(answer.hasSuffix("hello"))
        #expect(backend.requests.first?.text.lowercased().contains("x-amzn-oidc") == false)
        await running.stop()
        await provider.server.stop()
        await backend.stop()
    }

    @Test(
        .covers("ALB-AUTH-011", "ALB-AUTH-028", "ALB-LOG-027", "ALB-MET-021", "ALB-ERR-022"),
        arguments: ["POST /token ", "GET /userinfo "]
    )
    func `answers 500 when an endpoint is silent for five seconds`(endpoint: String) async throws {
        let provider = try await ScriptedProvider.start { $0.hasPrefix(endpoint) ? .silence : nil }
        let running = try await RunningBalancer.start(
            backends: [],
            timeScale: 50,
            defaultActions: [provider.action(), .fixedResponse(FixedResponseAction(statusCode: 200))]
        )
        var browser = Browser()
        #expect(try await browser.logIn(running).hasPrefix("HTTP/1.1 500 "))
        #expect(await running.authenticationCounters().elbAuthError == 1)
        await running.stop()
        let reason = endpoint.hasPrefix("POST") ? "AuthTokenEpRequestTimeout" : "AuthUserinfoEpRequestTimeout"
        #expect(running.log.lines.last?.contains(#""authenticate" "-" "\#(reason)" "#) == true)
        await provider.server.stop()
    }

    @Test(.covers("ALB-AUTH-012", "ALB-AUTH-029")) func `answers 500 when nobody is there, or nobody trustworthy`()
        async throws
    {
        let stranger = try await ScriptedProvider.start()
        let port = stranger.server.port
        // It speaks no TLS at all, and the name leads nowhere.
        for url in ["https://127.0.0.1:\(port)/token", "http://nobody.invalid/token", "http://127.0.0.1:1/token"] {
            // At twice the speed, so that five seconds of AWS's end before this client's patience does.
            let running = try await RunningBalancer.start(
                backends: [],
                timeScale: 2,
                defaultActions: [
                    stranger.action { $0.tokenEndpoint = url }, .fixedResponse(FixedResponseAction(statusCode: 200)),
                ]
            )
            var browser = Browser()
            #expect(try await browser.logIn(running).hasPrefix("HTTP/1.1 500 "), "\(url)")
            await running.stop()
            // A name server that is not there either may take its time.
            let reasons = ["AuthTokenEpRequestFailed", "AuthTokenEpRequestTimeout"]
            #expect(reasons.contains { running.log.lines.last?.contains($0) == true })
        }
        await stranger.server.stop()
    }

    @Test(.covers("ALB-JWT-003", "ALB-JWT-007", "ALB-JWT-014", "ALB-JWT-015", "ALB-MET-022"))
    func `lets good tokens on, and asks for the keys once`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let provider = try await ScriptedProvider.start {
            $0.hasPrefix("GET /jwks ") ? .bytes(ScriptedProvider.json(SignedSample.keySet)) : nil
        }
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            defaultActions: [provider.tokenCheck(), Self.forward]
        )
        for _ in 0..<3 {
            let good = try await running.exchange(Browser().get("/", "Authorization: Bearer \(SignedSample.token)"))
                .text
            #expect(good.hasSuffix("hello"))
        }
        #expect(provider.server.requests.count == 1)
        #expect(backend.requests.first?.text.contains("\r\nAuthorization: Bearer \(SignedSample.token)\r\n") == true)
        let spoilt = SignedSample.token.replacing(".", with: ".e", maxReplacements: 1)
        for field in ["X-Nothing: 1", "Authorization: Bearer \(spoilt)", "Authorization: Basic YTpi"] {
            #expect(try await running.exchange(Browser().get("/", field)).text.hasPrefix("HTTP/1.1 401 "))
        }
        #expect(backend.requests.count == 3)
        #expect(await running.authenticationCounters().jwtValidationFailureCount == 3)
        await running.stop()
        let log = running.log.lines
        #expect(log.count { $0.contains("JWTHeaderNotPresent") } == 1)
        #expect(log.count { $0.contains("JWTRequestFormatInvalid") } >= 1)
        await provider.server.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-JWT-009", "ALB-JWT-015")) func `asks again for a key it does not know, but not at once`()
        async throws
    {
        let provider = try await ScriptedProvider.start {
            $0.hasPrefix("GET /jwks ")
                ? .bytes(ScriptedProvider.json(SignedSample.keySet.replacing(#""kid":"k""#, with: #""kid":"new""#)))
                : nil
        }
        let running = try await RunningBalancer.start(
            backends: [],
            timeScale: 100,
            defaultActions: [provider.tokenCheck(), .fixedResponse(FixedResponseAction(statusCode: 200))]
        )
        let request = Browser().get("/", "Authorization: Bearer \(SignedSample.token)")
        for _ in 0..<3 { #expect(try await running.exchange(request).text.hasPrefix("HTTP/1.1 401 ")) }
        #expect(provider.server.requests.count == 1)
        // Ten seconds of the configuration are a tenth of one here.
        while provider.server.requests.count < 2 { _ = try await running.exchange(request) }
        await running.stop()
        await provider.server.stop()
    }

    @Test(.covers("ALB-JWT-013", "ALB-ERR-047")) func `answers 562 when the key endpoint answers wrongly`() async throws
    {
        let provider = try await ScriptedProvider.start()
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [provider.tokenCheck(), .fixedResponse(FixedResponseAction(statusCode: 200))]
        )
        let answer = try await running.exchange(Browser().get("/", "Authorization: Bearer \(SignedSample.token)")).text
        #expect(answer.hasPrefix("HTTP/1.1 562 "))
        await running.stop()
        #expect(running.log.lines.last?.contains("JWKSRequestFailed") == true)
        await provider.server.stop()
    }

    @Test func `holds a body and the requests behind it while it waits`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let keys = ScriptedProvider.json(SignedSample.keySet)
        let provider = try await ScriptedProvider.start {
            $0.hasPrefix("GET /jwks ")
                ? .drip([String(keys.prefix(20)), String(keys.dropFirst(20))], milliseconds: 100) : nil
        }
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            defaultActions: [provider.tokenCheck(), Self.forward]
        )
        let client = try await running.connect()
        let token = "Authorization: Bearer \(SignedSample.token)"
        let body = String(repeating: "b", count: 300_000)
        await client.send(
            "POST /a HTTP/1.1\r\nHost: a\r\n\(token)\r\nContent-Length: 300000\r\n\r\n\(body)"
                + "GET /b HTTP/1.1\r\nHost: a\r\n\(token)\r\n\r\n"
        )
        let received = await client.receive { $0.count(of: "hello") == 2 }
        #expect(received.ending == .matched)
        #expect(backend.requests.map { String($0.text.prefix(7)) } == ["POST /a", "GET /b "])
        #expect(backend.requests[0].text.hasSuffix(body))
        client.close()
        await running.stop()
        await provider.server.stop()
        await backend.stop()
    }

    @Test func `asks no more when the client has left`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let provider = try await ScriptedProvider.start { $0.hasPrefix("POST /token ") ? .silence : nil }
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            defaultActions: [provider.action(), Self.forward]
        )
        var browser = Browser()
        let first = try await running.exchange(browser.get("/")).text
        browser.keep(first)
        let client = try await running.connect()
        await client.send(browser.get("/oauth2/idpresponse?code=c&state=\(Browser.parameter("state", of: first))"))
        while provider.server.requests.isEmpty { await Task.yield() }
        client.close(reset: true)
        while provider.server.openConnections > 0 { await Task.yield() }
        #expect(provider.server.requests.count == 1)
        await running.stop()
        await provider.server.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-AUTH-025", "ALB-MET-021")) func `refreshes a session on the way, and sets its cookie anew`()
        async throws
    {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let provider = try await ScriptedProvider.start {
            $0.hasPrefix("POST /token ")
                ? .bytes(ScriptedProvider.json(ScriptedProvider.tokens(more: #","expires_in":0,"refresh_token":"RT""#)))
                : nil
        }
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            defaultActions: [provider.action(), Self.forward]
        )
        var browser = Browser()
        _ = try await browser.logIn(running)
        let answer = try await running.exchange(browser.get("/")).text
        #expect(answer.hasSuffix("hello"))
        #expect(answer.contains("\r\nSet-Cookie: AWSELBAuthSessionCookie-0="))
        #expect(provider.server.requests.count == 4)
        #expect(provider.server.requests[2].text.hasSuffix("grant_type=refresh_token&refresh_token=RT"))
        #expect(backend.requests.first?.text.contains("x-amzn-oidc-identity: ann") == true)
        #expect(await running.authenticationCounters().elbAuthRefreshTokenSuccess == 1)
        await running.stop()
        await provider.server.stop()
        await backend.stop()
    }

    @Test(.covers("ALB-AUTH-017", "ALB-AUTH-018"))
    func `knows its users at every node and after a change of configuration`() async throws {
        let provider = try await ScriptedProvider.start()
        let running = try await RunningBalancer.start(
            backends: [],
            defaultActions: [
                provider.action(), .fixedResponse(FixedResponseAction(statusCode: 200, messageBody: "in")),
            ]
        )
        var browser = Browser()
        _ = try await browser.logIn(running)
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await running.exchange(browser.get("/")).text.hasSuffix("in"))
        await running.stop()
        await provider.server.stop()
    }
}
