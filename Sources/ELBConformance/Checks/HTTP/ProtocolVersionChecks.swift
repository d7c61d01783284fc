internal import ELBFleet
internal import ELBModel

/// HTTP/2 and gRPC to targets: which request may go to which group, and how.
enum ProtocolVersionChecks {
    static let all = [
        Self.matrix, Self.paths, Self.clearText, Self.inTLS, Self.kinds, Self.status, Self.ownErrors, Self.deadline,
        Self.probes,
        Self.grpcProbes, Self.grpcMatcher,
    ]

    private static let feature = "alb.http.protocol-version"

    /// What a client sends.
    private enum Request: String, CaseIterable {
        case http11 = "an HTTP/1.1 request"
        case http2Get = "an HTTP/2 GET"
        case http2Post = "an HTTP/2 POST"
        case grpc = "a gRPC call"
    }

    private static let matrix = Check(
        "protocol-version.matrix",
        "A request that a group's protocol version does not allow is answered 464; any other reaches the group.",
        rows: ["ALB-HTTP-009", "ALB-ERR-020"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.protocolVersionMismatchAllowed],
        lookAt: "when a request's version and a group's are compared"
    ) { scene in
        let plain = try await scene.group("http1", speaks: .http)
        let second = try await scene.group("http2", speaks: .h2) { $0.protocolVersion = .http2 }
        let calls = try await scene.group("grpc", speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc }
        let listener = try scene.secureListener(
            rules: [
                .when(.path("/h2/*"), priority: 1, then: second.forward),
                .when(.path("/elblab.Echo/*"), priority: 2, then: calls.forward),
            ],
            default: plain.forward
        )
        try await scene.start()

        let cases: [(SceneGroup, String, [Request: Int])] = [
            (plain, "/plain/a", [.http11: 200, .http2Get: 200, .http2Post: 200, .grpc: 464]),
            (second, "/h2/a", [.http11: 464, .http2Get: 200, .http2Post: 200, .grpc: 200]),
            // What is no call is answered 415 by a gRPC server, if it gets so far.
            (calls, "/elblab.Echo/Unary", [.http11: 464, .http2Get: 464, .http2Post: 415, .grpc: 200]),
        ]
        for (group, path, expected) in cases {
            for request in Request.allCases {
                let id = scene.nextID()
                let status = try await Self.send(request, path, id: id, to: listener, scene)
                let wanted = expected[request] ?? 0
                let hits = await scene.hits(id)
                try scene.expect(
                    status == wanted && hits.count == (wanted == 464 ? 0 : 1),
                    tried: "\(request.rawValue) to a group of \(group.name)",
                    expected: wanted == 464 ? "464, and no target is contacted" : "\(wanted) by the target",
                    actual: "\(status), \(hits.count) targets",
                    evidence: hits.map(\.evidence)
                )
            }
        }
    }

    private static let paths = Check(
        "grpc.rule-paths",
        "Rules choose a gRPC call's group by its package, its service or its method.",
        rows: ["ALB-COND-015"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesPriorityReversed],
        lookAt: "what a call's path is for a path condition"
    ) { scene in
        let names = ["method", "service", "package", "other"]
        var groups: [SceneGroup] = []
        for name in names {
            groups.append(try await scene.group(name, speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc })
        }
        let listener = try scene.secureListener(
            rules: [
                .when(.path("/elblab.Echo/Unary"), priority: 1, then: groups[0].forward),
                .when(.path("/elblab.Echo/*"), priority: 2, then: groups[1].forward),
                .when(.path("/elblab.*"), priority: 3, then: groups[2].forward),
            ],
            default: groups[3].forward
        )
        try await scene.start()

        let paths = ["/elblab.Echo/Unary", "/elblab.Echo/ServerStream", "/elblab.Other/Unary", "/elsewhere.Echo/Unary"]
        for (path, name) in zip(paths, names) {
            let id = scene.nextID()
            _ = try await Self.send(.grpc, path, id: id, to: listener, scene)
            let reached = await scene.hits(id).map(\.backend.description.name)
            try scene.expect(
                reached == [name],
                tried: "a call of \(path)",
                expected: "the group of the rule for its \(name)",
                actual: "reached \(reached)"
            )
        }
    }

    private static func send(
        _ request: Request,
        _ path: String,
        id: String,
        to listener: Endpoint,
        _ scene: Scene
    ) async throws -> Int {
        let marked = [CurlHeader("x-request-id", id)]
        switch request {
        case .http11:
            let exchange = await scene.sendSecure("GET", path, to: listener, headers: marked) { $0.version = .http11 }
            return try scene.answer(exchange).status
        case .http2Get, .http2Post:
            let method = request == .http2Get ? "GET" : "POST"
            return try await scene.http2(to: listener) { connection in
                connection.answer(on: connection.request(.h2(path, method: method) + marked)).status ?? 0
            }
        case .grpc:
            return try await scene.http2(to: listener) { connection in
                let client = GRPCClient(over: connection, authority: "www.example.com")
                return client.call(path, [[1, 2, 3]], metadata: marked).answer.status ?? 0
            }
        }
    }

