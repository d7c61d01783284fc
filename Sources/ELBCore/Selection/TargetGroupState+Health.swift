package import ELBModel

/// A change of a target's state that is worth telling.
package struct TargetHealthChange: Hashable, Sendable {
    package var target: Target.Key
    package var from: TargetHealth.State
    package var to: TargetHealth
}

/// What a node has to probe: an address, and where results belong.
package struct ProbeAssignment: Hashable, Sendable {
    package var group: TargetGroupID
    package var target: Target.Key
    /// Distinguishes a target from an earlier one with the same id and port.
    package var handle: TargetHandle
    package var endpoint: Endpoint
    package var settings: HealthCheckSettings
    /// What the target is, and with it how it is asked; a function is invoked.
    package var targetType: TargetGroup.TargetType
    /// What the target is spoken to in (ALB-HC-019).
    package var protocolVersion: TargetGroup.ProtocolVersion
    /// `lambda.multi_value_headers.enabled`, for functions.
    package var isMultiValue: Bool
    /// For an instance of a Classic Load Balancer, what it is asked in.
    package var classic: ClassicListener.Proto?
    /// What HTTP names as host; `nil` names the target.
    package var host: String?
    /// Whether a header of PROXY protocol goes before everything (NLB-PP-010).
    package var hasProxyHeader: Bool
}

extension TargetGroupState {
    /// The probes that should be running. Targets that are unused or leaving are not probed; neither is a group that
    /// nothing refers to (ALB-TG-017).
    package var probeAssignments: [ProbeAssignment] {
        guard self.context.isReferenced, self.isProbed else { return [] }
        var classic: ClassicListener.Proto?
        switch self.context.classic {
        case .instances(let proto): classic = proto
        case .follower: return []
        case nil: break
        }
        let speaksHTTP1 = self.context.quirks.contains(.healthProtocolVersionIgnored)
        return self.order.compactMap { index in
            guard let slot = self.slots[index], slot.phase == .active, self.isInEnabledZone(slot.target) else {
                return nil
            }
            // A node of a Classic Load Balancer looks at none that it does not use.
            if classic != nil, !self.isAvailable(slot.target) { return nil }
            if slot.monitor.isHealthy == false, self.context.quirks.contains(.healthStopsProbingUnhealthy) {
                return nil
            }
            let check = self.group.healthCheck
            var endpoint = slot.target.endpoint
            if case .fixed(let port) = check.port, self.group.targetType != .lambda { endpoint.port = port }
            return ProbeAssignment(
                group: self.group.id,
                target: slot.target.key,
                handle: TargetHandle(slot: UInt32(truncatingIfNeeded: index), generation: slot.generation),
                endpoint: endpoint,
                settings: check,
                targetType: self.group.targetType,
                protocolVersion: speaksHTTP1 ? .http1 : self.group.protocolVersion,
                isMultiValue: self.group.attributes.lambdaMultiValueHeadersEnabled,
                classic: classic,
                host: self.context.checkedHost,
                hasProxyHeader: self.group.attributes.proxyProtocolV2Enabled
                    && !self.context.quirks.contains(.proxyProtocolMissing)
            )
        }
    }

    /// The first probe of a target is on its way: registration is complete (ALB-TG-014).
    package mutating func probeStarted(_ handle: TargetHandle) {
        guard let index = self.activeIndex(of: handle), self.slots[index]?.monitor.isHealthy == nil else { return }
        self.slots[index]?.health = TargetHealth(.initial, .initialHealthChecking)
    }

