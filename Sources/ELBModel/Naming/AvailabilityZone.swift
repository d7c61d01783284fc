/// One of the lab's four zones. The region is `ap-northeast-2`; its zones are `a` to `d` and stand on their own subnets of
/// the loopback range (docs/architecture.md, section 3).
package enum AvailabilityZone: UInt8, Hashable, Codable, Sendable, CaseIterable, Comparable {
    case a = 1
    case b
    case c
    case d

    /// The region every zone belongs to.
    package static let region = "ap-northeast-2"

    /// The zone's number z, 1 to 4, as it stands in 127.10.z.0/24.
    package var number: UInt8 { self.rawValue }

    /// The letter alone: `a`.
    package var letter: String {
        switch self {
        case .a: "a"
        case .b: "b"
        case .c: "c"
        case .d: "d"
        }
    }

    /// AWS's name: `ap-northeast-2a`.
    package var name: String { Self.region + self.letter }

    /// Reads `a` and `ap-northeast-2a`.
    package init?(_ text: some StringProtocol) {
        guard let zone = Self.allCases.first(where: { text == $0.letter || text == $0.name }) else { return nil }
        self = zone
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension AvailabilityZone: CustomStringConvertible {
    package var description: String { self.name }
}
