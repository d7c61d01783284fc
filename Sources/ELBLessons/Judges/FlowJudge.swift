import ELBConformance
package import ELBModel

/// What becomes of connections and datagrams through a Network Load Balancer or a TCP listener of a Classic Load Balancer.
package struct FlowJudge: Hashable, Sendable {
    package var balancer: String?
    /// By the template's port.
    package var listener: Int?
    package var zone: AvailabilityZone?
    package var speaks: Speech
    package var question: Question
    /// Source ports that clients come from.
    package var clients: Int
    /// Messages on each.
    package var messages: Int
    /// Who must be among those that get some; all of the fleet if empty.
    package var servers: [String]
    /// The clients' address.
    package var client: IPAddress
    /// The name asked for in the TLS handshake.
    package var serverName: String?

    /// What servers behind the listener speak.
    package enum Speech: String, Hashable, Sendable, CaseIterable {
        /// `Protocol: tcp` or `udp` of the fleet: they send back what they get.
        case echo
        case http
    }

    package enum Question: String, Hashable, Sendable, CaseIterable {
        /// Every message of a flow comes to the same server.
        case oneTarget = "one-target"
        /// Flows from many ports come to every server.
        case spread
        /// Servers see the client's address as their peer.
        case clientSeen = "client-seen"
        /// Servers see the node as their peer.
        case nodeSeen = "node-seen"
        /// A PROXY protocol header tells them the client's address and port.
        case proxyHeader = "proxy-header"
        /// Nobody answers: refused, reset or silent.
        case unanswered
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: [
            "balancer", "listener", "zone", "speaks", "question", "clients", "messages", "servers", "client", "sni",
        ])
        self.balancer = try reader.optional("balancer")?.string()
        self.listener = try reader.optional("listener")?.int()
        self.zone = try reader.optional("zone")?.zone()
        self.speaks = try reader.optional("speaks")?.choice(of: Speech.self) ?? .echo
        self.question = try reader.required("question").choice(of: Question.self)
        self.clients = try reader.optional("clients")?.int() ?? (self.question == .spread ? 60 : 6)
        self.messages = try reader.optional("messages")?.int() ?? 5
        self.servers = try reader.optional("servers")?.strings() ?? []
        let address = reader.optional("client")
        self.client = .v4(IPv4Address(127, 200, 0, 9))
        if let address {
            guard let read = IPAddress(try address.string()) else { throw address.error("must be an address") }
            self.client = read
        }
        self.serverName = try reader.optional("sni")?.string()
        guard (1...200).contains(self.clients), (1...50).contains(self.messages) else {
            throw reader.error("1 to 200 clients and 1 to 50 messages")
        }
    }

    func judge(_ lab: TopologyLab) async throws -> Judgement {
        guard let place = lab.place(balancer: self.balancer, port: self.listener, zone: self.zone) else {
            throw RouteJudge.NoPlace(place: "\(self.balancer ?? ""):\(self.listener ?? 0)")
        }
        var flows: [Flow] = []
        for number in 0..<self.clients {
            let id = "flow-\(number)."
            let answered = await self.run(id, place, lab)
            flows.append(Flow(id: id, answered: answered))
        }
        let sightings = await lab.sightings().filter { !$0.isProbe }
        for index in flows.indices {
            let id = flows[index].id
            flows[index].sightings = sightings.filter { $0.body.contains(id) || $0.target.contains(id) }
        }
        return self.judge(flows, place, lab)
    }

    private struct Flow {
        var id: String
        /// Messages that were answered.
        var answered: Int
        var sightings: [Sighting] = []
        var servers: Set<String> { Set(self.sightings.map(\.server)) }

        var text: String {
            let peers = self.sightings.map {
                "\($0.server) ← \($0.peerAddress)\($0.proxySource.map { " (\($0))" } ?? "")"
            }
            return "\(self.id) \(self.answered): " + (Set(peers).sorted().joined(separator: ", "))
        }
    }

    // MARK: The client's side

    /// - Returns: how many messages were answered.
    private func run(_ id: String, _ place: LabPlace, _ lab: TopologyLab) async -> Int {
        let (messages, speaks) = (self.messages, self.speaks)
        let limit = Duration.seconds(self.question == .unanswered ? 1 : 5)
        if place.listener.takesDatagrams && place.listener.protocol == "UDP" {
            let outcome = await lab.raw.onDatagrams(to: place.endpoint, from: self.client) { socket in
                (0..<messages).count { number in
                    socket.send("\(id)\(number)")
                    return socket.receive(within: limit)?.hasSuffix("\(id)\(number)") ?? false
                }
            }
            return (try? outcome.get()) ?? 0
        }
        let talk: @Sendable (any ByteStream) -> Int = { stream in
            var answered = 0
            for number in 0..<messages {
                let text =
                    speaks == .echo
                    ? "\(id)\(number)\n" : "GET /?elb-id=\(id)\(number) HTTP/1.1\r\nHost: flows.example\r\n\r\n"
                guard stream.send(Array(text.utf8), within: limit) else { return answered }
                let wait = stream.receive(within: limit) { received in
                    speaks == .echo
                        ? String(decoding: received, as: UTF8.self).contains(text)
                        : RawAnswer.all(in: received, methods: [], isAtEnd: false).count > number
                }
                guard wait == .satisfied else { return answered }
                answered += 1
            }
            return answered
        }
        if place.listener.isSecure {
            let outcome = await lab.raw.onStream(to: place.endpoint, tls: .http11(name: self.serverName), script: talk)
            return (try? outcome.get()) ?? 0
        }
        let outcome = await lab.raw.onConnection(to: place.endpoint, from: self.client) { talk($0) }
        return (try? outcome.get()) ?? 0
    }

    // MARK: The servers' side

    private func judge(_ flows: [Flow], _ place: LabPlace, _ lab: TopologyLab) -> Judgement {
        if self.question == .unanswered {
            let answered = flows.filter { $0.answered > 0 || !$0.sightings.isEmpty }
            return answered.isEmpty ? .pass : self.fail("flows.want-unanswered", answered)
        }
        let cut = flows.filter { $0.answered < self.messages }
        guard cut.isEmpty else { return self.fail("flows.want-answers", cut) }
        switch self.question {
        case .unanswered: return .pass
        case .oneTarget:
            let torn = flows.filter { $0.servers.count != 1 }
            return torn.isEmpty ? .pass : self.fail("flows.want-one", torn)
        case .spread:
            let wanted = Set(self.servers.isEmpty ? lab.serverNames : self.servers)
            let found = Set(flows.flatMap(\.servers))
            return found == wanted
                ? .pass : self.fail("flows.want-spread", flows, ["servers": wanted.sorted().joined(separator: ", ")])
        case .clientSeen: return self.peers(flows, "flows.want-client") { $0.peerAddress == "\(self.client)" }
        case .nodeSeen:
            return self.peers(flows, "flows.want-node") { $0.peerAddress == "\(place.node.privateAddress)" }
        case .proxyHeader:
            return self.peers(flows, "flows.want-proxy") { $0.proxySource?.hasPrefix("\(self.client):") ?? false }
        }
    }

    private func peers(_ flows: [Flow], _ wanted: String, _ fits: (Sighting) -> Bool) -> Judgement {
        let wrong = flows.filter { $0.sightings.isEmpty || !$0.sightings.allSatisfy(fits) }
        return wrong.isEmpty ? .pass : self.fail(wanted, wrong)
    }

    private func fail(_ wanted: String, _ flows: [Flow], _ parameters: [String: String] = [:]) -> Judgement {
        let names = ["clients": "\(self.clients)", "messages": "\(self.messages)", "client": "\(self.client)"]
        let place = "\(self.balancer ?? "")\(self.listener.map { ":\($0)" } ?? "")"
        let parameters = names.merging(parameters) { $1 }.merging(["place": place]) { $1 }
        return .fail(
            LessonFinding(
                tried: Message("flows.tried", parameters),
                expected: Message(wanted, parameters),
                actual: Message("flows.actual", ["flow": flows.first?.text ?? "–", "count": "\(flows.count)"]),
                evidence: [.init("flows", flows.prefix(8).map(\.text).joined(separator: "\n"))]
            )
        )
    }
}
