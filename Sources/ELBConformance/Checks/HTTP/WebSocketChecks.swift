internal import ELBFleet
internal import ELBModel

/// WebSockets: the handshake is a request like any other, and what follows is nobody's business.
enum WebSocketChecks {
    static let all = [
        Self.echo, Self.rules, Self.target, Self.refused, Self.opaque, Self.idle, Self.ends, Self.serverFirst,
        Self.secure, Self.draining,
    ]

    private static let feature = "alb.http.websocket"

    private static let echo = Check(
        "http.websocket.echo",
        "A handshake reaches its target, 101 comes back, and both directions become one tunnel.",
        rows: ["ALB-HTTP-031", "ALB-LSN-013"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.webSocketUpgradeDropped],
        lookAt: "what becomes of Upgrade and Connection on the way to the target, and of both connections after 101"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.listener(default: chat.forward)
        try await scene.start()

        let offered = [CurlHeader("Sec-WebSocket-Protocol", "chat.v2, chat.v1")]
        let (talk, hits) = try await scene.talk("/chat", to: listener, headers: offered) { client in
            client.send("hello")
            client.send(WebSocketFrame(.text, Array("in ".utf8), isLast: false))
            client.send(WebSocketFrame(.continuation, Array("pieces".utf8)))
            client.send(WebSocketFrame(.binary, AnswerPlan.pattern(300_000)))
            client.send(WebSocketFrame(.ping, [7]))
            client.send(.close(1000))
            client.receiveUntilEnd(within: .seconds(8))
        }
        try scene.expect(
            talk.isOpen && talk.answer?.header("Sec-WebSocket-Protocol") == "chat.v2",
            tried: "a WebSocket handshake",
            expected: "101, with the target's Sec-WebSocket-Accept and Sec-WebSocket-Protocol",
            actual: talk.summary,
            evidence: hits.map(\.evidence)
        )
        try scene.expect(
            talk.frames.map(\.opcode) == [.text, .text, .continuation, .binary, .pong, .close]
                && talk.frames[3].payload == AnswerPlan.pattern(300_000) && talk.end == .closed,
            tried: "a text, a text in two pieces, 300,000 bytes, a ping and a close",
            expected: "all of them echoed, then the end of the connection",
            actual: talk.summary
        )
        let record = try await scene.ended(hits, of: chat)
        try scene.expect(
            record.ending == "close 1000 by the peer" && record.frames.allSatisfy(\.isMasked),
            tried: "the same, seen by the target",
            expected: "the client's frames, masked, and its close",
            actual: "\(record.frames.map(\.kind)), \(record.ending ?? "still open")"
        )
    }

    private static let rules = Check(
        "http.websocket.rules",
        "Rules choose a handshake's target as they do for every request.",
        rows: ["ALB-LSN-014"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.rulesDefaultFirst],
        lookAt: "when rules are asked about a handshake"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let news = try await scene.group("news") { $0.speaks = .ws }
        let listener = try scene.listener(
            rules: [
                .when(.path("/news"), priority: 1, then: news.forward),
                .when(.path("/closed"), priority: 2, then: .answer(403, "members only")),
            ],
            default: chat.forward
        )
        try await scene.start()

        for (path, group) in [("/chat", chat), ("/news", news)] {
            let (talk, hits) = try await scene.talk(path, to: listener)
            try scene.expect(
                talk.isOpen && hits.map(\.backend.description.name) == [group.name],
                tried: "a handshake for \(path)",
                expected: "a WebSocket to \(group.name)",
                actual: "\(talk.summary); reached \(hits.map(\.backend.description.name))"
            )
        }
        let (talk, hits) = try await scene.talk("/closed", to: listener)
        try scene.expect(
            talk.answer?.status == 403 && talk.answer?.text == "members only" && hits.isEmpty,
            tried: "a handshake that a rule answers",
            expected: "403 by the load balancer",
            actual: talk.summary
        )
    }

