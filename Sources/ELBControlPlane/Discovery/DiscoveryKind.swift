/// What an Envoy can ask for, one kind per path (`POST /v3/discovery:listeners`). The raw values are the paths' last words.
package enum DiscoveryKind: String, CaseIterable, Hashable, Sendable {
    /// LDS: where it listens.
    case listeners
    /// RDS: a listener's rules.
    case routes
    /// CDS: target groups.
    case clusters
    /// EDS: targets and their health.
    case endpoints

    /// What the protocol calls resources of the kind.
    package var typeURL: String {
        let name =
            switch self {
            case .listeners: "listener.v3.Listener"
            case .routes: "route.v3.RouteConfiguration"
            case .clusters: "cluster.v3.Cluster"
            case .endpoints: "endpoint.v3.ClusterLoadAssignment"
            }
        return "type.googleapis.com/envoy.config.\(name)"
    }

    /// The kind that a path's last part names.
    ///
    /// - Parameter place: `discovery:listeners`.
    init(place: String) throws(DiscoveryError) {
        guard let kind = place.trimmingDiscovery.flatMap(Self.init(rawValue:)) else {
            let known = Self.allCases.map { "/v3/discovery:\($0.rawValue)" }.joined(separator: ", ")
            throw DiscoveryError(404, "there is no /v3/\(place.prefix(60)); there are \(known)")
        }
        self = kind
    }
}

extension String {
    fileprivate var trimmingDiscovery: String? {
        let start = "discovery:"
        return self.hasPrefix(start) ? String(self.dropFirst(start.count)) : nil
    }
}

/// Why an Envoy gets nothing, as an HTTP status and a sentence for whoever set it up.
package struct DiscoveryError: Error, Hashable, Sendable, CustomStringConvertible {
    package var status: Int
    package var description: String

    package init(_ status: Int, _ description: String) {
        self.status = status
        self.description = description
    }
}
