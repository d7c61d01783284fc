internal import ELBModel

/// HAProxy. A rule is found first and remembered in a variable, and then acted upon: `http-request return` and `use_backend` are
/// looked at in different phases, whatever their order in the file.
package struct HAProxyEngine: Engine {
    package let name = "haproxy"
    package let package = "Debian's haproxy"
    package let versionArguments = ["-v"]
    /// In master-worker mode: a new worker takes over, and the old one finishes what it has. A signal, and even a command on the
    /// master's socket, is lost while an earlier one is being followed; but the master counts them.
    package let reload = EngineReload.command("reload", socket: Self.socket, question: "show proc") { answer in
        // 1234  master  2  0d00h00m05s  2.6.12
        for line in answer.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 2, words[1] == "master" { return Int(words[2]) }
        }
        return nil
    }
    private static let socket = "master.sock"

    package init() {}

    package func arguments(folder: String) -> [String] {
        ["-W", "-db", "-S", "\(folder)/\(Self.socket)", "-f", "\(folder)/haproxy.cfg"]
    }

    package var claims: SubjectClaims {
        EngineClaims.claims(
            ["alb.stickiness.lb-cookie", "alb.tls.policies"],
            except: .init("alb.stickiness", "The adapter writes stickiness by the load balancer's own cookie only.")
        )
    }

    package func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile] {
        try configuration.requireHTTP(orHTTPS: true, bindsClients: true)
        var text = self.head(configuration)
        var files: [EngineFile] = []
        for listener in configuration.loadBalancer.listeners {
            // The default certificate comes first; the others are found by the name that a client asks for.
            let certificates = try listener.certificateFiles()
            let options = try self.bindOptions(
                listener,
                configuration.loadBalancer.attributes,
                certificates.map { "\(folder)/\($0.name)" }
            )
            text += try self.frontend(listener, configuration, options)
            files += certificates
        }
        for group in configuration.targetGroups {
            text += try self.backend(group, configuration, isChecked: true)
            text += try self.backend(group, configuration, isChecked: false)
        }
        // Certificates first: the file that names them is the one that is read.
        return files + [EngineFile(name: "haproxy.cfg", text: text)]
    }

    private func bindOptions(
        _ listener: Listener,
        _ attributes: LoadBalancerAttributes,
        _ certificates: [String]
    ) throws(Inexpressible) -> String {
        guard let policy = try listener.tls?.knownPolicy() else { return "" }
        var options = ["ssl"] + certificates.map { "crt \($0)" }
        options += ["ssl-min-ver \(policy.oldest.haproxyName)", "ssl-max-ver \(policy.newest.haproxyName)"]
        if let ciphers = policy.ciphers { options.append("ciphers \(ciphers)") }
        if let ciphers = policy.ciphers13 { options.append("ciphersuites \(ciphers)") }
        options.append("alpn \(listener.alpnProtocols(attributes).joined(separator: ","))")
        return " " + options.joined(separator: " ")
    }

    private func head(_ configuration: SubjectConfiguration) -> String {
        let idle = configuration.idleMilliseconds
        return """
            global
                maxconn 4096
                # One thread, so that the targets' turns are one sequence.
                nbthread 1
                tune.h2.max-concurrent-streams 128
            defaults
                mode http
                timeout connect \(configuration.connectMilliseconds)ms
                timeout client \(idle)ms
                timeout http-request \(idle)ms
                timeout http-keep-alive \(idle)ms
                timeout server \(idle)ms
                timeout tunnel \(idle)ms
                # A request is sent once.
                retries 0
                http-reuse always

            """
    }

    private func frontend(
        _ listener: Listener,
        _ configuration: SubjectConfiguration,
        _ options: String
    ) throws(Inexpressible) -> String {
        let cases = try listener.cases()
        var lines = configuration.loadBalancer.nodes.map { "bind \($0.address):\(listener.port)\(options)" }
        // In clear text there is no HTTP/2, also for those who know that they could have it.
        if listener.tls == nil { lines.append("option disable-h2-upgrade") }
        lines += self.forwardedFor(configuration.loadBalancer.attributes)
        lines += [
            "http-request set-header X-Forwarded-Proto \(listener.scheme)",
            "http-request set-header X-Forwarded-Port \(listener.port)",
        ]
        let told = listener.tlsHeaders(
            configuration.loadBalancer.attributes,
            version: "%[ssl_fc_protocol]",
            cipherSuite: "%[ssl_fc_cipher]"
        )
        lines += told.map { name, value in
            value.map { "http-request set-header \(name) \($0)" } ?? "http-request del-header \(name)"
        }
        for (index, rule) in cases.enumerated() {
            let conditions = ["!{ var(txn.rule) -m found }"] + rule.conditions.map { Self.condition($0) }
            lines.append("http-request set-var(txn.rule) int(\(index)) if \(conditions.joined(separator: " "))")
        }
        var actions: [String] = []
        for (index, rule) in cases.enumerated() {
            actions += try self.action(rule.action, when: "{ var(txn.rule) -m int \(index) }", listener, configuration)
        }
        // Backends are chosen when everything else is done, and HAProxy warns of other orders.
        lines += actions.filter { !$0.hasPrefix("use_backend") } + actions.filter { $0.hasPrefix("use_backend") }
        return "frontend port-\(listener.port)\n" + lines.map { "    \($0)\n" }.joined()
    }

    private func forwardedFor(_ attributes: LoadBalancerAttributes) -> [String] {
        let isThere = "{ req.hdr(X-Forwarded-For) -m found }"
        let address = attributes.xffClientPortEnabled ? "%[src]:%[src_port]" : "%[src]"
        switch attributes.xffHeaderProcessingMode {
        case .preserve: return []
        case .remove: return ["http-request del-header X-Forwarded-For"]
        case .append:
            return [
                "http-request return status 463 if { req.hdr_cnt(X-Forwarded-For) gt 30 }",
                "http-request set-header X-Forwarded-For \"%[req.fhdr(X-Forwarded-For)], \(address)\" if \(isThere)",
                "http-request set-header X-Forwarded-For \(address) if !\(isThere)",
            ]
        }
    }

    private static func condition(_ condition: RuleCondition) -> String {
        switch condition {
        case .hostHeader(let values):
            "{ req.hdr(Host) -i -m reg \(Self.patterns(values.expressions(any: "[^:]"), "(:[0-9]+)?")) }"
        case .pathPattern(let values): "{ path -m reg \(Self.patterns(values.expressions())) }"
        case .httpHeader(let name, let values): "{ req.fhdr(\(name)) -i -m reg \(Self.patterns(values.expressions())) }"
        case .httpRequestMethod(let methods): "{ method -m str \(methods.map(Self.quoted).joined(separator: " ")) }"
        case .queryString(let values):
            "{ query -i -m reg \(values.map { Self.quoted(Wildcards.query($0)) }.joined(separator: " ")) }"
        case .sourceIP(let blocks): "{ src \(blocks.map { "\($0)" }.joined(separator: " ")) }"
        }
    }

    private func action(
        _ action: RuleAction,
        when condition: String,
        _ listener: Listener,
        _ configuration: SubjectConfiguration
    ) throws(Inexpressible) -> [String] {
        switch action {
        case .fixedResponse(let fixed):
            // It refuses a body where HTTP has none.
            let body = [204, 205, 304].contains(fixed.statusCode) ? "" : fixed.messageBody ?? ""
            guard !body.contains(where: \.isNewline) else { throw Inexpressible("a body of several lines") }
            let content =
                body.isEmpty ? "" : " content-type \(fixed.contentType ?? "text/plain") string \(Self.quoted(body))"
            return ["http-request return status \(fixed.statusCode)\(content) if \(condition)"]
        case .redirect(let redirect):
            let code = redirect.statusCode.number
            let lines = [("{ query -m len gt 0 }", "?%[query]"), ("!{ query -m len gt 0 }", "")].map { sign, query in
                let location = redirect.location(listener: listener) { part in
                    switch part {
                    case .protocol, .port: ""
                    case .host: "%[req.hdr(Host),regsub(:[0-9]+$,)]"
                    case .path: "%[path,regsub(^/,)]"
                    case .query: "%[query]"
                    case .queryWithMark: query
                    }
                }
                return "http-request redirect location \(Self.quoted(location)) code \(code) if \(condition) \(sign)"
            }
            return lines
        case .forward(let forward):
            let (groups, sum) = try forward.shares()
            // One draw, compared with the sums of the weights so far.
            var lines = groups.count == 1 ? [] : ["http-request set-var(txn.draw) rand(\(sum)) if \(condition)"]
            var bound = 0
            for group in groups {
                bound += group.weight
                let name = try configuration.name(group.targetGroup)
                let draw = groups.count == 1 ? "" : " { var(txn.draw) -m int lt \(bound) }"
                // When no target is healthy, every one of them is as good as none: the group fails open.
                lines.append("use_backend \(name)-open if \(condition)\(draw) { nbsrv(\(name)) eq 0 }")
                lines.append("use_backend \(name) if \(condition)\(draw)")
            }
            return lines
        case .authenticateOIDC, .authenticateCognito, .jwtValidation: return []
        }
    }

    private func backend(
        _ group: TargetGroup,
        _ configuration: SubjectConfiguration,
        isChecked: Bool
    ) throws(Inexpressible) -> String {
        let check = group.healthCheck
        let algorithm =
            switch group.attributes.algorithm {
            case .roundRobin: "roundrobin"
            case .leastOutstandingRequests: "leastconn"
            case .weightedRandom: "random(1)"
            }
        var lines = ["balance \(algorithm)"] + self.stickiness(group, configuration)
        var options = ""
        if isChecked {
            lines += [
                "option httpchk",
                "http-check send meth GET uri \(Self.quoted(check.path)) ver HTTP/1.1 hdr Host %[srv_name]"
                    + " hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close",
                "http-check expect status \(check.matcher)",
                "timeout check \(configuration.milliseconds(check.timeoutSeconds))ms",
            ]
            let interval = configuration.milliseconds(check.intervalSeconds)
            options =
                " check inter \(interval)ms rise \(check.healthyThresholdCount) fall \(check.unhealthyThresholdCount)"
            if let port = check.port.number { options += " port \(port)" }
            if group.protocol == .https || check.protocol == .https {
                options += check.protocol == .https ? " check-ssl" : " no-check-ssl"
            }
        }
        // Nobody looks at a target's certificate, when it serves or when it is probed.
        if group.protocol == .https { options += " ssl" }
        if group.protocol == .https || isChecked && check.protocol == .https { options += " verify none" }
        // A server's name is all that a probe can say of where it goes.
        lines += group.targets.map { "server \($0.endpoint) \($0.endpoint)\(options)" }
        return "backend \(group.name)\(isChecked ? "" : "-open")\n" + lines.map { "    \($0)\n" }.joined()
    }

    private static func patterns(_ expressions: [String], _ end: String = "") -> String {
        expressions.map { Self.quoted("^\($0)\(end)$") }.joined(separator: " ")
    }

    /// In single quotes nothing has a meaning.
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

extension TLSVersion {
    /// `TLSv1.0` where everybody else leaves the zero out.
    fileprivate var haproxyName: String { self == .v10 ? "TLSv1.0" : self.name }
}
