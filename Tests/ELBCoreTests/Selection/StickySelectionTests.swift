import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Targets that cookies name` {
    private static func group() -> SampleGroup {
        var group = SampleGroup([.a, .a, .a]) { $0.attributes.stickiness.isEnabled = true }
        group.probe(0..<3)
        return group
    }

    @Test func `are found, and take no turn`() throws {
        var group = Self.group()
        let selected = group.select()
        let first = try #require(selected)
        let key = group.state.stickyKey(of: first.handle)
        for _ in 0..<5 { #expect(group.state.stickyTarget(key) == first) }
        #expect(group.next(2) == [1, 2])
        #expect(group.state.stickyTarget(key &+ 1) == nil)
    }

    @Test(.covers("ALB-STK-013", "ALB-DRG-007")) func `are passed by when they are unhealthy or leave`() throws {
        var group = Self.group()
        let selected = group.select()
        let key = group.state.stickyKey(of: try #require(selected).handle)
        group.probe([0], .failed, times: 2)
        #expect(group.state.stickyTarget(key) == nil)
        group.probe([0], times: 5)
        #expect(group.state.stickyTarget(key) != nil)
        group.reconcile { $0.targets.removeFirst() }
        #expect(group.state.stickyTarget(key) == nil)
        #expect(group.health(0)?.state == .draining)
    }

    @Test func `are used as they are when all are ill`() throws {
        var group = Self.group()
        let selected = group.select()
        let key = group.state.stickyKey(of: try #require(selected).handle)
        group.probe(0..<3, .failed, times: 2)
        #expect(group.state.stickyTarget(key)?.isFailOpen == true)
    }

    @Test(.covers("ALB-STK-001")) func `are none without stickiness`() throws {
        var group = SampleGroup([.a])
        group.probe([0])
        let selected = group.select()
        let key = group.state.stickyKey(of: try #require(selected).handle)
        #expect(group.state.stickiness == nil)
        #expect(group.state.stickyTarget(key) == nil)
    }

    @Test(.covers("ALB-FWD-012")) func `belong to groups that cookies name too`() {
        let stickiness = WeightedTargetGroups.Stickiness(seconds: 60, members: [(3, 30), (5, 50)])
        let weights = WeightedTargetGroups([(3, 1), (5, 0)], stickiness: stickiness)
        var generator = SplitMix64(seed: 1)
        #expect(weights.choose(using: &generator) == 3)
        // Weight 0 gets nobody new, and keeps whom it has.
        #expect(weights.stickiness?.group(of: 50) == 5)
        #expect(weights.stickiness?.group(of: 40) == nil)
        #expect(weights.stickiness?.key(of: 3) == 30)
    }
}