    private static let clearText = Check(
        "protocol-version.http2-clear-text",
        "A group of HTTP2 with protocol HTTP gets HTTP/2 with prior knowledge in clear text.",
        rows: ["ALB-HTTP-012"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.protocolVersionIgnored],
        lookAt: "how a connection to a target begins"
    ) { scene in
        let web = try await scene.group("web", speaks: .h2) { $0.protocolVersion = .http2 }
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let body = AnswerPlan.pattern(200_000)
        let exchange = await scene.sendSecure("POST", "/a?elb-body-bytes=300000", to: listener) {
            $0.body = .bytes(body)
        }
        let (response, record) = try scene.expect(exchange, reached: web)
        try scene.expect("version at the target", of: exchange, record.version, is: "HTTP/2")
        try scene.expect("body at the target", of: exchange, record.bodyChecksum, is: BodyChecksum.of(body))
        try scene.expect("bytes of the answer", of: exchange, response.body.count, is: 300_000)
        try scene.expect(":authority or host", of: exchange, record.values(of: ":authority").count, is: 1)
        try scene.expect("x-forwarded-proto", of: exchange, record.values(of: "x-forwarded-proto"), is: ["https"])
        let capital = record.headers.map(\.name).filter { $0 != $0.lowercased() }
        try scene.expect("names in upper case at the target", of: exchange, capital, is: [])
    }

    private static let inTLS = Check(
        "protocol-version.http2-tls",
        "A group of HTTP2 with protocol HTTPS gets HTTP/2 that ALPN chose.",
        rows: ["ALB-HTTP-012"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.protocolVersionIgnored],
        needs: ["protocol-version.http2-clear-text"],
        lookAt: "what ALPN offers to a target"
    ) { scene in
        let web = try await scene.group("web", speaks: .h2, tls: BackendTLS()) { group in
            group.protocolVersion = .http2
            group.protocol = .https
            group.healthCheck.protocol = .https
        }
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let exchange = await scene.sendSecure("GET", "/a", to: listener)
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect("version at the target", of: exchange, record.version, is: "HTTP/2")
        try scene.expect("ALPN at the target", of: exchange, record.tls?.applicationProtocol, is: "h2")
    }

    private static let kinds = Check(
        "grpc.kinds",
        "Unary calls and streams of every kind pass through, message by message.",
        rows: ["ALB-HTTP-011"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.grpcTrailersDropped],
        lookAt: "what is held back of a stream that goes both ways"
    ) { scene in
        let api = try await scene.group("api", speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc }
        let web = try await scene.group("web", speaks: .grpc, health: .anyStatus) { $0.protocolVersion = .http2 }
        let grpc = try scene.secureListener(default: api.forward)
        let http2 = try scene.secureListener(default: web.forward)
        try await scene.start()

        let a: [UInt8] = [1]
        let b: [UInt8] = [2, 3]
        for (listener, group) in [(grpc, "GRPC"), (http2, "HTTP2")] {
            for (method, sent, expected) in [
                ("Unary", [a], [a]), ("ServerStream", [a], [a, a, a]), ("ClientStream", [a, b], [a + b]),
            ] {
                let outcome = try await scene.http2(to: listener) { connection in
                    GRPCClient(over: connection, authority: "www.example.com").call("/elblab.Echo/\(method)", sent)
                }
                try scene.expect(
                    outcome.messages == expected && outcome.status == 0,
                    tried: "\(method) of a group of \(group)",
                    expected: "\(expected), grpc-status 0",
                    actual: "\(outcome.messages), grpc-status \(outcome.status.map { "\($0)" } ?? "missing")"
                )
            }
            let counts = try await scene.http2(to: listener) { connection in
                let client = GRPCClient(over: connection, authority: "www.example.com")
                let call = client.open("/elblab.Echo/Bidirectional")
                var counts: [Int] = []
                for number in 1...3 {
                    client.send([UInt8(number)], on: call)
                    counts.append(client.messages(number, on: call, within: .seconds(5)).count)
                }
                client.finish(call)
                return counts + [client.outcome(of: call).status ?? -1]
            }
            try scene.expect(
                counts == [1, 2, 3, 0],
                tried: "a bidirectional call of a group of \(group), each message sent after the last was echoed",
                expected: "three echoes, then grpc-status 0",
                actual: "\(counts)"
            )
        }
    }

