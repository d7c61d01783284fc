import ELBConformance
import ELBModel

/// What the learner has filled in, against what a run of the lesson's template shows.
package struct PredictionJudge: Hashable, Sendable {
    /// The key in the answer.
    package var question: String
    package var measure: Measure
    /// How far a number may be off.
    package var tolerance: Double

    package enum Measure: Hashable, Sendable {
        /// Percent of all requests that these servers get when clients spread evenly over the nodes.
        case share(RouteCase.Request, servers: [String], requests: Int)
        /// The status of the answer.
        case status(RouteCase.Request)
        /// Who reads the request, by logical id; `none`.
        case server(RouteCase.Request)
        /// A field of the answer; `none` without it.
        case header(RouteCase.Request, name: String)
        /// A field as a server reads it; `none` without it.
        case seen(RouteCase.Request, name: String)
        /// An attribute, defaults too.
        case attribute(AttributeRule.Kind, name: String?, key: String)
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["of", "tolerance", "share", "status", "server", "header", "seen", "attribute"])
        self.question = try reader.required("of").string()
        self.tolerance = try reader.optional("tolerance")?.double() ?? 0
        if let share = reader.optional("share") {
            try share.allow(keys: ["request", "servers", "requests"])
            self.measure = .share(
                try share.optional("request").map { try RouteCase.Request($0) } ?? .init(),
                servers: try share.required("servers").strings(),
                requests: try share.optional("requests")?.int() ?? 400
            )
        } else if let status = reader.optional("status") {
            self.measure = .status(try RouteCase.Request(status))
        } else if let server = reader.optional("server") {
            self.measure = .server(try RouteCase.Request(server))
        } else if let header = reader.optional("header") {
            try header.allow(keys: ["request", "name"])
            self.measure = .header(
                try RouteCase.Request(try header.required("request")),
                name: try header.required("name").string()
            )
        } else if let seen = reader.optional("seen") {
            try seen.allow(keys: ["request", "name"])
            self.measure = .seen(
                try RouteCase.Request(try seen.required("request")),
                name: try seen.required("name").string()
            )
        } else {
            let attribute = try reader.required("attribute")
            try attribute.allow(keys: ["kind", "name", "key"])
            self.measure = .attribute(
                try attribute.required("kind").choice(of: AttributeRule.Kind.self),
                name: try attribute.optional("name")?.string(),
                key: try attribute.required("key").string()
            )
        }
    }

    func judge(_ lab: TopologyLab, _ value: String?) async throws -> Judgement {
        self.judge(measured: try await self.measured(lab), value)
    }

    private func measured(_ lab: TopologyLab) async throws -> String? {
        switch self.measure {
        case .share(let request, let servers, let requests):
            let (shares, _) = try await ZoneSharesJudge.percentages(lab, request, requests: requests)
            let share = servers.reduce(0) { $0 + shares[$1, default: 0] }
            return "\(Double((share * 100).rounded()) / 100)"
        case .status(let request):
            let outcome = try await RouteJudge.send(request, to: lab, id: "predicted").outcome
            return (try? outcome.get()).map { "\($0.status)" } ?? "none"
        case .server(let request):
            return try await RouteJudge.send(request, to: lab, id: "predicted").servers.first ?? "none"
        case .header(let request, let name):
            let outcome = try await RouteJudge.send(request, to: lab, id: "predicted").outcome
            return (try? outcome.get())?.header(name) ?? "none"
        case .seen(let request, let name):
            _ = try await RouteJudge.send(request, to: lab, id: "predicted")
            let values = await RouteJudge.sightings(of: "predicted", in: lab).first?.values(of: name) ?? []
            return values.isEmpty ? "none" : values.joined(separator: " | ")
        case .attribute: return nil
        }
    }

    /// The finding does not tell what was measured: the learner is to look again, not to copy.
    func judge(measured: String?, _ value: String?) -> Judgement {
        guard let measured else { return .uncertain(Message("grade.error", ["error": self.question])) }
        let given = (value ?? "?").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let wanted = Double(measured), let number = Double(given.filter { $0 != "%" && $0 != " " }) {
            if abs(wanted - number) <= self.tolerance + 0.005 { return .pass }
            if self.isAmount { return self.fail(given, number < wanted ? "prediction.low" : "prediction.high") }
        }
        if given.lowercased() == measured.lowercased() { return .pass }
        return self.fail(given, given == "?" ? "prediction.open" : "prediction.other")
    }

    /// Whether a guess can be too high or too low; a status cannot.
    private var isAmount: Bool {
        switch self.measure {
        case .share, .attribute: true
        case .status, .server, .header, .seen: false
        }
    }

    private func fail(_ given: String, _ id: String) -> Judgement {
        .fail(
            LessonFinding(
                tried: Message("prediction.tried", ["question": self.question]),
                expected: Message("prediction.expected", ["question": self.question]),
                actual: Message(id, ["value": given])
            )
        )
    }
}
