internal import ELBModel

/// path-pattern conditions: which paths a pattern covers, to the byte.
enum PathPatternChecks {
    static let all = [
        Self.caseSensitive, Self.wholePath, Self.withoutQuery, Self.star, Self.starCrossesSlashes, Self.questionMark,
        Self.values,
    ]

    private static let feature = "alb.rules.path-pattern"

    private static let caseSensitive = Check(
        "routing.path.case-sensitive",
        "Letters of a path pattern match their own case only.",
        rows: ["ALB-COND-010"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesPathCaseInsensitive],
        lookAt: "how letters of the path are compared with those of the pattern"
    ) { scene in
        let images = try await scene.group("images")
        let others = try await scene.group("others")
        let folder = scene.random { $0.letters(6) }
        let web = try scene.listener(
            rules: [.when(.path("/\(folder)/*"), priority: 10, then: images.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/\(folder)/a.png", at: web, reaches: images)
        try await scene.expect("GET", "/\(folder.uppercased())/a.png", at: web, reaches: others)
        let oneUpper = folder.prefix(1).uppercased() + folder.dropFirst()
        try await scene.expect("GET", "/\(oneUpper)/a.png", at: web, reaches: others)
    }

    private static let wholePath = Check(
        "routing.path.whole",
        "A path pattern has to cover the whole path; nothing is implied before or after it.",
        rows: ["ALB-COND-011"],
        level: .provisional,
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesPathPrefix],
        lookAt: "whether a pattern without wildcards is taken for a prefix"
    ) { scene in
        let exact = try await scene.group("exact")
        let others = try await scene.group("others")
        let name = scene.random { $0.letters(6) }
        let web = try scene.listener(
            rules: [.when(.path("/\(name)"), priority: 10, then: exact.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/\(name)", at: web, reaches: exact)
        for path in ["/\(name)/b", "/\(name)x", "/x/\(name)", "/\(name)/", "/\(name.dropLast())"] {
            try await scene.expect("GET", path, at: web, reaches: others)
        }
    }

    private static let withoutQuery = Check(
        "routing.path.ignores-query",
        "A path pattern is compared with the path only, never with the query string.",
        rows: ["ALB-COND-010"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesPathWithQuery],
        lookAt: "where the path ends and the query begins"
    ) { scene in
        let page = try await scene.group("page")
        let others = try await scene.group("others")
        let name = scene.random { $0.letters(6) }
        let web = try scene.listener(
            rules: [.when(.path("/\(name)"), priority: 10, then: page.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/\(name)?x=1", at: web, reaches: page)
        try await scene.expect("GET", "/else?/\(name)", at: web, reaches: others)
    }

    private static let star = Check(
        "routing.path.star",
        "In a path pattern * stands for any number of characters, none included.",
        rows: ["ALB-COND-002"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesWildcardsLiteral],
        lookAt: "what * in a pattern may stand for"
    ) { scene in
        let images = try await scene.group("images")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.path("/img/*.png"), priority: 10, then: images.forward)],
            default: others.forward
        )
        try await scene.start()

        let name = scene.random { $0.letters(8) }
        try await scene.expect("GET", "/img/\(name).png", at: web, reaches: images)
        try await scene.expect("GET", "/img/.png", at: web, reaches: images)
        try await scene.expect("GET", "/img/\(name).jpg", at: web, reaches: others)
        try await scene.expect("GET", "/img\(name).png", at: web, reaches: others)
    }

    private static let starCrossesSlashes = Check(
        "routing.path.star-crosses-slashes",
        "* in a path pattern stands for any characters, slashes included.",
        rows: ["ALB-COND-003"],
        level: .provisional,
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesStarStopsAtSlash],
        lookAt: "whether * ends at a slash"
    ) { scene in
        let images = try await scene.group("images")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.path("/img/*"), priority: 10, then: images.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/img/a/b", at: web, reaches: images)
        try await scene.expect("GET", "/img/a//b/", at: web, reaches: images)
        try await scene.expect("GET", "/images/a", at: web, reaches: others)
    }

    private static let questionMark = Check(
        "routing.path.question-mark",
        "? in a path pattern stands for exactly one character.",
        rows: ["ALB-COND-002"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesQuestionMarkOptional],
        lookAt: "how many characters ? may stand for"
    ) { scene in
        let images = try await scene.group("images")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.path("/im?/*"), priority: 10, then: images.forward)],
            default: others.forward
        )
        try await scene.start()

        let letter = scene.random { $0.letters(1) }
        try await scene.expect("GET", "/im\(letter)/x", at: web, reaches: images)
        try await scene.expect("GET", "/im/x", at: web, reaches: others)
        try await scene.expect("GET", "/im\(letter)\(letter)/x", at: web, reaches: others)
    }

    private static let values = Check(
        "routing.path.any-value",
        "A condition holds when any one of its values matches.",
        rows: ["ALB-RULE-006"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesOnlyFirstValue],
        lookAt: "whether all values of a condition are tried"
    ) { scene in
        let listed = try await scene.group("listed")
        let others = try await scene.group("others")
        let names = scene.random { random in (0..<3).map { _ in random.letters(6) } }
        let web = try scene.listener(
            rules: [
                .when(.path("/\(names[0])", "/\(names[1])/*", "/\(names[2])"), priority: 10, then: listed.forward)
            ],
            default: others.forward
        )
        try await scene.start()

        for path in ["/\(names[0])", "/\(names[1])/x", "/\(names[2])"] {
            try await scene.expect("GET", path, at: web, reaches: listed)
        }
        try await scene.expect("GET", "/\(names[1])", at: web, reaches: others)
    }
}
