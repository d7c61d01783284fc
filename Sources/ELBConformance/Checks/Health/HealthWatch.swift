internal import ELBFleet
internal import ELBModel

/// What a target read while a client sent requests all the time: its probes, and the client's requests between them.
///
/// Verdicts rest on the order of these records. Where the balancer needs a moment to act on a probe's answer, it gets half
/// of the time to the next probe.
struct HealthWatch: Sendable {
    let target: Backend
    let settings: HealthCheckSettings
    let timeScale: Int
    /// In order of arrival.
    let probes: [RequestRecord]
    let traffic: [RequestRecord]
    /// Requests that other targets read.
    let elsewhere: [RequestRecord]

    /// Sends a request every few milliseconds until the target has read `probes` probes, then looks at the records.
    static func watch(
        _ target: Backend,
        of group: SceneGroup,
        at listener: Endpoint,
        probes count: Int,
        settings: HealthCheckSettings,
        in scene: Scene
    ) async throws -> Self {
        let limit = scene.scaled(seconds: Double(settings.intervalSeconds * (count + 3))) + .seconds(3)
        let deadline = ContinuousClock.now + limit
        while await target.status().probes < count {
            guard ContinuousClock.now < deadline else {
                let seen = await target.status().probes
                throw Problem.broken(
                    tried: "wait for \(count) probes, one every \(settings.intervalSeconds) s",
                    expected: "\(count) probes within \(limit)",
                    actual: "\(seen)",
                    evidence: []
                )
            }
            // Errors are no matter here: a failing target may be in service for a while.
            _ = await scene.sendMany(2, "/", to: listener, atOnce: 2)
            try await Task.sleep(for: .milliseconds(8))
        }
        let records = await target.records()
        var elsewhere: [RequestRecord] = []
        for backend in group.backends where backend !== target {
            elsewhere += await backend.records().filter { $0.kind == .traffic }
        }
        let watch = Self(
            target: target,
            settings: settings,
            timeScale: scene.timeScale,
            probes: records.filter { $0.kind == .probe },
            traffic: records.filter { $0.kind == .traffic },
            elsewhere: elsewhere
        )
        try watch.expectNoStall()
        return watch
    }

    /// A probe that we answered late tells nothing about the balancer.
    private func expectNoStall() throws {
        let patience = UInt64(self.settings.timeoutSeconds) * 750_000_000 / UInt64(self.timeScale)
        for probe in self.probes where probe.outcome == .answered {
            guard let settled = probe.settledNanoseconds else { continue }
            if settled - probe.monotonicNanoseconds > patience {
                throw Problem.uncertain("the machine stalled: probe \(probe.probeNumber ?? 0) was answered late")
            }
        }
    }

    /// A probe that came when it was due, was lost, and is there again before half of the interval is over was not counted: the next one
    /// was due an interval later, and no machine's being late makes a probe early.
    private func expectNotRepeated(_ number: Int) throws {
        guard let index = self.probes.firstIndex(where: { $0.probeNumber == number }), index > 0,
            index + 1 < self.probes.count, self.probes[index].outcome == .dropped,
            let end = self.probes[index].settledNanoseconds
        else { return }
        let interval = UInt64(self.settings.intervalSeconds) * 1_000_000_000 / UInt64(self.timeScale)
        let probe = self.probes[index].monotonicNanoseconds
        let next = self.probes[index + 1].monotonicNanoseconds
        guard probe - self.probes[index - 1].monotonicNanoseconds < interval * 5 / 4, next < end + interval / 2
        else { return }
        throw Problem.broken(
            tried: "probe \(number) is lost: its connection is ended in place of an answer",
            expected: "that it counts, and the next one \(self.settings.intervalSeconds) s after it",
            actual: "it was sent again \((next - probe) / 1_000_000) ms later",
            evidence: [Finding.Evidence("timeline of \(self.target.description.name)", self.timeline)]
        )
    }

    /// Requests at the target in the second half of the time between that probe's end and the next probe.
    func requests(after number: Int) throws -> Int {
        try self.expectNotRepeated(number)
        guard let window = self.window(after: number) else {
            throw Problem.uncertain("probe \(number + 1) was not seen: \(self.brief)")
        }
        let inWindow = { (record: RequestRecord) in window.contains(record.monotonicNanoseconds) }
        // Targets in service take turns: two requests elsewhere and none here mean that this one is out.
        guard self.traffic.contains(where: inWindow) || self.elsewhere.count(where: inWindow) >= 2 else {
            throw Problem.uncertain(
                "too few requests between probes \(number) and \(number + 1) to tell: \(self.brief)"
            )
        }
        return self.traffic.count(where: inWindow)
    }

    private func window(after number: Int) -> Range<UInt64>? {
        guard let index = self.probes.firstIndex(where: { $0.probeNumber == number }), index + 1 < self.probes.count
        else { return nil }
        let probe = self.probes[index]
        let next = self.probes[index + 1].monotonicNanoseconds
        let timeout = UInt64(self.settings.timeoutSeconds) * 1_000_000_000 / UInt64(self.timeScale)
        // A probe that nobody ends is over when the balancer's time-out is.
        let end = probe.settledNanoseconds ?? probe.monotonicNanoseconds + timeout
        guard end < next else { return nil }
        return (end + (next - end) / 2)..<next
    }

    /// Expects the target to be in service, or not, after that probe and before the next.
    func expect(inService: Bool, after number: Int, because reason: String) throws {
        let count = try self.requests(after: number)
        guard (count > 0) != inService else { return }
        throw Problem.broken(
            tried: reason,
            expected: inService ? "requests at the target after probe \(number)" : "none after probe \(number)",
            actual: inService ? "none" : "\(count) requests",
            evidence: [Finding.Evidence("timeline of \(self.target.description.name)", self.timeline)]
        )
    }

    /// The timeline on one line.
    private var brief: String { self.timeline.split(separator: "\n").joined(separator: "; ") }

    /// Probes and what came between, in milliseconds from the first probe.
    var timeline: String {
        guard let first = self.probes.first?.monotonicNanoseconds else { return "no probe" }
        var lines: [String] = []
        for (index, probe) in self.probes.enumerated() {
            let next = index + 1 < self.probes.count ? self.probes[index + 1].monotonicNanoseconds : .max
            let count = self.traffic.count { (probe.monotonicNanoseconds..<next).contains($0.monotonicNanoseconds) }
            let at = (probe.monotonicNanoseconds - first) / 1_000_000
            let answer = probe.status.map(String.init) ?? probe.fault ?? probe.outcome.rawValue
            lines.append("\(at) ms  probe \(probe.probeNumber ?? 0): \(answer); then \(count) requests")
        }
        return lines.joined(separator: "\n")
    }
}

extension Scene {
    /// A steady target and one that answers its probes as scripted, in one group, with a listener.
    func scripted(
        _ script: [ProbeAnswer],
        settings: HealthCheckSettings
    ) async throws -> (group: SceneGroup, target: Backend, listener: Endpoint) {
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = [settings.path]
        let steady = try await self.backend("steady", behaviour: behaviour)
        let target = try await self.backend("target", behaviour: behaviour, script: script)
        let group = self.group("web", of: [steady, target], health: settings)
        return (group, target, try self.listener(default: group.forward))
    }
}
