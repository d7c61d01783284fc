import ELBModel

extension TargetGroupState {
    /// What is so of the group now, for the metrics.
    package var gauges: TargetGroupGauges {
        var gauges = TargetGroupGauges()
        for (_, health, _) in self.targetHealth {
            switch health.state {
            case .healthy: gauges.healthyHostCount += 1
            case .unhealthy, .unhealthyDraining: gauges.unHealthyHostCount += 1
            case .initial: break
            // Neither takes part (ALB-HC-036).
            case .draining, .unused, .unavailable: continue
            }
            gauges.registeredHostCount += 1
        }
        gauges.activeZonalShiftHostCount = self.shiftedCount
        gauges.anomalousHostCount = self.anomalousCount
        gauges.mitigatedHostCount = self.mitigatedCount
        // A group without targets is in neither state.
        guard gauges.registeredHostCount > 0 else { return gauges }
        gauges.healthyStateRouting = self.thresholds.isRoutingHealthy ? 1 : 0
        gauges.unhealthyStateRouting = 1 - gauges.healthyStateRouting
        gauges.healthyStateDNS = self.thresholds.isDNSHealthy ? 1 : 0
        gauges.unhealthyStateDNS = 1 - gauges.healthyStateDNS
        // An Application Load Balancer is no host (NLB-AL-007).
        guard self.group.targetType != .alb else {
            (gauges.healthyHostCount, gauges.unHealthyHostCount, gauges.registeredHostCount) = (0, 0, 0)
            return gauges
        }
        return gauges
    }

    /// Targets that a zonal shift keeps requests from (ALB-ZS-012).
    private var shiftedCount: Int {
        guard self.context.shiftedZone != nil else { return 0 }
        return self.order.count { index in
            self.slots[index].map { $0.isActive && self.isShiftedAway($0.target) } ?? false
        }
    }
}
