internal import ELBModel

/// A load balancer in Envoy's words: its listeners, their routes, its target groups as clusters, and their targets as endpoints.
/// `elblab export` writes them into files, and the lab tells them to Envoys that ask (`EnvoyFollower`).
struct EnvoyResources: Sendable {
    let configuration: SubjectConfiguration
    let source: EnvoySource
    /// Where it listens; `nil` is where the load balancer's own nodes do.
    let address: IPAddress?

    init(_ configuration: SubjectConfiguration, source: EnvoySource, address: IPAddress? = nil) {
        self.configuration = configuration
        self.source = source
        self.address = address
    }

    static func type(_ name: String) -> (String, JSONText) { ("@type", .string("type.googleapis.com/envoy.\(name)")) }

    /// What a listener and its routes are called.
    static func name(_ listener: Listener) -> String { "port-\(listener.port)" }

    static func seconds(milliseconds: Int) -> JSONText {
        let rest = String(milliseconds % 1000)
        return .string("\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)s")
    }

    static func address(_ endpoint: Endpoint) -> JSONText {
        .object([
            (
                "socket_address",
                .object([
                    ("address", .string("\(endpoint.address)")), ("port_value", .number(Int(endpoint.port.rawValue))),
                ])
            )
        ])
    }

    func listener(_ listener: Listener) throws(Inexpressible) -> JSONText {
        let places = self.address.map { [$0] } ?? self.configuration.loadBalancer.nodes.map(\.address)
        let addresses = places.map { Self.address(Endpoint(address: $0, port: listener.port)) }
        let more = addresses.dropFirst().map { JSONText.object([("address", $0)]) }
        let filter = JSONText.object([
            ("name", "envoy.filters.network.http_connection_manager"),
            ("typed_config", self.connectionManager(listener)),
        ])
        let security = try self.security(of: listener).map { [("transport_socket", $0)] } ?? []
        return .object([
            Self.type("config.listener.v3.Listener"),
            ("name", .string(Self.name(listener))),
            ("address", addresses.first ?? .null),
            ("additional_addresses", .array(more)),
            ("filter_chains", .array([.object([("filters", .array([filter]))] + security)])),
        ])
    }

    private func connectionManager(_ listener: Listener) -> JSONText {
        let configuration = self.configuration
        let attributes = configuration.loadBalancer.attributes
        let idle = Self.seconds(milliseconds: configuration.idleMilliseconds)
        let routes = JSONText.object([
            ("route_config_name", .string(Self.name(listener))),
            ("config_source", self.source.reference(to: EnvoySource.routesFile(listener))),
        ])
        let router = JSONText.object([
            ("name", "envoy.filters.http.router"),
            (
                "typed_config",
                .object([
                    Self.type("extensions.filters.http.router.v3.Router"), ("suppress_envoy_headers", .boolean(true)),
                ])
            ),
        ])
        return .object([
            Self.type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
            ("stat_prefix", .string(Self.name(listener))),
            // Which one it is in TLS is agreed upon by ALPN.
            ("codec_type", listener.tls == nil ? "HTTP1" : "AUTO"),
            ("http2_protocol_options", .object([("max_concurrent_streams", 128)])),
            ("max_request_headers_kb", 64),
            // The peer is the client, and is appended to X-Forwarded-For.
            ("use_remote_address", .boolean(attributes.xffHeaderProcessingMode == .append)),
            ("skip_xff_append", .boolean(attributes.xffHeaderProcessingMode != .append)),
            ("generate_request_id", .boolean(false)),
            ("server_header_transformation", "PASS_THROUGH"),
            (
                "http_protocol_options",
                .object([
                    ("accept_http_10", .boolean(true)),
                    ("default_host_for_http_10", .string(configuration.loadBalancer.dnsName)),
                ])
            ),
            ("common_http_protocol_options", .object(self.lifetime(idle: idle))),
            // The time from the announcement of a connection's end to the end.
            ("drain_timeout", Self.seconds(milliseconds: configuration.milliseconds(5))),
            ("request_headers_timeout", idle),
            ("stream_idle_timeout", idle),
            ("upgrade_configs", .array([.object([("upgrade_type", "websocket")])])),
            ("rds", routes),
            ("http_filters", .array([router])),
        ])
    }

    private func lifetime(idle: JSONText) -> [(String, JSONText)] {
        [
            ("idle_timeout", idle),
            (
                "max_connection_duration",
                Self.seconds(milliseconds: self.configuration.clientKeepAliveMilliseconds)
            ),
            ("max_requests_per_connection", 10_001),
        ]
    }

