package import ELBModel
package import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Between NIO's addresses and the model's: of IPv4, which is all that the lab's networks have, number by number, because by way of
// text it would cost more than much of the rest of a new connection.
extension SocketAddress {
    package init(_ endpoint: Endpoint) {
        self.init(endpoint.address, port: endpoint.port.rawValue)
    }

    /// - Parameter port: 0 leaves the choice to the system.
    package init(_ address: IPAddress, port: UInt16) {
        switch address {
        case .v4(let address):
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            raw.sin_addr.s_addr = address.rawValue.bigEndian
            self.init(raw)
        case .v6(let address):
            // Text that the model writes is text that NIO reads.
            guard let v6 = try? SocketAddress(ipAddress: address.description, port: Int(port)) else {
                preconditionFailure("'\(address)' is no IPv6 address")
            }
            self = v6
        }
    }

    /// The address in the model's form; `nil` for a path.
    package var modelAddress: IPAddress? {
        switch self {
        case .v4(let address):
            return .v4(ELBModel.IPv4Address(rawValue: UInt32(bigEndian: address.address.sin_addr.s_addr)))
        case .v6:
            return self.ipAddress.flatMap { IPAddress($0) }
        case .unixDomainSocket:
            return nil
        }
    }
}
