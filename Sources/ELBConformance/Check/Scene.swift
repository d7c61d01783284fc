package import ELBFleet
package import ELBModel
internal import Synchronization

/// Everything one check sets up and does: its backends, its part of the subject's configuration, its client. Parts of
/// several scenes make up one subject's configuration; each scene has listeners, groups and backends of its own, so
/// scenes cannot disturb one another.
package final class Scene: Sendable {
    /// What the scene contributes to the configuration.
    package struct Part: Sendable {
        package var listeners: [Listener] = []
        package var groups: [TargetGroup] = []
        /// In a setting of a Classic Load Balancer the whole of it.
        package var classic: ClassicLoadBalancer?
        package var providerNetwork = ProviderNetwork()
    }

    struct State {
        var part = Part()
        var backends: [Backend] = []
        /// Names of groups for people, by the id that the subject knows.
        var groups: [SceneGroup] = []
        var requestCount = 0
        var generator: SeededGenerator
        var evidence: [Finding.Evidence] = []
    }

    package let check: Check
    let stage: Stage
    let state: Mutex<State>
    /// Different in every run and scene; joins what a client sent with what a backend read.
    let token: String

    init(check: Check, stage: Stage, seed: UInt64) {
        self.check = check
        self.stage = stage
        self.state = Mutex(State(generator: SeededGenerator(seed: seed, for: check.id)))
        var random = SystemRandomNumberGenerator()
        self.token = random.letters(10)
    }

    var part: Part { self.state.withLock { $0.part } }
    var groups: [SceneGroup] { self.state.withLock { $0.groups } }
    var backends: [Backend] { self.state.withLock { $0.backends } }

    /// How many seconds of the configuration last one real second.
    package var timeScale: Int { self.stage.timeScale }

    /// So many seconds of the configuration, in real time.
    package func scaled(seconds: Double) -> Duration { .nanoseconds(Int64(seconds * 1e9 / Double(self.timeScale))) }

    /// How long so many probes may take, at whatever pace the clock runs, and some more for a machine that is busy.
    func patience(probes: Int, _ settings: HealthCheckSettings) -> Duration {
        self.scaled(seconds: Double(settings.intervalSeconds * (probes + 3))) + .seconds(3)
    }

    // Building.

    /// Starts a backend in zone's subnet on a port that the system chooses.
    package func backend(
        _ name: String,
        zone: AvailabilityZone = .a,
        type: InstanceType = .unlimited,
        ports: Int = 1,
        behaviour: BackendBehaviour = .init(),
        script: [ProbeAnswer] = []
    ) async throws -> Backend {
        let number = self.state.withLock { $0.backends.count }
        let hosts = LabAddresses.instanceHosts
        let backend = try await Backend.start(
            BackendDescription(
                name: name,
                zone: zone,
                address: LabAddresses.privateAddress(zone, host: hosts.lowerBound + UInt8(number % hosts.count)),
                ports: Array(repeating: 0, count: ports),
                type: type,
                behaviour: behaviour
            )
        )
        if !script.isEmpty { try await backend.setHealthScript(script) }
        self.state.withLock { $0.backends.append(backend) }
        return backend
    }

    /// A group of new backends, all alike.
    package func group(
        _ name: String,
        backends count: Int = 1,
        zone: AvailabilityZone = .a,
        health: HealthCheckSettings = .calm,
        behaviour: BackendBehaviour = .init(),
        configure: (inout TargetGroup) -> Void = { _ in }
    ) async throws -> SceneGroup {
        var backends: [Backend] = []
        for index in 0..<count {
            var behaviour = behaviour
            behaviour.healthPaths.insert(String(health.path.prefix { $0 != "?" }))
            let label = count == 1 ? name : "\(name)-\(index + 1)"
            backends.append(try await self.backend(label, zone: zone, behaviour: behaviour))
        }
        return self.group(name, of: backends, health: health, configure: configure)
    }

    /// A group of backends that stand already.
    package func group(
        _ name: String,
        of backends: [Backend],
        health: HealthCheckSettings = .calm,
        configure: (inout TargetGroup) -> Void = { _ in }
    ) -> SceneGroup {
        let id = "g-\(self.token)-\(self.state.withLock { $0.groups.count })"
        var group = TargetGroup(
            id: TargetGroupID(rawValue: id),
            name: TargetGroupName(rawValue: id),
            port: 80,
            targetType: .ip,
            healthCheck: health,
            targets: backends.flatMap(\.targets)
        )
        configure(&group)
        let scene = SceneGroup(name: name, id: group.id, backends: backends)
        self.state.withLock { state in
            state.part.groups.append(group)
            state.groups.append(scene)
        }
        return scene
    }

    /// Opens a listener on a fresh port of every node.
    /// - Returns: where clients connect, the first zone's node.
    package func listener(
        _ protocol: Listener.Proto = .http,
        rules: [ListenerRule] = [],
        default action: RuleAction,
        attributes: ListenerAttributes = .init()
    ) throws -> Endpoint {
        let port = try self.stage.takePort()
        let listener = Listener(
            port: port,
            protocol: `protocol`,
            rules: rules,
            defaultActions: [action],
            attributes: attributes
        )
        self.state.withLock { $0.part.listeners.append(listener) }
        return Endpoint(address: self.stage.nodes[0].address, port: port)
    }

    /// The same listener on the node of another zone.
    package func node(_ zone: AvailabilityZone, of listener: Endpoint) -> Endpoint {
        let node = self.stage.nodes.first { $0.zone == zone } ?? self.stage.nodes[0]
        return Endpoint(address: node.address, port: listener.port)
    }

    /// Ends the building. Returns when the subject runs, accepts connections on every listener, and has put the targets
    /// in service; throws when it does not come so far.
    package func start() async throws { try await self.stage.start(self) }

    /// Changes the scene's part of the configuration and tells the subject. Returns when the change has taken effect.
    package func reload(_ change: @Sendable (inout Part) -> Void) async throws {
        self.state.withLock { change(&$0.part) }
        try await self.stage.reload()
    }

    /// Random input, drawn from the run's seed.
    package func random<Value>(_ draw: (inout SeededGenerator) -> Value) -> Value {
        self.state.withLock { draw(&$0.generator) }
    }

    func stop() async {
        for backend in self.backends { await backend.stop() }
    }
}

extension Backend {
    /// One target for each of its ports.
    package var targets: [Target] {
        self.endpoints.map { endpoint in
            Target(id: TargetID(rawValue: "\(endpoint.address)"), endpoint: endpoint, zone: self.description.zone)
        }
    }
}
