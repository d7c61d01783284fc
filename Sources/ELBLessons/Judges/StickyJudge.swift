import ELBConformance
import ELBModel

/// What cookies do to a client's next requests.
package struct StickyJudge: Hashable, Sendable {
    package var request: RouteCase.Request
    package var question: Question
    /// Cookies that the first answer must set, by name, with their attributes as a browser reads them, in lower case and
    /// without dates: `expires`, `path=/`, `samesite=none`, `secure`. An empty list asks for the name only.
    package var cookies: [String: [String]]
    /// The application's own cookie, which the server is made to set.
    package var applicationCookie: String?
    package var requests: Int
    /// AWS seconds until the cookie no longer counts; for `expires`.
    package var seconds: Int

    package enum Question: String, Hashable, Sendable, CaseIterable {
        /// The cookies named are set, with those attributes and no others.
        case set
        /// No cookie of the balancer's is set, and the client's requests go round.
        case none
        /// With its latest cookies a client stays with one server.
        case bound
        /// Without cookies every server gets its share.
        case removed
        /// A cookie that somebody has changed is no cookie: the client is new, and nothing fails.
        case tampered
        /// The server fails its health checks: another takes over, with a new cookie, and keeps the client.
        case moves
        /// Before the application has set its cookie the balancer sets none.
        case afterApplication = "after-application"
        /// When the duration is over, the old cookie no longer counts.
        case expires
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "question", "cookies", "application-cookie", "requests", "seconds"])
        self.request = try reader.optional("request").map { try RouteCase.Request($0) } ?? .init()
        self.question = try reader.required("question").choice(of: Question.self)
        self.cookies = [:]
        if let given = reader.optional("cookies") {
            if !given.isList {
                for (name, attributes) in try given.entries() { self.cookies[name] = try attributes.strings() }
            } else {
                for name in try given.strings() { self.cookies[name] = [] }
            }
        }
        self.applicationCookie = try reader.optional("application-cookie")?.string()
        self.requests = try reader.optional("requests")?.int() ?? 12
        self.seconds = try reader.optional("seconds")?.int() ?? 0
        if self.question == .expires, !(1...120).contains(self.seconds) {
            throw reader.error("'expires' waits: give 1 to 120 'seconds', and judge longer ones with 'attributes'")
        }
        if self.question == .afterApplication, self.applicationCookie == nil {
            throw reader.error("'application-cookie' is missing")
        }
    }

    func judge(_ bench: AnswerBench) async throws -> Judgement {
        switch self.question {
        case .moves:
            guard let settings = DetectionJudge.healthCheck(of: bench.topology) else {
                return .uncertain(Message("grade.no-group"))
            }
            return try await bench.calmly(timeScale: bench.scale(for: settings)) { lab in
                var talk = Talk(lab, self)
                return try await talk.moves(settings)
            }
        case .expires:
            // A second and a half at least, so that the visits before fit in.
            let scale = max(1, min(10, self.seconds * 2 / 3))
            return try await bench.calmly(timeScale: scale) { lab in
                var talk = Talk(lab, self)
                return try await talk.expires()
            }
        case .set, .none, .bound, .removed, .tampered, .afterApplication:
            return try await bench.calmly { lab in
                var talk = Talk(lab, self)
                return try await talk.answer()
            }
        }
    }
}

/// One client and its cookies.
private struct Talk {
    private let lab: TopologyLab
    private let judge: StickyJudge
    private var jar: [String: String] = [:]
    private var count = 0
    private var log: [String] = []

    init(_ lab: TopologyLab, _ judge: StickyJudge) {
        self.lab = lab
        self.judge = judge
    }

    /// An answer that says something, or the reason to end.
    private struct Visit {
        var server: String
        var cookies: [SetCookie]
    }

    private struct Ended: Error {
        var judgement: Judgement
    }

    private static func isBalancers(_ name: String) -> Bool { name.hasPrefix("AWSALB") || name.hasPrefix("AWSELB") }

