import ELBConformance
import ELBModel

/// A server crashes under load: once it has failed as many probes as the answer says, clients must notice nothing.
enum DeathTrial {
    static func judge(_ lab: TopologyLab, server: String, failures: Int) async throws -> Judgement {
        let patience = lab.scaled(seconds: 400)
        guard await lab.waitForProbes(at: server, count: 1, within: patience) else {
            return .uncertain(Message("grade.never-probed", ["server": server]))
        }
        try await lab.resetEverything(at: server)
        let died = await lab.sightings(at: server).last?.sequence ?? 0
        let found = try await TrafficPump.during(lab) {
            await Self.waitForFailures(failures, at: server, after: died, lab, within: patience)
        }
        guard let found else { return .uncertain(Message("grade.never-probed", ["server": server])) }
        try await Task.sleep(for: .nanoseconds(Int64(ProbeTimeline.graceNanoseconds)))
        // Until the next probe, so that a balancer that waits for one failure more is seen to do so.
        let errors = try await Self.clientErrors(lab, server: server, after: found, within: patience)
        guard errors.failed > 0 else { return .pass }
        return .fail(
            LessonFinding(
                tried: Message("death.tried", ["server": server]),
                expected: Message("death.expected", ["failures": "\(failures)"]),
                actual: Message(
                    "death.actual",
                    ["errors": "\(errors.failed)", "requests": "\(errors.sent)", "failures": "\(failures)"]
                ),
                evidence: [.init("servers", Self.story(await lab.sightings(at: server, after: died)))]
            )
        )
    }

    /// The sequence number of the failed probe that must end the service; `nil` if it does not come in time.
    private static func waitForFailures(
        _ count: Int,
        at server: String,
        after sequence: Int,
        _ lab: TopologyLab,
        within limit: Duration
    ) async -> Int? {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let probes = await lab.sightings(at: server, after: sequence).filter { $0.isProbe && $0.fault != nil }
            let settled = probes.filter { $0.settledNanoseconds != nil }
            if settled.count >= count { return settled[count - 1].sequence }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return nil
    }

    private static func clientErrors(
        _ lab: TopologyLab,
        server: String,
        after probe: Int,
        within limit: Duration
    ) async throws -> (failed: Int, sent: Int) {
        let deadline = ContinuousClock.now + limit
        var failed = 0
        var sent = 0
        var probedAgain = false
        while sent < 60 || (!probedAgain && ContinuousClock.now < deadline) {
            let batch = Array(repeating: CurlRequest("GET", "http://\(lab.endpoint)/"), count: 6)
            let outcomes = await lab.curl.performInOrder(batch)
            failed += outcomes.count { (try? $0.get().status) != 200 }
            sent += outcomes.count
            probedAgain = await lab.sightings(at: server, after: probe).contains { $0.isProbe }
        }
        return (failed, sent)
    }

    private static func story(_ sightings: [Sighting]) -> String {
        sightings.prefix(40).map { sighting in
            "\(sighting.sequence) \(sighting.isProbe ? "probe" : "request") \(sighting.target): \(sighting.fault ?? "ok")"
        }.joined(separator: "\n")
    }
}
