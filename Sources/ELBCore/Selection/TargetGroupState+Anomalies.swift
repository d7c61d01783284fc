import ELBModel

// Automatic target weights: who stands out by failures, and who gets less because of it.
extension TargetGroupState {
    /// Compares targets when the time has come; to be called at least once per AWS second. Weights change only if
    /// mitigation is on.
    package mutating func compareTargets(now: UInt64) {
        guard now >= self.nextComparison, self.group.targetType != .lambda else { return }
        self.nextComparison = now + AnomalyDetector.interval * self.context.secondLength
        var compared: [Int] = []
        for index in self.order {
            guard self.slots[index]?.isActive == true else { continue }
            self.slots[index]?.outcomes.age()
            if self.isUsable(index) {
                compared.append(index)
            } else {
                // What is out of service is its health's business.
                self.slots[index]?.isAnomalous = false
            }
        }
        let tallies = compared.compactMap { index in self.slots[index].map { ($0.outcomes, $0.isAnomalous) } }
        var isChanged = false
        let mitigates = self.group.attributes.anomalyMitigation && self.group.attributes.algorithm == .weightedRandom
        for (index, isAnomalous) in zip(compared, AnomalyDetector.anomalies(tallies)) {
            self.slots[index]?.isAnomalous = isAnomalous
            guard var weight = self.slots[index]?.weight else { continue }
            if mitigates { weight.adjust(isAnomalous: isAnomalous) } else { weight.restore() }
            if weight != self.slots[index]?.weight { isChanged = true }
            self.slots[index]?.weight = weight
        }
        if isChanged { self.remakeEligible() }
    }

    private func isUsable(_ index: Int) -> Bool {
        guard let slot = self.slots[index] else { return false }
        return slot.monitor.isHealthy == true && self.isAvailable(slot.target)
    }

    /// Targets whose failures stand out, for AnomalousHostCount (ALB-ALG-015).
    package var anomalousCount: Int {
        self.order.count { self.slots[$0]?.isAnomalous == true }
    }

    /// Targets that get less because of it, for MitigatedHostCount.
    package var mitigatedCount: Int {
        self.order.count { self.slots[$0]?.weight.isMitigated == true }
    }

    func anomalyDetection(of slot: Slot) -> AnomalyDetection {
        AnomalyDetection(
            result: slot.isAnomalous ? .anomalous : .normal,
            isMitigationInEffect: slot.weight.isMitigated
        )
    }
}
