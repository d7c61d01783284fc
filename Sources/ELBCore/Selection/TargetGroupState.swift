package import ELBModel

/// What one node knows of one target group: the health of each target, the requests under way, whose turn it is.
/// Nodes share none of this (ALB-HC-001, ALB-ALG-004), so a value belongs to one event loop and needs no lock.
///
/// Theory of operation. Targets live in *slots*, whose numbers stay the same for as long as the target is known; a
/// freed slot is used again with a new generation, so an outdated handle is recognised and ignored. `order` lists the
/// slots in order of registration. `eligible`, the part of `order` that may be chosen, is remade when something
/// changes (health, membership, configuration), never per request; a choice is then one index away. When it is remade,
/// the turn stays with the target whose turn it was, or goes to the next one in order, so that a target that comes or
/// goes neither skips nor doubles another one's turn.
///
/// Requests are in `TargetGroupState+Requests.swift`, membership, health and eligibility in files of their own; what costs
/// something and is off by default (slow start, weights, stickiness) is one test of one flag when it is off.
///
/// Time is an argument: nanoseconds of any monotonic clock, the same for all calls.
package struct TargetGroupState: Sendable {
    /// Where this group is looked at from.
    package struct Context: Hashable, Sendable {
        /// The zone of the node.
        package var zone: AvailabilityZone
        /// The zones that have a node.
        package var enabledZones: Set<AvailabilityZone>
        /// The zone that traffic is shifted away from (ALB-ZS-004).
        package var shiftedZone: AvailabilityZone?
        /// Whether an action of the load balancer refers to the group.
        package var isReferenced: Bool
        package var quirks: QuirkSet
        /// How long an AWS second lasts, in nanoseconds.
        package var secondLength: UInt64
        /// Behind a Classic Load Balancer, what the group is there for.
        package var classic: ClassicRole?
        /// What HTTP checks name as host; `nil` names the target (ALB-HC-016, NLB-HC-011).
        package var checkedHost: String?

        package init(
            zone: AvailabilityZone,
            enabledZones: Set<AvailabilityZone>,
            shiftedZone: AvailabilityZone? = nil,
            isReferenced: Bool = true,
            quirks: QuirkSet = QuirkSet(),
            secondLength: UInt64 = 1_000_000_000,
            classic: ClassicRole? = nil,
            checkedHost: String? = nil
        ) {
            self.checkedHost = checkedHost
            self.zone = zone
            self.enabledZones = enabledZones
            self.shiftedZone = shiftedZone
            self.isReferenced = isReferenced
            self.quirks = quirks
            self.secondLength = secondLength
            self.classic = classic
        }
    }

    struct Slot: Sendable {
        enum Phase: Hashable, Sendable {
            case active
            /// Deregistered; gets nothing new, may finish until the deadline. `successor` waits to be registered again
            /// under the same id and port (ALB-TG-021).
            case draining(deadline: UInt64, successor: Target?)
            /// The delay is over, but a request has not been reported finished yet.
            case expired
        }

        var target: Target
        var generation: UInt32
        var phase: Phase = .active
        var monitor: HealthMonitor
        /// What the monitor's verdict or its absence looks like.
        var health: TargetHealth
        var requests = 0
        /// While it warms up.
        var slowStart: SlowStart?
        /// Whether a first pass starts a warm-up: not for targets that were registered into an empty group (ALB-SLOW-006).
        var warmsUpAtFirst = false
        /// How its answers went lately.
        var outcomes = OutcomeTally()
        /// Its failures stand out among its peers' (ALB-ALG-012).
        var isAnomalous = false
        var weight = MitigatedWeight()
        /// When an unhealthy target ceases to drain; `nil` when it does not (NLB-FO-004).
        var unhealthyDrainingEnd: UInt64?
        /// Connections to it in a row that came to nothing (NLB-HC-016).
        var failedConnections = 0
        /// What a stickiness cookie calls it.
        var stickyKey: UInt64

        // Asked and changed in place, once or more per request: compared as a whole or copied out, a slot costs references to
        // every text in its target.

        var isActive: Bool {
            if case .active = self.phase { true } else { false }
        }

        /// True if that was the last thing that held an expired slot.
        mutating func finishRequest() -> Bool {
            guard self.requests > 0 else { return false }
            self.requests -= 1
            if case .expired = self.phase { return self.requests == 0 }
            return false
        }
    }

    package internal(set) var group: TargetGroup
    var context: Context
    var slots: [Slot?] = []
    /// Slots in order of registration, draining ones included.
    var order: [Int] = []
    var eligible: [SelectedTarget] = []
    /// Place in `eligible` of the next turn.
    var turn = 0
    var nextGeneration: UInt32 = 0
    /// Whether requests currently go to all targets because too few are healthy (ALB-TGH-008).
    package internal(set) var isFailingOpen = false
    /// Which thresholds the group keeps, seen from this node (ALB-TGH-019).
    package internal(set) var thresholds = ThresholdStates()
    /// Whether there are targets that this node may use, whatever their health.
    var hasTargets = false
    /// Whether some eligible target warms up, so that a turn may pass it by.
    var isWarmingUp = false
    /// Of the eligible targets, for `weighted_random`; `nil` for the other algorithms.
    var lottery: WeightedLottery?
    /// How clients are bound to targets; `nil` when they are not.
    package internal(set) var stickiness: StickinessPolicy?
    /// Places in `eligible` by what cookies call the targets; empty without stickiness.
    var stickyPlaces: [UInt64: Int] = [:]
    /// When outcomes are to be compared next.
    var nextComparison: UInt64 = 0

    package init(_ group: TargetGroup, context: Context) {
        self.group = group
        self.context = context
        self.stickiness = StickinessPolicy(group, isClassic: context.classic != nil)
        for target in group.targets { self.register(target, intoEmptyGroup: true) }
        self.remakeEligible()
    }
}

/// A target as the data path refers to it while a request is under way. Stays valid until the target is forgotten;
/// afterwards it is ignored.
package struct TargetHandle: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

/// Where a request goes.
package struct SelectedTarget: Hashable, Sendable {
    package var handle: TargetHandle
    package var endpoint: Endpoint
    /// The group has too few healthy targets, so this one may be unhealthy (UnhealthyRoutingRequestCount).
    package var isFailOpen: Bool
}