    private mutating func visit(keeps: Bool = true, sends: Bool = true, setsOwn: Bool = false) async throws -> Visit {
        var request = self.judge.request
        if setsOwn, let name = self.judge.applicationCookie {
            request.target += request.target.contains("?") ? "&" : "?"
            request.target += "elb-header=Set-Cookie:%20\(name)=s\(self.count)"
        }
        if sends, !self.jar.isEmpty {
            request.headers["Cookie"] = self.jar.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: "; ")
        }
        self.count += 1
        let (outcome, servers) = try await RouteJudge.send(request, to: self.lab, id: "visit-\(self.count)")
        let cookies = (try? outcome.get())?.setCookies ?? []
        let sent = request.headers["Cookie"].map { "Cookie: \($0.prefix(60))" } ?? "–"
        self.log.append("\(sent) → \(servers.joined(separator: ", ")) \(cookies.map(\.name).joined(separator: ", "))")
        guard case .success(let response) = outcome, response.status == 200, servers.count == 1 else {
            throw Ended(
                judgement: .fail(
                    LessonFinding(
                        tried: Message("sticky.tried", ["count": "\(self.count)"]),
                        expected: Message("sticky.want-answer"),
                        actual: RouteJudge.seen(outcome, servers),
                        evidence: [.init("client", RouteJudge.transcript(request, outcome))]
                    )
                )
            )
        }
        if keeps { for cookie in cookies { self.jar[cookie.name] = cookie.value } }
        return Visit(server: servers[0], cookies: cookies)
    }

    private func fail(_ wanted: Message, _ found: Message) -> Ended {
        Ended(
            judgement: .fail(
                LessonFinding(
                    tried: Message("sticky.tried", ["count": "\(self.count)"]),
                    expected: wanted,
                    actual: found,
                    evidence: [.init("client", self.log.suffix(10).joined(separator: "\n"))]
                )
            )
        )
    }

    /// The first visit, after which the client has the cookies that it must have.
    private mutating func begin() async throws -> Visit {
        let visit = try await self.visit(setsOwn: true)
        let wanted = self.judge.cookies.keys.sorted()
        let found = visit.cookies.map(\.name)
        for name in wanted where !found.contains(name) {
            throw self.fail(
                Message("sticky.want-cookies", ["cookies": wanted.joined(separator: ", ")]),
                Message("sticky.saw-cookies", ["cookies": found.isEmpty ? "–" : found.joined(separator: ", ")])
            )
        }
        return visit
    }

    mutating func answer() async throws -> Judgement {
        do {
            switch self.judge.question {
            case .set: try await self.set()
            case .none: try await self.nothing()
            case .bound: try await self.bound()
            case .removed: try await self.removed()
            case .tampered: try await self.tampered()
            case .afterApplication: try await self.afterApplication()
            case .moves, .expires: break
            }
            return .pass
        } catch let end as Ended {
            return end.judgement
        }
    }

    private mutating func set() async throws {
        let visit = try await self.begin()
        for (name, attributes) in self.judge.cookies.sorted(by: { $0.key < $1.key }) where !attributes.isEmpty {
            let found = visit.cookies.first { $0.name == name }?.form ?? []
            guard Set(found) != Set(attributes.map { $0.lowercased() }) else { continue }
            throw self.fail(
                Message("sticky.want-form", ["cookie": name, "form": attributes.joined(separator: "; ")]),
                Message("sticky.want-form", ["cookie": name, "form": found.joined(separator: "; ")])
            )
        }
    }

    private mutating func nothing() async throws {
        var servers: Set<String> = []
        for _ in 0..<self.judge.requests {
            let visit = try await self.visit(setsOwn: true)
            let own = visit.cookies.map(\.name).filter(Self.isBalancers)
            guard own.isEmpty else {
                throw self.fail(
                    Message("sticky.want-none"),
                    Message("sticky.saw-cookies", ["cookies": own.joined(separator: ", ")])
                )
            }
            servers.insert(visit.server)
        }
        guard servers.count < 2 else { return }
        throw self.fail(Message("sticky.want-round"), Message("sticky.saw-servers", ["servers": Self.list(servers)]))
    }

    private mutating func stay(with server: String) async throws {
        for _ in 1..<self.judge.requests {
            let visit = try await self.visit()
            guard visit.server != server else { continue }
            throw self.fail(
                Message("sticky.want-bound", ["server": server]),
                Message("sticky.saw-servers", ["servers": visit.server])
            )
        }
    }

    private mutating func bound() async throws { try await self.stay(with: try await self.begin().server) }

    private mutating func removed() async throws {
        let server = try await self.begin().server
        try await self.stay(with: server)
        try await self.roam(sends: false)
    }

    /// The client comes to several servers, each time as a stranger.
    private mutating func roam(sends: Bool) async throws {
        var servers: Set<String> = []
        for _ in 0..<self.judge.requests {
            servers.insert(try await self.visit(keeps: false, sends: sends).server)
        }
        guard servers.count < 2 else { return }
        throw self.fail(Message("sticky.want-round"), Message("sticky.saw-servers", ["servers": Self.list(servers)]))
    }

    private mutating func tampered() async throws {
        _ = try await self.begin()
        for (name, value) in self.jar where Self.isBalancers(name) {
            var bytes = Array(value.utf8)
            guard !bytes.isEmpty else { continue }
            let middle = bytes.count / 2
            bytes[middle] = bytes[middle] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            self.jar[name] = String(decoding: bytes, as: UTF8.self)
        }
        try await self.roam(sends: true)
    }

    private mutating func afterApplication() async throws {
        let before = try await self.visit().cookies.map(\.name).filter(Self.isBalancers)
        guard before.isEmpty else {
            throw self.fail(
                Message("sticky.want-none"),
                Message("sticky.saw-cookies", ["cookies": before.joined(separator: ", ")])
            )
        }
        try await self.bound()
    }

    mutating func expires() async throws -> Judgement {
        do {
            try await self.stay(with: try await self.begin().server)
            try await Task.sleep(for: self.lab.scaled(seconds: Double(self.judge.seconds)) + .milliseconds(200))
            try await self.roam(sends: true)
            return .pass
        } catch let end as Ended {
            return end.judgement
        }
    }

    mutating func moves(_ settings: HealthCheckSettings) async throws -> Judgement {
        do {
            let first = try await self.begin().server
            try await self.lab.failProbes(of: first, status: 500)
            let before = await self.lab.sightings(at: first).last?.sequence ?? 0
            let limit = self.lab.scaled(seconds: Double(settings.intervalSeconds * 12)) + .seconds(5)
            // Two more than it takes: every node must have had its own, and have read the answers.
            let probes = (settings.unhealthyThresholdCount + 2) * self.lab.loadBalancer.nodes.count
            guard await self.lab.waitForProbes(at: first, count: probes, after: before, within: limit) else {
                return .uncertain(Message("grade.never-probed", ["server": first]))
            }
            try await Task.sleep(for: .milliseconds(100))
            let old = self.jar
            let moved = try await self.visit(setsOwn: true)
            guard moved.server != first else {
                throw self.fail(
                    Message("sticky.want-moved", ["server": first]),
                    Message("sticky.saw-servers", ["servers": moved.server])
                )
            }
            for name in self.judge.cookies.keys.sorted() where self.jar[name] == old[name] {
                throw self.fail(
                    Message("sticky.want-cookies", ["cookies": name]),
                    Message("sticky.saw-cookies", ["cookies": Self.list(moved.cookies.map(\.name))])
                )
            }
            try await self.stay(with: moved.server)
            return .pass
        } catch let end as Ended {
            return end.judgement
        }
    }

    private static func list(_ names: some Sequence<String>) -> String {
        let text = names.sorted().joined(separator: ", ")
        return text.isEmpty ? "–" : text
    }
}
