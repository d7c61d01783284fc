package import ELBModel

/// Where an Envoy's configuration comes from.
enum EnvoySource: Hashable, Sendable {
    /// Files in a folder, which it watches. It finds out by itself which targets are healthy.
    case files(folder: String)
    /// A server, which it asks again and again, and which also says which targets are healthy.
    case server

    static let listenersFile = "listeners.json"
    static let clustersFile = "clusters.json"

    /// Targets have files of their own, so that a target that comes or goes changes nothing else.
    static func endpointsFile(_ group: TargetGroup) -> String { "endpoints-\(group.name).json" }

    static func routesFile(_ listener: Listener) -> String { "routes-\(listener.port).json" }

    /// What a server is called among the clusters, and so in the Host of every question.
    static let serverName = "elblab"

    /// Where something is to be found.
    ///
    /// - Parameter file: which file it is; a server knows by the name of what is asked for.
    func reference(to file: String) -> JSONText {
        let place: (String, JSONText) =
            switch self {
            case .files(let folder):
                // Files are replaced by renaming others, which only their folder shows.
                (
                    "path_config_source",
                    .object([
                        ("path", .string("\(folder)/\(file)")),
                        ("watched_directory", .object([("path", .string(folder))])),
                    ])
                )
            case .server:
                (
                    "api_config_source",
                    .object([
                        ("api_type", "REST"), ("transport_api_version", "V3"),
                        ("cluster_names", .array([.string(Self.serverName)])),
                        // In real time, whatever the lab's: so long may a change be on its way.
                        ("refresh_delay", "0.5s"), ("request_timeout", "5s"),
                    ])
                )
            }
        return .object([("resource_api_version", "V3"), place])
    }

    /// Whether the Envoy probes targets.
    var checksHealth: Bool {
        switch self {
        case .files: true
        case .server: false
        }
    }

    /// Below so many percent of healthy targets all of them are tried. One percent means none: the group fails open. A server
    /// has seen to that already.
    var panicThreshold: Int {
        switch self {
        case .files: 1
        case .server: 0
        }
    }
}

/// A target, with what somebody who is not the Envoy knows of it.
package struct EnvoyTarget: Hashable, Sendable {
    /// The raw values are Envoy's.
    package enum Status: String, Hashable, Sendable {
        case healthy = "HEALTHY"
        case unhealthy = "UNHEALTHY"
        case draining = "DRAINING"
    }

    package var target: Target
    package var status: Status?

    package init(_ target: Target, _ status: Status?) {
        self.target = target
        self.status = status
    }
}
