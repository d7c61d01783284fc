import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Target selection` {
    @Test(.covers("ALB-ALG-003")) func `goes round evenly, in order of registration`() {
        var group = SampleGroup([.a, .b, .a])
        group.probe(0..<3)
        #expect(group.next(7) == [0, 1, 2, 0, 1, 2, 0])
    }

    @Test(.covers("ALB-ALG-003")) func `skips and doubles nobody when targets come and go`() {
        var group = SampleGroup([.a, .a, .a, .a])
        group.probe(0..<4)
        #expect(group.next(2) == [0, 1])
        group.probe([0], .failed, times: 2)
        #expect(group.next(4) == [2, 3, 1, 2])
        group.probe([0], times: 5)
        #expect(group.next(4) == [3, 0, 1, 2])
        group.reconcile { $0.targets.remove(at: 3) }
        #expect(group.next(4) == [0, 1, 2, 0])
        group.reconcile { $0.targets.append(SampleGroup.target(9, .a)) }
        group.probe([9])
        #expect(group.next(4) == [1, 2, 9, 0])
    }

    @Test(.covers("ALB-ALG-005")) func `prefers the target with the fewest requests, equals in turn`() throws {
        var group = SampleGroup([.a, .a, .a]) { $0.attributes.algorithm = .leastOutstandingRequests }
        group.probe(0..<3)
        #expect(group.next(4) == [0, 1, 2, 0])
        let busy = try #require(group.handle(1))
        group.state.requestStarted(busy)
        #expect(group.next(4) == [2, 0, 2, 0])
        group.state.requestFinished(busy)
        group.state.requestStarted(try #require(group.handle(0)))
        group.state.requestStarted(try #require(group.handle(2)))
        #expect(group.next(3) == [1, 1, 1])
    }

    @Test(.covers("ALB-ERR-035")) func `has none to give where none is registered or in use`() {
        var empty = SampleGroup([])
        #expect(empty.select() == nil)
        var unreferenced = SampleGroup([.a], isReferenced: false)
        #expect(unreferenced.select() == nil)
        #expect(unreferenced.state.probeAssignments.isEmpty)
        var elsewhere = SampleGroup([.c])
        #expect(elsewhere.select() == nil)
    }

    @Test(.covers("ALB-XZ-003", "ALB-XZ-004", "ALB-XZ-005", "ALB-XZ-008"))
    func `keeps to its zone with cross-zone off`() {
        let off = { (group: inout TargetGroup) in group.attributes.crossZone = .off }
        var group = SampleGroup([.a, .b, .a], off)
        group.probe(0..<3)
        #expect(group.next(4) == [0, 2, 0, 2])
        // One of three is still up, but none of this zone's: it fails open by itself.
        group.probe([0, 2], .failed, times: 2)
        #expect(group.next(4) == [2, 0, 2, 0])
        var lonely = SampleGroup([.b], off)
        lonely.probe([0])
        #expect(lonely.select() == nil)
        var far = SampleGroup([.a, .b], node: .b, off)
        far.probe(0..<2)
        #expect(far.next(2) == [1, 1])
    }

    @Test(.covers("ALB-TGH-001", "ALB-TGH-008", "ALB-TGH-009", "ALB-TGH-010", "ALB-ERR-038"))
    func `fails open when nobody is healthy`() {
        var group = SampleGroup([.a, .a])
        #expect(group.next(2) == [0, 1])
        #expect(group.select()?.isFailOpen == true)
        group.probe([1])
        #expect(group.next(2) == [1, 1])
        #expect(group.select()?.isFailOpen == false)
        group.probe(0..<2, .failed, times: 2)
        #expect(Set(group.next(2)) == [0, 1])
        group.probe([0], times: 5)
        #expect(group.next(2) == [0, 0])
    }

    @Test(
        .covers("ALB-TGH-003", "ALB-TGH-005", "ALB-TGH-007"),
        arguments: [
            (1, nil, 1, false), (2, nil, 1, true), (2, nil, 2, false), (1, 50, 1, true), (1, 50, 2, false),
            (1, 51, 2, true), (1, 100, 3, true), (1, 100, 4, false), (3, 25, 2, true), (1, 1, 1, false),
        ] as [(Int, Int?, Int, Bool)]
    )
    func `compares four targets with count and percentage`(
        count: Int,
        percentage: Int?,
        healthy: Int,
        failsOpen: Bool
    ) {
        var group = SampleGroup([.a, .a, .b, .b]) {
            $0.attributes.routingMinimumHealthyCount = count
            $0.attributes.routingMinimumHealthyPercentage = percentage
        }
        group.probe(0..<healthy)
        #expect(group.state.isFailingOpen == failsOpen)
        #expect(Set(group.next(4)).count == (failsOpen ? 4 : healthy))
    }

    @Test func `deviates as the quirks say`() {
        var never = SampleGroup([.a, .a], quirks: [.healthFailOpenNever])
        #expect(never.select() == nil)
        var first = SampleGroup([.a, .a], quirks: [.roundRobinAlwaysFirst])
        first.probe(0..<2)
        #expect(first.next(3) == [0, 0, 0])
        var random = SampleGroup([.a, .a, .a], quirks: [.roundRobinRandom])
        random.probe(0..<3)
        let drawn = random.next(300)
        #expect(drawn != (0..<300).map { $0 % 3 })
        #expect(Set(drawn) == [0, 1, 2])
    }

    @Test(.covers("ALB-TG-022")) func `serves a thousand targets and forgets them`() {
        var group = SampleGroup([])
        group.reconcile { $0.targets = (0..<1000).map { SampleGroup.target($0, .a) } }
        group.probe(0..<1000)
        #expect(group.state.healthyCount == 1000)
        #expect(group.next(1000) == Array(0..<1000))
        group.reconcile { $0.targets = [] }
        #expect(group.state.deadlinePassed(now: 301).count == 1000)
        #expect(group.state.targetHealth.isEmpty)
    }
}
