import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Transforms of requests` {
    private func outcome(
        _ transforms: [RuleTransform],
        _ request: SampleRequest,
        quirks: Set<Quirk> = []
    ) throws -> RequestTransforms.Outcome {
        let rule = ListenerRule(
            priority: 1,
            conditions: [.path("*")],
            actions: [SampleBalancer.fixed],
            transforms: transforms
        )
        let listener = try SampleBalancer.make(rules: [rule], quirks: quirks)
        return try request.parsed { head, bytes in
            let match = listener.match(head, bytes: bytes, peer: .loopback)
            return listener.transforms(of: match)?.apply(to: head, bytes: bytes) ?? .notApplied
        }
    }

    private func target(_ regex: String, _ replace: String, _ target: String) throws -> String {
        let transform = RuleTransform(.urlRewrite, regex: regex, replace: replace)
        return switch try self.outcome([transform], SampleRequest(target)) {
        case .notApplied: "not applied"
        case .failed(let status): status.rawValue
        case .applied(let rewritten):
            rewritten.target.map { String(decoding: $0, as: UTF8.self) } ?? "unchanged"
        }
    }

    @Test(
        .covers("ALB-XFRM-002", "ALB-XFRM-003", "ALB-XFRM-005", "ALB-XFRM-006", "ALB-XFRM-007", "ALB-XFRM-012"),
        arguments: [
            ("^/dp/([A-Za-z0-9]+)/?$", "/product.php?id=$1", "/dp/B0X/", "/product.php?id=B0X"),
            ("^/dp/([A-Za-z0-9]+)/?$", "/product.php?id=$1", "/dp/B-X", "not applied"),
            ("^/api/(.*)$", "/$1", "/api/v1/users?x=1", "/v1/users?x=1"),
            ("^/a/([^/]+)/([^/]+)$", "/$2/$1", "/a/b/c", "/c/b"), ("^/a/(b)?", "/$1", "/a/c", "/c"),
            ("^/(?<kind>[a-z]+)/(\\d+)$", "/$2/${1}s", "/pet/7", "/7/pets"), ("b", "$0$0", "/abc", "/abbc"),
            ("^/price/(.*)$", "/$$/$1$", "/price/1", "/$/1$"), ("^/A", "/x", "/a", "not applied"),
            // The expression sees the query: an end after the path does not match in front of one (ALB-XFRM-006).
            ("^/a$", "/b", "/a", "/b"), ("^/a$", "/b", "/a?x=1", "not applied"), ("x=1", "x=2", "/a?x=1", "/a?x=2"),
            // What it does not match stays, the query too (ALB-XFRM-007).
            ("^/a", "/b", "/a?x=1", "/b?x=1"), ("^/a.*$", "/b", "/a?x=1", "/b"),
            ("^/a", "/b?y=2&", "/a?x=1", "/b?y=2&?x=1"),
            ("^/same", "/same", "/same", "unchanged"), ("^/a", "/b", "http://example.com/a", "/b"),
            ("^/$", "/index.html", "http://example.com", "/index.html"),
        ]
    )
    func `rewrite path and query`(regex: String, replace: String, target: String, expected: String) throws {
        #expect(try self.target(regex, replace, target) == expected)
    }

    @Test(
        .covers("ALB-XFRM-010"),
        arguments: [
            ("^/svc", "", "/svc/a%3Ab", "/a:b"), ("^/svc", "", "/svc/a%2Fb%3Fc%25%20", "/a%2Fb%3Fc%25%20"),
            ("^/svc", "", "/svc/%zz%4", "/%zz%4"), ("^/svc", "", "/svc/%61?q=%61", "/a?q=%61"),
        ]
    )
    func `see the path with needless escapes decoded`(
        regex: String,
        replace: String,
        target: String,
        expected: String
    ) throws {
        #expect(try self.target(regex, replace, target) == expected)
    }

    @Test func `do not decode a path that they do not match`() throws {
        #expect(try self.target("^/x", "/y", "/a%3Ab") == "not applied")
    }

    @Test(
        .covers("ALB-XFRM-004", "ALB-XFRM-011"),
        arguments: [
            ("^/a", "b", "/a", "TransformInvalidPath"), ("^/a", "/b c", "/a", "TransformInvalidPath"),
            ("^/a", "/b#c", "/a", "TransformInvalidPath"), ("^.*$", "", "/a", "TransformInvalidPath"),
            ("^/(a)", "/$2", "/a", "TransformReplaceError"),
            ("((a{100}){100}){100}", "/", "/a", "TransformCompileTooBig"),
            ("(a", "/", "/a", "TransformRegexSyntaxError"),
            (
                "^/(.*)$", "/" + String(repeating: "$1", count: 400), "/" + String(repeating: "a", count: 100),
                "TransformBufferTooSmall"
            ),
        ]
    )
    func `fail with AWS's words`(regex: String, replace: String, target: String, expected: String) throws {
        #expect(try self.target(regex, replace, target) == expected)
    }

    @Test(
        .covers("ALB-XFRM-002", "ALB-XFRM-004", "ALB-XFRM-012"),
        arguments: [
            ("^mywebsite-(.+).com$", "internal.dev.$1.myweb.com", "mywebsite-shop.com", "internal.dev.shop.myweb.com"),
            ("^EXAMPLE", "x", "Example.com", "x.com"), ("^a$", "b", "a:8080", "b"), ("^a$", "a", "a", "unchanged"),
            ("^x", "y", "a", "not applied"), ("^a", "b c", "a", "TransformInvalidHost"),
            ("^a", "", "a", "TransformInvalidHost"), ("^a", "b/c", "a", "TransformInvalidHost"),
            ("^a", "b:x", "a", "TransformInvalidHost"), ("^a", "b:81", "a", "b:81"), ("^a", "[::1]", "a", "[::1]"),
        ]
    )
    func `rewrite the host`(regex: String, replace: String, host: String, expected: String) throws {
        let transform = RuleTransform(.hostHeaderRewrite, regex: regex, replace: replace)
        let seen: String
        switch try self.outcome([transform], SampleRequest(host: host)) {
        case .notApplied: seen = "not applied"
        case .failed(let status): seen = status.rawValue
        case .applied(let rewritten): seen = rewritten.host.map { String(decoding: $0, as: UTF8.self) } ?? "unchanged"
        }
        #expect(seen == expected)
    }

    @Test(.covers("ALB-XFRM-012")) func `find no host in a request that names none`() throws {
        let transform = RuleTransform(.hostHeaderRewrite, regex: ".*", replace: "b")
        #expect(try self.outcome([transform], SampleRequest(raw: "GET / HTTP/1.0\r\n\r\n")) == .notApplied)
    }

    @Test func `leave an asterisk alone`() throws {
        let transform = RuleTransform(.urlRewrite, regex: ".*", replace: "/b")
        #expect(try self.outcome([transform], SampleRequest("*", method: "OPTIONS")) == .notApplied)
    }

    @Test(.covers("ALB-XFRM-001")) func `rewrite host and URL of one request`() throws {
        let transforms = [
            RuleTransform(.urlRewrite, regex: "^/a", replace: "/b"),
            RuleTransform(.hostHeaderRewrite, regex: "^example", replace: "internal"),
        ]
        let expected = RewrittenRequest(target: Array("/b/c".utf8), host: Array("internal.com".utf8))
        #expect(try self.outcome(transforms, SampleRequest("/a/c")) == .applied(expected))
    }
}

