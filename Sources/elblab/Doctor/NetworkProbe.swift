import ELBModel
import Glibc

/// Tries what the lab will do with addresses and ports, and undoes it at once.
enum NetworkProbe {
    /// Every range of the lab's table of addresses has to be bindable without privileges.
    static func addresses() -> [Finding] {
        let zone = AvailabilityZone.a
        let wanted: [(String, IPAddress)] = [
            ("an instance", LabAddresses.privateAddress(zone, host: 64)),
            ("a public node", LabAddresses.publicAddress(zone, host: 4)),
            ("a client", .v4(IPv4Address(127, 200, 0, 1))),
        ]
        return wanted.map { role, address in
            switch Self.bind(address, port: 0) {
            case nil: .ok(.addresses, "\(address)", "can be bound, for \(role)")
            case let reason?:
                .broken(
                    .addresses,
                    "\(address)",
                    reason,
                    cost: "the lab cannot place \(role) there; it needs all of 127.0.0.0/8, as Linux gives it"
                )
            }
        }
    }

    /// The ports that a lab takes by default.
    static func ports() -> [Finding] {
        let endpoint = IPAddress.v4(IPv4Address(127, 0, 0, 1))
        switch Self.bind(endpoint, port: 4566) {
        case nil: return [.ok(.ports, "127.0.0.1:4566", "free, for the lab's endpoint")]
        case let reason?:
            let cost = "perhaps a lab is running; `elblab up` needs another place: --endpoint 127.0.0.1:4567"
            return [.limited(.ports, "127.0.0.1:4566", reason, cost: cost)]
        }
    }

    /// - Returns: nil when a TCP listener could be opened there, else the system's reason.
    private static func bind(_ address: IPAddress, port: UInt16) -> String? {
        guard case .v4(let v4) = address else { return "not an IPv4 address" }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        // As servers do: a port whose last connections are still fading counts as free.
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = v4.rawValue.bigEndian
        let bound = withUnsafeBytes(of: &place) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.bind(descriptor, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard bound == 0, listen(descriptor, 1) == 0 else { return String(cString: strerror(errno)) }
        return nil
    }
}
