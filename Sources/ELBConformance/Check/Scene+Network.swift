internal import ELBFleet
internal import ELBModel

extension Setting {
    /// A Network Load Balancer.
    static let network = Setting(kind: .network)
}

extension HealthCheckSettings {
    /// The calm check of a target that speaks no HTTP.
    static let calmConnection: Self = {
        var settings = Self.calm
        settings.protocol = .tcp
        return settings
    }()
}

// What checks of Network Load Balancers need.
extension Scene {
    /// A group of web servers behind a Network Load Balancer.
    func webGroup(
        _ name: String = "web",
        backends: Int = 1,
        health: HealthCheckSettings = .calm,
        configure: (inout TargetGroup) -> Void = { _ in }
    ) async throws -> SceneGroup {
        try await self.group(name, backends: backends, health: health) { group in
            group.protocol = .tcp
            configure(&group)
        }
    }

    /// A group of servers that echo what they get; of datagrams they say who they are first.
    func echoGroup(
        _ name: String = "echo",
        _ protocol: TargetGroup.Proto = .tcp,
        backends: Int = 1,
        configure: (inout TargetGroup) -> Void = { _ in }
    ) async throws -> SceneGroup {
        var behaviour = BackendBehaviour()
        behaviour.speaks = `protocol` == .udp ? .udp : .tcp
        if `protocol` != .udp { behaviour.body = "" }
        return try await self.group(name, backends: backends, health: .calmConnection, behaviour: behaviour) { group in
            group.protocol = `protocol`
            configure(&group)
        }
    }

    /// Runs a script on a connection; the check ends when there is none.
    func onConnection<Value: Sendable>(
        to listener: Endpoint,
        from source: IPAddress? = nil,
        script: @escaping @Sendable (RawConnection) -> Value
    ) async throws -> Value {
        switch await self.stage.raw.onConnection(to: listener, from: source, script: script) {
        case .success(let value): return value
        case .failure(let error):
            if Self.isOurLimit(error) { throw Problem.timedOut("no connection to \(listener) within our limit") }
            throw Problem.broken(
                tried: "connect to \(listener)",
                expected: "a connection",
                actual: "\(error)",
                evidence: []
            )
        }
    }

    /// Runs a script with a socket for datagrams.
    func onDatagrams<Value: Sendable>(
        to listener: Endpoint,
        from source: IPAddress? = nil,
        script: @escaping @Sendable (RawDatagrams) -> Value
    ) async throws -> Value {
        switch await self.stage.raw.onDatagrams(to: listener, from: source, script: script) {
        case .success(let value): return value
        case .failure(let error): throw Problem.uncertain("no socket for datagrams: \(error)")
        }
    }

    /// The connections of clients that the group's backends have seen.
    func visits(_ group: SceneGroup) async -> [(backend: Backend, record: RequestRecord)] {
        var visits: [(backend: Backend, record: RequestRecord)] = []
        for backend in group.backends {
            for record in await backend.records() where record.kind == .traffic { visits.append((backend, record)) }
        }
        return visits
    }

    /// An address of a client on the internet.
    func client(_ number: UInt8) -> IPAddress {
        .v4(IPv4Address(127, 200, 0, number))
    }
}

extension RawConnection {
    /// Asks for a page on a connection that stays, and waits for the answer.
    ///
    /// - Returns: whether one came.
    func ask(_ id: String) -> Bool {
        let before = RawAnswer.all(in: self.received, methods: [], isAtEnd: false).count
        guard self.send("GET /?elb-id=\(id) HTTP/1.1\r\nHost: web.example\r\n\r\n") else { return false }
        return self.receive(within: .seconds(5)) { received in
            RawAnswer.all(in: received, methods: [], isAtEnd: false).count > before
        } == .satisfied
    }

    /// Sends bytes and waits until so many have come in all.
    func exchange(_ text: String, for count: Int) -> Bool {
        self.send(text)
        return self.receive(within: .seconds(5)) { $0.count >= count } == .satisfied
    }

    /// Waits for the end, and says what it was.
    func waitForEnd(within limit: Duration = .seconds(5)) -> String {
        self.receive(within: limit)
        switch self.end {
        case .closed: return "closed"
        case .reset: return "reset"
        case nil: return "nothing"
        }
    }
}
