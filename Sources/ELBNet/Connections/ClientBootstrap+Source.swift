package import ELBModel
import NIOCore
package import NIOPosix

extension ClientBootstrap {
    /// Connects from an address of the load balancer's, where it is of the family of the target's.
    ///
    /// The port is left to `connect`: chosen with the address alone it would have to be free for all targets together (ip(7),
    /// IP_BIND_ADDRESS_NO_PORT).
    package func from(_ source: IPAddress, to target: IPAddress) -> ClientBootstrap {
        switch (source, target) {
        case (.v4, .v4), (.v6, .v6): break
        case (.v4, .v6), (.v6, .v4): return self
        }
        guard let address = try? SocketAddress(ipAddress: source.description, port: 0) else { return self }
        return self.channelOption(.ipOption(.bindAddressNoPort), value: 1).bind(to: address)
    }
}

extension NIOBSDSocket.Option {
    fileprivate static let bindAddressNoPort = Self(rawValue: 24)
}
