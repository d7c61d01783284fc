/// A version of TLS by its number on the wire. SSL 3.0 and older are in no policy and so not here.
package enum TLSVersion: UInt16, Hashable, Codable, Sendable, CaseIterable, Comparable {
    case v10 = 0x0301
    case v11 = 0x0302
    case v12 = 0x0303
    case v13 = 0x0304

    /// As AWS writes it in policies, logs and headers: `TLSv1`, `TLSv1.2`.
    package var name: String {
        switch self {
        case .v10: "TLSv1"
        case .v11: "TLSv1.1"
        case .v12: "TLSv1.2"
        case .v13: "TLSv1.3"
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}
