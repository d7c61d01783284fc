/// Traffic of one load balancer that somebody has moved away from a zone for a while, as Application Recovery Controller has it.
package struct ZonalShiftRecord: AccountRecord {
    /// A UUID.
    package var id: String
    /// The load balancer's ARN.
    package var loadBalancer: String
    package var awayFrom: AvailabilityZone
    package var started: Timestamp
    /// When it ends by itself.
    package var expiry: Timestamp
    package var comment: String
    package var status: Status

    package init(
        id: String,
        loadBalancer: String,
        awayFrom: AvailabilityZone,
        started: Timestamp,
        expiry: Timestamp,
        comment: String,
        status: Status = .active
    ) {
        self.id = id
        self.loadBalancer = loadBalancer
        self.awayFrom = awayFrom
        self.started = started
        self.expiry = expiry
        self.comment = comment
        self.status = status
    }

    package var parent: String? { self.loadBalancer }

    /// The raw value is AWS's.
    package enum Status: String, Hashable, Codable, Sendable, CaseIterable {
        case active = "ACTIVE"
        case expired = "EXPIRED"
        case canceled = "CANCELED"
    }
}

extension Account {
    /// The shift that is in force for a load balancer: one at most (ALB-ZS-002).
    package func zonalShift(of loadBalancer: String) -> ZonalShiftRecord? {
        self.zonalShifts.children(of: loadBalancer).first { $0.status == .active }
    }

    /// When the next shift ends by itself.
    package var nextShiftExpiry: Timestamp? {
        self.zonalShifts.lazy.filter { $0.status == .active }.map(\.expiry).min()
    }
}
