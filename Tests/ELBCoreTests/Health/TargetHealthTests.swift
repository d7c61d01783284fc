import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Target health` {
    @Test(.covers("ALB-HC-025", "ALB-HC-026"))
    func `has AWS's six states, and one more of the Network Load Balancer's`() {
        #expect(
            Set(TargetHealth.State.allCases.map(\.rawValue)) == [
                "initial", "healthy", "unhealthy", "unhealthy.draining", "unused", "draining", "unavailable",
            ]
        )
        var group = SampleGroup([.a, .a, .a, .c, .a])
        group.probe([0])
        group.probe([1], .failed, times: 2)
        group.reconcile { $0.targets.remove(at: 4) }
        #expect((0..<5).map { group.health($0)?.state } == [.healthy, .unhealthy, .initial, .unused, .draining])
        // Ill when it left, it drains all the same.
        group.reconcile { $0.targets.remove(at: 1) }
        #expect(group.health(1)?.state == .draining)
    }

    @Test(.covers("ALB-TG-014", "ALB-HC-027", "ALB-HC-032"))
    func `goes from registration over the first check to healthy`() throws {
        var group = SampleGroup([.a])
        #expect(group.health(0)?.reason == .registrationInProgress)
        let handle = try #require(group.handle(0))
        group.state.probeStarted(handle)
        #expect(group.health(0)?.reason == .initialHealthChecking)
        #expect(group.health(0)?.state == .initial)
        let change = group.state.probeFinished(handle, .passed(status: 200), now: 0)
        #expect(change?.from == .initial)
        #expect(change?.to == .healthy)
        #expect(group.health(0) == .healthy)
    }

    @Test(
        .covers("ALB-HC-028"),
        arguments: [
            (
                ProbeResult.mismatch(status: 500), "Target.ResponseCodeMismatch",
                "Health checks failed with these codes: [500]"
            ),
            (.timedOut, "Target.Timeout", "Request timed out"),
            (.failed, "Target.FailedHealthChecks", "Health checks failed"),
        ]
    )
    func `names the latest failure`(result: ProbeResult, reason: String, detail: String) {
        var group = SampleGroup([.a])
        group.probe([0], .mismatch(status: 404))
        group.probe([0], result)
        #expect(group.health(0)?.state == .unhealthy)
        #expect(group.health(0)?.reason?.rawValue == reason)
        #expect(group.health(0)?.detail == detail)
        #expect(group.state.unhealthyCount == 1)
    }

    @Test(.covers("ALB-TG-016", "ALB-TG-017", "ALB-HC-029")) func `is unused where nothing reaches it`() {
        let unreferenced = SampleGroup([.a], isReferenced: false)
        #expect(unreferenced.health(0)?.state == .unused)
        #expect(unreferenced.health(0)?.reason == .notInUse)
        let elsewhere = SampleGroup([.a, .c, nil])
        #expect(elsewhere.health(1)?.state == .unused)
        #expect(elsewhere.state.probeAssignments.count == 2)
    }

    @Test(.covers("ALB-HC-005", "ALB-TG-004")) func `probes the traffic port or a fixed one`() {
        var group = SampleGroup([.a])
        #expect(group.state.probeAssignments.first?.endpoint.port == 80)
        group.reconcile { $0.healthCheck.port = .fixed(9000) }
        #expect(group.state.probeAssignments.first?.endpoint.port == 9000)
        #expect(group.select()?.endpoint.port == 80)
    }

    @Test func `ignores results of a target that has left`() throws {
        var group = SampleGroup([.a, .a])
        let handle = try #require(group.handle(0))
        group.reconcile { $0.targets.remove(at: 0) }
        #expect(group.state.probeFinished(handle, .passed(status: 200), now: 0) == nil)
        _ = group.state.deadlinePassed(now: 300)
        group.reconcile { $0.targets.append(SampleGroup.target(5, .a)) }
        #expect(group.state.probeFinished(handle, .failed, now: 0) == nil)
        group.state.requestFinished(handle)
        #expect(group.health(5)?.state == .initial)
    }

    @Test func `deviates as the quirks say`() {
        var deaf = SampleGroup([.a], quirks: [.healthTimeoutNotCounted])
        deaf.probe([0])
        deaf.probe([0], .timedOut, times: 10)
        #expect(deaf.health(0)?.state == .healthy)
        var lazy = SampleGroup([.a], quirks: [.healthStopsProbingUnhealthy])
        lazy.probe([0], .failed, times: 2)
        #expect(lazy.state.probeAssignments.isEmpty)
    }
}

@Suite struct `Deregistration` {
    @Test(
        .covers("ALB-DRG-001", "ALB-DRG-002", "ALB-DRG-003", "ALB-DRG-005", "ALB-DRG-008", "ALB-HC-030", "ALB-HC-036")
    )
    func `drains for the delay and then forgets`() throws {
        var group = SampleGroup([.a, .a]) { $0.attributes.deregistrationDelaySeconds = 20 }
        group.probe(0..<2)
        #expect(group.state.nextDeadline == nil)
        let selected = group.select()
        let leaving = try #require(selected)
        group.state.requestStarted(leaving.handle)
        group.reconcile(now: 100) { $0.targets.remove(at: 0) }
        #expect(group.health(0)?.state == .draining)
        #expect(group.health(0)?.reason == .deregistrationInProgress)
        #expect(group.next(3) == [1, 1, 1])
        #expect(!group.state.acceptsRequests(leaving.handle))
        #expect(group.state.requests(of: leaving.handle) == 1)
        #expect(group.state.unhealthyCount == 0)
        #expect(group.state.healthyCount == 1)
        #expect(group.state.nextDeadline == 120)
        #expect(group.state.deadlinePassed(now: 119).isEmpty)
        #expect(group.state.deadlinePassed(now: 120).map(\.handle) == [leaving.handle])
        #expect(group.health(0) == nil)
        #expect(group.state.nextDeadline == nil)
        group.state.requestFinished(leaving.handle)
        group.state.requestFinished(leaving.handle)
        #expect(group.state.requests(of: leaving.handle) == 0)
    }

    @Test(.covers("ALB-DRG-001")) func `ends at once without a delay`() {
        var group = SampleGroup([.a]) { $0.attributes.deregistrationDelaySeconds = 0 }
        group.reconcile(now: 5) { $0.targets = [] }
        #expect(group.state.deadlinePassed(now: 5).count == 1)
        #expect(group.state.targetHealth.isEmpty)
    }

    @Test(.covers("ALB-TG-021")) func `lets a target return only when its draining is over`() {
        var group = SampleGroup([.a])
        group.probe([0])
        group.reconcile(now: 0) { $0.targets = [] }
        group.reconcile(now: 1) { $0.targets = [SampleGroup.target(0, .a)] }
        #expect(group.health(0)?.state == .draining)
        #expect(group.select() == nil)
        _ = group.state.deadlinePassed(now: 300)
        #expect(group.health(0)?.state == .initial)
        #expect(group.handle(0) != nil)
    }

    @Test(.covers("ALB-LSN-010", "ALB-HC-034")) func `keeps the health of targets that stay`() {
        var group = SampleGroup([.a, .a])
        group.probe(0..<2)
        group.reconcile { $0.healthCheck.path = "/other" }
        #expect(group.health(0) == .healthy)
        group.reconcile { $0.targets.append(SampleGroup.target(2, .a)) }
        #expect(group.health(0) == .healthy)
        #expect(group.health(2)?.state == .initial)
        #expect(group.next(3) == [0, 1, 0])
    }

    @Test func `keeps sending to a leaving target under the quirk`() {
        var group = SampleGroup([.a, .a], quirks: [.deregisteredKeepsTraffic])
        group.probe(0..<2)
        group.reconcile { $0.targets.remove(at: 0) }
        #expect(Set(group.next(4)) == [0, 1])
    }
}
