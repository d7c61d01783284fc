import ELBConformance
import ELBModel

/// What becomes of a WebSocket.
package struct WebSocketJudge: Hashable, Sendable {
    package var request: RouteCase.Request
    package var question: Question
    /// Connections side by side.
    package var connections: Int
    /// Messages on each.
    package var frames: Int
    /// Who may serve them; anybody if empty.
    package var servers: [String]
    /// For `status`.
    package var status: Int
    /// AWS seconds of silence; for `idle` and `outlives`.
    package var seconds: Int

    package enum Question: String, Hashable, Sendable, CaseIterable {
        /// 101, and everything sent on a connection comes to one server and back.
        case oneTarget = "one-target"
        /// The handshake is answered with this status in place of 101.
        case status
        /// A connection on which nothing is said is closed when the idle timeout is over, and not before.
        case idle
        /// A connection on which nothing is said for so long still works.
        case outlives
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "question", "connections", "frames", "servers", "status", "seconds"])
        self.request = try reader.optional("request").map { try RouteCase.Request($0) } ?? .init()
        self.question = try reader.required("question").choice(of: Question.self)
        self.connections = try reader.optional("connections")?.int() ?? 6
        self.frames = try reader.optional("frames")?.int() ?? 8
        self.servers = try reader.optional("servers")?.strings() ?? []
        self.status = try reader.optional("status")?.int() ?? 0
        self.seconds = try reader.optional("seconds")?.int() ?? 0
        switch self.question {
        case .oneTarget: break
        case .status: _ = try reader.required("status")
        case .idle, .outlives:
            guard (1...4000).contains(self.seconds) else { throw reader.error("'seconds' must be 1 to 4000") }
        }
        guard (1...16).contains(self.connections), (1...100).contains(self.frames) else {
            throw reader.error("1 to 16 connections and 1 to 100 frames")
        }
    }

    func judge(_ bench: AnswerBench) async throws -> Judgement {
        switch self.question {
        case .oneTarget, .status: return try await bench.calmly { try await self.talk($0) }
        case .idle, .outlives:
            // A second of real time at least.
            let scale = max(1, min(100, self.seconds))
            return try await bench.calmly(timeScale: scale) { try await self.wait($0) }
        }
    }

    private struct Talk: Sendable {
        var status: Int?
        var isOpen: Bool
        var texts: [String]
        var hasEnded: Bool
        var seconds: Double

        var summary: String {
            self.isOpen ? "101, \(self.texts.count)" : self.status.map { "\($0)" } ?? "–"
        }
    }

    private func connect(
        _ lab: TopologyLab,
        _ id: String,
        script: @escaping @Sendable (WebSocketClient) -> Void
    ) async throws -> Talk {
        let place = try RouteJudge.place(self.request, lab)
        let name = self.request.serverName ?? self.request.host
        let tls: TLSChoice = place.listener.isSecure ? .http11(name: name) : .none
        let headers = self.request.headers.map { CurlHeader($0.key, $0.value) } + [CurlHeader(RouteJudge.idHeader, id)]
        let (host, target) = (self.request.host ?? "\(place.endpoint)", self.request.target)
        let outcome = await lab.raw.onStream(to: place.endpoint, tls: tls) { stream in
            let start = ContinuousClock.now
            let client = WebSocketClient(over: stream, host: host, target: target, headers: headers)
            if client.isOpen { script(client) }
            return Talk(
                status: client.answer?.status,
                isOpen: client.isOpen,
                texts: client.texts,
                hasEnded: client.end != nil,
                seconds: (ContinuousClock.now - start) / .seconds(1)
            )
        }
        return (try? outcome.get()) ?? Talk(status: nil, isOpen: false, texts: [], hasEnded: true, seconds: 0)
    }

    private func talk(_ lab: TopologyLab) async throws -> Judgement {
        for number in 0..<self.connections {
            let id = "talk-\(number)"
            let texts = (0..<self.frames).map { "\(id) \($0)" }
            let talk = try await self.connect(lab, id) { client in
                for (index, text) in texts.enumerated() {
                    client.send(text)
                    client.receive(frames: index + 1)
                }
            }
            if self.question == .status {
                guard talk.status != self.status else { return .pass }
                return self.fail("websocket.want-status", "\(self.status)", talk.summary)
            }
            guard talk.isOpen else { return self.fail("websocket.want-open", "101", talk.summary) }
            let readers = await lab.sightings().filter { sighting in
                sighting.frames.contains { $0.hasPrefix("\(id) ") }
            }
            let servers = Set(readers.map(\.server))
            let read = readers.flatMap(\.frames).filter { $0.hasPrefix("\(id) ") }
            let isAllowed = self.servers.isEmpty || servers.allSatisfy(self.servers.contains)
            guard servers.count == 1, isAllowed, read == texts, talk.texts.count == texts.count else {
                let found = readers.map { "\($0.server) \($0.frames.count)" }.joined(separator: ", ")
                let wanted = "\(texts.count) (\(self.servers.isEmpty ? "…" : self.servers.joined(separator: " / ")))"
                return self.fail("websocket.want-one", wanted, "\(found); \(talk.texts.count)")
            }
        }
        return .pass
    }

    private func wait(_ lab: TopologyLab) async throws -> Judgement {
        let silence = lab.scaled(seconds: Double(self.seconds))
        let wantsEnd = self.question == .idle
        let talk = try await self.connect(lab, "quiet") { client in
            // Longer than that by much, so that a stalled machine does not look like a balancer that forgets.
            client.receiveUntilEnd(within: wantsEnd ? silence + .seconds(8) : silence)
            if !wantsEnd, client.end == nil {
                client.send("still here")
                client.receive(frames: 1)
            }
        }
        guard talk.isOpen else { return self.fail("websocket.want-open", "101", talk.summary) }
        let lasted = "\(Int(talk.seconds * Double(lab.timeScale))) s"
        if wantsEnd {
            let isEarly = talk.seconds * Double(lab.timeScale) < Double(self.seconds) * 0.9
            if talk.hasEnded, !isEarly { return .pass }
            return self.fail("websocket.want-idle", "\(self.seconds) s", talk.hasEnded ? lasted : "> \(lasted)")
        }
        if talk.texts == ["still here"] { return .pass }
        return self.fail("websocket.want-outlives", "\(self.seconds) s", talk.hasEnded ? lasted : talk.summary)
    }

    private func fail(_ wanted: String, _ value: String, _ found: String) -> Judgement {
        .fail(
            LessonFinding(
                tried: Message("websocket.tried", ["request": self.request.description]),
                expected: Message(wanted, ["value": value]),
                actual: Message("websocket.actual", ["value": found])
            )
        )
    }
}
