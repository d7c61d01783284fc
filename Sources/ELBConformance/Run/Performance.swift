internal import ELBFleet
internal import ELBModel
internal import Synchronization

/// One subject and the checks that share it, from the first backend to the last report.
struct Performance: Sendable {
    let checks: [Check]
    let stage: Stage
    let subject: SubjectCommand
    let seed: UInt64
    let checkLimit: Duration
    let threads: ThreadPool
    /// What plays the subject's part, if it was made by the API before the scenes were built.
    var balancer: EndpointLoadBalancer?

    /// What the listener answers that shows which configuration is in force, for settings that reload.
    /// The first statuses are left out: an answer of 204 has no body, and one who is told to send one may refuse everything.
    private static let markerStatuses = 210..<300

    func play() async -> PackOutcome {
        let scenes = self.checks.map { Scene(check: $0, stage: self.stage, seed: self.seed) }
        if let engine = self.subject.engine {
            self.stage.setAdmission { scene in
                let alone = self.configuration(of: [scene], marker: nil, generation: 0)
                _ = try engine.files(for: alone, folder: "/")
            }
        } else if self.balancer != nil {
            self.stage.setAdmission { scene in
                try scene.check.requireEndpoint()
                try EndpointPlace.requireExpressible(self.configuration(of: [scene], marker: nil, generation: 0))
            }
        }
        return await withTaskGroup(of: CheckReport?.self) { group in
            for scene in scenes { group.addTask { await self.perform(scene) } }
            let fate = await self.runSubject()
            var outcome = PackOutcome(reports: [])
            var program: Finding.Evidence?
            switch fate {
            case .stopped(let output): program = Self.program(output)
            case .died(let status): outcome.subjectDied = status
            case .neverStarted(let reason): outcome.neverStarted = reason
            case .unreachable(let reason):
                outcome.neverStarted = reason
                outcome.isUnreachable = true
            }
            for await report in group {
                guard var report else { continue }
                if report.verdict == .fail, let program { report.finding?.evidence.append(program) }
                outcome.reports.append(report)
            }
            return outcome
        }
    }

    /// The last lines that the subject has written, for whoever wrote it; `nil` when it wrote nothing.
    private static func program(_ output: String) -> Finding.Evidence? {
        let lines = output.split(whereSeparator: \.isNewline).suffix(6).map { $0.prefix(160) }
        return lines.isEmpty ? nil : Finding.Evidence("program", lines.joined(separator: "\n"))
    }

    private enum Fate {
        /// With what it has written.
        case stopped(String)
        case died(String)
        case neverStarted(String)
        case unreachable(String)
    }

    /// Waits until the scenes are built, runs the subject while they play, and stops it.
    private func runSubject() async -> Fate {
        let scenes = await self.stage.whenBuilt()
        guard !scenes.isEmpty else {
            await self.stage.whenOver()
            return .stopped("")
        }
        let hasOpened = Mutex(false)
        do {
            let marker = self.stage.setting.reloads ? try self.stage.takePort() : nil
            let play: @Sendable (any RunningSubject) async throws -> Fate = { running in
                try await self.waitUntilInService(scenes, running)
                if let marker { self.prepareReloads(of: running, scenes, marker: marker) }
                hasOpened.withLock { $0 = true }
                await self.stage.open(.success(()))
                await self.stage.whenOver()
                return running.hasExited ? .died(running.outputText) : .stopped(running.outputText)
            }
            let configuration = self.configuration(of: scenes, marker: marker, generation: 0)
            if let balancer {
                try await balancer.apply(configuration)
                try await self.waitUntilReached(configuration.listenerEndpoints)
                return try await play(balancer)
            }
            return try await Subject.withRunning(
                self.subject,
                configuration: configuration,
                threads: self.threads,
                body: play
            )
        } catch {
            if !hasOpened.withLock({ $0 }) { await self.stage.open(.failure(error)) }
            await self.stage.whenOver()
            if case SubjectFailure.unreachable(let reason) = error { return .unreachable(reason) }
            return .neverStarted("\(error)")
        }
    }

