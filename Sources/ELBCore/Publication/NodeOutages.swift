package import ELBModel

/// Which of a load balancer's nodes do not answer, and since when: the decision behind their addresses' leaving DNS, whatever their
/// targets' health.
///
/// AWS says that it is so and not how fast. Here it is as with Route 53's own checks: three in a row, ten seconds apart, for an
/// address to leave and to come back.
package struct NodeOutages: Hashable, Sendable {
    /// AWS seconds.
    package static let detectionSeconds = 30

    /// A node that was cut, or healed after that.
    private struct Change: Hashable, Sendable {
        var isDown: Bool
        var at: UInt64
    }

    private var changes: [AvailabilityZone: Change] = [:]
    private let detection: UInt64

    /// - Parameter secondLength: how long an AWS second lasts, in nanoseconds.
    package init(secondLength: UInt64) {
        self.detection = UInt64(Self.detectionSeconds) &* secondLength
    }

    /// The nodes that do not answer now.
    package var down: Set<AvailabilityZone> { Set(self.changes.filter(\.value.isDown).keys) }

    /// The node of a zone ceases to answer, or answers again.
    package mutating func set(_ zone: AvailabilityZone, isDown: Bool, now: UInt64) {
        guard isDown != (self.changes[zone]?.isDown ?? false) else { return }
        if isDown || self.isMissing(zone, now: now) {
            self.changes[zone] = Change(isDown: isDown, at: now)
        } else {
            // It was away for so short a time that nobody noticed.
            self.changes[zone] = nil
        }
    }

    /// The zones that the name stands for, of those that health would let it stand for: better all of them than none.
    package func published(_ zones: Set<AvailabilityZone>, now: UInt64) -> Set<AvailabilityZone> {
        guard !self.changes.isEmpty else { return zones }
        let left = zones.filter { !self.isMissing($0, now: now) }
        return left.isEmpty ? zones : left
    }

    /// When an address leaves or comes back next.
    package func nextChange(now: UInt64) -> UInt64? {
        self.changes.values.map { $0.at &+ self.detection }.filter { $0 > now }.min()
    }

    private func isMissing(_ zone: AvailabilityZone, now: UInt64) -> Bool {
        guard let change = self.changes[zone] else { return false }
        let isNoticed = now >= change.at &+ self.detection
        return change.isDown ? isNoticed : !isNoticed
    }
}
