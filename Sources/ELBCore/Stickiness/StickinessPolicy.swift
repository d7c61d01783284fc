import ELBModel

/// How a group binds clients to its targets: the compiled form of `stickiness.*`.
package struct StickinessPolicy: Hashable, Sendable {
    package var cookie: Cookie
    /// AWS seconds from the cookie's issue, 1 to 604800.
    package var seconds: Int
    /// What cookies call the group.
    package var groupKey: UInt64

    package enum Cookie: Hashable, Sendable {
        /// AWSALB and AWSALBCORS, from the first response on (ALB-STK-005, -006).
        case loadBalancer
        /// AWSALBAPP-n, from the moment the target sets the cookie of this name (ALB-STK-015).
        case application(name: [UInt8])
        /// AWSELB and AWSELBCORS of a Classic Load Balancer, from the first response on (CLB-SK-002); `nil` seconds last as long as
        /// the browser is open.
        case classicDuration(seconds: Int?)
        /// The same, from the moment the instance sets the cookie of this name (CLB-SK-009).
        case classicApplication(name: [UInt8])
    }

    /// `nil` if the group does not bind clients.
    init?(_ group: TargetGroup, isClassic: Bool) {
        let stickiness = group.attributes.stickiness
        guard stickiness.isEnabled else { return nil }
        if isClassic {
            // A session belongs to a port of the instances, whichever listener began it (CLB-SK-015).
            self.groupKey = StableHash.of("port:\(group.port)")
            self.seconds = stickiness.loadBalancerCookieSeconds
            switch stickiness.type {
            case .loadBalancerCookie: self.cookie = .classicDuration(seconds: self.seconds == 0 ? nil : self.seconds)
            case .applicationCookie:
                self.cookie = .classicApplication(name: Array(stickiness.applicationCookieName.utf8))
            }
            return
        }
        self.groupKey = StableHash.of(group.id.rawValue)
        switch stickiness.type {
        case .loadBalancerCookie:
            self.cookie = .loadBalancer
            self.seconds = stickiness.loadBalancerCookieSeconds
        case .applicationCookie:
            self.cookie = .application(name: Array(stickiness.applicationCookieName.utf8))
            self.seconds = stickiness.applicationCookieSeconds
        }
    }
}

/// What the clear content of a load balancer's cookie says. Everything that decides is in here, sealed; the lines around
/// it are for the browser.
///
///     byte 0        kind
///     1 to 8        the target group's key
///     9 to 16       the target's key; 0 for a group's cookie
///     17 to 24      when it was issued, microseconds since 1970
///     25 to 28      how long it counts, in AWS seconds
package struct StickySession: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        /// AWSALB, AWSALBCORS.
        case target = 1
        /// AWSALBAPP-n.
        case application = 2
        /// AWSALBTG, AWSALBTGCORS.
        case group = 3
        /// AWSELB, AWSELBCORS.
        case classic = 4
    }

    package var kind: Kind
    package var group: UInt64
    package var target: UInt64
    package var issuedAt: Int64
    package var seconds: UInt32

    package static let byteCount = 29

    package init(_ kind: Kind, group: UInt64, target: UInt64 = 0, issuedAt: Int64, seconds: Int) {
        self.kind = kind
        self.group = group
        self.target = target
        self.issuedAt = issuedAt
        self.seconds = UInt32(clamping: seconds)
    }

    /// `nil` for anything that `bytes` has not written.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount, let kind = Kind(rawValue: bytes[0]) else { return nil }
        let number = { (range: Range<Int>) in bytes[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.kind = kind
        self.group = number(1..<9)
        self.target = number(9..<17)
        self.issuedAt = Int64(bitPattern: number(17..<25))
        self.seconds = UInt32(truncatingIfNeeded: number(25..<29))
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(self.kind.rawValue)
        for word in [self.group, self.target, UInt64(bitPattern: self.issuedAt)] {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: self.seconds >> shift))
        }
        return bytes
    }

    /// Whether the duration is still running (ALB-STK-010), which is the lab's clock, not the wall's.
    ///
    /// - Parameters:
    ///   - now: microseconds since 1970.
    ///   - secondLength: how long an AWS second lasts, in nanoseconds.
    package func isCurrent(at now: Int64, secondLength: UInt64) -> Bool {
        guard now > self.issuedAt else { return true }
        let age = UInt64(now - self.issuedAt).multipliedReportingOverflow(by: 1000)
        let limit = UInt64(self.seconds).multipliedReportingOverflow(by: secondLength)
        return !age.overflow && (limit.overflow || age.partialValue < limit.partialValue)
    }
}
