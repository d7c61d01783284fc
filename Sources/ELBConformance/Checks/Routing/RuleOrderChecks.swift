internal import ELBModel

/// How rules are chosen: by priority, all conditions together, the default last.
enum RuleOrderChecks {
    static let all = [Self.priority, Self.and, Self.defaultRule, Self.perRequest, Self.nearMisses, Self.listeners]

    private static let feature = "alb.rules.evaluation"

    private static let priority = Check(
        "routing.rules.priority",
        "Rules are tested from the lowest priority number upward, and the first that matches wins.",
        rows: ["ALB-RULE-003"],
        feature: Self.feature,
        reference: .rules,
        kills: [.rulesPriorityReversed],
        lookAt: "the order in which rules are tested; the file lists them in no order"
    ) { scene in
        let low = try await scene.group("low")
        let middle = try await scene.group("middle")
        let high = try await scene.group("high")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [
                .when(.path("/a/b/*"), priority: 500, then: middle.forward),
                .when(.path("/a/*"), priority: 50000, then: high.forward),
                .when(.path("/a/b/c"), priority: 1, then: low.forward),
            ],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/a/b/c", at: web, reaches: low)
        try await scene.expect("GET", "/a/b/d", at: web, reaches: middle)
        try await scene.expect("GET", "/a/c", at: web, reaches: high)
        try await scene.expect("GET", "/b", at: web, reaches: others)
    }

    private static let and = Check(
        "routing.rules.and",
        "All conditions of a rule must hold.",
        rows: ["ALB-RULE-005"],
        feature: Self.feature,
        reference: .rules,
        kills: [.rulesOrInsteadOfAnd],
        lookAt: "how the conditions of one rule are combined"
    ) { scene in
        let both = try await scene.group("both")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.path("/api/*"), .host("api.example.com"), priority: 10, then: both.forward)],
            default: others.forward
        )
        try await scene.start()

        let right = [CurlHeader("Host", "api.example.com")]
        let wrong = [CurlHeader("Host", "www.example.com")]
        try await scene.expect("GET", "/api/x", headers: right, at: web, reaches: both)
        try await scene.expect("GET", "/api/x", headers: wrong, at: web, reaches: others)
        try await scene.expect("GET", "/x", headers: right, at: web, reaches: others)
    }

    private static let defaultRule = Check(
        "routing.rules.default-last",
        "The default action is taken when no rule matches, and only then.",
        rows: ["ALB-LSN-005"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.rulesDefaultFirst],
        lookAt: "when the default action is considered"
    ) { scene in
        let matched = try await scene.group("matched")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.path("/*a"), priority: 50000, then: matched.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/a", at: web, reaches: matched)
        try await scene.expect("GET", "/b", at: web, reaches: others)
    }

    private static let perRequest = Check(
        "routing.rules.per-request",
        "Rules are evaluated for every request, also on one connection.",
        rows: ["ALB-RULE-022"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.rulesDefaultFirst, .keepAliveNever],
        lookAt: "whether a connection remembers its first group"
    ) { scene in
        let left = try await scene.group("left")
        let right = try await scene.group("right")
        let web = try scene.listener(
            rules: [.when(.path("/left/*"), priority: 10, then: left.forward)],
            default: right.forward
        )
        try await scene.start()

        let exchanges = await scene.sendInOrder(["/left/1", "/right/2", "/left/3"], to: web)
        for (exchange, group) in zip(exchanges, [left, right, left]) { try scene.expect(exchange, reached: group) }
        let connections = exchanges.compactMap { try? $0.outcome.get() }.count { $0.openedConnection }
        try scene.expect(
            connections == 1,
            tried: "three requests one after another",
            expected: "one client connection",
            actual: "\(connections) connections"
        )
    }

    private static let nearMisses = Check(
        "routing.rules.near-misses",
        "A rule with five kinds of conditions matches a request that meets all, and none that misses one.",
        rows: ["ALB-RULE-005", "ALB-COND-001"],
        feature: Self.feature,
        with: [
            "alb.rules.host-header", "alb.rules.http-header", "alb.rules.http-request-method", "alb.rules.path-pattern",
            "alb.rules.query-string",
        ],
        reference: .conditions,
        kills: [.rulesOrInsteadOfAnd, .rulesMethodIgnored, .rulesQueryKeyIgnored],
        lookAt: "which kind of condition is not tested"
    ) { scene in
        let exact = try await scene.group("exact")
        let others = try await scene.group("others")
        let word = scene.random { $0.letters(6) }
        let web = try scene.listener(
            rules: [
                .when(
                    .path("/\(word)/*"),
                    .host("\(word).example.com"),
                    .method("PUT"),
                    .header("X-Kind", word),
                    .query(.init(key: "kind", value: word)),
                    priority: 7,
                    then: exact.forward
                )
            ],
            default: others.forward
        )
        try await scene.start()

        // Every kind of miss is drawn in every run; the order is the seed's.
        struct Shape {
            var method = "PUT"
            var path: String
            var headers: [CurlHeader]
        }
        func shape(
            method: String = "PUT",
            path: String? = nil,
            host: String? = nil,
            kind: String? = nil,
            query: String? = nil
        ) -> Shape {
            Shape(
                method: method,
                path: (path ?? "/\(word)/x") + "?" + (query ?? "kind=\(word)"),
                headers: [
                    CurlHeader("Host", host ?? "\(word).example.com"), CurlHeader("X-Kind", kind ?? word),
                ]
            )
        }
        let misses = scene.random { random in
            [
                shape(method: "POST"), shape(path: "/\(word)"), shape(host: "example.com"), shape(kind: "x\(word)"),
                shape(query: "kinds=\(word)"),
            ].shuffled(using: &random)
        }
        let hit = shape()
        try await scene.expect(hit.method, hit.path, headers: hit.headers, at: web, reaches: exact)
        for miss in misses {
            try await scene.expect(miss.method, miss.path, headers: miss.headers, at: web, reaches: others)
        }
    }

    private static let listeners = Check(
        "routing.listeners.apart",
        "Every listener has rules and a default of its own, and a group may serve several.",
        rows: ["ALB-LSN-012", "ALB-LSN-005"],
        feature: "alb.listeners",
        reference: .listeners,
        kills: [.rulesDefaultFirst],
        lookAt: "how rules are kept apart by listener"
    ) { scene in
        let shared = try await scene.group("shared")
        let first = try await scene.group("first")
        let second = try await scene.group("second")
        let one = try scene.listener(
            rules: [.when(.path("/shared"), priority: 10, then: shared.forward)],
            default: first.forward
        )
        let two = try scene.listener(
            rules: [.when(.path("/both"), priority: 10, then: shared.forward)],
            default: second.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/shared", at: one, reaches: shared)
        try await scene.expect("GET", "/both", at: two, reaches: shared)
        try await scene.expect("GET", "/both", at: one, reaches: first)
        try await scene.expect("GET", "/shared", at: two, reaches: second)
    }
}