    /// Takes in a probe's result. Results for targets that have left meanwhile are ignored.
    ///
    /// - Returns: The change of state, if there is one.
    package mutating func probeFinished(
        _ handle: TargetHandle,
        _ result: ProbeResult,
        now: UInt64
    ) -> TargetHealthChange? {
        guard let index = self.activeIndex(of: handle), var slot = self.slots[index] else { return nil }
        let before = slot.health.state
        let isFirst = slot.monitor.isHealthy == nil
        let directive: HealthMonitor.Directive
        switch result {
        case .passed:
            directive = slot.monitor.probePassed()
        case .timedOut where self.context.quirks.contains(.healthTimeoutNotCounted):
            directive = .none
        case .failed where self.context.quirks.contains(.healthConnectFailureNotCounted):
            directive = .none
        case .mismatch, .timedOut, .failed:
            directive = slot.monitor.probeFailed()
        }
        if slot.monitor.isHealthy == true {
            slot.health = .healthy
            slot.unhealthyDrainingEnd = nil
            slot.failedConnections = 0
        } else if slot.monitor.isHealthy == false, let health = self.health(after: result, of: slot) {
            // The reason shown is the latest failure's.
            slot.health = health
        }
        switch directive {
        case .none: break
        case .announce(healthy: true):
            slot.slowStart = self.warmUp(isFirst: isFirst, of: slot, except: index, now: now)
        case .announce(healthy: false):
            // ALB-SLOW-003.
            slot.slowStart = nil
            self.beginUnhealthyDraining(&slot, now: now)
        }
        self.slots[index] = slot
        guard directive != .none else { return nil }
        self.remakeEligible()
        return TargetHealthChange(target: slot.target.key, from: before, to: slot.health)
    }

    /// The warm-up of a target that has just become healthy. There is none while nobody else can carry the load: it takes
    /// a healthy target that does not warm up itself (ALB-SLOW-006).
    private func warmUp(isFirst: Bool, of slot: Slot, except index: Int, now: UInt64) -> SlowStart? {
        let seconds = self.group.attributes.slowStartSeconds
        guard seconds > 0, self.group.attributes.algorithm == .roundRobin, !isFirst || slot.warmsUpAtFirst else {
            return nil
        }
        let hasSteadyTarget = self.order.contains { other in
            guard other != index, let slot = self.slots[other] else { return false }
            return slot.isActive && slot.monitor.isHealthy == true && slot.slowStart?.isOver(now: now) != false
        }
        guard hasSteadyTarget else { return nil }
        return SlowStart(began: now, duration: UInt64(clamping: seconds) * self.context.secondLength)
    }

    /// What DescribeTargetHealth shows, in order of registration; targets that drain are listed until their delay is
    /// over (ALB-DRG-005).
    package var targetHealth: [(target: Target, health: TargetHealth, anomalies: AnomalyDetection)] {
        self.order.compactMap { index in
            guard let slot = self.slots[index] else { return nil }
            let anomalies = self.anomalyDetection(of: slot)
            switch slot.phase {
            case .expired: return nil
            case .draining: return (slot.target, TargetHealth(.draining, .deregistrationInProgress), anomalies)
            case .active: return (slot.target, self.shownHealth(of: slot), anomalies)
            }
        }
    }

    /// Targets that count as healthy, for HealthyHostCount.
    package var healthyCount: Int {
        self.targetHealth.count { $0.health.state == .healthy }
    }

    /// Targets that count as unhealthy; draining ones do not (ALB-HC-036).
    package var unhealthyCount: Int {
        self.targetHealth.count { $0.health.state == .unhealthy }
    }

    /// Whether the group's targets are asked at all.
    private var isProbed: Bool {
        self.group.healthCheck.isEnabled || self.context.quirks.contains(.lambdaAlwaysProbed)
    }

    private func shownHealth(of slot: Slot) -> TargetHealth {
        guard self.context.isReferenced else { return TargetHealth(.unused, .notInUse) }
        // Nobody asks, so nobody knows (ALB-HC-031, ALB-LMB-027).
        guard self.group.healthCheck.isEnabled else { return TargetHealth(.unavailable, .healthCheckDisabled) }
        return self.isInEnabledZone(slot.target) ? slot.health : .zoneNotEnabled
    }

    private func isInEnabledZone(_ target: Target) -> Bool {
        self.zone(of: target).map { self.context.enabledZones.contains($0) } ?? true
    }

    func activeIndex(of handle: TargetHandle) -> Int? {
        let index = Int(handle.slot)
        guard self.slots.indices.contains(index), let slot = self.slots[index], slot.generation == handle.generation,
            slot.phase == .active
        else { return nil }
        return index
    }
}
