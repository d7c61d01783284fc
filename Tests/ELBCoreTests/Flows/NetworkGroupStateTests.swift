import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `The state of a Network Load Balancer's group` {
    private static func group(
        _ zones: [AvailabilityZone?] = [.a, .a, .a],
        crossZone: TargetGroupAttributes.CrossZone = .on,
        _ change: (inout TargetGroup) -> Void = { _ in }
    ) -> SampleGroup {
        SampleGroup(zones) {
            $0.protocol = .tcp
            $0.healthCheck = .network()
            $0.attributes.crossZone = crossZone
            change(&$0)
        }
    }

    /// The ids of the targets that many flows get.
    private static func targets(_ group: SampleGroup, sources: Range<UInt64> = 0..<1) -> Set<String> {
        var generator = SplitMix64(seed: 1)
        var seen: Set<String> = []
        for number in UInt64(0)..<200 {
            let source = sources.lowerBound + number % UInt64(sources.count)
            var hash = SplitMix64(seed: source)
            guard let target = group.state.target(flow: generator.next(), source: hash.next()),
                let known = group.state.target(of: target.handle)
            else { continue }
            seen.insert(known.id.rawValue)
        }
        return seen
    }

    @Test(.covers("NLB-FO-005", "NLB-HC-007")) func `sends new flows to healthy targets, from their first pass on`() {
        var group = Self.group()
        group.probe([0, 2])
        #expect(Self.targets(group) == ["t0", "t2"])
        group.probe([2], .failed, times: 2)
        #expect(Self.targets(group) == ["t0"])
    }

    @Test(.covers("NLB-FO-006")) func `sends flows to all when too few are healthy`() {
        var group = Self.group { $0.attributes.routingMinimumHealthyPercentage = 50 }
        group.probe([0, 1, 2])
        group.probe([1], .failed, times: 2)
        #expect(Self.targets(group) == ["t0", "t2"])
        group.probe([2], .failed, times: 2)
        #expect(Self.targets(group) == ["t0", "t1", "t2"])
        #expect(group.state.isFailingOpen)
    }

    @Test(.covers("NLB-SK-002")) func `sends all flows of an address to one target when it is sticky`() {
        var group = Self.group { $0.attributes.stickiness.isEnabled = true }
        group.probe([0, 1, 2])
        for source in UInt64(0)..<10 { #expect(Self.targets(group, sources: source..<source + 1).count == 1) }
        #expect(Self.targets(group, sources: 0..<50).count == 3)
    }

    @Test(.covers("NLB-AZ-010", "NLB-AZ-009")) func `keeps to its zone unless it is told to cross it`() {
        var off = Self.group([.a, .b], crossZone: .off)
        off.probe([0, 1])
        #expect(Self.targets(off) == ["t0"])
        var on = Self.group([.a, .b], crossZone: .on)
        on.probe([0, 1])
        #expect(Self.targets(on) == ["t0", "t1"])
    }

    @Test(.covers("NLB-AZ-011", "NLB-HC-014")) func `does not use targets in zones without a node`() {
        let group = Self.group([.a, .c])
        #expect(group.health(1)?.reason == .notInUse)
        #expect(group.state.probeAssignments.map(\.target.id.rawValue) == ["t0"])
    }

    @Test(
        .covers("NLB-ST-003", "NLB-ST-007", "NLB-ST-008"),
        arguments: [ProbeResult.failed, .timedOut, .mismatch(status: 500)]
    )
    func `gives one reason for all failures`(result: ProbeResult) {
        var group = Self.group()
        group.probe([0])
        #expect(group.health(0)?.reason == nil)
        #expect(group.health(0)?.detail == nil)
        group.probe([0], result, times: 2)
        #expect(group.health(0)?.state == .unhealthy)
        #expect(group.health(0)?.reason == .failedHealthChecks)
        #expect(group.health(0)?.detail == "Health checks failed")
    }

    @Test(.covers("NLB-HC-008", "NLB-HC-009")) func `counts what comes in a row only`() {
        var group = Self.group()
        group.probe([0])
        for _ in 0..<4 {
            group.probe([0], .failed)
            group.probe([0])
        }
        #expect(group.health(0)?.state == .healthy)
        group.probe([0], .failed, times: 2)
        #expect(group.health(0)?.state == .unhealthy)
        group.probe([0], times: 4)
        #expect(group.health(0)?.state == .unhealthy)
        group.probe([0])
        #expect(group.health(0)?.state == .healthy)
    }

    @Test(.covers("NLB-FO-004", "NLB-ST-004", "NLB-ST-001"))
    func `lets unhealthy targets drain before they are unhealthy`() {
        var group = Self.group {
            $0.attributes.unhealthyConnectionTerminationEnabled = false
            $0.attributes.unhealthyDrainingSeconds = 100
        }
        group.probe([0, 1])
        group.probe([0], .failed, times: 2, now: 50)
        #expect(group.health(0)?.state == .unhealthyDraining)
        #expect(group.health(0)?.reason == .failedHealthChecks)
        #expect(Self.targets(group) == ["t1"])
        group.probe([0], .timedOut, now: 60)
        #expect(group.health(0)?.state == .unhealthyDraining)
        #expect(group.state.endUnhealthyDraining(now: 149) == [])
        let changes = group.state.endUnhealthyDraining(now: 150)
        #expect(changes.map(\.to.state) == [.unhealthy])
        #expect(group.health(0)?.state == .unhealthy)
    }

    @Test(.covers("NLB-FO-004"))
    func `takes a draining target back when it passes, and drains it otherwise when it leaves`() {
        var group = Self.group {
            $0.attributes.unhealthyConnectionTerminationEnabled = false
            $0.attributes.unhealthyDrainingSeconds = 100
        }
        group.probe([0, 1, 2])
        group.probe([0, 1], .failed, times: 2)
        group.probe([0], times: 5)
        #expect(group.health(0)?.state == .healthy)
        #expect(group.state.endUnhealthyDraining(now: 200).count == 1)
        group.probe([1], times: 5)
        group.probe([1], .failed, times: 2, now: 300)
        group.reconcile { $0.targets.remove(at: 1) }
        #expect(group.health(1)?.state == .draining)
        #expect(group.health(1)?.reason == .deregistrationInProgress)
    }

    @Test(.covers("NLB-HC-016")) func `takes a target out whose connections fail, until it passes again`() throws {
        var group = Self.group()
        group.probe([0, 1])
        let handle = try #require(group.handle(0))
        for _ in 0..<2 { #expect(group.state.connectionFailed(handle, now: 0) == nil) }
        group.state.connectionStands(handle)
        for _ in 0..<2 { #expect(group.state.connectionFailed(handle, now: 0) == nil) }
        #expect(group.state.connectionFailed(handle, now: 0)?.to.state == .unhealthy)
        #expect(Self.targets(group) == ["t1"])
        group.probe([0], times: 5)
        #expect(Self.targets(group) == ["t0", "t1"])
    }

    @Test(.covers("NLB-SK-005")) func `does not look at connections when it is sticky`() throws {
        var group = Self.group { $0.attributes.stickiness.isEnabled = true }
        group.probe([0, 1])
        let handle = try #require(group.handle(0))
        for _ in 0..<10 { #expect(group.state.connectionFailed(handle, now: 0) == nil) }
        #expect(group.health(0)?.state == .healthy)
    }

    @Test(.covers("NLB-SK-003")) func `binds an address anew when its target is out, and all of it to one target`() {
        var group = Self.group { $0.attributes.stickiness.isEnabled = true }
        group.probe([0, 1, 2])
        let before = Self.targets(group)
        #expect(before.count == 1)
        let index = ["t0", "t1", "t2"].firstIndex { before.contains($0) } ?? 0
        group.probe([index], .failed, times: 2)
        let after = Self.targets(group)
        #expect(after.count == 1 && after != before)
    }

    @Test(.covers("NLB-ST-002", "NLB-ST-005")) func `says where a target is on its way, and why it is not used`() throws
    {
        var group = Self.group([.a, .c])
        #expect(group.health(0)?.state == .initial)
        #expect(group.health(0)?.reason == .registrationInProgress)
        group.state.probeStarted(try #require(group.handle(0)))
        #expect(group.health(0)?.reason == .initialHealthChecking)
        #expect(group.health(1)?.state == .unused)
        #expect(group.health(1)?.reason == .notInUse)
        group.probe([0])
        #expect(group.health(0)?.state == .healthy)
    }

    @Test(.covers("NLB-DR-001", "NLB-DR-002", "NLB-DR-005", "NLB-ST-006"))
    func `drains what is deregistered, and takes it back`() {
        var group = Self.group()
        group.probe([0, 1])
        group.reconcile { $0.targets.remove(at: 0) }
        #expect(group.health(0)?.state == .draining)
        #expect(Self.targets(group) == ["t1"])
        #expect(group.state.nextDeadline == 300)
        group.reconcile { $0.targets.insert(SampleGroup.target(0, .a), at: 0) }
        #expect(group.health(0)?.state == .draining)
        #expect(group.state.deadlinePassed(now: 300).count == 1)
        #expect(group.health(0)?.state == .initial)
    }
}

@Suite struct `What a Network Load Balancer's name stands for` {
    private static let one = TargetGroupID(rawValue: "one")
    private static let two = TargetGroupID(rawValue: "two")

    private static func published(
        _ a: [TargetGroupID: ZonePublication.GroupHealth],
        _ b: [TargetGroupID: ZonePublication.GroupHealth]
    ) -> Set<AvailabilityZone> {
        ZonePublication([.a: a, .b: b], of: .network).published
    }

    @Test(.covers("NLB-FO-011")) func `is no zone in which one group is unhealthy`() {
        #expect(
            Self.published([Self.one: .healthy, Self.two: .unhealthy], [Self.one: .healthy, Self.two: .healthy]) == [.b]
        )
    }

    @Test(.covers("NLB-FO-017", "NLB-AZ-008")) func `is a zone again once it has recovered`() {
        #expect(Self.published([Self.one: .unhealthy], [Self.one: .healthy]) == [.b])
        #expect(Self.published([Self.one: .healthy], [Self.one: .healthy]) == [.a, .b])
        // For so long a resolver may keep what it was told before.
        #expect(NameTable.timeToLive == 60)
    }

    @Test(.covers("NLB-FO-012")) func `is every zone when none is healthy`() {
        #expect(Self.published([Self.one: .unhealthy], [Self.one: .unhealthy]) == [.a, .b])
    }

    @Test(.covers("NLB-FO-013")) func `is every zone for an empty group, and not one whose targets are elsewhere`() {
        #expect(Self.published([Self.one: .empty], [Self.one: .empty]) == [.a, .b])
        #expect(
            Self.published([Self.one: .healthy, Self.two: .empty], [Self.one: .healthy, Self.two: .empty]) == [.a, .b]
        )
        #expect(Self.published([Self.one: .empty], [Self.one: .healthy]) == [.b])
    }

    /// The page's example: ten targets in each zone, six of B's fail, both thresholds at half.
    @Test(.covers("NLB-FO-010", "NLB-FO-007")) func `counts by zone, or over all of them`() {
        func health(
            _ node: AvailabilityZone,
            _ crossZone: TargetGroupAttributes.CrossZone
        ) -> ZonePublication.GroupHealth {
            var group = SampleGroup(Array(repeating: .a, count: 10) + Array(repeating: .b, count: 10), node: node) {
                $0.protocol = .tcp
                $0.attributes.crossZone = crossZone
                $0.attributes.routingMinimumHealthyPercentage = 50
                $0.attributes.dnsMinimumHealthyPercentage = 50
            }
            group.probe(0..<20)
            group.probe(14..<20, .failed, times: 2)
            #expect(group.state.isFailingOpen == (node == .b && crossZone == .off))
            return group.state.publicationHealth
        }
        for (crossZone, expected) in [(TargetGroupAttributes.CrossZone.off, [AvailabilityZone.a]), (.on, [.a, .b])] {
            let seen = Self.published([Self.one: health(.a, crossZone)], [Self.one: health(.b, crossZone)])
            #expect(seen == Set(expected))
        }
    }
}
