internal import ELBModel
internal import FoundationEssentials

/// A load balancer that was made by the API, for as long as the scope of `withOne` lasts: whatever it is told to become, it is brought
/// there by calls, one for each thing that changed.
actor EndpointLoadBalancer {
    let nodes: [LoadBalancer.Node]
    let dnsName: String
    private let client: AWSClient
    private let threads: ThreadPool
    private let arn: String
    private let vpc: String
    private let blocks: [CIDRBlock]
    /// Joined to the names of groups, which are one account's.
    private let suffix: String
    private var attributes = ""
    private var groups: [String: Group] = [:]
    private var listeners: [Int: EndpointListener] = [:]
    /// By the name in the configuration.
    private var certificates: [String: Imported] = [:]

    private struct Imported {
        let arn: String
        /// The material.
        let text: String
    }

    private struct Group {
        let arn: String
        var settings: String
        var attributes: String
        var targets: [String: JSONText] = [:]
    }

    private init(_ made: NewLoadBalancer, _ nodes: [LoadBalancer.Node], _ client: AWSClient, _ threads: ThreadPool) {
        self.nodes = nodes
        self.dnsName = made.dnsName
        self.client = client
        self.threads = threads
        self.arn = made.arn
        self.vpc = made.vpc
        self.blocks = made.blocks
        self.suffix = made.suffix
    }

    /// Makes one, runs `body`, and deletes everything that was made, however the scope ends.
    static func withOne<Value: Sendable>(
        at place: EndpointPlace,
        for setting: Setting,
        curl: CurlClient,
        threads: ThreadPool,
        body: @Sendable @escaping (EndpointLoadBalancer) async throws -> Value
    ) async throws -> Value {
        let client = AWSClient(place: place, curl: curl)
        let made = try await NewLoadBalancer(client, setting)
        var balancer: EndpointLoadBalancer?
        let result: Result<Value, any Error>
        do {
            try await made.becomesActive(client)
            let nodes = try await made.nodes(setting, place, threads)
            let running = EndpointLoadBalancer(made, nodes, client, threads)
            balancer = running
            result = .success(try await body(running))
        } catch {
            result = .failure(error)
        }
        // A run that was interrupted cleans up like any other.
        let gone = balancer
        await Task.detached {
            guard let gone else { return await made.delete(client) }
            await gone.delete()
        }.value
        return try result.get()
    }

    /// Brings the load balancer to what the configuration says.
    func apply(_ configuration: SubjectConfiguration) async throws {
        try EndpointPlace.requireExpressible(configuration)
        let json = configuration.json
        if let attributes = json["LoadBalancerAttributes"], attributes.text != self.attributes {
            self.attributes = attributes.text
            try await self.client.query(
                "ModifyLoadBalancerAttributes",
                [("LoadBalancerArn", .string(self.arn)), ("Attributes", attributes)]
            )
        }
        for certificate in json["Certificates"]?.elements ?? [] { try await self.imports(certificate) }
        let groups = json["TargetGroups"]?.elements ?? []
        for group in groups { try await self.apply(group: group) }
        let listeners = json["Listeners"]?.elements ?? []
        try await self.apply(listeners)
        let names = Set(groups.compactMap { $0["Name"]?.string })
        for (name, group) in self.groups where !names.contains(name) {
            try await self.client.query("DeleteTargetGroup", [("TargetGroupArn", .string(group.arn))])
            self.groups[name] = nil
        }
    }

    private func imports(_ certificate: JSONText) async throws {
        let name = certificate["CertificateArn"]?.string ?? ""
        let known = self.certificates[name]
        guard known?.text != certificate.text else { return }
        let parts = ["Certificate", "PrivateKey"].map { certificate[$0]?.string ?? "" }
        // The chain is a field of its own: everything behind the first certificate.
        let mark = "-----END CERTIFICATE-----\n"
        let end = parts[0].firstRange(of: mark)?.upperBound ?? parts[0].endIndex
        let encoded = { (text: Substring) in JSONText.string(Data(text.utf8).base64EncodedString()) }
        var members = [("Certificate", encoded(parts[0][..<end])), ("PrivateKey", encoded(parts[1][...]))]
        if end != parts[0].endIndex { members.append(("CertificateChain", encoded(parts[0][end...]))) }
        // What was imported before is replaced under its own name.
        if let known { members.append(("CertificateArn", .string(known.arn))) }
        let arn = try await self.client.json("ImportCertificate", .object(members), member: "CertificateArn")
        self.certificates[name] = Imported(arn: arn, text: certificate.text)
    }

    // Target groups.

    private static let fixedSettings: Set = ["Name", "Protocol", "ProtocolVersion", "Port", "TargetType"]
    private static let checkSettings: Set = [
        "HealthCheckProtocol", "HealthCheckPort", "HealthCheckPath", "HealthCheckIntervalSeconds",
        "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount", "Matcher",
    ]

    private func apply(group: JSONText) async throws {
        let name = group["Name"]?.string ?? ""
        let checks = group.members(Self.checkSettings)
        let settings = JSONText.object(checks).text
        let attributes = group["TargetGroupAttributes"] ?? .array([])
        var known: Group
        if let found = self.groups[name] {
            known = found
            if known.settings != settings {
                try await self.client.query("ModifyTargetGroup", [("TargetGroupArn", .string(known.arn))] + checks)
                known.settings = settings
            }
        } else {
            let fixed = group.members(Self.fixedSettings).filter { $0.0 != "Name" }
            let answer = try await self.client.query(
                "CreateTargetGroup",
                [("Name", .string("\(name)-\(self.suffix)")), ("VpcId", .string(self.vpc))] + fixed + checks
            )
            known = Group(arn: answer.first("TargetGroupArn")?.text ?? "", settings: settings, attributes: "")
            self.groups[name] = known
        }
        if known.attributes != attributes.text, !attributes.elements.isEmpty {
            try await self.client.query(
                "ModifyTargetGroupAttributes",
                [("TargetGroupArn", .string(known.arn)), ("Attributes", attributes)]
            )
            known.attributes = attributes.text
        }
        self.groups[name] = known
        try await self.apply(group["Targets"]?.elements ?? [], to: name)
    }

    private func apply(_ targets: [JSONText], to name: String) async throws {
        guard var group = self.groups[name] else { return }
        let wanted = Dictionary(targets.map { self.target($0) }.map { ($0.text, $0) }) { first, _ in first }
        let new = wanted.filter { group.targets[$0.key] == nil }.map(\.value)
        let old = group.targets.filter { wanted[$0.key] == nil }.map(\.value)
        for (action, targets) in [("RegisterTargets", new), ("DeregisterTargets", old)] where !targets.isEmpty {
            try await self.client.query(
                action,
                [("TargetGroupArn", .string(group.arn)), ("Targets", .array(targets))]
            )
        }
        group.targets = wanted
        self.groups[name] = group
    }

    /// The fleet's backends are registered by their addresses, whose zone AWS finds out for its own network's (ALB-TG-011).
    private func target(_ target: JSONText) -> JSONText {
        let address = (target["Address"] ?? target["Id"])?.string ?? ""
        let isInside = IPAddress(address).map { address in self.blocks.contains { $0.contains(address) } } ?? false
        let zone: [(String, JSONText)] = isInside ? [] : [("AvailabilityZone", "all")]
        return .object([("Id", .string(address)), ("Port", target["Port"] ?? 80)] + zone)
    }

    // Listeners.

    private func apply(_ listeners: [JSONText]) async throws {
        let ports = listeners.compactMap { EndpointListener.port(of: $0) }
        for (port, listener) in self.listeners where !ports.contains(port) {
            try await self.client.query("DeleteListener", [("ListenerArn", .string(listener.arn))])
            self.listeners[port] = nil
        }
        // In their order: the last one tells that all are as they should be.
        for listener in listeners {
            guard let port = EndpointListener.port(of: listener) else { continue }
            let resolved = self.resolved(listener)
            var known =
                if let found = self.listeners[port] {
                    found
                } else {
                    try await EndpointListener(resolved, of: self.arn, self.client)
                }
            self.listeners[port] = known
            try await known.apply(resolved, self.client)
            self.listeners[port] = known
        }
    }

    /// With ARNs where the configuration has names.
    private func resolved(_ value: JSONText) -> JSONText {
        switch value {
        case .object(let members):
            .object(
                members.map { name, member in
                    switch name {
                    case "TargetGroupArn": (name, .string(self.groups[member.string]?.arn ?? member.string))
                    case "CertificateArn": (name, .string(self.certificates[member.string]?.arn ?? member.string))
                    default: (name, self.resolved(member))
                    }
                }
            )
        case .array(let elements): .array(elements.map { self.resolved($0) })
        case .string, .number, .boolean, .null: value
        }
    }

    // The end.

    /// Deletes everything, as far as it goes: a step that is refused does not stop the others.
    private func delete() async {
        _ = try? await self.client.query("DeleteLoadBalancer", [("LoadBalancerArn", .string(self.arn))])
        for group in self.groups.values {
            // Elsewhere it takes a moment until nobody uses the group any more.
            for attempt in 1...5 {
                let gone = try? await self.client.query("DeleteTargetGroup", [("TargetGroupArn", .string(group.arn))])
                if gone != nil { break }
                try? await Task.sleep(for: .milliseconds(200 * attempt * self.client.place.patience))
            }
        }
        for certificate in self.certificates.values {
            let name = JSONText.object([("CertificateArn", .string(certificate.arn))])
            _ = try? await self.client.json("DeleteCertificate", name, member: "")
        }
    }
}

extension EndpointLoadBalancer: RunningSubject {
    nonisolated var outputText: String { "" }
    /// Whether the endpoint still answers shows at the next call.
    nonisolated var hasExited: Bool { false }
    func reload(_ configuration: SubjectConfiguration) async throws { try await self.apply(configuration) }
}
