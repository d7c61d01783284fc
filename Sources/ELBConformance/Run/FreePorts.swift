package import ELBModel
internal import Glibc

/// Addresses and ports that nobody uses at the moment.
package enum FreePorts {
    /// Below Linux's range for outgoing connections (32768 and up), so that no client's socket can take one between the
    /// moment it is found and the moment the subject binds it.
    package static let range: ClosedRange<UInt16> = 12000...31999

    /// A port that is free on all the addresses; `nil` after 200 tries.
    package static func find(on addresses: [IPAddress], except taken: Set<Port> = []) -> Port? {
        for _ in 0..<200 {
            guard let port = Port(rawValue: .random(in: Self.range)), !taken.contains(port) else { continue }
            if addresses.allSatisfy({ Self.isFree(Endpoint(address: $0, port: port)) }) { return port }
        }
        return nil
    }

    /// Whether a server could bind it now.
    package static func isFree(_ endpoint: Endpoint) -> Bool {
        let family =
            switch endpoint.address {
            case .v4: AF_INET
            case .v6: AF_INET6
            }
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As servers do, so that connections of an earlier subject in TIME_WAIT do not count.
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return withSocketAddress(endpoint.address, port: endpoint.port.rawValue) { bind(descriptor, $0, $1) } == 0
    }
}
