package import ELBModel
package import NIOCore
package import NIOPosix

extension ClientBootstrap {
    /// Connects from an address of the load balancer's, where it is of the family of the target's.
    ///
    /// The port is left to `connect`: chosen with the address alone it would have to be free for all targets together (ip(7),
    /// IP_BIND_ADDRESS_NO_PORT).
    package func from(_ source: IPAddress, to target: IPAddress) -> ClientBootstrap {
        guard source.isOfFamily(of: target) else { return self }
        return self.channelOption(.ipOption(.bindAddressNoPort), value: 1).bind(to: SocketAddress(source, port: 0))
    }
}

extension IPAddress {
    package func isOfFamily(of other: IPAddress) -> Bool {
        switch (self, other) {
        case (.v4, .v4), (.v6, .v6): true
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}

extension NIOBSDSocket.Option {
    package static let bindAddressNoPort = Self(rawValue: 24)
}