@Suite struct `Heads of rewritten requests` {
    private func head(
        _ request: SampleRequest,
        _ rewritten: RewrittenRequest,
        port: Port,
        preserves: Bool
    ) throws -> [Substring] {
        var attributes = LoadBalancerAttributes()
        attributes.preserveHostHeaderEnabled = preserves
        let text = try request.parsed { head, bytes in
            var generator = SplitMix64(seed: 1)
            var output = ByteOutput()
            _ = OutgoingRequestHead.append(
                head,
                bytes: bytes,
                length: .none,
                closesAfterwards: false,
                dropsInvalidNames: false,
                quirks: [],
                rewritten: rewritten,
                forwarded: ForwardedHeaders(
                    attributes: attributes,
                    listenerPort: port,
                    listenerProtocol: .http,
                    dnsName: "lb.test",
                    quirks: QuirkSet([])
                ),
                client: Array("192.0.2.1".utf8),
                epochSeconds: 0,
                generator: &generator,
                to: &output
            )
            return String(decoding: output.bytes, as: UTF8.self)
        }
        return text.split(separator: "\r\n")
    }

    // AWS does not say what a rewritten host means for the port and for preservation; this is the lab's reading (ALB-OPEN-16).
    @Test(
        .covers("ALB-XFRM-015"),
        arguments: [
            (80, false, "b", "Host: b"), (8080, false, "b", "Host: b:8080"), (80, true, "b", "Host: b:9"),
            (8080, true, "b", "Host: b:9"), (8080, false, "b:81", "Host: b:81"), (8080, true, "b:81", "Host: b:81"),
            (80, false, "B", "Host: b"), (80, true, "B", "Host: B:9"),
        ] as [(UInt16, Bool, String, String)]
    )
    func `carry the new host`(port: UInt16, preserves: Bool, host: String, expected: String) throws {
        let port = try #require(Port(rawValue: port))
        let rewritten = RewrittenRequest(host: Array(host.utf8))
        let sent = port == 80 || preserves ? "a:9" : "a"
        let lines = try self.head(SampleRequest(host: sent), rewritten, port: port, preserves: preserves)
        #expect(lines.filter { $0.hasPrefix("Host") } == [Substring(expected)])
    }

    @Test(.covers("ALB-XFRM-005", "ALB-XFRM-009")) func `carry the new target and the rest as sent`() throws {
        let rewritten = RewrittenRequest(target: Array("/b?c".utf8))
        let request = SampleRequest("http://example.com/a", fields: ["X-Mine: 1"])
        let lines = try self.head(request, rewritten, port: 80, preserves: false)
        #expect(lines.first == "GET /b?c HTTP/1.1")
        #expect(lines.contains("Host: example.com") && lines.contains("X-Mine: 1"))
    }
}
