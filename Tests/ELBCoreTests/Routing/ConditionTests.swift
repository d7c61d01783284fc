import ELBCore
import ELBModel
import ELBTestSupport
import Testing

/// One condition, one request, and whether they go together.
private struct Case: Sendable, CustomTestStringConvertible {
    let condition: RuleCondition
    let request: SampleRequest
    let holds: Bool
    var peer = "127.200.0.1"

    init(_ condition: RuleCondition, _ request: SampleRequest, _ holds: Bool, peer: String = "127.200.0.1") {
        self.condition = condition
        self.request = request
        self.holds = holds
        self.peer = peer
    }

    var testDescription: String { "\(self.condition) <- \(self.request.testDescription)" }

    func check() throws {
        let listener = try SampleBalancer.make([[self.condition]])
        #expect(try listener.priority(for: self.request, peer: self.peer) == (self.holds ? 10 : 0))
    }
}

@Suite struct `Rule conditions` {
    @Test(
        .covers("ALB-COND-002", "ALB-COND-003", "ALB-COND-010", "ALB-COND-011", "ALB-COND-013", "ALB-COND-026"),
        arguments: [
            Case(.path("/a"), .init("/a"), true),
            Case(.path("/a"), .init("/a/b"), false),
            Case(.path("/a"), .init("/x/a"), false),
            Case(.path("/a"), .init("/a?x=1"), true),
            Case(.path("/a"), .init("/A"), false),
            Case(.path("/img/*"), .init("/img/"), true),
            Case(.path("/img/*"), .init("/img"), false),
            Case(.path("/img/*"), .init("/img/a/b"), true),
            Case(.path("/im?/*"), .init("/img/x"), true),
            Case(.path("/im?/*"), .init("/im/x"), false),
            Case(.path("*.png"), .init("/a/b.png"), true),
            Case(.path("*.png"), .init("/a/b.PNG"), false),
            Case(.path("*"), .init("/"), true),
            Case(.path("/*/edit/*"), .init("/a/edit/b/edit/c"), true),
            Case(.path("/*a*b"), .init("/xaxxab"), true),
            Case(.path("/*a*b"), .init("/xaxxa"), false),
            Case(.path("/?"), .init("/"), false),
            Case(.path("/?"), .init("/é"), false),
            Case(.path("/a%20b"), .init("/a%20b"), true),
            Case(.path("/a/b"), .init("/a//b"), false),
            Case(.path("/b"), .init("/a/../b"), false),
            Case(.path("/x", "/y", "/z"), .init("/z"), true),
            Case(.path("/0123456789abcdef/long"), .init("/0123456789abcdef/long"), true),
            Case(.path("/0123456789abcdef/long"), .init("/0123456789abcdef/lonG"), false),
            Case(.path("/0123456789abcdef/*"), .init("/0123456789abcdeX/"), false),
        ]
    )
    private func `compares the whole path, and nothing but it`(example: Case) throws {
        try example.check()
    }

    @Test(
        .covers("ALB-COND-004", "ALB-COND-006", "ALB-COND-007", "ALB-COND-008", "ALB-COND-009"),
        arguments: [
            Case(.host("example.com"), .init(host: "ExAmPlE.com"), true),
            Case(.host("EXAMPLE.com"), .init(host: "example.com"), true),
            Case(.host("example.com"), .init(host: "example.com:8080"), true),
            Case(.host("example.com"), .init(host: "www.example.com"), false),
            Case(.host("*.example.com"), .init(host: "test.example.com"), true),
            Case(.host("*.example.com"), .init(host: "a.b.example.com:81"), true),
            Case(.host("*.example.com"), .init(host: "example.com"), false),
            Case(.host("a?.example.com"), .init(host: "ab.example.com"), true),
            Case(.host("a.example.com"), .init(host: "a.example.com", fields: ["Host: b.example.com"]), true),
            Case(.host("b.example.com"), .init(host: "a.example.com", fields: ["Host: b.example.com"]), false),
            Case(.host("b.example.com"), .init("http://b.example.com/", host: "a.example.com"), true),
            Case(.host("a.example.com"), .init("http://b.example.com/", host: "a.example.com"), false),
            Case(.path("/"), .init("http://b.example.com", host: "a.example.com"), true),
            Case(.host("*.*"), .init(raw: "GET / HTTP/1.0\r\n\r\n"), false),
        ]
    )
    private func `compares the first host without its port`(example: Case) throws {
        try example.check()
    }

