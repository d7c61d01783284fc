import CSockets
import ELBModel
import Glibc

/// Addresses in the system's form. IPv4, which is all that the lab's networks have, number by number: by way of text it would cost more
/// than much of the rest of a new connection.
enum SystemAddress {
    static func parts(of storage: sockaddr_storage) -> (IPAddress, UInt16) {
        var (high, low, port): (UInt64, UInt64, UInt16) = (0, 0, 0)
        if elblab_read_ipv6(storage, &high, &low, &port) {
            return (.v6(IPv6Address(high: high, low: low)), port)
        }
        // The family, the port, the address (RFC 3493 leaves it to the system; Linux has never had it otherwise).
        return withUnsafeBytes(of: storage) { bytes in
            let address = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            return (.v4(IPv4Address(rawValue: address)), port)
        }
    }

    static func family(of address: IPAddress) -> CInt {
        switch address {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Lends an address to a call of the system.
    static func with(
        _ address: IPAddress,
        port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        switch address {
        case .v4(let address):
            return Self.withPointer(to: elblab_ipv4(address.rawValue, port), body)
        case .v6(let address):
            return Self.withPointer(to: elblab_ipv6(address.high, address.low, port), body)
        }
    }

    private static func withPointer<Address>(
        to address: Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }
}
