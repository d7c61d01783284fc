import ELBConformance
import ELBModel

/// Sends requests and compares what the client got, and what a server read, with what a lesson expects.
enum ResponseJudge {
    /// How long a client waits before it says that nothing answers, in real time.
    private static let patience = Duration.milliseconds(1500)

    static func judge(_ lab: TopologyLab, _ cases: [ResponseCase]) async throws -> Judgement {
        for (number, one) in cases.enumerated() {
            let id = "case-\(number)"
            let place = try RouteJudge.place(one.request, lab)
            var request = try RouteJudge.curl(one.request, lab, id: id)
            if one.connection == .silent {
                request.timeout = Self.patience
                request.connection = .fresh
            }
            let outcome = await lab.curl.perform(request)
            let sightings = await RouteJudge.sightings(of: id, in: lab)
            let view = View(one: one, outcome: outcome, sightings: sightings, place: place, lab: lab)
            guard let difference = view.difference else { continue }
            let tried = one.isNearMiss ? "routes.tried-near" : "routes.tried"
            return .fail(
                LessonFinding(
                    tried: Message(tried, ["request": one.request.description]),
                    expected: Message(
                        "responses.\(difference.side.rawValue)",
                        ["what": difference.what, "value": difference.wanted]
                    ),
                    actual: Message(
                        "responses.\(difference.side.rawValue)",
                        ["what": difference.what, "value": difference.found]
                    ),
                    evidence: view.evidence
                )
            )
        }
        return .pass
    }
}

/// One exchange from both sides, and the first thing about it that is not as it must be.
private struct View {
    let one: ResponseCase
    let outcome: CurlOutcome
    let sightings: [Sighting]
    let place: LabPlace
    let lab: TopologyLab

    enum Side: String {
        case client
        case server
        case event
    }

    struct Difference {
        var side: Side
        var what: String
        var wanted: String
        var found: String
    }

    var difference: Difference? {
        switch self.outcome {
        case .failure(let failure): self.difference(in: failure)
        case .success(let response):
            self.difference(in: response) ?? self.readers ?? self.seen(response) ?? self.event(response)
        }
    }

    var evidence: [Finding.Evidence] {
        var evidence = [Finding.Evidence("client", RouteJudge.transcript(self.one.request, self.outcome))]
        for sighting in self.sightings.prefix(2) {
            let lines = ["\(sighting.method) \(sighting.target) \(sighting.version)"]
            let fields = sighting.headers.map(\.description)
            let body = self.one.event == nil ? [] : [sighting.body]
            evidence.append(.init(sighting.server, (lines + fields + body).joined(separator: "\n")))
        }
        return evidence
    }

    // MARK: The client's side

    private func difference(in failure: CurlFailure) -> Difference? {
        let kind: ResponseCase.Failure? =
            switch failure.kind {
            case .connectionRefused: .refused
            case .timeout: .silent
            case .tlsFailed: .tls
            case .emptyReply, .connectionLost: .closed
            case .malformedAnswer, .notSent, .other: nil
            }
        if let wanted = self.one.connection {
            if kind == wanted { return self.readers }
            return Difference(side: .client, what: "connection", wanted: wanted.words, found: "\(failure)")
        }
        let wanted = self.one.status.map { "\($0)" } ?? "…"
        return Difference(side: .client, what: "status", wanted: wanted, found: "\(failure)")
    }

    private func difference(in response: CurlResponse) -> Difference? {
        if let wanted = self.one.connection {
            return self.client("connection", wanted.words, "\(response.version) \(response.status)")
        }
        if let status = self.one.status, status != response.status {
            let found = "\(response.status) \(RouteJudge.firstLine(response))"
            return self.client("status", "\(status)", found)
        }
        if let version = self.one.version, version != response.version {
            return self.client("version", version, response.version)
        }
        if let name = self.one.certificate, !Self.names(of: response.certificates.first).contains(name) {
            return self.client("certificate", name, Self.names(of: response.certificates.first).joined(separator: ", "))
        }
        for (name, wanted) in self.one.headers.sorted(by: { $0.key < $1.key }) {
            let wanted = wanted.map { self.filled($0, response) }
            let found = response.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
            if !Self.fits(found, wanted) { return self.client(name, Self.list(wanted), Self.list(found)) }
        }
        for name in self.one.absent {
            if let value = response.header(name) { return self.client(name, "–", value) }
        }
        if let body = self.one.body, !response.text.contains(self.filled(body, response)) {
            return self.client("body", self.filled(body, response), RouteJudge.firstLine(response))
        }
        return nil
    }

    private func client(_ what: String, _ wanted: String, _ found: String) -> Difference {
        Difference(side: .client, what: what, wanted: wanted, found: found)
    }

    /// Host names that a certificate is made out to.
    private static func names(of certificate: ShownCertificate?) -> [String] {
        let subject = certificate?.subject.split(separator: ",").compactMap { part -> String? in
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            return pair.count == 2 && pair[0] == "CN" ? pair[1] : nil
        }
        let alternatives = certificate?.fields["X509v3 Subject Alternative Name"] ?? ""
        let names = alternatives.split(separator: ",").compactMap { part -> String? in
            let pair = part.split(separator: ":", maxSplits: 1)
            return pair.count == 2 ? String(pair[1]) : nil
        }
        var seen: Set<String> = []
        return ((subject ?? []) + names).filter { seen.insert($0).inserted }
    }

