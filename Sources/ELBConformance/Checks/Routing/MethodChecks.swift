internal import ELBModel

/// http-request-method conditions.
enum MethodChecks {
    static let all = [Self.exact, Self.caseSensitive, Self.custom]

    private static let feature = "alb.rules.http-request-method"

    private static let exact = Check(
        "routing.method.exact",
        "A method matches as a whole, and no other method does.",
        rows: ["ALB-COND-022"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesMethodIgnored],
        lookAt: "whether the request's method is compared at all"
    ) { scene in
        let readers = try await scene.group("readers")
        let writers = try await scene.group("writers")
        let web = try scene.listener(
            rules: [.when(.method("GET", "HEAD"), priority: 10, then: readers.forward)],
            default: writers.forward
        )
        try await scene.start()

        try await scene.expect("GET", "/", at: web, reaches: readers)
        try await scene.expect("HEAD", "/", at: web, reaches: readers)
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            try await scene.expect(method, "/", at: web, reaches: writers)
        }
    }

    private static let caseSensitive = Check(
        "routing.method.case-sensitive",
        "Methods are compared with their case.",
        rows: ["ALB-COND-022"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesMethodCaseInsensitive],
        lookAt: "how letters of the method are compared"
    ) { scene in
        let upper = try await scene.group("upper")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.method("PURGE"), priority: 10, then: upper.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("PURGE", "/", at: web, reaches: upper)
        let exchange = await scene.send("purge", "/", to: web)
        try scene.expect(
            !exchange.hits.contains { hit in upper.backends.contains { $0 === hit.backend } },
            tried: exchange.tried,
            expected: "the rule for PURGE does not match",
            actual: "it does",
            evidence: exchange.evidence
        )
    }

    private static let custom = Check(
        "routing.method.custom",
        "Custom methods can be matched.",
        rows: ["ALB-COND-022"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesMethodIgnored, .rulesOnlyFirstValue],
        lookAt: "which methods the parser of requests lets pass"
    ) { scene in
        let special = try await scene.group("special")
        let others = try await scene.group("others")
        let name = scene.random { $0.letters(5) }.uppercased()
        let web = try scene.listener(
            rules: [.when(.method("MKCOL", "\(name)-METHOD"), priority: 10, then: special.forward)],
            default: others.forward
        )
        try await scene.start()

        try await scene.expect("\(name)-METHOD", "/", at: web, reaches: special)
        try await scene.expect("GET", "/", at: web, reaches: others)
    }
}
