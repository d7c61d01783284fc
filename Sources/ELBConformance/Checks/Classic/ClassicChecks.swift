internal import ELBFleet
internal import ELBModel

/// Classic Load Balancers: requests, errors, cookies, health.
enum ClassicChecks {
    static let all = [
        Self.fields, Self.noTraceID, Self.leastOutstanding, Self.noneInService, Self.noAnswer, Self.garbage,
        Self.methods,
        Self.duration, Self.application, Self.agent, Self.only200, Self.recovery,
    ]

    private static let feature = "clb.http"

    // MARK: Requests

    private static let fields = Check(
        "classic.headers.forwarded",
        "X-Forwarded-For gets the client's address behind what is there; -Proto and -Port are the listener's; Host stays.",
        rows: ["CLB-HD-001", "CLB-HD-002", "CLB-HD-003", "CLB-HD-005", "CLB-HD-006"],
        feature: Self.feature,
        reference: .classicForwardedHeaders,
        kills: [.xffReplaced, .xffPortMissing, .xffProtoTrusted],
        lookAt: "which fields are written, and what becomes of the client's",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        let exchange = await scene.send("GET", "/", to: web.endpoint) {
            $0.headers += [
                CurlHeader("X-Forwarded-For", "192.0.2.1"), CurlHeader("X-Forwarded-Proto", "gopher"),
                CurlHeader("X-Forwarded-Port", "1"), CurlHeader("Host", "Shop.Example:99"),
            ]
        }
        let (_, record) = try scene.expect(exchange, reached: web.group)
        try scene.expect("X-Forwarded-Proto", of: exchange, record.values(of: "X-Forwarded-Proto"), is: ["http"])
        try scene.expect(
            "X-Forwarded-Port",
            of: exchange,
            record.values(of: "X-Forwarded-Port"),
            is: ["\(web.endpoint.port)"]
        )
        try scene.expect("Host", of: exchange, record.values(of: "Host"), is: ["Shop.Example:99"])
        let values = record.values(of: "X-Forwarded-For")
        try scene.expect(
            values.count == 1 && values[0].hasPrefix("192.0.2.1, 127."),
            tried: exchange.tried,
            expected: "X-Forwarded-For: 192.0.2.1, and the client's address",
            actual: "\(values)",
            evidence: exchange.evidence
        )
    }

    private static let noTraceID = Check(
        "classic.headers.no-trace-id",
        "A Classic Load Balancer writes no X-Amzn-Trace-Id, and leaves the client's as it is.",
        rows: ["CLB-HD-006"],
        feature: Self.feature,
        reference: .classicForwardedHeaders,
        kills: [.classicTraceIDAdded],
        lookAt: "which fields only other kinds of load balancers write",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        for given in [[], ["mine"]] {
            let exchange = await scene.send("GET", "/", to: web.endpoint) { request in
                request.headers += given.map { CurlHeader("X-Amzn-Trace-Id", $0) }
            }
            let (_, record) = try scene.expect(exchange, reached: web.group)
            try scene.expect("X-Amzn-Trace-Id", of: exchange, record.values(of: "X-Amzn-Trace-Id"), is: given)
        }
    }

    private static let leastOutstanding = Check(
        "classic.least-outstanding",
        "Requests go to the instance with the fewest under way.",
        rows: ["CLB-RT-002"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.leastOutstandingIgnored],
        lookAt: "what is compared when an instance is chosen",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic(backends: 2)
        try await scene.start()

        // One request hangs wherever it comes, and everybody else goes to the other one.
        for backend in web.backends { try await backend.set(.hang, scope: .traffic) }
        async let hanging = scene.send("GET", "/", to: web.endpoint) { $0.timeout = .seconds(6) }
        var busy: Int?
        let deadline = ContinuousClock.now + .seconds(5)
        while busy == nil, ContinuousClock.now < deadline {
            for index in web.backends.indices where await web.backends[index].status().requests > 0 { busy = index }
            try await Task.sleep(for: .milliseconds(2))
        }
        guard let busy else { throw Problem.timedOut("the first request reached no instance within 5 s") }
        try await web.backends[1 - busy].heal()
        for _ in 0..<8 {
            let exchange = await scene.send("GET", "/", to: web.endpoint) { $0.timeout = .seconds(3) }
            let isAnswered = if case .success = exchange.outcome { true } else { false }
            try scene.expect(
                isAnswered,
                tried: exchange.tried,
                expected: "an answer by the instance that has nothing to do",
                actual: "none within 3 s: it waits behind another request",
                evidence: exchange.evidence
            )
        }
        _ = await hanging
    }