    // MARK: The servers' side

    private var readers: Difference? {
        guard let wanted = self.one.servers else { return nil }
        let found = self.sightings.map(\.server)
        let fits = wanted.isEmpty ? found.isEmpty : found.count == 1 && wanted.contains(found[0])
        guard !fits else { return nil }
        let list = wanted.isEmpty ? "–" : wanted.joined(separator: " / ")
        return Difference(side: .server, what: "read by", wanted: list, found: Self.list(found))
    }

    private func seen(_ response: CurlResponse) -> Difference? {
        guard let wanted = self.one.seen else { return nil }
        guard let sighting = self.sightings.first else {
            return Difference(side: .server, what: "request", wanted: "…", found: "–")
        }
        let lines: [(String, String?, String)] = [
            ("method", wanted.method, sighting.method), ("target", wanted.target, sighting.target),
            ("version", wanted.version, sighting.version), ("peer", wanted.peer, sighting.peerAddress),
            ("port", wanted.port.map { "\($0)" }, "\(sighting.port)"), ("body", wanted.body, sighting.body),
            ("TLS", wanted.isSecure.map { "\($0)" }, "\(sighting.isSecure)"),
        ]
        for (what, pattern, found) in lines {
            guard let pattern = pattern.map({ self.filled($0, response) }) else { continue }
            if !Pattern.matches(found, pattern) {
                return Difference(side: .server, what: what, wanted: pattern, found: found)
            }
        }
        for (name, patterns) in wanted.headers.sorted(by: { $0.key < $1.key }) {
            let patterns = patterns.map { self.filled($0, response) }
            let found = sighting.values(of: name)
            if !Self.fits(found, patterns) {
                return Difference(side: .server, what: name, wanted: Self.list(patterns), found: Self.list(found))
            }
        }
        for name in wanted.absent where !sighting.values(of: name).isEmpty {
            return Difference(side: .server, what: name, wanted: "–", found: Self.list(sighting.values(of: name)))
        }
        let names = sighting.headers.map { $0.name.lowercased() }
        let order = wanted.order.filter { names.contains($0.lowercased()) }
        let found = wanted.order.compactMap { name in names.firstIndex(of: name.lowercased()).map { ($0, name) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
        guard order.count == wanted.order.count, found == order else {
            return Difference(side: .server, what: "order", wanted: Self.list(wanted.order), found: Self.list(found))
        }
        return nil
    }

    private func event(_ response: CurlResponse) -> Difference? {
        guard let wanted = self.one.event else { return nil }
        guard let sighting = self.sightings.first,
            let event = try? YAMLReader(text: sighting.body, file: "event")
        else { return Difference(side: .event, what: "event", wanted: "…", found: "–") }
        for (path, pattern) in wanted.values.sorted(by: { $0.key < $1.key }) {
            let pattern = self.filled(pattern, response)
            let found = event.text(at: path)
            if !(found.map { Pattern.matches($0, pattern) } ?? false) {
                return Difference(side: .event, what: path, wanted: pattern, found: found ?? "–")
            }
        }
        for path in wanted.absent {
            if let found = event.text(at: path) {
                return Difference(side: .event, what: path, wanted: "–", found: found)
            }
        }
        return nil
    }

    // MARK: Texts

    private static func fits(_ found: [String], _ wanted: [String]) -> Bool {
        found.count == wanted.count && zip(found, wanted).allSatisfy { Pattern.matches($0, $1) }
    }

    private static func list(_ values: [String]) -> String {
        values.isEmpty ? "–" : values.joined(separator: " | ")
    }

    private func filled(_ text: String, _ response: CurlResponse) -> String {
        guard text.contains("{") else { return text }
        var text = text.replacing("{port}", with: "\(self.place.endpoint.port)")
        text = text.replacing("{client}", with: self.one.request.client ?? "127.0.0.1")
        text = text.replacing("{client-port}", with: "\(response.localPort)")
        text = text.replacing("{node}", with: "\(self.place.node.privateAddress)")
        let balancer = self.lab.balancers.first { $0.name == self.one.request.balancer } ?? self.lab.loadBalancer
        for listener in balancer.listeners {
            text = text.replacing("{port:\(listener.original)}", with: "\(listener.port)")
        }
        return text
    }
}

extension YAMLReader {
    /// The text at a path of keys and indices, `headers.host`, `multiValueHeaders.cookie.0`; a key may have dots itself.
    /// Lists and mappings are `[…]` and `{…}`; `nil` if nothing is there.
    func text(at path: String) -> String? {
        if let value = self.optional(path) ?? self.element(path) { return value.shortText }
        var dot = path.firstIndex(of: ".")
        while let position = dot {
            let (head, tail) = (String(path[..<position]), String(path[path.index(after: position)...]))
            if let value = self.optional(head) ?? self.element(head), let text = value.text(at: tail) { return text }
            dot = path[path.index(after: position)...].firstIndex(of: ".")
        }
        return nil
    }

    private func element(_ index: String) -> YAMLReader? {
        guard let number = Int(index), let elements = try? self.list(), elements.indices.contains(number) else {
            return nil
        }
        return elements[number]
    }

    private var shortText: String {
        if let text = try? self.string() { return text }
        if let elements = try? self.list() { return "[\(elements.map(\.shortText).joined(separator: ", "))]" }
        return "{…}"
    }
}
