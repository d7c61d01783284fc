/// Which loopback addresses mean what in the lab (docs/architecture.md, section 3).
package enum LabAddresses {
    /// The zone's subnet: 127.10.z.0/24.
    package static func subnet(of zone: AvailabilityZone) -> CIDRBlock {
        Self.block(10, zone.number, 0, 24)
    }

    /// The VPC, all private addresses: 127.10.0.0/16.
    package static let vpc = Self.block(10, 0, 0, 16)
    /// Addresses of internet-facing nodes and Elastic IPs: 127.50.0.0/16.
    package static let publicAddresses = Self.block(50, 0, 0, 16)
    /// Clients on the internet: 127.200.0.0/16.
    package static let internetClients = Self.block(200, 0, 0, 16)

    /// Host numbers of load-balancer nodes in a zone's subnet; one node per load balancer and zone.
    package static let nodeHosts: ClosedRange<UInt8> = 4...63
    /// Host numbers of instances, tasks and functions in a zone's subnet.
    package static let instanceHosts: ClosedRange<UInt8> = 64...254

    /// The private address 127.10.z.host.
    package static func privateAddress(_ zone: AvailabilityZone, host: UInt8) -> IPAddress {
        .v4(IPv4Address(127, 10, zone.number, host))
    }

    /// The public address 127.50.z.host.
    package static func publicAddress(_ zone: AvailabilityZone, host: UInt8) -> IPAddress {
        .v4(IPv4Address(127, 50, zone.number, host))
    }

    /// The private address that belongs to a public one, 127.10.z.host to 127.50.z.host; `nil` for other addresses.
    package static func privateAddress(behind address: IPAddress) -> IPAddress? {
        guard case .v4(let address) = address, Self.publicAddresses.contains(.v4(address)) else { return nil }
        let (_, _, zone, host) = address.octets
        return .v4(IPv4Address(127, 10, zone, host))
    }

    /// The public address that a private one belongs to, the other way round; `nil` for addresses outside the VPC.
    package static func publicAddress(before address: IPAddress) -> IPAddress? {
        guard case .v4(let address) = address, Self.vpc.contains(.v4(address)) else { return nil }
        let (_, _, zone, host) = address.octets
        return .v4(IPv4Address(127, 50, zone, host))
    }

    /// The zone whose subnet holds the address, if one does.
    package static func zone(of address: IPAddress) -> AvailabilityZone? {
        AvailabilityZone.allCases.first { Self.subnet(of: $0).contains(address) }
    }

    /// The host number of one of the lab's addresses; `nil` for IPv6.
    package static func host(of address: IPAddress) -> UInt8? {
        guard case .v4(let address) = address else { return nil }
        return UInt8(truncatingIfNeeded: address.rawValue)
    }

    private static func block(_ b: UInt8, _ c: UInt8, _ d: UInt8, _ length: Int) -> CIDRBlock {
        guard let block = CIDRBlock(address: .v4(IPv4Address(127, b, c, d)), prefixLength: length) else {
            preconditionFailure("prefix length \(length) is out of range")
        }
        return block
    }
}
