internal import ELBModel
internal import Glibc

/// HAProxy. A rule is found first and remembered in a variable, and then acted upon: `http-request return` and `use_backend` are
/// looked at in different phases, whatever their order in the file.
package struct HAProxyEngine: Engine {
    package let name = "haproxy"
    package let package = "Debian's haproxy"
    package let versionArguments = ["-v"]
    /// In master-worker mode: a new worker takes over, and the old one finishes what it has.
    package let reload = EngineReload.repeatedSignal(SIGUSR2)

    package init() {}

    package func arguments(folder: String) -> [String] { ["-W", "-db", "-f", "\(folder)/haproxy.cfg"] }

    package var claims: SubjectClaims { EngineClaims.except() }

    package func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile] {
        try configuration.requirePlainHTTP()
        var text = self.head(configuration)
        for listener in configuration.loadBalancer.listeners { text += try self.frontend(listener, configuration) }
        for group in configuration.targetGroups {
            text += try self.backend(group, configuration, isChecked: true)
            text += try self.backend(group, configuration, isChecked: false)
        }
        return [EngineFile(name: "haproxy.cfg", text: text)]
    }

    private func head(_ configuration: SubjectConfiguration) -> String {
        let idle = configuration.idleMilliseconds
        return """
            global
                maxconn 4096
                # One thread, so that the targets' turns are one sequence.
                nbthread 1
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

    private func frontend(_ listener: Listener, _ configuration: SubjectConfiguration) throws(Inexpressible) -> String {
        let cases = try listener.cases()
        var lines = configuration.loadBalancer.nodes.map { "bind \($0.address):\(listener.port)" }
        lines += self.forwardedFor(configuration.loadBalancer.attributes)
        lines += [
            "http-request set-header X-Forwarded-Proto http",
            "http-request set-header X-Forwarded-Port \(listener.port)",
        ]
        for (index, rule) in cases.enumerated() {
            let conditions = ["!{ var(txn.rule) -m found }"] + rule.conditions.map { Self.condition($0) }
            lines.append("http-request set-var(txn.rule) int(\(index)) if \(conditions.joined(separator: " "))")
        }
        for (index, rule) in cases.enumerated() {
            lines += try self.action(rule.action, when: "{ var(txn.rule) -m int \(index) }", listener, configuration)
        }
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
            let body = fixed.messageBody ?? ""
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
        var lines = ["balance \(algorithm)"]
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
        }
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
