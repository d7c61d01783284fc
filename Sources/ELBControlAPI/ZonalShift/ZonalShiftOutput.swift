package import ELBModel

/// Zonal shifts and what can be shifted as Application Recovery Controller shows them.
extension WireValue {
    package static func zonalShift(_ record: ZonalShiftRecord) -> Self {
        [
            "zonalShiftId": .text(record.id),
            "resourceIdentifier": .text(record.loadBalancer),
            "awayFrom": .text(record.awayFrom.awsID),
            "expiryTime": .timestamp(record.expiry),
            "startTime": .timestamp(record.started),
            "status": .text(record.status.rawValue),
            "comment": .text(record.comment),
        ]
    }

    /// A line of ListZonalShifts.
    package static func zonalShiftSummary(_ record: ZonalShiftRecord) -> Self {
        guard case .structure(let members) = Self.zonalShift(record) else { return [:] }
        return .structure(members + [Member("shiftType", "ZONAL_SHIFT")])
    }

    /// - Parameters:
    ///   - shift: the one that is in force.
    ///   - isSummary: a line of ListManagedResources names the zones as well.
    package static func managedResource(
        _ record: LoadBalancerRecord,
        shift: ZonalShiftRecord?,
        isSummary: Bool
    ) -> Self {
        let zones = record.balancer.nodes.map(\.zone)
        let shifts: [WireValue] = shift.map { [Self.appliedShift($0)] } ?? []
        return [
            "arn": .text(record.arn),
            "name": .text(record.balancer.name.rawValue),
            "availabilityZones": isSummary ? .texts(zones.map(\.awsID)) : nil,
            "appliedWeights": .structure(
                zones.map { Member($0.awsID, .decimal($0 == shift?.awayFrom ? 0 : 1)) }
            ),
            "zonalShifts": .list(shifts),
            "autoshifts": [],
            "zonalAutoshiftStatus": "DISABLED",
            "practiceRunStatus": isSummary ? "DISABLED" : nil,
        ]
    }

    private static func appliedShift(_ record: ZonalShiftRecord) -> Self {
        [
            "appliedStatus": "APPLIED",
            "zonalShiftId": .text(record.id),
            "resourceIdentifier": .text(record.loadBalancer),
            "awayFrom": .text(record.awayFrom.awsID),
            "expiryTime": .timestamp(record.expiry),
            "startTime": .timestamp(record.started),
            "comment": .text(record.comment),
            "shiftType": "ZONAL_SHIFT",
        ]
    }
}
