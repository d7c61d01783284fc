package import ELBControlAPI
import ELBModel

extension ZonalShift {
    static let operations: [any AccountCommand.Type] = [
        StartZonalShift.self, UpdateZonalShift.self, CancelZonalShift.self, ListZonalShifts.self,
        ListManagedResources.self, GetManagedResource.self,
    ]
}

extension ZonalShift.StartZonalShift: AccountCommand {
    /// One zone of a load balancer at a time, and for a while only (ALB-ZS-002, ALB-ZS-003).
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let balancer = try transaction.managedResource(self.resource)
        let zones = balancer.balancer.nodes.map(\.zone)
        guard
            let zone = AvailabilityZone.allCases.first(where: { self.awayFrom == $0.awsID || self.awayFrom == $0.name })
        else {
            throw APIError(
                "ValidationException",
                "'\(self.awayFrom.prefix(40))' is no Availability Zone of this Region: apne2-az1 to apne2-az4",
                reason: "InvalidAz"
            )
        }
        guard zones.contains(zone) else {
            throw APIError(
                "ValidationException",
                "'\(balancer.balancer.name)' has no subnet in zone \(zone.awsID)",
                reason: "UnsupportedAz"
            )
        }
        if let shift = transaction.account.zonalShift(of: balancer.arn) {
            throw APIError(
                "ConflictException",
                "A zonal shift is in force already, away from \(shift.awayFrom.awsID): \(shift.id)",
                reason: "ZonalShiftAlreadyExists"
            )
        }
        let record = ZonalShiftRecord(
            id: transaction.makeUUID(),
            loadBalancer: balancer.arn,
            awayFrom: zone,
            started: transaction.now,
            expiry: transaction.time(in: self.seconds),
            comment: self.comment
        )
        transaction.save(.zonalShift(record))
        return .zonalShift(record)
    }
}

extension ZonalShift.UpdateZonalShift: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.activeShift(self.id)
        if let seconds { record.expiry = transaction.time(in: seconds) }
        if let comment { record.comment = comment }
        transaction.save(.zonalShift(record))
        return .zonalShift(record)
    }
}

extension ZonalShift.CancelZonalShift: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        var record = try transaction.activeShift(self.id)
        record.status = .canceled
        transaction.save(.zonalShift(record))
        return .zonalShift(record)
    }
}

extension ZonalShift.ListZonalShifts: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let shifts = transaction.account.zonalShifts.filter {
            (self.status == nil || $0.status == self.status)
                && (self.resource == nil || $0.loadBalancer == self.resource)
        }
        let (items, next) = try self.page.cut(shifts, id: \.id)
        return ["items": .list(items.map(WireValue.zonalShiftSummary)), "nextToken": next.map { .text($0) }]
    }
}

extension ZonalShift.ListManagedResources: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        let managed = account.loadBalancers.filter(\.balancer.attributes.zonalShiftEnabled)
        let (items, next) = try self.page.cut(managed, id: \.arn)
        return [
            "items": .list(
                items.map { .managedResource($0, shift: account.zonalShift(of: $0.arn), isSummary: true) }
            ),
            "nextToken": next.map { .text($0) },
        ]
    }
}

extension ZonalShift.GetManagedResource: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let record = try transaction.managedResource(self.resource)
        return .managedResource(record, shift: transaction.account.zonalShift(of: record.arn), isSummary: false)
    }
}

extension Transaction {
    /// Ends the shifts whose time is over.
    mutating func endZonalShifts() {
        for var record in self.account.zonalShifts where record.status == .active && record.expiry <= self.now {
            record.status = .expired
            self.save(.zonalShift(record))
        }
    }

    /// A load balancer goes, and what was shifted of it.
    mutating func removeZonalShifts(of loadBalancer: String) {
        for record in self.account.zonalShifts where record.loadBalancer == loadBalancer {
            self.remove(.zonalShift, record.id)
        }
    }

    /// A load balancer that has zonal shift switched on; others are not there for it (ALB-ZS-001).
    fileprivate func managedResource(_ arn: String) throws(APIError) -> LoadBalancerRecord {
        guard let record = self.account.loadBalancers[arn] else {
            throw APIError("ResourceNotFoundException", "The resource '\(arn.prefix(160))' could not be found")
        }
        guard record.balancer.attributes.zonalShiftEnabled else {
            throw APIError(
                "ResourceNotFoundException",
                "Zonal shift is not enabled for '\(record.balancer.name)': set its attribute zonal_shift.config.enabled"
            )
        }
        return record
    }

    fileprivate func activeShift(_ id: String) throws(APIError) -> ZonalShiftRecord {
        guard let record = self.account.zonalShifts[id] else {
            throw APIError("ResourceNotFoundException", "The zonal shift '\(id.prefix(80))' could not be found")
        }
        guard record.status == .active else {
            throw APIError(
                "ConflictException",
                "The zonal shift '\(id)' is not in force any more: \(record.status.rawValue)",
                reason: "ZonalShiftStatusNotActive"
            )
        }
        return record
    }
}