    func cluster(_ group: TargetGroup) -> JSONText {
        let configuration = self.configuration
        let policy: JSONText =
            switch group.attributes.algorithm {
            case .roundRobin: "ROUND_ROBIN"
            case .leastOutstandingRequests: "LEAST_REQUEST"
            case .weightedRandom: "RANDOM"
            }
        let limit = JSONText.object([
            ("max_connections", 4096), ("max_pending_requests", 4096), ("max_requests", 4096), ("max_retries", 0),
        ])
        var members: [(String, JSONText)] = [
            Self.type("config.cluster.v3.Cluster"),
            ("name", .string(group.name.rawValue)),
            ("type", "EDS"),
            (
                "eds_cluster_config",
                .object([
                    ("service_name", .string(group.name.rawValue)),
                    ("eds_config", self.source.reference(to: EnvoySource.endpointsFile(group))),
                ])
            ),
            // A target that is no longer there gets nothing, healthy or not.
            ("ignore_health_on_host_removal", .boolean(true)),
            ("lb_policy", policy),
            ("connect_timeout", Self.seconds(milliseconds: configuration.connectMilliseconds)),
            ("circuit_breakers", .object([("thresholds", .array([limit]))])),
            (
                "common_lb_config",
                .object([
                    ("healthy_panic_threshold", .object([("value", .number(self.source.panicThreshold))])),
                    // Otherwise news of health are gathered for a second before they count.
                    ("update_merge_window", "0s"),
                ])
            ),
        ]
        members += Self.security(towards: group)
        if self.source.checksHealth {
            let check = Self.healthCheck(group.healthCheck, configuration) + Self.security(ofProbesOf: group)
            members.append(("health_checks", .array([.object(check)])))
        }
        return .object(members)
    }

    /// - Parameter statuses: what somebody else knows of the targets; without it they are those of the group, and the Envoy finds out.
    func endpoints(_ group: TargetGroup, _ statuses: [EnvoyTarget]? = nil) -> JSONText {
        let targets = statuses ?? group.targets.map { EnvoyTarget($0, nil) }
        let endpoints = targets.map { entry in
            var endpoint: [(String, JSONText)] = [("address", Self.address(entry.target.endpoint))]
            if self.source.checksHealth {
                let port = group.healthCheck.port.number ?? entry.target.endpoint.port
                let probed = JSONText.object([
                    ("port_value", .number(Int(port.rawValue))),
                    ("hostname", .string("\(Endpoint(address: entry.target.endpoint.address, port: port))")),
                ])
                endpoint.append(("health_check_config", probed))
            }
            let status = entry.status.map { [("health_status", JSONText.string($0.rawValue))] } ?? []
            return JSONText.object([("endpoint", .object(endpoint))] + status)
        }
        return .object([
            Self.type("config.endpoint.v3.ClusterLoadAssignment"),
            ("cluster_name", .string(group.name.rawValue)),
            ("endpoints", .array([.object([("lb_endpoints", .array(endpoints))])])),
        ])
    }

    private static func healthCheck(
        _ check: HealthCheckSettings,
        _ configuration: SubjectConfiguration
    ) -> [(String, JSONText)] {
        let interval = Self.seconds(milliseconds: configuration.milliseconds(check.intervalSeconds))
        let statuses = check.matcher.ranges.map {
            JSONText.object([("start", .number($0.lowerBound)), ("end", .number($0.upperBound + 1))])
        }
        let mark = JSONText.object([
            ("header", .object([("key", "User-Agent"), ("value", "ELB-HealthChecker/2.0")])),
            ("append_action", "OVERWRITE_IF_EXISTS_OR_ADD"),
        ])
        return [
            ("timeout", Self.seconds(milliseconds: configuration.milliseconds(check.timeoutSeconds))),
            ("interval", interval),
            // Otherwise a cluster that nobody has used yet is probed once a minute.
            ("no_traffic_interval", interval), ("no_traffic_healthy_interval", interval),
            ("healthy_threshold", .number(check.healthyThresholdCount)),
            ("unhealthy_threshold", .number(check.unhealthyThresholdCount)),
            ("reuse_connection", .boolean(false)),
            (
                "http_health_check",
                .object([
                    ("path", .string(check.path)), ("expected_statuses", .array(statuses)),
                    // Otherwise one wrong status is enough, whatever the threshold.
                    (
                        "retriable_statuses",
                        .array([.object([("start", .number(100)), ("end", .number(600))])])
                    ),
                    ("request_headers_to_add", .array([mark])),
                ])
            ),
        ]
    }
}