    private static let status = Check(
        "grpc.status",
        "A target's grpc-status, grpc-message and own trailers reach the client, with and without messages.",
        rows: ["ALB-HTTP-011"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.grpcTrailersDropped],
        lookAt: "what becomes of trailers, and of an answer that is nothing but a head"
    ) { scene in
        let api = try await scene.group("api", speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc }
        let listener = try scene.secureListener(default: api.forward)
        try await scene.start()

        for code in [0, 5, 14, 16] {
            let asked = [
                CurlHeader("elb-grpc-status", "\(code)"), CurlHeader("elb-grpc-message", "a word"),
                CurlHeader("elb-trailer", "x-sum:7"),
            ]
            let outcome = try await scene.http2(to: listener) { connection in
                GRPCClient(over: connection, authority: "www.example.com")
                    .call("/elblab.Echo/Unary", [[1]], metadata: asked)
            }
            let sum = outcome.answer.trailer("x-sum") ?? outcome.answer.header("x-sum")
            try scene.expect(
                outcome.status == code && outcome.message == "a word" && sum == "7",
                tried: "a call that its target ends with grpc-status \(code)",
                expected: "\(code), a word, x-sum 7",
                actual:
                    "\(outcome.status.map { "\($0)" } ?? "none"), \(outcome.message ?? "none"), x-sum \(sum ?? "none")"
            )
        }
    }

