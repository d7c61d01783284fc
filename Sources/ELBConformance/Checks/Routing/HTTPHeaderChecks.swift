internal import ELBModel

/// http-header conditions.
enum HTTPHeaderChecks {
    static let all = [Self.caseInsensitive, Self.repeated, Self.twoConditions, Self.forwardedFor]

    private static let feature = "alb.rules.http-header"

    private static let caseInsensitive = Check(
        "routing.header.case-insensitive",
        "Names and values of http-header conditions match whatever the case of their letters.",
        rows: ["ALB-COND-016", "ALB-COND-017"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesHeaderCaseSensitive],
        lookAt: "how the value of a header is compared with the condition's"
    ) { scene in
        let canary = try await scene.group("canary")
        let others = try await scene.group("others")
        let value = scene.random { $0.letters(6) }
        let web = try scene.listener(
            rules: [.when(.header("X-Stage", "*\(value)*"), priority: 10, then: canary.forward)],
            default: others.forward
        )
        try await scene.start()

        for header in [
            CurlHeader("X-Stage", value), CurlHeader("x-STAGE", "a \(value) b"),
            CurlHeader("X-Stage", value.uppercased()),
        ] {
            try await scene.expect("GET", "/", headers: [header], at: web, reaches: canary)
        }
        try await scene.expect("GET", "/", headers: [CurlHeader("X-Stages", value)], at: web, reaches: others)
        try await scene.expect("GET", "/", headers: [CurlHeader("X-Stage", "none")], at: web, reaches: others)
        try await scene.expect("GET", "/", at: web, reaches: others)
    }

    private static let repeated = Check(
        "routing.header.repeated",
        "When a header is repeated, its instances are examined until one matches.",
        rows: ["ALB-COND-019"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesHeaderFirstInstanceOnly],
        lookAt: "whether the second line of a repeated header is examined"
    ) { scene in
        let canary = try await scene.group("canary")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.header("X-Stage", "canary"), priority: 10, then: canary.forward)],
            default: others.forward
        )
        try await scene.start()

        let repeated = [CurlHeader("X-Stage", "stable"), CurlHeader("X-Other", "1"), CurlHeader("X-Stage", "canary")]
        try await scene.expect("GET", "/", headers: repeated, at: web, reaches: canary)
        let without = [CurlHeader("X-Stage", "stable"), CurlHeader("X-Stage", "old")]
        try await scene.expect("GET", "/", headers: without, at: web, reaches: others)
    }

    private static let twoConditions = Check(
        "routing.header.two-conditions",
        "Two http-header conditions of one rule must both hold.",
        rows: ["ALB-RULE-007", "ALB-RULE-005"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesOrInsteadOfAnd],
        lookAt: "how the conditions of one rule are combined"
    ) { scene in
        let both = try await scene.group("both")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [
                .when(.header("X-Stage", "*blue*"), .header("X-Stage", "*green*"), priority: 10, then: both.forward)
            ],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/", headers: [CurlHeader("X-Stage", "blue, green")], at: web, reaches: both)
        try await scene.expect("GET", "/", headers: [CurlHeader("X-Stage", "blue")], at: web, reaches: others)
        try await scene.expect("GET", "/", headers: [CurlHeader("X-Stage", "green")], at: web, reaches: others)
    }

    private static let forwardedFor = Check(
        "routing.header.forwarded-for",
        "The text of X-Forwarded-For can be matched by an http-header condition.",
        rows: ["ALB-COND-020"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesWildcardsLiteral],
        lookAt: "whether the client's own X-Forwarded-For is there for conditions"
    ) { scene in
        let office = try await scene.group("office")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.header("x-forwarded-for", "203.0.113.*"), priority: 10, then: office.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect(
            "GET",
            "/",
            headers: [CurlHeader("X-Forwarded-For", "203.0.113.9")],
            at: web,
            reaches: office
        )
        try await scene.expect(
            "GET",
            "/",
            headers: [CurlHeader("X-Forwarded-For", "198.51.100.9")],
            at: web,
            reaches: others
        )
        try await scene.expect("GET", "/", at: web, reaches: others)
    }
}
