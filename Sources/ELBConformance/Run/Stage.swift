internal import ELBModel
internal import Synchronization

/// The place where scenes that share a subject meet: its nodes and ports, its clients, and the moment when it starts.
final class Stage: Sendable {
    let setting: Setting
    let nodes: [LoadBalancer.Node]
    let dnsName: String
    let timeScale: Int
    let curl: CurlClient
    let raw: RawClient
    /// Whether the nodes are this machine's, so that it can be seen which ports are free there.
    private let hasOwnNodes: Bool
    private let takenPorts = Mutex<Set<Port>>([])
    /// Where the subject answers names, if the setting asks for that.
    let nameServer: Endpoint?
    private let gate: Gate
    private let admission = Mutex<(@Sendable (Scene) throws -> Void)?>(nil)
    private let reloader = Mutex<(@Sendable () async throws -> Void)?>(nil)

    /// - Parameter balancer: one that stands somewhere already.
    init(
        setting: Setting,
        scenes: Int,
        timeScale: Int,
        curl: CurlClient,
        raw: RawClient,
        balancer: EndpointLoadBalancer? = nil
    ) {
        self.setting = setting
        self.timeScale = timeScale
        self.curl = curl
        self.raw = raw
        self.gate = Gate(expecting: scenes)
        self.dnsName = balancer?.dnsName ?? (setting.names ?? Naming()).dnsName(of: setting.kind)
        // Addresses that are new there have no ports that are taken.
        self.hasOwnNodes = balancer == nil
        // A host number of its own for every subject, so that ports of different subjects never meet.
        let isInternal = setting.names?.scheme == .internal
        let host = UInt8.random(in: isInternal ? LabAddresses.nodeHosts : 4...254)
        let own = setting.zones.map { zone in
            let address = LabAddresses.publicAddress(zone, host: host)
            let inside = LabAddresses.privateAddress(zone, host: host)
            return LoadBalancer.Node(zone: zone, address: isInternal ? inside : address)
        }
        let nodes = balancer?.nodes ?? own
        self.nodes = nodes
        let port = setting.names.flatMap { _ in FreePorts.find(on: nodes.map(\.address)) }
        self.nameServer = port.map { Endpoint(address: nodes[0].address, port: $0) }
        if let port { self.takenPorts.withLock { _ = $0.insert(port) } }
    }

    /// A port that is free on every node and not yet given to a scene.
    func takePort() throws -> Port {
        let taken = self.takenPorts.withLock { $0 }
        let addresses = self.hasOwnNodes ? self.nodes.map(\.address) : []
        guard let port = FreePorts.find(on: addresses, except: taken),
            self.takenPorts.withLock({ $0.insert(port).inserted })
        else { throw Problem.uncertain("no free port on \(self.nodes.map { "\($0.address)" })") }
        return port
    }

    /// Called by a scene that is built: waits for the others and for the subject. A scene that is not admitted ends here, without
    /// the others.
    func start(_ scene: Scene) async throws {
        try self.admission.withLock { $0 }?(scene)
        try await self.gate.arrive(scene)
    }

    /// What a scene's configuration must stand before it becomes a part of the subject's.
    func setAdmission(_ admission: @Sendable @escaping (Scene) throws -> Void) {
        self.admission.withLock { $0 = admission }
    }

    /// Called once when a scene's script has ended, whether it started or not.
    func left(_ scene: Scene) async { await self.gate.leave(scene) }

    /// The scenes that want to start, when all have said so or have ended.
    func whenBuilt() async -> [Scene] { await self.gate.whenAllArrived() }

    /// Lets the scenes go on, or end.
    func open(_ result: Result<Void, any Error>) async { await self.gate.open(result) }

    /// Returns when every scene's script has ended.
    func whenOver() async { await self.gate.whenAllLeft() }

    func reload() async throws {
        guard let reload = self.reloader.withLock({ $0 }) else {
            throw Problem.uncertain("the check reloads, but its setting does not say so")
        }
        try await reload()
    }

    func setReloader(_ reload: @Sendable @escaping () async throws -> Void) {
        self.reloader.withLock { $0 = reload }
    }
}

/// Counts scenes in and out. Everyone waits for events here, nobody polls.
private actor Gate {
    private let expected: Int
    private var arrived: [Scene] = []
    private var left = 0
    /// Scenes whose script ended before it came to the gate.
    private var neverArrived = 0
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, any Error>] = []
    private var whenArrived: CheckedContinuation<Void, Never>?
    private var whenLeft: CheckedContinuation<Void, Never>?

    init(expecting expected: Int) {
        self.expected = expected
    }

    func arrive(_ scene: Scene) async throws {
        precondition(!self.isOpen, "\(scene.check.id) starts twice")
        self.arrived.append(scene)
        try await withCheckedThrowingContinuation { continuation in
            self.waiting.append(continuation)
            self.announceArrival()
        }
    }

    func leave(_ scene: Scene) {
        self.left += 1
        if !self.arrived.contains(where: { $0 === scene }) { self.neverArrived += 1 }
        self.announceArrival()
        if self.left == self.expected {
            self.whenLeft?.resume()
            self.whenLeft = nil
        }
    }

    func whenAllArrived() async -> [Scene] {
        if self.arrived.count + self.neverArrived < self.expected {
            await withCheckedContinuation { self.whenArrived = $0 }
        }
        return self.arrived
    }

    func open(_ result: Result<Void, any Error>) {
        self.isOpen = true
        for continuation in self.waiting { continuation.resume(with: result) }
        self.waiting = []
    }

    func whenAllLeft() async {
        if self.left < self.expected { await withCheckedContinuation { self.whenLeft = $0 } }
    }

    private func announceArrival() {
        guard self.arrived.count + self.neverArrived == self.expected else { return }
        self.whenArrived?.resume()
        self.whenArrived = nil
    }
}
