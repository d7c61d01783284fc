internal import ELBFleet
internal import ELBModel

/// Stickiness that begins when the application sets its own cookie.
enum ApplicationCookieChecks {
    static let all = [Self.binds, Self.bothNeeded, Self.ownExpiry, Self.sameSite, Self.expired]

    private static let feature = "alb.stickiness.app-cookie"
    /// Makes the backend set its cookie.
    private static let login = "/login?elb-header=Set-Cookie:shop%3Dvalue-1;%20HttpOnly"

    private static let binds = Check(
        "sticky.app-cookie.binds",
        "Nothing binds a client until the target sets the configured cookie; then AWSALBAPP-0 does, whatever the cookie says.",
        rows: ["ALB-STK-015", "ALB-STK-016", "ALB-STK-019", "ALB-STK-020"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyIgnored],
        lookAt: "what a target's Set-Cookie lines lead to"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients(byCookie: "shop") }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let before = try await scene.visit(web, listener)
        try scene.expect("cookies", of: before.exchange, before.cookies.map(\.name), is: [])
        let first = try await scene.visit(web, listener, Self.login)
        let bond = try first.cookie("AWSALBAPP-0", in: scene).pair
        for value in ["value-1", "another", ""] {
            let cookies = ["shop=\(value)", bond]
            let visit = try await scene.visit(web, listener, cookies: cookies)
            try scene.expect(
                "Cookie at the target",
                of: visit.exchange,
                visit.record.headers.filter { $0.name.lowercased() == "cookie" }.map(\.value),
                is: [cookies.joined(separator: "; ")]
            )
            try await scene.expectBound(
                to: first.backend,
                web,
                listener,
                cookies: cookies,
                requests: 4,
                because: "the application's cookie and AWSALBAPP-0"
            )
        }
    }

    private static let bothNeeded = Check(
        "sticky.app-cookie.both-needed",
        "A client must return the application's cookie and AWSALBAPP; one alone binds nobody.",
        rows: ["ALB-STK-018"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyApplicationCookieNotNeeded],
        lookAt: "which of the two cookies are asked for"
    ) { scene in
        let web = try await scene.group("web", backends: 3) { $0.bindClients(byCookie: "shop") }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let first = try await scene.visit(web, listener, Self.login)
        let bond = try first.cookie("AWSALBAPP-0", in: scene).pair
        try await scene.expectUnbound(web, listener, cookies: [bond], because: "AWSALBAPP-0 alone")
        try await scene.expectUnbound(
            web,
            listener,
            cookies: ["shop=value-1"],
            because: "the application's cookie alone"
        )
        try await scene.expectUnbound(web, listener, cookies: ["Shop=1", bond], because: "a cookie of another name")
    }

    private static let ownExpiry = Check(
        "sticky.app-cookie.own-expiry",
        "AWSALBAPP copies no attribute of the application's cookie and expires in seven days.",
        rows: ["ALB-STK-017"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyExpiresFollowsDuration],
        lookAt: "what AWSALBAPP's attributes come from"
    ) { scene in
        let web = try await scene.group("web") { $0.bindClients(byCookie: "shop") }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let path = "/?elb-header=Set-Cookie:shop%3D1;%20Max-Age%3D60;%20Path%3D/cart;%20HttpOnly"
        let visit = try await scene.visit(web, listener, path)
        let bond = try visit.cookie("AWSALBAPP-0", in: scene)
        try scene.expect(
            "attributes of AWSALBAPP-0",
            of: visit.exchange,
            bond.form.sorted(),
            is: ["expires", "path=/"]
        )
        try scene.expectWeek(bond, of: visit)
        let own = try visit.cookie("shop", in: scene)
        try scene.expect(
            "attributes of the application's cookie",
            of: visit.exchange,
            own.form,
            is: ["max-age=60", "path=/cart", "httponly"]
        )
    }

    private static let sameSite = Check(
        "sticky.app-cookie.same-site",
        "AWSALBAPP has SameSite=None; Secure for cross-origin requests of Chromium 80 or later only.",
        rows: ["ALB-STK-021"],
        level: .provisional,
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickySameSiteAlways],
        lookAt: "how the user agent is read"
    ) { scene in
        let web = try await scene.group("web") { $0.bindClients(byCookie: "shop") }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let agents = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
                true
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.87 Safari/537.36",
                true
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.88 Safari/537.36",
                false
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", false),
        ]
        for (agent, isMarked) in agents {
            let headers = [CurlHeader("Origin", "http://other.example"), CurlHeader("User-Agent", agent)]
            let visit = try await scene.visit(web, listener, Self.login, headers: headers)
            let form = try visit.cookie("AWSALBAPP-0", in: scene).form
            let marks = form.filter { ["samesite=none", "secure"].contains($0) }.sorted()
            try scene.expect(
                "marks of AWSALBAPP-0",
                of: visit.exchange,
                marks,
                is: isMarked ? ["samesite=none", "secure"] : []
            )
        }
    }

    private static let expired = Check(
        "sticky.app-cookie.expired",
        "An AWSALBAPP whose duration is over binds nobody.",
        rows: ["ALB-STK-027", "ALB-STK-003"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.stickyDurationIgnored],
        lookAt: "what the sealed content says of time"
    ) { scene in
        let web = try await scene.group("web", backends: 3) {
            $0.bindClients(byCookie: "shop")
            $0.attributes.stickiness.applicationCookieSeconds = 1
        }
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let bond = try await scene.visit(web, listener, Self.login).cookie("AWSALBAPP-0", in: scene).pair
        try await Task.sleep(for: scene.scaled(seconds: 1.2))
        try await scene.expectUnbound(web, listener, cookies: ["shop=1", bond], because: "cookies of a second ago")
    }
}
