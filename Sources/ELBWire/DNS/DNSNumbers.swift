/// Types of records (RFC 1035, section 3.2.2, and its successors), as far as somebody here must know them.
package struct DNSRecordType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let a = Self(rawValue: 1)
    package static let ns = Self(rawValue: 2)
    package static let cname = Self(rawValue: 5)
    package static let soa = Self(rawValue: 6)
    package static let aaaa = Self(rawValue: 28)
    package static let opt = Self(rawValue: 41)
    package static let ixfr = Self(rawValue: 251)
    package static let axfr = Self(rawValue: 252)
    package static let any = Self(rawValue: 255)
}

/// How a query ended (RFC 1035, section 4.1.1; RFC 6891, section 9).
package enum DNSResponseCode: UInt16, Hashable, Sendable {
    case noError = 0
    case formatError = 1
    case serverFailure = 2
    case nameError = 3
    case notImplemented = 4
    case refused = 5
    /// Needs EDNS in the response: its higher bits stand there.
    case badVersion = 16
}
