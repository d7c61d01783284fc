/// A TCP or UDP port that something can listen on: 1 to 65535. Zero has no place in the model; where the system may
/// choose a port, the code says so with an optional.
package struct Port: Hashable, Codable, Sendable, Comparable, RawRepresentable {
    package let rawValue: UInt16

    /// `nil` for 0.
    package init?(rawValue: UInt16) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// `nil` outside 1 to 65535.
    package init?(_ number: Int) {
        guard (1...65535).contains(number) else { return nil }
        self.rawValue = UInt16(number)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Port: CustomStringConvertible {
    package var description: String { String(self.rawValue) }
}

extension Port: ExpressibleByIntegerLiteral {
    /// For ports written in our own source; a literal outside 1 to 65535 is a programming error and traps.
    package init(integerLiteral value: UInt16) {
        precondition(value != 0, "port 0 is not a port to listen on")
        self.rawValue = value
    }
}

/// An address and a port: what a socket binds or connects to.
package struct Endpoint: Hashable, Codable, Sendable {
    package var address: IPAddress
    package var port: Port

    package init(address: IPAddress, port: Port) {
        self.address = address
        self.port = port
    }

    /// Reads `127.0.0.1:80` and `[::1]:80`.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]),
            let port = Port(number)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard let address = IPv6Address(host) else { return nil }
            self.init(address: .v6(address), port: port)
        } else {
            guard let address = IPv4Address(host) else { return nil }
            self.init(address: .v4(address), port: port)
        }
    }
}

extension Endpoint: CustomStringConvertible {
    /// `127.0.0.1:80`, `[::1]:80`.
    package var description: String {
        switch self.address {
        case .v4(let address): "\(address):\(self.port)"
        case .v6(let address): "[\(address)]:\(self.port)"
        }
    }
}
