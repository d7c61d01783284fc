internal import ELBModel

/// query-string conditions.
enum QueryStringChecks {
    static let all = [Self.caseInsensitive, Self.key, Self.valueOnly, Self.escaped]

    private static let feature = "alb.rules.query-string"

    private static let caseInsensitive = Check(
        "routing.query.case-insensitive",
        "Keys and values of a query string match whatever the case of their letters.",
        rows: ["ALB-COND-023"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesQueryCaseSensitive],
        lookAt: "how keys and values of the query are compared"
    ) { scene in
        let first = try await scene.group("first")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.query(.init(key: "version", value: "v1")), priority: 10, then: first.forward)],
            default: others.forward
        )
        try await scene.start()

        for path in ["/?version=v1", "/?Version=V1", "/?a=b&VERSION=v1"] {
            try await scene.expect("GET", path, at: web, reaches: first)
        }
        for path in ["/?version=v2", "/?version=v11", "/?version=", "/?v=version"] {
            try await scene.expect("GET", path, at: web, reaches: others)
        }
    }

    private static let key = Check(
        "routing.query.key",
        "A value with a key matches only under that key.",
        rows: ["ALB-COND-023"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesQueryKeyIgnored],
        lookAt: "whether the key of a pair takes part in the comparison"
    ) { scene in
        let chosen = try await scene.group("chosen")
        let others = try await scene.group("others")
        let (key, value) = scene.random { ($0.letters(4), $0.letters(5)) }
        let web = try scene.listener(
            rules: [.when(.query(.init(key: key, value: value)), priority: 10, then: chosen.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/?\(key)=\(value)", at: web, reaches: chosen)
        try await scene.expect("GET", "/?x=1&\(key)=\(value)&y=2", at: web, reaches: chosen)
        for path in ["/?x\(key)=\(value)", "/?other=\(value)", "/?\(value)=\(key)"] {
            try await scene.expect("GET", path, at: web, reaches: others)
        }
    }

    private static let valueOnly = Check(
        "routing.query.value-only",
        "A value without a key matches any parameter that has it.",
        rows: ["ALB-COND-024"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesWildcardsLiteral],
        lookAt: "which parameters are examined when the condition names no key"
    ) { scene in
        let chosen = try await scene.group("chosen")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.query(.init(value: "*example*")), priority: 10, then: chosen.forward)],
            default: others.forward
        )
        try await scene.start()

        let key = scene.random { $0.letters(4) }
        try await scene.expect("GET", "/?\(key)=myexample1", at: web, reaches: chosen)
        try await scene.expect("GET", "/?a=1&b=example", at: web, reaches: chosen)
        try await scene.expect("GET", "/?\(key)=exampl", at: web, reaches: others)
        try await scene.expect("GET", "/example", at: web, reaches: others)
    }

    private static let escaped = Check(
        "routing.query.escaped-star",
        "A backslash takes the * of a query-string value literally.",
        rows: ["ALB-COND-025"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesEscapeIgnored],
        lookAt: "what a backslash in a value means"
    ) { scene in
        let literal = try await scene.group("literal")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.query(.init(key: "k", value: #"a\*b"#)), priority: 10, then: literal.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/?k=a*b", at: web, reaches: literal)
        try await scene.expect("GET", "/?k=axb", at: web, reaches: others)
    }
}
