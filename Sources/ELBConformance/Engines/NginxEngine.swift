internal import ELBModel
internal import Glibc

/// nginx, the free one. Which rule applies is found by maps, one per condition and one per listener, and `if` only acts upon it.
package struct NginxEngine: Engine {
    package let name = "nginx"
    package let package = "Debian's nginx"
    package let versionArguments = ["-v"]
    package let reload = EngineReload.signal(SIGHUP)

    package init() {}

    package func arguments(folder: String) -> [String] { ["-p", folder, "-c", "\(folder)/nginx.conf", "-e", "stderr"] }

    package var claims: SubjectClaims {
        EngineClaims.claims(
            ["alb.tls.policies"],
            except: .init("alb.headers.x-forwarded-for.limit", "It appends to lists of any length."),
            .init(
                "alb.health",
                "Probes of its own are a feature of NGINX Plus; the free one learns from requests that fail."
            ),
            .init("alb.targets.weighted-random", "Its random choice is among all targets, and health is not known."),
            .init(
                "alb.stickiness",
                "Cookies of its own are a feature of NGINX Plus; the free one can only hash what a client sends."
            )
        )
    }

    package func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile] {
        try configuration.requireHTTP(orHTTPS: true)
        var text = self.head(configuration, folder)
        for group in configuration.targetGroups where !group.targets.isEmpty { text += self.upstream(group) }
        var files: [EngineFile] = []
        for listener in configuration.loadBalancer.listeners {
            text += try self.listener(listener, configuration, folder)
            files += try listener.certificateFiles()
        }
        // Certificates first: the file that names them is the one that is read.
        return files + [EngineFile(name: "nginx.conf", text: text + "}\n")]
    }

    private func head(_ configuration: SubjectConfiguration, _ folder: String) -> String {
        let idle = configuration.idleMilliseconds
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "    \($0)_temp_path \(folder)/\($0);\n"
        }
        return """
            daemon off;
            # One worker, so that the targets' turns are one sequence.
            worker_processes 1;
            pid \(folder)/nginx.pid;
            events { worker_connections 4096; }
            http {
                access_log off;
                server_tokens off;
                # Headers and paths stay as the client sent them.
                ignore_invalid_headers off;
                underscores_in_headers on;
                merge_slashes off;
                client_max_body_size 0;
                map_hash_bucket_size 512;
                variables_hash_bucket_size 512;
                large_client_header_buffers 4 16k;
                keepalive_timeout \(idle)ms;
                # How old a connection becomes, and how many requests it carries.
                keepalive_time \(configuration.clientKeepAliveMilliseconds)ms;
                keepalive_requests 10001;
                client_header_timeout \(idle)ms;
                client_body_timeout \(idle)ms;
                send_timeout \(idle)ms;
                proxy_connect_timeout \(configuration.connectMilliseconds)ms;
                proxy_read_timeout \(idle)ms;
                proxy_send_timeout \(idle)ms;
                proxy_http_version 1.1;
                proxy_pass_header Server;
                proxy_pass_header Date;
                # A request is sent once, and as it comes.
                proxy_next_upstream off;
                proxy_request_buffering off;
                proxy_buffering off;
                map $http_upgrade $connection_to_target { default upgrade; "" ""; }

            """ + folders.joined()
    }

    private func upstream(_ group: TargetGroup) -> String {
        let method =
            switch group.attributes.algorithm {
            case .roundRobin: ""
            case .leastOutstandingRequests: "least_conn; "
            case .weightedRandom: "random; "
            }
        let servers = group.targets.map { "server \($0.endpoint) max_fails=0;" }.joined(separator: " ")
        return "    upstream \(group.name) { \(method)\(servers) keepalive 64; }\n"
    }

    private func listener(
        _ listener: Listener,
        _ configuration: SubjectConfiguration,
        _ folder: String
    ) throws(Inexpressible) -> String {
        let cases = try listener.cases()
        let prefix = "p\(listener.port)"
        var maps = ""
        var flags = ""
        for (index, rule) in cases.enumerated() {
            var signs = ""
            for (number, condition) in rule.conditions.enumerated() {
                let name = "$\(prefix)_\(index)_\(number)"
                maps += Self.map(condition, name)
                signs += name
            }
            // The dot keeps the map's key from being empty.
            let all = String(repeating: "1", count: rule.conditions.count)
            maps += "    map \"\(signs).\" $\(prefix)_\(index) { default 0; \"\(all).\" 1; }\n"
            flags += "$\(prefix)_\(index)"
        }
        let firsts = cases.indices.map { "\"~^0{\($0)}1\" \($0);" }.joined(separator: " ")
        maps += "    map \"\(flags)\" $\(prefix)_rule { default none; \(firsts) }\n"
        let attributes = configuration.loadBalancer.attributes
        let options = listener.tls == nil ? "" : attributes.http2Enabled ? " ssl http2" : " ssl"
        var lines = configuration.loadBalancer.nodes.map { "listen \($0.address):\(listener.port)\(options);" }
        let secure = try Self.tls(listener, prefix, folder)
        maps += secure.maps
        lines += secure.lines
        // A name made of a variable; no file has the other.
        lines.append("location / { try_files /nonexistent @\(prefix)_$\(prefix)_rule; }")
        for (index, rule) in cases.enumerated() {
            lines.append("location @\(prefix)_\(index) {")
            switch rule.action {
            case .fixedResponse(let fixed):
                guard fixed.messageBody?.contains("$") != true else { throw Inexpressible("a dollar sign in a body") }
                lines.append("    default_type \(Self.quoted(fixed.contentType ?? "text/plain"));")
                lines.append("    return \(fixed.statusCode) \(Self.quoted(fixed.messageBody ?? ""));")
            case .redirect(let redirect):
                lines.append("    return \(redirect.statusCode.number) \"\(try Self.location(redirect, listener))\";")
            case .forward(let forward):
                let (name, definition) = try Self.upstream(
                    of: forward,
                    named: "$\(prefix)_\(index)_group",
                    configuration
                )
                maps += definition
                // A group without targets is called none.
                if name == "none" {
                    lines.append("    return 503;")
                } else {
                    if name.hasPrefix("$") { lines.append("    if (\(name) = none) { return 503; }") }
                    lines += self.proxying(listener, attributes).map { "    \($0)" }
                    lines.append("    proxy_pass \(name);")
                }
            case .authenticateOIDC, .authenticateCognito, .jwtValidation: break
            }
            lines.append("}")
        }
        maps += "    map $request_uri $\(prefix)_path { \"~^/(?<\(prefix)_rest>[^?]*)\" $\(prefix)_rest; }\n"
        return maps + "    server {\n" + lines.map { "        \($0)\n" }.joined() + "    }\n"
    }

    private func proxying(_ listener: Listener, _ attributes: LoadBalancerAttributes) -> [String] {
        let forwardedFor =
            switch attributes.xffHeaderProcessingMode {
            case .append where attributes.xffClientPortEnabled: "\"$proxy_add_x_forwarded_for:$remote_port\""
            case .append: "$proxy_add_x_forwarded_for"
            case .preserve: "$http_x_forwarded_for"
            case .remove: "\"\""
            }
        return [
            "proxy_set_header Host $http_host;", "proxy_set_header Connection $connection_to_target;",
            "proxy_set_header Upgrade $http_upgrade;", "proxy_set_header X-Forwarded-For \(forwardedFor);",
            "proxy_set_header X-Forwarded-Proto \(listener.scheme);",
            "proxy_set_header X-Forwarded-Port \(listener.port);",
        ]
            + listener.tlsHeaders(attributes, version: "$ssl_protocol", cipherSuite: "$ssl_cipher").map { name, value in
                // An empty value means that the header is not there.
                "proxy_set_header \(name) \(value ?? "\"\"");"
            }
    }

    /// The group's address, or a variable that holds one by chance, with its definition. That of groups without targets is `none`.
    private static func upstream(
        of forward: ForwardAction,
        named name: String,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> (name: String, definition: String) {
        let (groups, sum) = try forward.shares()
        var names: [String] = []
        for group in groups {
            let group = try configuration.group(group.targetGroup)
            names.append(
                group.targets.isEmpty ? "none" : "\(group.protocol == .https ? "https" : "http")://\(group.name)"
            )
        }
        guard groups.count > 1 else { return (names[0], "") }
        // Percentages have two decimals; the last group gets what is left.
        let shares = zip(groups, names).map { group, name in
            let hundredths = group.weight * 10000 / sum
            let rest = hundredths % 100
            return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)% \(name);"
        }
        let last = "* \(names[names.count - 1]);"
        return (name, "    split_clients $request_id \(name) { \(shares.dropLast().joined(separator: " ")) \(last) }\n")
    }

    private static func location(_ redirect: RedirectAction, _ listener: Listener) throws(Inexpressible) -> String {
        let location = redirect.location(listener: listener) { part in
            switch part {
            case .protocol, .port: ""
            case .host: "$host"
            case .path: "${p\(listener.port)_path}"
            case .query: "$args"
            case .queryWithMark: "$is_args$args"
            }
        }
        guard !location.contains("\"") else { throw Inexpressible("a quotation mark in a redirect") }
        return location
    }

    /// A variable that is 1 if the condition holds.
    private static func map(_ condition: RuleCondition, _ name: String) -> String {
        let entries: (source: String, values: [String])
        switch condition {
        case .hostHeader(let values):
            entries = ("$http_host", values.expressions(any: "[^:]").map { "~*^\($0)(:[0-9]+)?$" })
        case .pathPattern(let values):
            entries = ("$request_uri", values.expressions(any: "[^?]").map { "~^\($0)([?].*)?$" })
        case .httpHeader(let header, let values):
            let variable = header.lowercased().map { $0 == "-" ? "_" : String($0) }.joined()
            entries = ("$http_\(variable)", values.expressions().map { "~*^\($0)$" })
        case .httpRequestMethod(let methods):
            entries = ("$request_method", methods.map { "~^\(Wildcards.literal($0))$" })
        case .queryString(let values): entries = ("$args", values.map { "~*\(Wildcards.query($0))" })
        case .sourceIP(let blocks):
            return "    geo $remote_addr \(name) { default 0; \(blocks.map { "\($0) 1;" }.joined(separator: " ")) }\n"
        }
        let lines = entries.values.map { "\(Self.quoted($0)) 1;" }.joined(separator: " ")
        return "    map \(entries.source) \(name) { default 0; \(lines) }\n"
    }

    /// A dollar sign would begin a variable in some places, and cannot be escaped; in the patterns above it ends a line only.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text { quoted += "\"\\".contains(character) ? "\\\(character)" : String(character) }
        return quoted + "\""
    }
}
