internal import ELBFleet
internal import ELBModel

/// What rules change in the requests they take.
enum TransformChecks {
    static let all = [
        Self.captures, Self.pathToQuery, Self.noMatch, Self.queryInput, Self.failure, Self.invisible, Self.afterRules,
        Self.escapes, Self.host,
    ]

    private static let feature = "alb.transforms"

    private static func url(_ regex: String, _ replace: String) -> RuleTransform {
        RuleTransform(.urlRewrite, regex: regex, replace: replace)
    }

    /// Everything, rewritten and sent to one group.
    private static func everything(to group: SceneGroup, _ transforms: RuleTransform...) -> ListenerRule {
        ListenerRule(priority: 1, conditions: [.path("*")], actions: [group.forward], transforms: transforms)
    }

    /// Sends a request and compares path and query that the target gets, without the request's id at the end.
    private static func expect(
        _ path: String,
        becomes expected: String,
        at listener: Endpoint,
        _ group: SceneGroup,
        in scene: Scene
    ) async throws {
        let exchange = await scene.send("GET", path, to: listener)
        let record = try scene.expect(exchange, reached: group).record
        let end = record.target.firstRange(of: "elb-id=")?.lowerBound ?? record.target.endIndex
        let seen = String(record.target[..<end])
        try scene.expect("request target", of: exchange, seen, is: expected)
    }

    private static let captures = Check(
        "transforms.url.captures",
        "A URL rewrite puts its replacement, with what the groups captured, in the place of what matched.",
        rows: ["ALB-XFRM-002", "ALB-XFRM-009"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformIgnored, .transformCapturesIgnored],
        lookAt: "what $1 and $2 of a replacement stand for"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [Self.everything(to: web, Self.url("^/shop/([a-z]+)/([0-9]+)", "/v2/$2/$1"))],
            default: .answer(404)
        )
        try await scene.start()