    private static let ownErrors = Check(
        "grpc.own-errors",
        "When no target can be reached, a gRPC client gets an HTTP status and a grpc-status.",
        rows: ["ALB-HTTP-013"],
        level: .provisional,
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.grpcErrorsWithoutStatus],
        lookAt: "what an error of the load balancer says to a gRPC client"
    ) { scene in
        let api = try await scene.group("api", speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc }
        let listener = try scene.secureListener(default: api.forward)
        try await scene.start()

        try await api.backends[0].set(.refuse)
        let outcome = try await scene.http2(to: listener) { connection in
            GRPCClient(over: connection, authority: "www.example.com").call("/elblab.Echo/Unary", [[1]])
        }
        try scene.expect(
            outcome.answer.status == 502 && outcome.status == 14,
            tried: "a call whose target refuses connections",
            expected: "502 with grpc-status 14",
            actual: "\(outcome.answer.status ?? 0) with grpc-status \(outcome.status.map { "\($0)" } ?? "none")"
        )
    }

    private static let deadline = Check(
        "grpc.cancelled",
        "When a client cancels a call, its target learns of it; other calls go on.",
        rows: ["ALB-HTTP-011"],
        level: .provisional,
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.grpcTrailersDropped],
        lookAt: "what a reset of the client's stream does to the target's"
    ) { scene in
        let api = try await scene.group("api", speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc }
        let listener = try scene.secureListener(default: api.forward)
        try await scene.start()

        let status = try await scene.http2(to: listener) { connection in
            let client = GRPCClient(over: connection, authority: "www.example.com")
            let call = client.open("/elblab.Echo/Bidirectional")
            client.send([1], on: call)
            _ = client.messages(1, on: call)
            connection.reset(call)
            return client.call("/elblab.Echo/Unary", [[1]]).status
        }
        try scene.expect(
            status == 0,
            tried: "a call behind a cancelled one",
            expected: "grpc-status 0",
            actual: "\(status ?? -1)"
        )
        let cancelled = try? await api.backends[0].waitForRecords(
            count: 1,
            kind: .traffic,
            timeout: .seconds(8),
            where: { $0.target == "/elblab.Echo/Bidirectional" && $0.outcome == .peerGone }
        )
        try scene.expect(
            cancelled != nil,
            tried: "a call that the client resets",
            expected: "the target's stream ends too",
            actual: "it stands after 8 s"
        )
    }

    private static let probes = Check(
        "health.protocol-version.http2",
        "Health checks of a group of HTTP2 speak HTTP/2.",
        rows: ["ALB-HC-019"],
        feature: "alb.health.protocol-version",
        with: ["alb.http.protocol-version"],
        reference: .healthChecks,
        kills: [.healthProtocolVersionIgnored],
        lookAt: "which version a probe speaks"
    ) { scene in
        let web = try await scene.group("web", speaks: .h2) { $0.protocolVersion = .http2 }
        let listener = try scene.secureListener(default: web.forward)
        try await scene.start()

        let exchange = await scene.sendSecure("GET", "/", to: listener)
        try scene.expect(exchange, reached: web)
        let probes = await web.backends[0].records().filter { $0.kind == .probe }
        try scene.expect(
            !probes.isEmpty && probes.allSatisfy { $0.version == "HTTP/2" && $0.method == "GET" },
            tried: "health checks of a group of HTTP2",
            expected: "GET by HTTP/2",
            actual: probes.map { "\($0.method) \($0.version)" }.joined(separator: ", ")
        )
    }

    private static let grpcProbes = Check(
        "health.protocol-version.grpc",
        "A gRPC server without /AWS.ALB/healthcheck is healthy with the defaults.",
        rows: ["ALB-HC-011", "ALB-HC-012", "ALB-HC-019"],
        feature: "alb.health.protocol-version",
        with: ["alb.http.protocol-version"],
        reference: .healthChecks,
        kills: [.healthProtocolVersionIgnored],
        lookAt: "what a gRPC probe calls, and which status passes"
    ) { scene in
        let api = try await scene.group("api", speaks: .grpc, health: .grpc) { $0.protocolVersion = .grpc }
        let listener = try scene.secureListener(default: api.forward)
        try await scene.start()

        let probe = await api.backends[0].records().first { $0.kind == .probe }
        try scene.expect(
            probe?.target == "/AWS.ALB/healthcheck" && probe?.method == "POST" && probe?.grpcStatus == 12
                && probe?.values(of: "content-type").first?.hasPrefix("application/grpc") == true,
            tried: "the first health check of a gRPC server that has no such method",
            expected: "POST /AWS.ALB/healthcheck as a gRPC call",
            actual: probe.map { "\($0.method) \($0.target) \($0.version)" } ?? "none"
        )
        let status = try await scene.http2(to: listener) { connection in
            GRPCClient(over: connection, authority: "www.example.com").call("/elblab.Echo/Unary", [[1]]).status
        }
        try scene.expect(status == 0, tried: "a call", expected: "grpc-status 0", actual: "\(status ?? -1)")
    }

    private static let grpcMatcher = Check(
        "health.matcher.grpc",
        "Only a grpc-status of the matcher passes.",
        rows: ["ALB-HC-011"],
        feature: "alb.health.protocol-version",
        with: ["alb.http.protocol-version"],
        reference: .healthChecks,
        kills: [.healthMatcherIgnored],
        lookAt: "how a probe's grpc-status is compared",
        setting: Setting(isTimed: true)
    ) { scene in
        var health = HealthCheckSettings.brisk
        health.path = "/grpc.health.v1.Health/Check"
        health.grpcMatcher = StatusMatcher(ranges: [0...0, 5...7])
        let good = try await scene.backend("good", behaviour: .grpc(health.path, status: 6))
        let bad = try await scene.backend("bad", behaviour: .grpc(health.path, status: 12))
        let api = scene.group("api", of: [good, bad], health: health) { $0.protocolVersion = .grpc }
        let listener = try scene.secureListener(default: api.forward)
        try await scene.start()

        _ = try? await bad.waitForRecords(count: 4, kind: .probe, timeout: scene.scaled(seconds: 200))
        for _ in 0..<6 {
            _ = try await scene.http2(to: listener) { connection in
                GRPCClient(over: connection, authority: "www.example.com").call("/elblab.Echo/Unary", [[1]]).status
            }
        }
        let counts = await scene.trafficCounts(api)
        try scene.expect(
            counts == [6, 0],
            tried: "six calls, one target answering its probes with 6 and one with 12, matcher 0,5-7",
            expected: "all at the first",
            actual: "\(counts)"
        )
    }
}

extension HealthCheckSettings {
    /// AWS's own for gRPC: a method that no server has.
    fileprivate static var grpc: Self {
        var settings = Self.calm
        settings.path = StatusMatcher.grpcPath
        return settings
    }

    /// For a server that answers nothing but calls, in a group of HTTP2.
    fileprivate static var anyStatus: Self {
        var settings = Self.calm
        settings.matcher = StatusMatcher(ranges: [200...499])
        return settings
    }
}

extension BackendBehaviour {
    fileprivate static func grpc(_ method: String, status: Int) -> Self {
        var behaviour = Self()
        behaviour.speaks = .grpc
        behaviour.grpcStatuses = [method: status]
        behaviour.healthPaths = [method]
        return behaviour
    }
}

extension Scene {
    fileprivate func group(
        _ name: String,
        speaks spoken: BackendProtocol,
        tls: BackendTLS? = nil,
        health: HealthCheckSettings = .calm,
        configure: (inout TargetGroup) -> Void = { _ in }
    ) async throws -> SceneGroup {
        var behaviour = BackendBehaviour()
        behaviour.speaks = spoken
        behaviour.tls = tls
        return try await self.group(name, health: health, behaviour: behaviour, configure: configure)
    }
}
