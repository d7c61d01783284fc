/// What has been decided about a target whatever its health; the raw value is AWS's `State` (ALB-ZS-007).
///
/// `unknown` is AWS's for when it cannot tell, which does not happen here.
package enum AdministrativeOverride: String, Hashable, Sendable, CaseIterable {
    case none = "no_override"
    /// No node sends it anything new.
    case zonalShiftActive = "zonal_shift_active"
    /// Nodes send to their own zone only, so that the shift is the name server's work alone.
    case zonalShiftDelegatedToDNS = "zonal_shift_delegated_to_dns"

    /// AWS's `Reason`.
    package var reason: String {
        switch self {
        case .none: "AdministrativeOverride.NoOverride"
        case .zonalShiftActive: "AdministrativeOverride.ZonalShiftActive"
        case .zonalShiftDelegatedToDNS: "AdministrativeOverride.ZonalShiftDelegatedToDns"
        }
    }

    /// AWS's `Description`.
    package var detail: String {
        switch self {
        case .none: "No override is currently active on target"
        case .zonalShiftActive: "Zonal shift is active in zone"
        case .zonalShiftDelegatedToDNS: "Zonal shift is active in zone, and cross-zone load balancing is off"
        }
    }

    /// - Parameters:
    ///   - target: where it is; `nil` is everywhere.
    ///   - shifted: the zone that traffic is shifted away from.
    ///   - isCrossZone: whether nodes send to all zones.
    package init(target: AvailabilityZone?, shifted: AvailabilityZone?, isCrossZone: Bool) {
        guard let shifted, target == shifted else {
            self = .none
            return
        }
        self = isCrossZone ? .zonalShiftActive : .zonalShiftDelegatedToDNS
    }
}