    private func configuration(of scenes: [Scene], marker: Port?, generation: Int) -> SubjectConfiguration {
        var listeners: [Listener] = []
        var groups: [TargetGroup] = []
        var network = ProviderNetwork()
        for part in scenes.map(\.part) {
            listeners += part.listeners
            groups += part.groups
            network.authorities += part.providerNetwork.authorities
        }
        if let marker { self.mark(generation, at: marker, &listeners, &groups) }
        let balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "conformance"),
            kind: self.stage.setting.kind,
            scheme: self.stage.setting.names?.scheme ?? .internetFacing,
            nodes: self.stage.nodes,
            listeners: listeners,
            attributes: self.stage.setting.attributes,
            dnsName: self.stage.dnsName,
            shiftedZone: self.stage.setting.shiftedZone,
            providerNetwork: network
        )
        var configuration = SubjectConfiguration(
            loadBalancer: balancer,
            targetGroups: groups,
            timeScale: self.stage.timeScale,
            seed: self.seed
        )
        configuration.classic = scenes.lazy.compactMap(\.part.classic).first
        configuration.nameServer = self.stage.nameServer
        configuration.recordSets = self.stage.setting.names?.recordSets(of: self.stage.dnsName) ?? []
        return configuration
    }

    /// Makes the configuration recognisable: by what a listener answers or, where listeners answer nothing, by which port one has.
    private func mark(_ generation: Int, at port: Port, _ listeners: inout [Listener], _ groups: inout [TargetGroup]) {
        switch self.stage.setting.kind {
        case .application, .gateway, .classic:
            let status = Self.markerStatuses.lowerBound + generation % Self.markerStatuses.count
            listeners.append(Listener(port: port, defaultActions: [.answer(status, "generation \(generation)")]))
        case .network:
            let id = TargetGroupID(rawValue: "marker")
            groups.append(
                TargetGroup(
                    id: id,
                    name: TargetGroupName(rawValue: "marker"),
                    protocol: .tcp,
                    port: 80,
                    targetType: .ip,
                    healthCheck: .network()
                )
            )
            listeners.append(Listener(port: port, protocol: .tcp, defaultActions: [.forward(ForwardAction(to: id))]))
        }
    }

    /// An API may make load balancers that only exist in its answers. One listener that takes a connection shows that there is more.
    private func waitUntilReached(_ listeners: [Endpoint]) async throws {
        guard let first = listeners.first else { return }
        let deadline = ContinuousClock.now + .seconds(5 * (self.subject.endpoint?.patience ?? 1))
        repeat {
            for listener in listeners where await self.threads.run({ Subject.accepts(listener) }) { return }
            try await Task.sleep(for: .milliseconds(50))
        } while ContinuousClock.now < deadline
        throw SubjectFailure.unreachable(
            "nothing answers at \(first): \(self.subject.name) says that it has made the load balancer, and no request gets there"
        )
    }

    /// Targets serve after their first good probe. The probe's answer has left the backend, but the subject may still be
    /// reading it: it gets a moment more.
    private func waitUntilInService(_ scenes: [Scene], _ subject: any RunningSubject) async throws {
        var probes = false
        let limit = Duration.seconds(5 * (self.subject.endpoint?.patience ?? 1))
        for backend in scenes.filter({ self.subject.probes($0.check) }).flatMap(\.probedBackends) {
            do {
                _ = try await backend.waitForRecords(count: 1, kind: .probe, timeout: limit)
                probes = true
            } catch {
                // Without probes a balancer may still route; the checks will tell.
                if subject.hasExited { throw SubjectFailure.exited(status: "", output: subject.outputText) }
                // One that has sent none by now sends none.
                if !probes { break }
            }
        }
        try await Task.sleep(for: .milliseconds(150 * (self.subject.endpoint?.patience ?? 1)))
    }

    /// A reload writes everybody's parts, and is over when the marker's listener answers with the new generation.
    private func prepareReloads(of subject: any RunningSubject, _ scenes: [Scene], marker: Port) {
        let reloads = SerialReloads()
        let address = self.stage.nodes[0].address
        self.stage.setReloader {
            try await reloads.next { generation, patience in
                let marker = self.stage.setting.kind == .network ? try self.stage.takePort() : marker
                let endpoint = Endpoint(address: address, port: marker)
                let configuration = self.configuration(of: scenes, marker: marker, generation: generation)
                try await subject.reload(configuration)
                try await self.waitForGeneration(generation, at: endpoint, within: patience) {
                    // One that is only just starting may have missed that it is to make way.
                    if case .command = self.subject.engine?.reload { try await subject.reload(configuration) }
                }
            }
        }
    }

    private func waitForGeneration(
        _ generation: Int,
        at endpoint: Endpoint,
        within patience: Duration,
        again: @Sendable () async throws -> Void
    ) async throws {
        let status = Self.markerStatuses.lowerBound + generation % Self.markerStatuses.count
        let deadline = ContinuousClock.now + patience
        var reminder = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < deadline {
            if ContinuousClock.now > reminder {
                try await again()
                reminder = ContinuousClock.now + .seconds(3)
            }
            if self.stage.setting.kind == .network {
                if await self.stage.raw.run(to: endpoint, script: { _ in }).failure == nil {
                    // It listens before it serves.
                    try await Task.sleep(for: .milliseconds(100))
                    return
                }
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            let request = CurlRequest("GET", "http://\(endpoint)/", connection: .fresh, timeout: .seconds(5))
            if case .success(let response) = await self.stage.curl.perform(request), response.status == status {
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Problem.broken(
            tried: "SIGHUP after the configuration file was replaced",
            expected: "the new configuration within \(patience.components.seconds) s",
            actual: "the old one is still in force",
            evidence: []
        )
    }

    /// Plays one scene and says what came of it.
    private func perform(_ scene: Scene) async -> CheckReport {
        let begin = ContinuousClock.now
        let report = await withTaskGroup(of: CheckReport?.self) { group in
            group.addTask { await self.script(scene, begin) }
            group.addTask {
                try? await Task.sleep(for: self.checkLimit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        await self.stage.left(scene)
        await scene.stop()
        let duration = ContinuousClock.now - begin
        return report ?? scene.check.report(.timeout, reason: "not done within \(self.checkLimit)", duration: duration)
    }

    private func script(_ scene: Scene, _ begin: ContinuousClock.Instant) async -> CheckReport {
        let check = scene.check
        do {
            try await check.body(scene)
            return check.report(.pass, duration: ContinuousClock.now - begin)
        } catch {
            return self.report(check, error, after: ContinuousClock.now - begin)
        }
    }

    /// What an error says of the subject, if anything.
    func report(_ check: Check, _ error: any Error, after duration: Duration) -> CheckReport {
        switch error {
        case Problem.broken(let tried, let expected, let actual, let evidence):
            let finding = check.finding(tried: tried, expected: expected, actual: actual, evidence: evidence)
            return check.report(.fail, finding: finding, duration: duration)
        case Problem.uncertain(let reason):
            return check.report(.error, reason: reason, duration: duration)
        case Problem.timedOut(let reason):
            return check.report(.timeout, reason: reason, duration: duration)
        case Problem.observed(let text):
            return check.report(.info, reason: text, duration: duration)
        case let problem as Inexpressible:
            let who = self.subject.endpoint == nil ? "adapter" : "API"
            let reason = "the \(who) of \(self.subject.name) cannot express it: \(problem)"
            return check.report(.unsupported, reason: reason, duration: duration)
        case SubjectFailure.ours(let reason), SubjectFailure.unreachable(let reason):
            return check.report(.error, reason: reason, duration: duration)
        case let failure as SubjectFailure:
            let finding = check.finding(
                tried: "start the subject with this check's configuration",
                expected: "it accepts connections on every listener",
                actual: "\(failure)",
                evidence: []
            )
            return check.report(.fail, finding: finding, duration: duration)
        case is CancellationError:
            return check.report(.timeout, reason: "not done within \(self.checkLimit)", duration: duration)
        default:
            return check.report(.error, reason: "\(error)", duration: duration)
        }
    }
}

/// Numbers reloads and runs them one at a time.
private actor SerialReloads {
    private var generation = 0
    private var last: Task<Void, any Error>?
    private var followed = true

    /// Runs the body after all earlier ones, with the reload's number and how long the subject may take. One that has been asked and
    /// has never followed is not waited for as long again: a run would stand still for a minute to learn nothing.
    func next(_ body: @Sendable @escaping (Int, Duration) async throws -> Void) async throws {
        self.generation += 1
        let number = self.generation
        let previous = self.last
        let task = Task {
            // An earlier reload's failure is reported where it was asked for.
            _ = await previous?.result
            do {
                try await body(number, self.followed ? .seconds(10) : .seconds(2))
                self.followed = true
            } catch {
                if number == 1 { self.followed = false }
                throw error
            }
        }
        self.last = task
        try await task.value
    }
}

extension SubjectCommand {
    /// Whether it can be expected to probe the targets of the check's kind of load balancer.
    fileprivate func probes(_ check: Check) -> Bool {
        check.profile != "alb" || self.claims.include("alb.health.probes")
    }
}

extension Scene {
    /// Backends that stand in a group which some listener of the scene uses, and that the subject must therefore probe.
    var probedBackends: [Backend] {
        let part = self.part
        // Probes that only connect leave no record.
        if let classic = part.classic { return classic.healthCheck.target.protocol.isHTTP ? self.backends : [] }
        let actions = part.listeners.flatMap { $0.defaultActions + $0.rules.flatMap(\.actions) }
        let used = Set(actions.flatMap(\.groups))
        let checked = part.groups.filter { used.contains($0.id) && $0.healthCheck.isEnabled }
        return self.backends.filter { backend in
            checked.contains { group in
                backend.understands(group.healthCheck)
                    && !Set(group.targets.map(\.endpoint)).isDisjoint(with: backend.endpoints)
            }
        }
    }
}

extension Backend {
    /// Whether it can read such a probe, and so keep a record of it.
    fileprivate func understands(_ check: HealthCheckSettings) -> Bool {
        guard check.protocol == .https else { return true }
        return self.description.behaviour.tls.map { $0.flaw == nil } ?? false
    }
}

extension RuleAction {
    fileprivate var groups: [TargetGroupID] {
        switch self {
        case .forward(let action): action.targetGroups.map(\.targetGroup)
        case .authenticateOIDC, .authenticateCognito, .jwtValidation, .redirect, .fixedResponse: []
        }
    }
}

extension Check {
    func finding(
        tried: String,
        expected: String,
        actual: String,
        evidence: [Finding.Evidence]
    ) -> Finding {
        Finding(
            tried: tried,
            rule: self.rule,
            expected: expected,
            actual: actual,
            evidence: evidence,
            read: self.reference,
            lookAt: self.lookAt
        )
    }
}
