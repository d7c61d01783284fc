import ArgumentParser

/// The proxies that are measured side by side, each with one worker in front of one backend.
enum Rival: String, CaseIterable, ExpressibleByArgument {
    case elblab
    case haproxy
    case nginx
    case envoy
    case caddy

    /// The command that runs it in the foreground, or `nil` if it is not installed.
    func command(listen: UInt16, traffic: Traffic, backend: UInt16, folder: WorkFolder) throws -> [String]? {
        guard self != .elblab else {
            return Self.ownCommand(listen: listen, traffic: traffic, backend: backend, folder: folder)
        }
        guard let program = System.find(self.rawValue), self.carries(traffic) else { return nil }
        let configuration = folder.file("\(self.rawValue).\(self == .envoy ? "yaml" : "conf")")
        let place = RivalConfiguration(listen: listen, traffic: traffic, backend: backend, folder: folder)
        switch self {
        case .elblab: return nil
        case .haproxy:
            try TextFile.write(place.haproxy, to: configuration)
            return [program, "-db", "-f", configuration]
        case .nginx:
            try TextFile.write(traffic.isOpaque ? place.nginxStreams : place.nginx, to: configuration)
            return [program, "-c", configuration, "-p", folder.path]
        case .envoy:
            try TextFile.write(traffic.isOpaque ? place.envoyStreams : place.envoy, to: configuration)
            return [program, "-c", configuration, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
        case .caddy:
            try TextFile.write(place.caddy, to: configuration)
            // One worker of Go's is one thread that runs Go code; what it writes of its own goes where it can be removed.
            let environment = ["GOMAXPROCS=1", "XDG_DATA_HOME=\(folder.path)", "XDG_CONFIG_HOME=\(folder.path)"]
            return ["env"] + environment + [program, "run", "--adapter", "caddyfile", "--config", configuration]
        }
    }

    /// Whether it can be measured with such traffic, as far as we know how.
    private func carries(_ traffic: Traffic) -> Bool {
        guard traffic.isOpaque else { return true }
        switch self {
        case .elblab, .envoy: return true
        case .haproxy: return traffic != .udp
        case .nginx: return System.exists(RivalConfiguration.streamModule)
        case .caddy: return false
        }
    }

    private static func ownCommand(
        listen: UInt16,
        traffic: Traffic,
        backend: UInt16,
        folder: WorkFolder
    ) -> [String] {
        let secure = [
            "--certificate", ServerCertificate.certificate(in: folder), "--key", ServerCertificate.key(in: folder),
        ]
        return [
            System.ownPath, "serve-balancer", "--port", "\(listen)", "--backend", "\(backend)", "--access-log",
            folder.file("access.log"),
        ] + (traffic.isOpaque ? [traffic == .udp ? "--udp" : "--tcp"] : []) + (traffic.isSecure ? secure : [])
            + (traffic.backend == .grpc ? ["--grpc"] : [])
    }
}

/// Where a proxy stands in a measurement. Each proxy's file holds the text of its configuration for every kind of traffic: one
/// worker, connections to the backend that stay open, and no more than forwarding needs.
struct RivalConfiguration {
    let listen: UInt16
    let traffic: Traffic
    let backend: UInt16
    let folder: WorkFolder
}
