import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Slow start` {
    private static func group(_ count: Int) -> SampleGroup {
        SampleGroup(Array(repeating: .a, count: count)) { $0.attributes.slowStartSeconds = 100 }
    }

    @Test(.covers("ALB-SLOW-002")) func `gives a share that grows in a straight line`() {
        var group = Self.group(1)
        group.probe([0])
        group.reconcile { $0.targets.append(SampleGroup.target(1, .a)) }
        group.probe([1], now: 1000)
        // Ten turns of the newcomer's at each tenth of the period; it takes as many as its share says.
        var taken: [Int] = []
        for tenth in 1...10 {
            let now = 1000 + UInt64(tenth) * 10
            let numbers = group.next(30, now: now)
            taken.append(numbers.count { $0 == 1 } * 100 / max(1, numbers.count { $0 == 0 }))
        }
        for (index, percent) in taken.enumerated() {
            let expected = (index + 1) * 10
            #expect(abs(percent - expected) <= 10, "share \(percent) of the neighbour's at \(expected) % of the period")
        }
        #expect(taken.first! < 20 && taken.last! > 80)
    }

    @Test(.covers("ALB-SLOW-003")) func `ends with the period`() {
        var group = Self.group(1)
        group.probe([0])
        group.reconcile { $0.targets.append(SampleGroup.target(1, .a)) }
        group.probe([1], now: 1000)
        #expect(!group.next(4, now: 1000).contains(1))
        #expect(Array(group.next(6, now: 1100).suffix(4)).count { $0 == 1 } == 2)
    }

    @Test(.covers("ALB-SLOW-003", "ALB-SLOW-004")) func `begins again after a target was ill`() {
        var group = Self.group(2)
        group.probe(0..<2)
        #expect(Set(group.next(2)) == [0, 1])
        group.probe([1], .failed, times: 2, now: 10)
        #expect(group.next(2, now: 10) == [0, 0])
        group.probe([1], times: 5, now: 20)
        // Half of the period is not over, so half of its turns have not come.
        let early = group.next(40, now: 40).count { $0 == 1 }
        #expect((5...12).contains(early))
        group.probe([1], .failed, times: 2, now: 50)
        group.probe([1], times: 5, now: 60)
        #expect(!group.next(4, now: 60).contains(1))
    }

    @Test(.covers("ALB-SLOW-003", "ALB-SLOW-004")) func `begins again after a target was registered again`() throws {
        var group = Self.group(2)
        group.probe(0..<2)
        group.reconcile(now: 10) { $0.targets.removeLast() }
        #expect(group.next(2, now: 10) == [0, 0])
        _ = group.state.deadlinePassed(now: 400)
        group.reconcile(now: 400) { $0.targets.append(SampleGroup.target(1, .a)) }
        group.probe([1], now: 401)
        #expect(!group.next(4, now: 401).contains(1))
    }

    @Test(.covers("ALB-SLOW-005")) func `leaves alone who is healthy already`() {
        var group = SampleGroup([.a, .a])
        group.probe(0..<2)
        group.reconcile { $0.attributes.slowStartSeconds = 100 }
        #expect(group.next(4) == [0, 1, 0, 1])
    }

    @Test(.covers("ALB-SLOW-006")) func `leaves alone who was registered into an empty group`() {
        var group = SampleGroup([]) { $0.attributes.slowStartSeconds = 100 }
        group.reconcile { $0.targets = (0..<3).map { SampleGroup.target($0, .a) } }
        for number in 0..<3 { group.probe([number], now: UInt64(number)) }
        #expect(group.next(6, now: 3) == [0, 1, 2, 0, 1, 2])
    }

    @Test(.covers("ALB-SLOW-006")) func `needs a healthy target that does not warm up itself`() {
        var group = Self.group(2)
        group.probe(0..<2)
        group.probe(0..<2, .failed, times: 2)
        // The first to come back carries the load at once, the second is spared.
        group.probe([0], times: 5, now: 10)
        group.probe([1], times: 5, now: 10)
        #expect(group.next(4, now: 10) == [0, 0, 0, 0])
    }

    @Test(.covers("ALB-SLOW-003")) func `ends when it is switched off`() {
        var group = Self.group(1)
        group.probe([0])
        group.reconcile { $0.targets.append(SampleGroup.target(1, .a)) }
        group.probe([1], now: 1000)
        group.reconcile(now: 1000) { $0.attributes.slowStartSeconds = 0 }
        #expect(Set(group.next(2, now: 1000)) == [0, 1])
    }

    @Test func `is equal for all when all warm up`() {
        var group = Self.group(2)
        group.probe(0..<2)
        group.reconcile { $0.targets.append(SampleGroup.target(2, .a)) }
        group.probe([2], now: 10)
        group.probe(0..<2, .failed, times: 2, now: 10)
        #expect(group.next(3, now: 10) == [2, 2, 2])
    }
}