    private static let target = Check(
        "http.websocket.one-target",
        "A WebSocket's target is chosen once; all its frames go there.",
        rows: ["ALB-ALG-007"],
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.roundRobinAlwaysFirst],
        lookAt: "when a target is chosen"
    ) { scene in
        let chat = try await scene.group("chat", backends: 2) { $0.speaks = .ws }
        let listener = try scene.listener(default: chat.forward)
        try await scene.start()

        for _ in 0..<4 {
            let (talk, hits) = try await scene.talk("/chat", to: listener) { client in
                for number in 1...20 { client.send("\(number)") }
                client.receive(frames: 20)
            }
            try scene.expect(
                talk.texts == (1...20).map { "\($0)" } && hits.count == 1,
                tried: "20 texts on one WebSocket",
                expected: "20 echoes from one target",
                actual: talk.summary
            )
        }
        let counts = await scene.trafficCounts(chat)
        try scene.expect(
            counts == [2, 2],
            tried: "four WebSockets and two targets",
            expected: "two for each",
            actual: "\(counts)"
        )
    }

    private static let refused = Check(
        "http.websocket.refused-by-target",
        "A target that refuses the handshake has its answer relayed, and the connection goes on as HTTP.",
        rows: ["ALB-HTTP-034"],
        feature: Self.feature,
        reference: .accessLogs,
        kills: [.responseHeadersDropped],
        lookAt: "what is done with an answer to a handshake that is not 101"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.listener(default: chat.forward)
        try await scene.start()

        let (talk, _) = try await scene.talk("/chat?elb-status=403&elb-header=X-Why:full", to: listener)
        try scene.expect(
            talk.answer?.status == 403 && talk.answer?.header("X-Why") == "full",
            tried: "a handshake that the target answers with 403",
            expected: "403 with the target's headers",
            actual: talk.summary
        )
    }

    private static let opaque = Check(
        "http.websocket.opaque",
        "After 101 no rule looks at what is sent, also when it looks like a request.",
        rows: ["ALB-HTTP-032", "ALB-HDR-024"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.webSocketUpgradeDropped],
        lookAt: "who reads a connection after 101"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.listener(
            rules: [.when(.path("/closed"), priority: 1, then: .answer(403))],
            default: chat.forward
        )
        try await scene.start()

        let request = "GET /closed HTTP/1.1\r\nHost: chat.example.com\r\n\r\n"
        let (talk, hits) = try await scene.talk("/chat", to: listener) { client in
            client.send(request)
            client.receive(frames: 1)
        }
        let seen = try await scene.record(hits, of: chat) { !$0.frames.isEmpty }.frames.map(\.payload.text)
        try scene.expect(
            talk.texts == [request] && seen == [request],
            tried: "a text frame that looks like a request",
            expected: "it reaches the target as it is, and comes back",
            actual: "\(talk.summary); the target read \(seen)"
        )
    }

    private static let idle = Check(
        "http.websocket.idle",
        "The idle timeout ends a WebSocket on which nothing is sent, and no other.",
        rows: ["ALB-HTTP-035"],
        level: .provisional,
        feature: Self.feature,
        reference: .attributes,
        kills: [.webSocketIdleIgnored],
        lookAt: "whether the idle timer runs on after 101, and what resets it",
        setting: Setting(isTimed: true) { $0.idleTimeoutSeconds = 40 }
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.listener(default: chat.forward)
        try await scene.start()

        let limit = scene.scaled(seconds: 160)
        async let silent = scene.talk("/chat", to: listener) { $0.receiveUntilEnd(within: limit) }
        // Eight texts, each well within the timeout, last longer than it does.
        let every = scene.scaled(seconds: 12).milliseconds
        let (lively, _) = try await scene.talk("/chat?elb-ws-every=\(every)", to: listener) { client in
            client.receive(frames: 8, within: limit)
        }
        try scene.expect(
            lively.frames.count == 8 && lively.end == nil,
            tried: "a WebSocket whose target sends a text every 12 s, with an idle timeout of 40 s",
            expected: "it stands",
            actual: lively.summary
        )
        let (ended, hits) = try await silent
        try scene.expect(
            ended.isOpen && ended.end != nil,
            tried: "a WebSocket on which nothing is sent, with an idle timeout of 40 s",
            expected: "it is closed",
            actual: "it stands after 160 s"
        )
        _ = try await scene.ended(hits, of: chat)
    }

    private static let ends = Check(
        "http.websocket.end",
        "When one side ends a WebSocket's connection, so does the load balancer on the other.",
        rows: ["ALB-HTTP-031"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.webSocketUpgradeDropped],
        lookAt: "what is done when one of the two connections ends"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.listener(default: chat.forward)
        try await scene.start()

        let (lost, hits) = try await scene.talk("/chat", to: listener) { client in
            client.send("hello")
            client.receive(frames: 1)
        }
        let record = try await scene.ended(hits, of: chat)
        try scene.expect(
            lost.isOpen && record.ending == "the connection ended without a close frame",
            tried: "a client that vanishes",
            expected: "the target's connection ends",
            actual: record.ending ?? "it stands"
        )
        try await chat.backends[0].set(.reset, scope: .traffic)
        let (reset, _) = try await scene.talk("/chat", to: listener)
        try scene.expect(
            reset.answer?.status == 502,
            tried: "a target that resets in place of an answer to the handshake",
            expected: "502",
            actual: reset.summary
        )
        try await chat.backends[0].heal()
        let (closed, _) = try await scene.talk("/chat?elb-ws-close=1001", to: listener) { client in
            client.send("hello")
            client.receive(frames: 2)
            client.send(.close(1001))
            client.receiveUntilEnd(within: .seconds(8))
        }
        try scene.expect(
            closed.frames.last?.closeCode == 1001 && closed.end == .closed,
            tried: "a target that closes behind the first message",
            expected: "its close, then the end of the connection",
            actual: closed.summary
        )
    }

    private static let serverFirst = Check(
        "http.websocket.server-first",
        "What a target sends right behind its 101 reaches the client.",
        rows: ["ALB-HTTP-031"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.webSocketUpgradeDropped],
        lookAt: "bytes that come in one piece with the head of 101"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.listener(default: chat.forward)
        try await scene.start()

        let (talk, _) = try await scene.talk("/chat?elb-ws-greeting=welcome", to: listener) { $0.receive(frames: 1) }
        try scene.expect(
            talk.texts == ["welcome"],
            tried: "a target that speaks first",
            expected: "its text",
            actual: talk.summary
        )
    }

    private static let secure = Check(
        "http.websocket.tls",
        "A WebSocket over TLS is forwarded like one in clear text; X-Forwarded-Proto is https, and health checks are plain.",
        rows: ["ALB-HDR-016", "ALB-LSN-013", "ALB-HC-021"],
        level: .provisional,
        feature: Self.feature,
        with: ["alb.health"],
        reference: .forwardedHeaders,
        kills: [.webSocketUpgradeDropped],
        lookAt: "which scheme a WebSocket has"
    ) { scene in
        let chat = try await scene.group("chat") { $0.speaks = .ws }
        let listener = try scene.secureListener(default: chat.forward)
        try await scene.start()

        let (talk, hits) = try await scene.talk("/chat", to: listener, tls: .http11()) { client in
            client.send("hello")
            client.receive(frames: 1)
        }
        let protocols = hits.first?.record.values(of: "X-Forwarded-Proto") ?? []
        try scene.expect(
            talk.texts == ["hello"] && protocols == ["https"],
            tried: "a WebSocket over TLS",
            expected: "an echo, and X-Forwarded-Proto: https at the target",
            actual: "\(talk.summary); X-Forwarded-Proto \(protocols)"
        )
        let probes = await chat.backends[0].records().filter { $0.kind == .probe }
        try scene.expect(
            !probes.isEmpty && probes.allSatisfy { $0.values(of: "Upgrade").isEmpty },
            tried: "health checks of the same target",
            expected: "plain requests",
            actual: "\(probes.count) probes"
        )
    }

    private static let draining = Check(
        "http.websocket.draining",
        "A WebSocket to a deregistered target lives on, and until the deregistration delay ends at most.",
        rows: ["ALB-DRG-009"],
        level: .provisional,
        feature: Self.feature,
        reference: .targetGroupAttributes,
        kills: [.deregisterDelayEndless, .deregisterDelayIgnored],
        lookAt: "what ends when a draining target is let go",
        setting: Setting(reloads: true)
    ) { scene in
        let leaving = try await scene.backend("leaving", behaviour: .chat)
        let staying = try await scene.backend("staying", behaviour: .chat)
        let chat = scene.group("chat", of: [leaving, staying]) { $0.attributes.deregistrationDelaySeconds = 20 }
        let alone = scene.group("alone", of: [leaving]) { $0.attributes.deregistrationDelaySeconds = 20 }
        let listener = try scene.listener(
            rules: [.when(.path("/alone"), priority: 1, then: alone.forward)],
            default: chat.forward
        )
        try await scene.start()

        let every = scene.scaled(seconds: 4).milliseconds
        let limit = scene.scaled(seconds: 100)
        async let talking = scene.talk("/alone?elb-ws-every=\(every)", to: listener) { client in
            client.receiveUntilEnd(within: limit)
        }
        _ = try await leaving.waitForRecords(count: 1, kind: .traffic)
        let before = ContinuousClock.now
        try await scene.reload { part in
            for index in part.groups.indices { part.groups[index].targets.removeAll { leaving.targets.contains($0) } }
        }
        let (talk, _) = try await talking
        let lasted = ContinuousClock.now - before
        try scene.expect(
            talk.isOpen && talk.end != nil && lasted > scene.scaled(seconds: 15),
            tried: "a lively WebSocket whose target is deregistered, with a delay of 20 s",
            expected: "it ends when the delay does",
            actual: talk.end == nil ? "it stands after 100 s" : "it ended after \(lasted / .milliseconds(1)) ms"
        )
    }
}

