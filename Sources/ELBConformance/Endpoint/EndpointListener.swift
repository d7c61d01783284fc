/// A listener that was made by the API, and what was said about it last.
struct EndpointListener: Sendable {
    let arn: String
    private var settings: String
    private var attributes = ""
    private var certificates: Set<String> = []
    private var rules: [Int: Rule] = [:]

    private struct Rule {
        let arn: String
        var text: String
    }

    private static let settingNames: Set = [
        "Port", "Protocol", "DefaultActions", "SslPolicy", "Certificates", "MutualAuthentication",
    ]
    private static let ruleNames: Set = ["Conditions", "Actions", "Transforms"]

    /// A listener's port in a configuration.
    static func port(of listener: JSONText) -> Int? {
        guard case .number(let port)? = listener["Port"] else { return nil }
        return port
    }

    /// Makes the listener, with its default actions only.
    init(_ listener: JSONText, of balancer: String, _ client: AWSClient) async throws {
        let settings = listener.members(Self.settingNames)
        let answer = try await client.query(
            "CreateListener",
            [("LoadBalancerArn", .string(balancer))] + settings
        )
        self.arn = answer.first("ListenerArn")?.text ?? ""
        self.settings = JSONText.object(settings).text
    }

    /// Brings it to what is said there, in which ARNs stand for names.
    mutating func apply(_ listener: JSONText, _ client: AWSClient) async throws {
        let name = [("ListenerArn", JSONText.string(self.arn))]
        let settings = listener.members(Self.settingNames)
        if JSONText.object(settings).text != self.settings {
            try await client.query("ModifyListener", name + settings)
            self.settings = JSONText.object(settings).text
        }
        if let attributes = listener["ListenerAttributes"], attributes.text != self.attributes {
            try await client.query("ModifyListenerAttributes", name + [("Attributes", attributes)])
            self.attributes = attributes.text
        }
        let more = listener["ListenerCertificates"]?.elements.compactMap { $0["CertificateArn"]?.string } ?? []
        // One call takes one certificate at a time.
        for certificate in more where !self.certificates.contains(certificate) {
            try await client.query("AddListenerCertificates", name + Self.certificates(certificate))
        }
        for certificate in self.certificates where !more.contains(certificate) {
            try await client.query("RemoveListenerCertificates", name + Self.certificates(certificate))
        }
        self.certificates = Set(more)
        try await self.apply(rules: listener["Rules"]?.elements ?? [], client)
    }

    private static func certificates(_ arn: String) -> [(String, JSONText)] {
        [("Certificates", .array([.object([("CertificateArn", .string(arn))])]))]
    }

    private mutating func apply(rules: [JSONText], _ client: AWSClient) async throws {
        var wanted: [Int: JSONText] = [:]
        for rule in rules {
            if case .number(let priority)? = rule["Priority"] { wanted[priority] = rule }
        }
        for (priority, rule) in self.rules where wanted[priority] == nil {
            try await client.query("DeleteRule", [("RuleArn", .string(rule.arn))])
            self.rules[priority] = nil
        }
        for (priority, rule) in wanted.sorted(by: { $0.key < $1.key }) {
            let settings = rule.members(Self.ruleNames)
            let text = JSONText.object(settings).text
            if let known = self.rules[priority] {
                guard known.text != text else { continue }
                try await client.query("ModifyRule", [("RuleArn", .string(known.arn))] + settings)
                self.rules[priority]?.text = text
            } else {
                let place = [("ListenerArn", JSONText.string(self.arn)), ("Priority", .number(priority))]
                let answer = try await client.query("CreateRule", place + settings)
                self.rules[priority] = Rule(arn: answer.first("RuleArn")?.text ?? "", text: text)
            }
        }
    }
}
