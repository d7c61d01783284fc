internal import ELBModel
internal import Synchronization

/// The subjects of a lab, from start to stop, and changes of what they are told in between.
final class LabReloads: Sendable {
    private let plan: DeploymentPlan
    private let settings: TopologyLab.Settings
    private let state: Mutex<State>

    private struct State {
        var groups: [TargetGroup]
        var generation = 0
        var markers: [String: Port] = [:]
        var subjects: [(balancer: LabBalancer, subject: Subject)] = []
    }

    init(_ plan: DeploymentPlan, _ settings: TopologyLab.Settings) throws {
        self.plan = plan
        self.settings = settings
        var state = State(groups: plan.targetGroups)
        if settings.reloads {
            for balancer in plan.balancers where balancer.kind != .classic {
                state.markers[balancer.name] = try Self.port(for: balancer)
            }
        }
        self.state = Mutex(state)
    }

    /// Starts every balancer as a subject of its own, one after another, and calls `body` when all listen.
    func run<Value: Sendable>(
        _ command: SubjectCommand,
        _ threads: ThreadPool,
        body: @Sendable @escaping () async throws -> Value
    ) async throws -> Value {
        try await self.run(self.plan.balancers[...], command, threads, body)
    }

    private func run<Value: Sendable>(
        _ rest: ArraySlice<LabBalancer>,
        _ command: SubjectCommand,
        _ threads: ThreadPool,
        _ body: @Sendable @escaping () async throws -> Value
    ) async throws -> Value {
        guard let balancer = rest.first else { return try await body() }
        let others = rest.dropFirst()
        let configuration = self.configuration(of: balancer)
        return try await Subject.withRunning(command, configuration: configuration, threads: threads) { subject in
            self.state.withLock { $0.subjects.append((balancer, subject)) }
            return try await self.run(others, command, threads, body)
        }
    }

    private func configuration(of balancer: LabBalancer) -> SubjectConfiguration {
        self.state.withLock { state in
            let marker = state.markers[balancer.name].map {
                LabBalancer.Marker(port: $0, generation: state.generation)
            }
            return balancer.configuration(
                state.groups,
                timeScale: self.settings.timeScale,
                seed: self.settings.seed,
                marker: marker
            )
        }
    }

    /// Changes the groups, tells every subject, and returns when the change is in force.
    func change(
        curl: CurlClient,
        raw: RawClient,
        _ change: @Sendable (inout [TargetGroup]) -> Void
    ) async throws {
        let subjects = try self.state.withLock { state in
            change(&state.groups)
            state.generation += 1
            for (balancer, _) in state.subjects where balancer.kind == .network {
                state.markers[balancer.name] = try Self.port(for: balancer)
            }
            return state.subjects
        }
        for (balancer, subject) in subjects where balancer.kind != .classic {
            try await subject.reload(self.configuration(of: balancer))
            try await self.waitUntilInForce(balancer, curl, raw)
        }
    }

    /// Puts a server's targets back where the plan has them.
    func restore(_ address: IPAddress, curl: CurlClient, raw: RawClient) async throws {
        let original = self.plan.targetGroups
        try await self.change(curl: curl, raw: raw) { groups in
            for index in groups.indices {
                groups[index].targets += original[index].targets.filter { $0.endpoint.address == address }
            }
        }
    }

    private func waitUntilInForce(_ balancer: LabBalancer, _ curl: CurlClient, _ raw: RawClient) async throws {
        let marker = self.state.withLock { state in
            state.markers[balancer.name].map { LabBalancer.Marker(port: $0, generation: state.generation) }
        }
        guard let marker else { return }
        let endpoint = Endpoint(address: balancer.nodes[0].address, port: marker.port)
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if balancer.kind == .network {
                if await raw.run(to: endpoint, script: { _ in }).failure == nil {
                    // It listens before it serves.
                    return try await Task.sleep(for: .milliseconds(100))
                }
            } else {
                let request = CurlRequest("GET", "http://\(endpoint)/", connection: .fresh, timeout: .seconds(5))
                if case .success(let response) = await curl.perform(request), response.status == marker.status {
                    return
                }
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw SubjectFailure.ours("the balancer did not take over its new configuration within 10 s")
    }

    private static func port(for balancer: LabBalancer) throws -> Port {
        let taken = Set(balancer.listeners.map(\.port))
        guard let port = FreePorts.find(on: balancer.nodes.map(\.address), except: taken) else {
            throw TopologyLab.Unrunnable(reason: .noFreePort)
        }
        return port
    }
}
