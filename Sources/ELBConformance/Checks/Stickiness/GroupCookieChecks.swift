internal import ELBModel

/// Stickiness between the target groups of one action.
enum GroupCookieChecks {
    static let all = [Self.twins, Self.binds, Self.percentEncoded]

    private static let feature = "alb.stickiness.target-groups"

    private static func action(_ groups: [(SceneGroup, Int)], seconds: Int = 3600) -> RuleAction {
        .forward(
            ForwardAction(
                targetGroups: groups.map { .init($0.id, weight: $1) },
                stickiness: .init(isEnabled: true, durationSeconds: seconds)
            )
        )
    }

    private static let twins = Check(
        "sticky.groups.twins",
        "AWSALBTG and AWSALBTGCORS come together with one value.",
        rows: ["ALB-FWD-011"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.stickyCORSMissing, .stickyGroupIgnored],
        lookAt: "which Set-Cookie lines an answer has"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: Self.action([(web, 1)]))
        try await scene.start()

        let visit = try await scene.visit(web, listener)
        let plain = try visit.cookie("AWSALBTG", in: scene)
        let cors = try visit.cookie("AWSALBTGCORS", in: scene)
        try scene.expect("the value of AWSALBTGCORS", of: visit.exchange, cors.value, is: plain.value)
        try scene.expect(
            "attributes of AWSALBTGCORS",
            of: visit.exchange,
            cors.form.filter { $0 != "secure" }.sorted(),
            is: ["expires", "path=/", "samesite=none"]
        )
    }

    private static let binds = Check(
        "sticky.groups.outlive-weights",
        "A client with AWSALBTG comes to its group, whatever the weights say now.",
        rows: ["ALB-FWD-012"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.stickyGroupIgnored],
        lookAt: "what is asked first, the cookie or the weights",
        setting: Setting(reloads: true)
    ) { scene in
        let blue = try await scene.group("blue", backends: 2)
        let green = try await scene.group("green")
        let listener = try scene.listener(default: Self.action([(blue, 1), (green, 0)]))
        try await scene.start()

        let cookie = try await scene.visit(blue, listener).cookie("AWSALBTG", in: scene).pair
        try await scene.reload { part in
            part.listeners[0].defaultActions = [Self.action([(blue, 0), (green, 1)])]
        }
        for _ in 0..<8 { _ = try await scene.visit(blue, listener, cookies: [cookie]) }
        _ = try await scene.visit(green, listener)
    }

    private static let percentEncoded = Check(
        "sticky.groups.percent-encoded",
        "An AWSALBTG whose value was percent-encoded binds nobody.",
        rows: ["ALB-FWD-013"],
        feature: Self.feature,
        reference: .ruleActions,
        kills: [.stickyPercentDecoded],
        lookAt: "what is done to a cookie's value before it is opened"
    ) { scene in
        let blue = try await scene.group("blue")
        let green = try await scene.group("green")
        let listener = try scene.listener(
            rules: [.when(.path("/blue"), priority: 1, then: Self.action([(blue, 1), (green, 0)]))],
            default: Self.action([(blue, 0), (green, 1)])
        )
        try await scene.start()

        let value = try await scene.visit(blue, listener, "/blue").cookie("AWSALBTG", in: scene).value
        // Understood, it would lead to blue, which has no weight here.
        _ = try await scene.visit(blue, listener, cookies: ["AWSALBTG=\(value)"])
        _ = try await scene.visit(green, listener, cookies: ["AWSALBTG=\(value.percentEncoded)"])
    }
}
