internal import ELBFleet
internal import ELBModel

/// Stickiness by the load balancer's own cookie.
enum BalancerCookieChecks {
    static let all = [
        Self.sameTarget, Self.twins, Self.expires, Self.renewed, Self.duration, Self.corsWins, Self.forged,
        Self.percentEncoded, Self.deregistered, Self.moved,
    ]

    private static let feature = "alb.stickiness.lb-cookie"

    private static let sameTarget = Check(
        "sticky.lb-cookie.same-target",
        "A client that returns the load balancer's cookie comes to the same target; others are spread.",
        rows: ["ALB-STK-005", "ALB-ALG-009"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyIgnored],
        lookAt: "when the algorithm is asked and when the cookie"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let first = try await scene.visit(web, listener)
        let cookies = [try first.cookie("AWSALB", in: scene).pair]
        try await scene.expectBound(to: first.backend, web, listener, cookies: cookies, because: "its AWSALB")
        try await scene.expectUnbound(web, listener, cookies: [], because: "no cookie")
    }

    private static let twins = Check(
        "sticky.lb-cookie.twins",
        "AWSALB and AWSALBCORS come together with one value: Path=/, and on HTTP SameSite=None without Secure.",
        rows: ["ALB-STK-006", "ALB-STK-008", "ALB-STK-009"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyCORSMissing],
        lookAt: "which Set-Cookie lines an answer has"
    ) { scene in
        let web = try await scene.group("web") { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let visit = try await scene.visit(web, listener)
        let plain = try visit.cookie("AWSALB", in: scene)
        let cors = try visit.cookie("AWSALBCORS", in: scene)
        try scene.expect("the value of AWSALBCORS", of: visit.exchange, cors.value, is: plain.value)
        try scene.expect("attributes of AWSALB", of: visit.exchange, plain.form.sorted(), is: ["expires", "path=/"])
        try scene.expect(
            "attributes of AWSALBCORS",
            of: visit.exchange,
            cors.form.sorted(),
            is: ["expires", "path=/", "samesite=none"]
        )
    }

    private static let expires = Check(
        "sticky.lb-cookie.expires",
        "Expires is seven days ahead, whatever the duration.",
        rows: ["ALB-STK-007", "ALB-STK-002"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyExpiresFollowsDuration],
        lookAt: "what Expires is computed from"
    ) { scene in
        let web = try await scene.group("web") { $0.bindClients(seconds: 600) }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let visit = try await scene.visit(web, listener)
        for name in ["AWSALB", "AWSALBCORS"] {
            try scene.expectWeek(try visit.cookie(name, in: scene), of: visit)
        }
    }

    private static let renewed = Check(
        "sticky.lb-cookie.renewed",
        "Every answer sets the cookie again.",
        rows: ["ALB-STK-011"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyNeverRenewed],
        lookAt: "which answers set the cookie"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        var visit = try await scene.visit(web, listener)
        let backend = visit.backend
        for _ in 0..<5 {
            let cookie = try visit.cookie("AWSALB", in: scene)
            visit = try await scene.visit(web, listener, cookies: [cookie.pair])
        }
        let last = try visit.cookie("AWSALBCORS", in: scene)
        try await scene.expectBound(to: backend, web, listener, cookies: [last.pair], because: "its latest cookie")
    }

    private static let duration = Check(
        "sticky.lb-cookie.duration",
        "A cookie counts for the configured duration, though the client still has it.",
        rows: ["ALB-STK-010", "ALB-STK-027"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyDurationIgnored],
        lookAt: "what the sealed content says of time"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients(seconds: 5) }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let first = try await scene.visit(web, listener)
        let cookies = [try first.cookie("AWSALB", in: scene).pair]
        try await Task.sleep(for: scene.scaled(seconds: 5.5))
        try await scene.expectUnbound(web, listener, cookies: cookies, because: "a cookie whose duration is over")
    }

    private static let corsWins = Check(
        "sticky.lb-cookie.cors-wins",
        "Of two different values that of AWSALBCORS decides.",
        rows: ["ALB-STK-012"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyCORSLoses],
        lookAt: "which of the two cookies is read"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let one = try await scene.visit(web, listener)
        var other = try await scene.visit(web, listener)
        for _ in 0..<5 where other.backend == one.backend { other = try await scene.visit(web, listener) }
        let cookies = [
            try one.cookie("AWSALB", in: scene).pair, try other.cookie("AWSALBCORS", in: scene).pair,
        ]
        try await scene.expectBound(
            to: other.backend,
            web,
            listener,
            cookies: cookies,
            because: "one target's AWSALB and another one's AWSALBCORS"
        )
    }

