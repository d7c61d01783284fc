package import ELBModel

/// A header of PROXY protocol, version 1, as Classic Load Balancers send it: one line in front of the first byte of a connection
/// (https://github.com/haproxy/haproxy/blob/master/doc/proxy-protocol.txt, section 2.1; CLB-PP-002).
///
///     PROXY TCP4 192.0.2.1 127.10.1.4 51234 80\r\n
package struct ProxyLine: Hashable, Sendable {
    package var client: Endpoint
    /// Where the load balancer took the connection: its private address and the listener's port (CLB-PP-003).
    package var proxy: Endpoint

    package init(client: Endpoint, proxy: Endpoint) {
        self.client = client
        self.proxy = proxy
    }

    /// The most that a line may have, its end included.
    package static let longest = 107

    /// The line with its end. Addresses of two families cannot stand in one, and are left out.
    package var bytes: [UInt8] {
        let addresses = "\(self.client.address) \(self.proxy.address) \(self.client.port) \(self.proxy.port)"
        let line =
            switch (self.client.address, self.proxy.address) {
            case (.v4, .v4): "TCP4 \(addresses)"
            case (.v6, .v6): "TCP6 \(addresses)"
            case (.v4, .v6), (.v6, .v4): "UNKNOWN"
            }
        return Array("PROXY \(line)\r\n".utf8)
    }
}
