import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Weighted random` {
    private static func group(mitigates: Bool = false, targets count: Int = 4) -> SampleGroup {
        var group = SampleGroup(Array(repeating: .a, count: count)) {
            $0.attributes.algorithm = .weightedRandom
            $0.attributes.anomalyMitigation = mitigates
        }
        group.probe(0..<count)
        return group
    }

    /// Sends requests through the group; those to the numbered targets fail.
    private static func send(_ count: Int, through group: inout SampleGroup, failing: Set<Int>) -> [Int] {
        var counts = Array(repeating: 0, count: 16)
        for _ in 0..<count {
            guard let selected = group.select(), case .v4(let address) = selected.endpoint.address else { continue }
            let number = Int(address.rawValue - 0x7f0a_0140)
            counts[number] += 1
            group.state.requestStarted(selected.handle)
            group.state.requestFinished(selected.handle, failing.contains(number) ? .failed : .succeeded)
        }
        return counts
    }

    @Test(.covers("ALB-ALG-008")) func `spreads evenly and in no order`() {
        var group = Self.group()
        let numbers = group.next(4000)
        // 1000 each; five standard deviations are 137.
        for number in 0..<4 { #expect(abs(numbers.count { $0 == number } - 1000) < 137) }
        // A repeat of the last target happens in a quarter of the draws, never in turns.
        let repeats = zip(numbers, numbers.dropFirst()).count { $0 == $1 }
        #expect(abs(repeats - 1000) < 137)
    }

    @Test func `draws in proportion to weights`() {
        let lottery = WeightedLottery([1, 0, 3, 0])
        var generator = SplitMix64(seed: 1)
        let draws = (0..<4000).compactMap { _ in lottery.draw(using: &generator) }
        #expect(Set(draws) == [0, 2])
        #expect(abs(draws.count { $0 == 0 } - 1000) < 137)
        #expect(WeightedLottery([0, 0]).draw(using: &generator) == nil)
        #expect(WeightedLottery([]).draw(using: &generator) == nil)
    }

    @Test(.covers("ALB-ALG-011", "ALB-ALG-012", "ALB-ALG-015"))
    func `notices who fails more than its peers, and changes nobody's health`() throws {
        var group = Self.group()
        _ = Self.send(400, through: &group, failing: [2])
        #expect(group.state.anomalousCount == 0)
        group.state.compareTargets(now: 5)
        #expect(group.state.targetHealth.map(\.anomalies.result) == [.normal, .normal, .anomalous, .normal])
        #expect(group.state.targetHealth.allSatisfy { $0.health == .healthy })
        #expect(group.state.anomalousCount == 1)
        // Mitigation is off: nothing follows.
        #expect(group.state.mitigatedCount == 0)
        #expect(Self.send(400, through: &group, failing: [])[2] > 60)
    }

    @Test(.covers("ALB-ALG-011")) func `compares from three healthy targets on`() {
        var pair = Self.group(targets: 2)
        _ = Self.send(400, through: &pair, failing: [1])
        pair.state.compareTargets(now: 5)
        #expect(pair.state.anomalousCount == 0)
        var trio = Self.group(targets: 3)
        trio.probe([0], .failed, times: 2)
        _ = Self.send(400, through: &trio, failing: [1])
        trio.state.compareTargets(now: 5)
        #expect(trio.state.anomalousCount == 0)
    }

    @Test(.covers("ALB-ALG-011"), arguments: [[], [0, 1, 2, 3]] as [Set<Int>])
    func `finds nothing where all are alike`(failing: Set<Int>) {
        var group = Self.group()
        _ = Self.send(400, through: &group, failing: failing)
        group.state.compareTargets(now: 5)
        #expect(group.state.anomalousCount == 0)
    }

    @Test func `is not alarmed by a few failures`() {
        var group = Self.group()
        for round in 1...20 {
            _ = Self.send(97, through: &group, failing: [])
            _ = Self.send(1, through: &group, failing: [0, 1, 2, 3])
            group.state.compareTargets(now: UInt64(round) * 5)
            #expect(group.state.anomalousCount == 0)
        }
    }

    @Test(.covers("ALB-ALG-014", "ALB-ALG-015"))
    func `cuts a failing target to the minimum and gives back in steps`() {
        var group = Self.group(mitigates: true)
        _ = Self.send(400, through: &group, failing: [2])
        group.state.compareTargets(now: 5)
        #expect(group.state.mitigatedCount == 1)
        #expect(group.state.targetHealth[2].anomalies.isMitigationInEffect)
        // 5 of 305 parts: 16 of 1000, five deviations are 20.
        #expect(Self.send(1000, through: &group, failing: [2])[2] < 37)
        group.state.compareTargets(now: 10)
        // It answers again. Old failures fade, then its weight comes back by fifths, never at once.
        var shares: [Int] = []
        for round in 3...24 {
            shares.append(Self.send(1000, through: &group, failing: [])[2])
            group.state.compareTargets(now: UInt64(round) * 5)
        }
        #expect(group.state.anomalousCount == 0)
        #expect(group.state.mitigatedCount == 0)
        #expect(shares.contains { (60...200).contains($0) })
        #expect(Self.send(1000, through: &group, failing: [])[2] > 180)
    }

    @Test(.covers("ALB-ALG-014")) func `adjusts every five seconds, not more often`() {
        var group = Self.group(mitigates: true)
        group.state.compareTargets(now: 5)
        _ = Self.send(400, through: &group, failing: [2])
        group.state.compareTargets(now: 9)
        #expect(group.state.mitigatedCount == 0)
        group.state.compareTargets(now: 10)
        #expect(group.state.mitigatedCount == 1)
    }

    @Test(.covers("ALB-ALG-014")) func `gives everything back when mitigation is switched off`() {
        var group = Self.group(mitigates: true)
        _ = Self.send(400, through: &group, failing: [2])
        group.state.compareTargets(now: 5)
        group.reconcile { $0.attributes.anomalyMitigation = false }
        group.state.compareTargets(now: 10)
        #expect(group.state.mitigatedCount == 0)
    }

    @Test(.covers("ALB-ALG-011")) func `counts 5xx and lost connections, nothing else`() {
        #expect(RequestOutcome(targetStatus: 500) == .failed)
        #expect(RequestOutcome(targetStatus: 499) == .succeeded)
        #expect(RequestOutcome(targetStatus: 0) == .unknown)
        #expect(Exchange.TargetFailure.refused.outcome == .failed)
        #expect(Exchange.TargetFailure.connectTimeout.outcome == .failed)
        #expect(Exchange.TargetFailure.deregistered.outcome == .unknown)
    }
}