    private static let forged = Check(
        "sticky.lb-cookie.forged",
        "A cookie that was tampered with or invented binds nobody, and the answer sets a good one.",
        rows: ["ALB-STK-013"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyForgedAccepted],
        lookAt: "whether the content is authenticated"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let first = try await scene.visit(web, listener)
        let good = try first.cookie("AWSALB", in: scene).value
        for forged in [good.tampered, "x", "AAAA", good + good] {
            let cookies = ["AWSALB=\(forged)"]
            try await scene.expectUnbound(web, listener, cookies: cookies, because: "a forged cookie")
            let visit = try await scene.visit(web, listener, cookies: cookies)
            let fresh = try visit.cookie("AWSALB", in: scene).pair
            try await scene.expectBound(to: visit.backend, web, listener, cookies: [fresh], because: "the new cookie")
        }
    }

    private static let percentEncoded = Check(
        "sticky.lb-cookie.percent-encoded",
        "A cookie whose value was percent-encoded is not understood.",
        rows: ["ALB-STK-022", "ALB-HTTP-037"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyPercentDecoded],
        lookAt: "what is done to a cookie's value before it is opened"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let value = try await scene.visit(web, listener).cookie("AWSALB", in: scene).value
        let cookies = ["AWSALB=\(value.percentEncoded)"]
        try await scene.expectUnbound(web, listener, cookies: cookies, because: "a percent-encoded cookie")
    }

    private static let deregistered = Check(
        "sticky.lb-cookie.deregistered",
        "A client whose target was deregistered gets another one, and stays there.",
        rows: ["ALB-STK-013", "ALB-STK-014", "ALB-DRG-007"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.deregisteredKeepsTraffic],
        lookAt: "whether a cookie can name a target that is leaving",
        setting: Setting(reloads: true)
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let first = try await scene.visit(web, listener)
        let leaving = web.backends[first.backend]
        let cookies = [try first.cookie("AWSALB", in: scene).pair]
        try await scene.reload { part in part.groups[0].targets.removeAll { leaving.targets.contains($0) } }
        let moved = try await scene.visit(web, listener, cookies: cookies)
        try scene.expect(
            moved.backend != first.backend,
            tried: "a request whose cookie names a target that was deregistered",
            expected: "another target",
            actual: "it went to the old one"
        )
        let renewed = [try moved.cookie("AWSALB", in: scene).pair]
        try await scene.expectBound(to: moved.backend, web, listener, cookies: renewed, because: "the new cookie")
    }

    private static let moved = Check(
        "sticky.lb-cookie.moved-stays",
        "A client whose target fell ill gets another one, and stays there when the old one has recovered.",
        rows: ["ALB-STK-013", "ALB-STK-014"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyIgnored],
        lookAt: "what a cookie says after its target has changed",
        setting: Setting(isTimed: true)
    ) { scene in
        let web = try await scene.group("web", backends: 3, health: .brisk) { $0.bindClients() }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let first = try await scene.visit(web, listener)
        let old = web.backends[first.backend]
        var cookies = [try first.cookie("AWSALB", in: scene).pair]
        try await old.set(.fail(status: 500), scope: .health)
        // The threshold is two; a third failure means that the second has been counted.
        let failing = await old.status().probes
        _ = try await old.waitForRecords(count: failing + 4, kind: .probe, timeout: scene.patience(probes: 4, .brisk))
        let moved = try await scene.visit(web, listener, cookies: cookies)
        try scene.expect(
            moved.backend != first.backend,
            tried: "a request whose cookie names a target that is unhealthy",
            expected: "another target",
            actual: "it went to the unhealthy one"
        )
        cookies = [try moved.cookie("AWSALB", in: scene).pair]
        try await old.heal()
        let healing = await old.status().probes
        _ = try await old.waitForRecords(count: healing + 5, kind: .probe, timeout: scene.patience(probes: 5, .brisk))
        try await scene.expectBound(
            to: moved.backend,
            web,
            listener,
            cookies: cookies,
            because: "the new cookie, while the old target is healthy again"
        )
    }
}

extension Scene {
    /// Expects the cookie to be forgotten by browsers in a week, give or take two minutes for clocks.
    func expectWeek(_ cookie: SetCookie, of visit: StickyVisit) throws {
        let now = Int(visit.record.wallClockMicroseconds / 1_000_000)
        let ahead = cookie.expires.map { $0 - now }
        try self.expect(
            ahead.map { abs($0 - 604_800) <= 120 } ?? false,
            tried: visit.exchange.tried,
            expected: "\(cookie.name) expires in 604800 s",
            actual: ahead.map { "in \($0) s" } ?? "it has no date in Expires",
            evidence: visit.exchange.evidence
        )
    }
}

extension String {
    /// One letter near the end is another one.
    fileprivate var tampered: String {
        var letters = Array(self)
        guard let index = letters.dropLast(4).lastIndex(where: { $0.isLetter || $0.isNumber }) else {
            return "x" + self
        }
        letters[index] = letters[index] == "A" ? "B" : "A"
        return String(letters)
    }
}
