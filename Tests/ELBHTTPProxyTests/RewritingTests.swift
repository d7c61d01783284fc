import ELBHTTPProxy
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Requests and responses that are changed on their way` {
    private static func rule(_ priority: Int, _ path: String, _ transforms: RuleTransform...) -> ListenerRule {
        ListenerRule(
            priority: priority,
            conditions: [.pathPattern(.patterns([path]))],
            actions: [.forward(ForwardAction(to: RunningBalancer.groupID))],
            transforms: transforms
        )
    }

    @Test(
        .covers(
            "ALB-XFRM-003",
            "ALB-XFRM-004",
            "ALB-XFRM-008",
            "ALB-XFRM-009",
            "ALB-XFRM-011",
            "ALB-XFRM-012",
            "ALB-XFRM-013",
            "ALB-ERR-023",
            "ALB-RULE-020",
            "ALB-RULE-021"
        )
    )
    func `reach the target rewritten and the log as they came`() async throws {
        let backend = try await TestBackend.start { _, _ in .bytes(Forwarding.hello) }
        let running = try await RunningBalancer.start(
            backends: [backend.port],
            rules: [
                Self.rule(
                    10,
                    "/a/*",
                    RuleTransform(.urlRewrite, regex: "^/a/", replace: "/b/"),
                    RuleTransform(.hostHeaderRewrite, regex: "^www", replace: "api")
                ),
                Self.rule(20, "/broken", RuleTransform(.urlRewrite, regex: "^/broken", replace: "x")),
            ],
            defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 404))]
        )
        let client = try await running.connect()
        for request in [
            "GET /a/x?y=1 HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
            "GET /a/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /broken HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "GET /b/x HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            await client.send(request)
            _ = await client.receiveResponse()
        }
        client.close()
        let refused = try await running.exchange("BAD\r\n\r\n").text
        #expect(refused.hasPrefix("HTTP/1.1 400 "))
        await running.stop()
        #expect(backend.requests.count == 2)
        #expect(
            backend.requests[0].text.hasPrefix("GET /b/x?y=1 HTTP/1.1\r\nHost: api.example.com:\(running.port)\r\n")
        )
        #expect(backend.requests[1].text.hasPrefix("GET /b/x HTTP/1.1\r\nHost: test-1."))
        let lines = running.log.lines
        try #require(lines.count == 5)
        #expect(lines[0].contains(#""GET http://www.example.com:\#(running.port)/a/x?y=1 HTTP/1.1""#))
        #expect(lines[0].contains(#""rewrite,forward""#))
        #expect(lines[0].contains(#" 10 20"#))
        #expect(lines[0].contains(#" "api.example.com" "/b/x?y=1" "TransformSuccess" "#))
        // There is no host to rewrite (ALB-XFRM-012).
        #expect(lines[1].contains(#" "-" "/b/x" "TransformSuccess" "#))
        #expect(lines[2].contains(" 500 - ") && lines[2].contains(#" "-" "-" "TransformInvalidPath" "#))
        #expect(lines[3].contains(" 404 - ") && lines[3].contains(#""fixed-response" "-" "-" "-" "-" "-" "-" TID_"#))
        #expect(lines[4].contains(#""-" "-" "-" - 20"#))
    }

    @Test(
        .covers("ALB-HMOD-005", "ALB-HMOD-007", "ALB-HMOD-008", "ALB-HMOD-014"),
        arguments: [200, 404, 500]
    )
    func `get the listener's headers, whoever answers`(status: Int) async throws {
        let backend = try await TestBackend.start { _, _ in
            .bytes("HTTP/1.1 \(status) X\r\nX-Frame-Options: ALLOW\r\nServer: mine\r\nContent-Length: 0\r\n\r\n")
        }
        var running = try await RunningBalancer.start(backends: [backend.port])
        let listener = running.loadBalancer.listeners[0]
        var attributes = ListenerAttributes()
        attributes.serverHeaderEnabled = false
        attributes.responseHeaders = [.frameOptions: "DENY", .accessControlAllowOrigin: "*"]
        running.loadBalancer.listeners[0].attributes = attributes
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)

        let preflight =
            "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nAccess-Control-Request-Method: PUT\r\n\r\n"
        let answer = try await running.exchange(preflight).text
        #expect(answer.hasPrefix("HTTP/1.1 \(status) X\r\n"))
        #expect(answer.count(of: "X-Frame-Options: DENY\r\n") == 1 && !answer.contains("ALLOW"))
        #expect(answer.contains("Access-Control-Allow-Origin: *\r\n") && answer.contains("Server: mine\r\n"))
        #expect(backend.requests.count == 1)
        let refusal = try await running.exchange("BAD\r\n\r\n").text
        #expect(refusal.contains("X-Frame-Options: DENY\r\n") && !refusal.contains("Server:"))
        // Without them everything is as it was.
        running.loadBalancer.listeners[0] = listener
        try await running.balancer.apply(running.loadBalancer, targetGroups: running.targetGroups)
        #expect(try await running.exchange(preflight).text.contains("X-Frame-Options: ALLOW\r\n"))
        await running.stop()
        await backend.stop()
    }
}
