/// A range of addresses in CIDR notation, as source-ip conditions and security groups use it.
package struct CIDRBlock: Hashable, Codable, Sendable {
    package let address: IPAddress
    /// Leading bits that must agree: 0 to 32 for IPv4, 0 to 128 for IPv6.
    package let prefixLength: Int

    /// `nil` if the length is out of range for the family. Bits behind the prefix are kept as written and ignored.
    package init?(address: IPAddress, prefixLength: Int) {
        let longest =
            switch address {
            case .v4: 32
            case .v6: 128
            }
        guard (0...longest).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Every IPv4 address: `0.0.0.0/0`.
    package static let everywhere = Self(known: .v4(IPv4Address(rawValue: 0)), 0)

    /// One address and no other.
    package init(_ address: IPAddress) {
        switch address {
        case .v4: self.init(known: address, 32)
        case .v6: self.init(known: address, 128)
        }
    }

    private init(known address: IPAddress, _ prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Reads `192.0.2.0/24` and `2001:db8::/32`. The mask is not optional (ALB-COND-028).
    package init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/"), let address = IPAddress(text[..<slash]) else { return nil }
        let digits = text[text.index(after: slash)...]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let length = Int(digits)
        else { return nil }
        self.init(address: address, prefixLength: length)
    }

    /// Whether `candidate` lies in the block. An IPv4 address never lies in an IPv6 block, mapped or not.
    package func contains(_ candidate: IPAddress) -> Bool {
        switch (self.address, candidate) {
        case (.v4(let network), .v4(let candidate)):
            return self.prefixLength == 0 || (network.rawValue ^ candidate.rawValue) >> (32 - self.prefixLength) == 0
        case (.v6(let network), .v6(let candidate)):
            let high = network.high ^ candidate.high
            guard self.prefixLength > 64 else {
                return self.prefixLength == 0 || high >> UInt64(64 - self.prefixLength) == 0
            }
            return high == 0 && (network.low ^ candidate.low) >> UInt64(128 - self.prefixLength) == 0
        case (.v4, .v6), (.v6, .v4):
            return false
        }
    }
}

extension CIDRBlock: CustomStringConvertible {
    package var description: String { "\(self.address)/\(self.prefixLength)" }
}