        try await Self.expect("/shop/cart/17", becomes: "/v2/17/cart?", at: listener, web, in: scene)
        try await Self.expect("/shop/cart/17/items", becomes: "/v2/17/cart/items?", at: listener, web, in: scene)
    }

    private static let pathToQuery = Check(
        "transforms.url.path-to-query",
        "A URL rewrite can make a query of a path.",
        rows: ["ALB-XFRM-005"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformPathOnly],
        lookAt: "how much of the request target a rewrite may change"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [Self.everything(to: web, Self.url("^/dp/([A-Za-z0-9]+)\\?", "/product.php?id=$1&"))],
            default: .answer(404)
        )
        try await scene.start()

        try await Self.expect("/dp/B0X", becomes: "/product.php?id=B0X&", at: listener, web, in: scene)
    }

    private static let noMatch = Check(
        "transforms.url.no-match",
        "A request that a rewrite does not match goes to the target unchanged.",
        rows: ["ALB-XFRM-003"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformNoMatchFails],
        lookAt: "what becomes of a request that the expression does not match"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [Self.everything(to: web, Self.url("^/old/", "/new/"))],
            default: .answer(404)
        )
        try await scene.start()

        try await Self.expect("/other/a%3Ab?x=1", becomes: "/other/a%3Ab?x=1&", at: listener, web, in: scene)
        try await Self.expect("/OLD/a", becomes: "/OLD/a?", at: listener, web, in: scene)
    }

    private static let queryInput = Check(
        "transforms.url.query-stays",
        "A URL rewrite looks at path and query together, and a query that it does not match stays.",
        rows: ["ALB-XFRM-006", "ALB-XFRM-007"],
        level: .provisional,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformDropsQuery],
        lookAt: "whether the expression sees the query, and what becomes of it"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [
                .rewriting(.path("/whole"), priority: 1, to: web, Self.url("^/whole$", "/other")),
                .rewriting(.path("/part"), priority: 2, to: web, Self.url("^/part", "/other")),
            ],
            default: .answer(404)
        )
        try await scene.start()

        try await Self.expect("/whole?x=1", becomes: "/whole?x=1&", at: listener, web, in: scene)
        try await Self.expect("/part?x=1", becomes: "/other?x=1&", at: listener, web, in: scene)
    }

    private static let failure = Check(
        "transforms.failure",
        "A rewrite that matches and fails gives the client 500, and no target is contacted.",
        rows: ["ALB-XFRM-004", "ALB-ERR-023"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformFailureForwards],
        lookAt: "what becomes of a request whose new host or URL cannot be used"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [
                .rewriting(.path("/path"), priority: 1, to: web, Self.url("^/path", "no path")),
                .rewriting(
                    .path("/host"),
                    priority: 2,
                    to: web,
                    RuleTransform(.hostHeaderRewrite, regex: ".*", replace: "no host")
                ),
            ],
            default: web.forward
        )
        try await scene.start()

        for path in ["/path", "/host"] { try await scene.expect("GET", path, at: listener, answers: 500) }
    }

    private static let invisible = Check(
        "transforms.invisible",
        "The client does not notice that its request is rewritten.",
        rows: ["ALB-XFRM-008"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformRedirects],
        lookAt: "what the client of a rewritten request is answered"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [Self.everything(to: web, Self.url("^/old", "/new"))],
            default: .answer(404)
        )
        try await scene.start()

        let exchange = await scene.send("GET", "/old", to: listener)
        let response = try scene.answer(exchange, expected: "200 by web")
        try scene.expect("status", of: exchange, response.status, is: 200)
        try scene.expect("Location", of: exchange, response.header("Location"), is: nil)
    }

    private static let afterRules = Check(
        "transforms.after-rules",
        "Rules are decided on the request as the client sent it; a rewritten one is not matched again.",
        rows: ["ALB-XFRM-009", "ALB-RULE-020"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformBeforeRules],
        lookAt: "whether the rewritten URL leads to another rule"
    ) { scene in
        let first = try await scene.group("first")
        let second = try await scene.group("second")
        let listener = try scene.listener(
            rules: [
                .when(.path("/b*"), priority: 1, then: second.forward),
                .rewriting(.path("/a*"), priority: 2, to: first, Self.url("^/a", "/b")),
            ],
            default: .answer(404)
        )
        try await scene.start()

        try await Self.expect("/a/x", becomes: "/b/x?", at: listener, first, in: scene)
        try await Self.expect("/b/x", becomes: "/b/x?", at: listener, second, in: scene)
    }

    private static let escapes = Check(
        "transforms.url.escapes",
        "A rewritten path has its needless percent-encoding decoded.",
        rows: ["ALB-XFRM-010"],
        level: .provisional,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformKeepsEscapes],
        lookAt: "whether the expression sees %3A or a colon"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [Self.everything(to: web, Self.url("^/svc/", "/"))],
            default: .answer(404)
        )
        try await scene.start()

        try await Self.expect("/svc/a%3Ab", becomes: "/a:b?", at: listener, web, in: scene)
        try await Self.expect("/svc/a%2Fb", becomes: "/a%2Fb?", at: listener, web, in: scene)
    }

    private static let host = Check(
        "transforms.host",
        "A host rewrite changes the Host that the target gets.",
        rows: ["ALB-XFRM-002"],
        level: .extended,
        feature: Self.feature,
        reference: .transforms,
        kills: [.transformHostIgnored],
        lookAt: "which host the target of a rewritten request gets"
    ) { scene in
        let web = try await scene.group("web")
        let transform = RuleTransform(
            .hostHeaderRewrite,
            regex: "^([a-z]+)[.]example[.]com$",
            replace: "$1.internal.test"
        )
        let listener = try scene.listener(rules: [Self.everything(to: web, transform)], default: .answer(404))
        try await scene.start()

        for (sent, expected) in [
            ("shop.example.com", "shop.internal.test"), ("shop.example.org", "shop.example.org"),
        ] {
            let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader("Host", sent)])
            let record = try scene.expect(exchange, reached: web).record
            let names = record.values(of: "Host").map { String($0.prefix { $0 != ":" }) }
            try scene.expect("Host without its port", of: exchange, names, is: [expected])
        }
    }
}

extension ListenerRule {
    /// A rule that forwards and rewrites.
    fileprivate static func rewriting(
        _ condition: RuleCondition,
        priority: Int,
        to group: SceneGroup,
        _ transform: RuleTransform
    ) -> Self {
        Self(priority: priority, conditions: [condition], actions: [group.forward], transforms: [transform])
    }
}
