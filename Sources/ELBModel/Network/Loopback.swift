extension IPAddress {
    /// Whether only this machine can reach it: 127.0.0.0/8 (RFC 1122, section 3.2.1.3) and ::1.
    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address.octets.0 == 127
        case .v6(let address): address == .loopback
        }
    }
}

/// Names that can only mean this machine. An endpoint that obeys whoever reaches it wants one of them in `Host`: a web page
/// can make a browser send requests to 127.0.0.1 under a name of its own.
package enum LoopbackName {
    /// With or without a port: `localhost`, `127.x.y.z`, `[::1]`.
    package static func isLoopback(_ authority: some StringProtocol) -> Bool {
        if authority.hasPrefix("[") { return authority == "[::1]" || authority.hasPrefix("[::1]:") }
        let name = authority.prefix { $0 != ":" }.lowercased()
        if name == "localhost" { return true }
        guard case .v4(let address)? = IPAddress(name) else { return false }
        return address.octets.0 == 127
    }

    /// The same of a browser's `Origin`: `http://127.0.0.1:4566`.
    package static func isLoopbackOrigin(_ origin: some StringProtocol) -> Bool {
        origin.hasPrefix("http://") && Self.isLoopback(origin.dropFirst("http://".count))
    }
}
