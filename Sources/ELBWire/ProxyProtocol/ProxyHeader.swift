package import ELBModel

/// A header of PROXY protocol, version 2, as Network Load Balancers send it: who has connected to whom, in front of the first byte
/// of a connection (https://github.com/haproxy/haproxy/blob/master/doc/proxy-protocol.txt, section 2.2).
///
///     signature (12)  version and command (1)  family (1)  length of the rest (2)  addresses (12 or 36)  TLVs
package struct ProxyHeader: Hashable, Sendable {
    /// On whose behalf the connection was made.
    package enum Command: Hashable, Sendable {
        /// The load balancer's own: health checks (NLB-PP-010). There are no addresses.
        case local
        /// A client's: where it is, and the address and port that it dialled (NLB-PP-004).
        case proxy(source: Endpoint, destination: Endpoint)
    }

    package var command: Command
    /// `vpce-…`, where the client came through an endpoint of PrivateLink (NLB-PP-007).
    package var endpointID: String?
    /// Zero bytes that do nothing, beside what else there is.
    package var padding: Int?

    package init(_ command: Command, endpointID: String? = nil, padding: Int? = nil) {
        self.command = command
        self.endpointID = endpointID
        self.padding = padding
    }

    package static let signature: [UInt8] = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]

    /// The types of TLVs that are used here.
    private enum TLV: UInt8 {
        case crc32c = 0x03
        case noop = 0x04
        /// AWS's own; its only sub-type is 1, the id of a PrivateLink endpoint.
        case aws = 0xea
    }

    /// The whole header. With addresses it has a checksum, which covers all of it (section 2.2.3).
    package var bytes: [UInt8] {
        var body: [UInt8] = []
        var checksumPlace: Int?
        let family: UInt8
        switch self.command {
        case .local:
            family = 0x00
        case .proxy(let source, let destination):
            family = Self.append(source, destination, to: &body)
            checksumPlace = 16 + body.count + 3
            Self.append(.crc32c, [0, 0, 0, 0], to: &body)
            if let id = self.endpointID { Self.append(.aws, [1] + id.utf8, to: &body) }
            if let padding { Self.append(.noop, Array(repeating: 0, count: padding), to: &body) }
        }
        var header = Self.signature
        header.append(self.command == .local ? 0x20 : 0x21)
        header.append(family)
        Self.append(UInt16(truncatingIfNeeded: body.count), to: &header)
        header += body
        if let place = checksumPlace {
            let checksum = CRC32C.of(header)
            for index in 0..<4 { header[place + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
        }
        return header
    }

    /// The addresses, and what the header calls their family. An IPv4 address beside an IPv6 one is written as one of those
    /// (RFC 4291, section 2.5.5.2).
    private static func append(_ source: Endpoint, _ destination: Endpoint, to body: inout [UInt8]) -> UInt8 {
        let family: UInt8
        if case .v4(let from) = source.address, case .v4(let to) = destination.address {
            Self.append(from, to: &body)
            Self.append(to, to: &body)
            family = 0x11
        } else {
            Self.append(mapped: source.address, to: &body)
            Self.append(mapped: destination.address, to: &body)
            family = 0x21
        }
        Self.append(source.port.rawValue, to: &body)
        Self.append(destination.port.rawValue, to: &body)
        return family
    }

    private static func append(mapped address: IPAddress, to body: inout [UInt8]) {
        switch address {
        case .v4(let address):
            body += Array(repeating: 0, count: 10) + [0xff, 0xff]
            Self.append(address, to: &body)
        case .v6(let address): body += address.octets
        }
    }

    private static func append(_ address: IPv4Address, to body: inout [UInt8]) {
        let (a, b, c, d) = address.octets
        body += [a, b, c, d]
    }

    private static func append(_ number: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    /// Type, length of the value, value (NLB-PP-006).
    private static func append(_ type: TLV, _ value: [UInt8], to body: inout [UInt8]) {
        body.append(type.rawValue)
        Self.append(UInt16(truncatingIfNeeded: value.count), to: &body)
        body += value
    }
}