extension BackendBehaviour {
    fileprivate static var chat: Self {
        var behaviour = Self()
        behaviour.speaks = .ws
        behaviour.healthPaths = ["/health"]
        return behaviour
    }
}

extension Scene {
    fileprivate func group(
        _ name: String,
        backends: Int = 1,
        _ speak: (inout BackendBehaviour) -> Void
    ) async throws
        -> SceneGroup
    {
        var behaviour = BackendBehaviour()
        speak(&behaviour)
        return try await self.group(name, backends: backends, behaviour: behaviour)
    }

    /// The target's record of a handshake once its WebSocket has ended.
    fileprivate func ended(_ hits: [Exchange.Hit], of group: SceneGroup) async throws -> RequestRecord {
        try await self.record(hits, of: group) { $0.ending != nil }
    }

    /// The target's record of a handshake once it fulfils the condition.
    fileprivate func record(
        _ hits: [Exchange.Hit],
        of group: SceneGroup,
        where fulfils: @escaping @Sendable (RequestRecord) -> Bool
    ) async throws -> RequestRecord {
        guard let hit = hits.first, hits.count == 1 else {
            throw Problem.broken(
                tried: "a WebSocket handshake",
                expected: "it reaches \(group.name), once",
                actual: "it reached \(hits.map(\.backend.description.name))",
                evidence: []
            )
        }
        let sequence = hit.record.sequence
        let records = try? await hit.backend.waitForRecords(
            count: 1,
            after: sequence - 1,
            timeout: .seconds(8),
            where: { $0.sequence == sequence && fulfils($0) }
        )
        guard let record = records?.first else {
            throw Problem.broken(
                tried: "a WebSocket, seen by its target",
                expected: "frames, or its end",
                actual: "none within 8 s",
                evidence: [hit.evidence]
            )
        }
        return record
    }
}
