import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `The health of a Lambda function` {
    private static func group(checks: Bool, quirks: Set<Quirk> = []) -> SampleGroup {
        SampleGroup([nil], quirks: quirks) { group in
            group.targetType = .lambda
            group.healthCheck = .lambda
            group.healthCheck.isEnabled = checks
        }
    }

    @Test(.covers("ALB-LMB-027", "ALB-HC-031"))
    func `is unavailable without checks, and it gets requests all the same`() {
        var group = Self.group(checks: false)
        #expect(group.state.probeAssignments.isEmpty)
        #expect(group.health(0)?.state == .unavailable)
        #expect(group.health(0)?.reason == .healthCheckDisabled)
        #expect(group.health(0)?.reason?.rawValue == "Target.HealthCheckDisabled")
        #expect(group.next(2) == [0, 0])
        #expect(!group.state.isFailingOpen)
    }

    @Test(.covers("ALB-LMB-025", "ALB-HC-033"))
    func `is checked like any other when checks are on`() throws {
        var group = Self.group(checks: true)
        let assignment = try #require(group.state.probeAssignments.first)
        #expect(assignment.targetType == .lambda)
        #expect(assignment.settings.intervalSeconds == 35)
        #expect(group.health(0)?.state == .initial)
        group.probe([0])
        #expect(group.health(0) == .healthy)
        group.probe([0], .failed, times: 2)
        #expect(group.health(0)?.state == .unhealthy)
    }

    @Test func `is learned anew when checks are turned on again`() {
        var group = Self.group(checks: true)
        group.probe([0], .failed, times: 2)
        group.reconcile { $0.healthCheck.isEnabled = false }
        #expect(group.health(0)?.state == .unavailable)
        #expect(group.next(1) == [0])
        group.reconcile { $0.healthCheck.isEnabled = true }
        #expect(group.health(0)?.state == .initial)
    }

    @Test(.covers("ALB-DRG-010"))
    func `does not drain`() {
        var group = Self.group(checks: false)
        let selected = group.select()
        group.reconcile(now: 100) { $0.targets = [] }
        #expect(group.state.nextDeadline == 100)
        #expect(group.state.deadlinePassed(now: 100).map(\.handle) == [selected?.handle])
        #expect(group.state.targetHealth.isEmpty)
    }
}