    private static let methods = Check(
        "classic.methods",
        "Every method is forwarded but CONNECT, which is 400, and those of more than 127 characters, which are 405.",
        rows: ["CLB-LS-013", "CLB-ER-001", "CLB-ER-002"],
        feature: Self.feature,
        reference: .classicErrors,
        kills: [.classicLongMethodsForwarded, .errorBadRequestAs500],
        lookAt: "what is asked of a method",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        let cases = [
            ("PROPFIND", 200), ("TRACE", 200), (String(repeating: "A", count: 127), 200),
            (String(repeating: "A", count: 128), 405), ("CONNECT", 400),
        ]
        for (method, status) in cases {
            let outcome = await scene.sendRaw(
                "\(method) / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                to: web.endpoint
            )
            let answered = outcome.answers(to: ["GET"]).first?.status
            try scene.expect(
                answered == status,
                tried: "\(method.prefix(12)), \(method.utf8.count) characters",
                expected: "\(status)",
                actual: answered.map { "\($0)" } ?? "no answer"
            )
        }
    }

    // MARK: Errors

    private static let noneInService = Check(
        "classic.errors.503",
        "When no instance is in service the answer is 503, and none is tried.",
        rows: ["CLB-RT-009", "CLB-ER-005", "CLB-ER-006"],
        feature: Self.feature,
        reference: .classicErrors,
        kills: [.errorNoTargetsAs502, .classicFailsOpen],
        lookAt: "where requests go when nothing passes its checks",
        setting: .classic(isTimed: true)
    ) { scene in
        let web = try await scene.classic(
            backends: 2,
            health: .probing(every: 30, within: 20, healthy: 2, unhealthy: 2)
        )
        try await scene.start()

        for backend in web.backends { try await backend.set(.fail(status: 500), scope: .health) }
        for backend in web.backends { try await scene.waitForProbes(3, at: backend) }
        try await scene.expect("GET", "/", at: web.endpoint, answers: 503)
    }

    private static let noAnswer = Check(
        "classic.errors.504-closed",
        "An instance that closes without an answer gives the client 504.",
        rows: ["CLB-ER-007"],
        feature: Self.feature,
        reference: .classicErrors,
        kills: [.errorTimeoutAs502],
        lookAt: "which status a lost connection becomes",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        try await web.backends[0].set(.close, scope: .traffic)
        let exchange = await scene.send("POST", "/", to: web.endpoint) { $0.connection = .fresh }
        try scene.expect("the status", of: exchange, try scene.answer(exchange).status, is: 504)
    }

    private static let garbage = Check(
        "classic.errors.502",
        "An answer that cannot be read gives the client 502.",
        rows: ["CLB-ER-004"],
        feature: Self.feature,
        reference: .classicErrors,
        kills: [.errorBadGatewayAs500],
        lookAt: "what is done with an answer that is not HTTP",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        try await web.backends[0].set(.garbage, scope: .traffic)
        let exchange = await scene.send("GET", "/", to: web.endpoint) { $0.connection = .fresh }
        try scene.expect("the status", of: exchange, try scene.answer(exchange).status, is: 502)
    }

    // MARK: Cookies

    private static let duration = Check(
        "classic.sticky.duration",
        "A duration policy sets AWSELB once and sends whoever returns it to the same instance.",
        rows: ["CLB-SK-002", "CLB-SK-003", "CLB-SK-005", "CLB-SK-007"],
        feature: Self.feature,
        reference: .classicStickiness,
        kills: [.stickyIgnored, .classicCookieRenewed],
        lookAt: "when the cookie is set, and who looks at it",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic(backends: 3) {
            $0.policies = [ClassicPolicy(name: "p", kind: .durationStickiness(seconds: 600))]
            $0.listeners[0].policies = ["p"]
        }
        try await scene.start()

        let first = try await scene.visit(web.group, web.endpoint)
        let cookie = try first.cookie("AWSELB", in: scene)
        let twin = try first.cookie("AWSELBCORS", in: scene)
        try scene.expect("the value of AWSELBCORS", of: first.exchange, twin.value, is: cookie.value)
        try scene.expect(
            "attributes of AWSELB",
            of: first.exchange,
            cookie.form.sorted(),
            is: ["max-age=600", "path=/"]
        )
        try await scene.expectBound(
            to: first.backend,
            web.group,
            web.endpoint,
            cookies: [cookie.pair],
            because: "its AWSELB"
        )
        let again = await scene.send("GET", "/", to: web.endpoint) {
            $0.headers.append(CurlHeader("Cookie", cookie.pair))
        }
        let response = try scene.answer(again)
        try scene.expect(
            !response.headers.contains { $0.name.lowercased() == "set-cookie" },
            tried: again.tried,
            expected: "no Set-Cookie for a client that has a good one",
            actual: "another cookie",
            evidence: again.evidence
        )
    }