    @Test(
        .covers("ALB-COND-016", "ALB-COND-017", "ALB-COND-019", "ALB-COND-020", "ALB-RULE-006"),
        arguments: [
            Case(.header("X-Env", "canary"), .init(fields: ["x-ENV: CANARY"]), true),
            Case(.header("X-Env", "*chrome*"), .init(fields: ["X-Env: Mozilla CHROME/1"]), true),
            Case(.header("X-Env", "canary"), .init(fields: ["X-Environment: canary"]), false),
            Case(.header("X-Env", "canary"), .init(), false),
            Case(.header("X-A", "two"), .init(fields: ["X-A: one", "X-A: two"]), true),
            Case(.header("X-A", "one, two"), .init(fields: ["X-A: one", "X-A: two"]), false),
            Case(.header("X-Forwarded-For", "10.0.0.1*"), .init(fields: ["X-Forwarded-For: 10.0.0.1, 1.2.3.4"]), true),
            Case(.header("X-A", "b", "a"), .init(fields: ["X-A: a"]), true),
        ]
    )
    private func `compares headers by name and value, any case, one instance after the other`(example: Case) throws {
        try example.check()
    }

    @Test(
        .covers("ALB-COND-022"),
        arguments: [
            Case(.method("GET"), .init(), true), Case(.method("GET"), .init(method: "get"), false),
            Case(.method("GET", "POST"), .init(method: "POST"), true),
            Case(.method("CUSTOM-METHOD"), .init(method: "CUSTOM-METHOD"), true),
            Case(.method("GET"), .init(method: "GETX"), false),
        ]
    )
    private func `compares methods exactly`(example: Case) throws {
        try example.check()
    }

    @Test(
        .covers("ALB-COND-023", "ALB-COND-024", "ALB-COND-025", "ALB-COND-026", "ALB-COND-027"),
        arguments: [
            Case(.query("version", "v1"), .init("/?Version=V1"), true),
            Case(.query("version", "v1"), .init("/?a=1&version=v1&b"), true),
            Case(.query("version", "v1"), .init("/?version=v12"), false),
            Case(.query("version", "v1"), .init("/?xversion=v1"), false),
            Case(.query(nil, "*example*"), .init("/?foo=myexample"), true),
            Case(.query(nil, "v1"), .init("/?foo=v1"), true),
            Case(.query(nil, "v1"), .init("/?v1"), false),
            Case(.query("a", "1?b=2"), .init("/p?a=1?b=2&c=3"), true),
            Case(.query("k", "a\\*b"), .init("/?k=a*b"), true),
            Case(.query("k", "a\\*b"), .init("/?k=axb"), false),
            Case(.query("k", "a\\?b"), .init("/?k=a?b"), true),
            Case(.query("v", "v1"), .init("/?v=%76%31"), false),
            Case(.query("k", "*"), .init("/?k="), true),
            Case(.query("k", "*"), .init("/?k"), true),
            Case(.query("k", "a=b"), .init("/?k=a=b"), true),
            Case(.query("k", "*"), .init("/k"), false),
            Case(.query(nil, "*"), .init("/?"), false),
            Case(.query("k", "v"), .init("/?&&k=v"), true),
        ]
    )
    private func `compares query parameters, undecoded`(example: Case) throws {
        try example.check()
    }

    @Test(
        .covers("ALB-COND-028", "ALB-COND-029"),
        arguments: [
            Case(.source("127.200.0.0/16"), .init(), true, peer: "127.200.255.255"),
            Case(.source("127.200.0.0/16"), .init(), false, peer: "127.201.0.0"),
            Case(
                .source("127.200.0.1/32"),
                .init(fields: ["X-Forwarded-For: 127.200.0.1"]),
                false,
                peer: "127.200.0.2"
            ),
            Case(.source("10.0.0.0/8", "::1/128"), .init(), true, peer: "::1"),
            Case(.source("0.0.0.0/0"), .init(), false, peer: "::1"),
        ]
    )
    private func `compares the peer, never what it claims`(example: Case) throws {
        try example.check()
    }

    @Test(
        .covers("ALB-COND-030", "ALB-COND-033"),
        arguments: [
            Case(.pathPattern(.regexes(["api"])), .init("/x/api/y"), true),
            Case(.pathPattern(.regexes(["^/API"])), .init("/api"), false),
            Case(.pathPattern(.regexes(["^\\/api\\/(.*)$"])), .init("/api/x?y"), true),
            Case(.hostHeader(.regexes(["^[a-z]+\\.example\\.com$"])), .init(host: "WWW.example.com:1"), true),
            Case(.httpHeader(name: "X-A", .regexes(["^b{2,3}$"])), .init(fields: ["X-A: a", "X-A: BB"]), true),
        ]
    )
    private func `searches with regular expressions`(example: Case) throws {
        try example.check()
    }
}
