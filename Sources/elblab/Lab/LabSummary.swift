import ELBControlAPI
import ELBModel

/// What `elblab up` says about the lab: who runs where, and what to type next.
struct LabSummary {
    let style: TextStyle
    /// Where Envoys may ask besides the lab's endpoint.
    let discovery: Endpoint?
    /// The certificate that signs the lab's own.
    let authority: String
    /// The folder of buckets, if there is one.
    let buckets: String?

    func lines(_ result: TemplateReader.Result, endpoint: Endpoint, timeScale: Double) -> [String] {
        var lines = [self.style.bold("the lab is up") + ": http://\(endpoint)/  time ×\(Self.short(timeScale))"]
        for loadBalancer in result.topology.loadBalancers {
            let quirks = loadBalancer.quirks.map(\.rawValue).sorted().joined(separator: ", ")
            let deviates = quirks.isEmpty ? "" : "  " + self.style.yellow("quirks: \(quirks)")
            lines.append(
                "load balancer \(self.style.cyan(loadBalancer.name.rawValue))  \(loadBalancer.dnsName)\(deviates)"
            )
            for listener in loadBalancer.listeners {
                for node in loadBalancer.nodes {
                    lines.append("  \(node.zone)  \(self.command(listener, at: node.address))")
                }
            }
            if loadBalancer.listeners.isEmpty { lines.append("  no listener, so nothing answers") }
            if let buckets {
                for log in LogKind.allCases where loadBalancer.attributes[log].isEnabled {
                    lines.append("  \(log.rawValue)  \(buckets)/\(loadBalancer.attributes[log].bucket)")
                }
            }
        }
        for loadBalancer in result.topology.classicLoadBalancers { lines += self.lines(loadBalancer) }
        lines += self.lines(result.topology.instances)
        for function in result.topology.functions {
            lines.append(
                "function \(self.style.cyan(function.name))  \(function.arn)  API http://\(function.endpoint)/"
            )
        }
        for output in result.outputs { lines.append("output \(output.stack).\(output.name) = \(output.value)") }
        if let discovery { lines.append("Envoys are answered at http://\(discovery)/v3/") }
        let isEmpty = result.topology.instances.isEmpty && result.topology.functions.isEmpty
        if isEmpty, result.topology.loadBalancers.isEmpty, result.topology.classicLoadBalancers.isEmpty {
            lines.append("the lab is empty: fill it with aws inside 'elblab shell', or give 'elblab up' a template")
        } else {
            lines.append("names work inside 'elblab shell'; an edited template is applied; Ctrl-C stops")
        }
        return lines
    }

    /// In columns, within 80 for names of usual length.
    private func lines(_ instances: [Instance]) -> [String] {
        let width = instances.map(\.name.count).max() ?? 0
        return instances.map { instance in
            let ports = instance.ports.map(\.description).joined(separator: ",")
            let gap = String(repeating: " ", count: width - instance.name.count)
            return "instance \(self.style.cyan(instance.name))\(gap)  \(instance.id)  zone \(instance.zone.letter)  "
                + "\(instance.address):\(ports)  \(instance.type.name)"
        }
    }

    private func lines(_ loadBalancer: ClassicLoadBalancer) -> [String] {
        let quirks = loadBalancer.quirks.map(\.rawValue).sorted().joined(separator: ", ")
        let deviates = quirks.isEmpty ? "" : "  " + self.style.yellow("quirks: \(quirks)")
        var lines = [
            "Classic Load Balancer \(self.style.cyan(loadBalancer.name.rawValue))  \(loadBalancer.dnsName)\(deviates)"
        ]
        for listener in loadBalancer.listeners {
            for node in loadBalancer.nodes {
                lines.append(
                    "  \(node.zone)  \(Self.command(listener, at: Endpoint(address: node.address, port: listener.port)))"
                )
            }
        }
        let log = loadBalancer.attributes.accessLog.delivery
        if let buckets, log.isEnabled { lines.append("  access_logs  \(buckets)/\(log.bucket)") }
        return lines
    }

    private static func command(_ listener: ClassicListener, at place: Endpoint) -> String {
        switch listener.protocol {
        case .http: "curl http://\(place)/"
        case .https: "curl -k https://\(place)/"
        case .tcp: "nc \(place.address) \(place.port)"
        case .ssl: "openssl s_client -connect \(place)"
        }
    }

    /// What to type for a listener at one node. A name is needed where a certificate is for names.
    private func command(_ listener: Listener, at address: IPAddress) -> String {
        let place = Endpoint(address: address, port: listener.port)
        switch listener.protocol {
        case .http: return "curl http://\(place)/"
        case .tcp: return "nc \(address) \(listener.port)"
        case .udp, .tcpUDP: return "nc -u \(address) \(listener.port)"
        case .https, .tls: break
        }
        guard case .issued(let names, _) = listener.tls?.defaultCertificate.source, let first = names.first else {
            return "curl -k https://\(place)/"
        }
        let name = first.hasPrefix("*.") ? "www.\(first.dropFirst(2))" : first
        return "curl --cacert \(self.authority) --resolve \(name):\(listener.port):\(address) "
            + "https://\(name):\(listener.port)/"
    }

    /// `1`, `0.5`.
    static func short(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}