    private static let application = Check(
        "classic.sticky.application",
        "An application policy binds from the application's cookie on, and only clients that return that one too.",
        rows: ["CLB-SK-009", "CLB-SK-010"],
        feature: Self.feature,
        reference: .classicStickiness,
        kills: [.stickyIgnored, .stickyApplicationCookieNotNeeded],
        lookAt: "which two cookies it takes",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic(backends: 3) {
            $0.policies = [ClassicPolicy(name: "p", kind: .applicationStickiness(cookie: "SID"))]
            $0.listeners[0].policies = ["p"]
        }
        try await scene.start()

        let login = try await scene.visit(web.group, web.endpoint, "/?elb-header=Set-Cookie:SID%3D1")
        let cookie = try login.cookie("AWSELB", in: scene)
        try await scene.expectBound(
            to: login.backend,
            web.group,
            web.endpoint,
            cookies: ["SID=1", cookie.pair],
            because: "its AWSELB"
        )
        try await scene.expectUnbound(web.group, web.endpoint, cookies: [cookie.pair], because: "AWSELB alone")
    }

    // MARK: Health

    private static let agent = Check(
        "classic.health.probe",
        "Probes are GETs with the User-Agent ELB-HealthChecker/1.0.",
        rows: ["CLB-HC-005", "CLB-HC-012"],
        feature: Self.feature,
        reference: .classicHealthChecks,
        kills: [.healthUserAgentMissing, .healthPathIgnored],
        lookAt: "what a probe says",
        setting: .classic()
    ) { scene in
        let web = try await scene.classic()
        try await scene.start()

        let probe = try await web.backends[0].waitForRecords(count: 1, kind: .probe, timeout: .seconds(5))[0]
        try scene.expect(
            probe.method == "GET" && probe.target == "/health"
                && probe.values(of: "User-Agent") == ["ELB-HealthChecker/1.0"],
            tried: "a probe",
            expected: "GET /health with User-Agent: ELB-HealthChecker/1.0",
            actual: "\(probe.method) \(probe.target) with \(probe.values(of: "User-Agent"))"
        )
    }

    private static let only200 = Check(
        "classic.health.only-200",
        "Only 200 passes a check.",
        rows: ["CLB-HC-005"],
        feature: Self.feature,
        reference: .classicHealthChecks,
        kills: [.healthMatcherAnyResponse, .classicFailsOpen],
        lookAt: "which answers count as good",
        setting: .classic(isTimed: true)
    ) { scene in
        let web = try await scene.classic(
            health: .probing(every: 30, within: 20, healthy: 2, unhealthy: 2),
            behaviour: .failingHealth(204)
        )
        try await scene.start()

        try await scene.waitForProbes(3, at: web.backends[0])
        try await scene.expect("GET", "/", at: web.endpoint, answers: 503)
    }

    private static let recovery = Check(
        "classic.health.thresholds",
        "A new instance needs one pass, one that has failed needs HealthyThreshold.",
        rows: ["CLB-HC-009", "CLB-HC-010"],
        feature: Self.feature,
        reference: .classicHealthChecks,
        kills: [.healthFirstPassNeedsThreshold, .healthThresholdMinusOne],
        lookAt: "how many passes it takes",
        setting: .classic(isTimed: true)
    ) { scene in
        let web = try await scene.classic(health: .probing(every: 30, within: 20, healthy: 4, unhealthy: 2))
        try await scene.start()

        // One probe has been answered, and the next one is more than half a second away.
        try scene.expect(await scene.send("GET", "/", to: web.endpoint), reached: web.group)
        try await web.backends[0].setHealthScript([.status(500), .status(500)])
        let begin = await web.backends[0].records().last?.sequence ?? 0
        try await scene.waitForProbes(5, at: web.backends[0], after: begin)
        // Two have failed and three have passed.
        try await scene.expect("GET", "/", at: web.endpoint, answers: 503)
        try await scene.waitForProbes(7, at: web.backends[0], after: begin)
        try scene.expect(await scene.send("GET", "/", to: web.endpoint), reached: web.group)
    }
}

extension BackendBehaviour {
    fileprivate static func failingHealth(_ status: Int) -> Self {
        var behaviour = Self()
        behaviour.healthStatus = status
        return behaviour
    }
}

extension Scene {
    /// Waits until the backend has answered so many probes, and a moment more, for the subject to have read the last answer.
    fileprivate func waitForProbes(_ count: Int, at backend: Backend, after sequence: Int = 0) async throws {
        _ = try await backend.waitForRecords(count: count, after: sequence, kind: .probe, timeout: .seconds(15))
        try await Task.sleep(for: .milliseconds(100))
    }
}
