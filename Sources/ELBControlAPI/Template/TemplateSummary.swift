/// What a template says of itself, without its parameters' values: what `GetTemplateSummary` and `ValidateTemplate` tell.
package struct TemplateSummary: Sendable {
    package var detail: String?
    package var version: String?
    /// `Metadata`, as JSON.
    package var metadata: String?
    package var parameters: [Parameter] = []
    /// In the order of the template, each once.
    package var resourceTypes: [String] = []
    /// Capabilities that whoever deploys it must acknowledge.
    package var capabilities: [String] = []
    /// Which resources ask for them.
    package var capabilitiesReason: String?

    package struct Parameter: Sendable {
        package var key: String
        package var type: String
        package var defaultValue: String?
        package var detail: String?
        package var isSecret: Bool
        package var allowedValues: [String]
    }

    /// - Throws: when the text is no template. What its resources say is judged when it is deployed.
    package init(_ template: String) throws(DiagnosticsError) {
        let collector = DiagnosticCollector(file: "template")
        let root = DocumentLoader.load(Array(template.utf8), into: collector)
        if let root, var reader = ObjectReader(root, as: "a template", collector) {
            self.detail = reader.text("Description")?.value
            self.version = reader.text("AWSTemplateFormatVersion")?.value
            self.metadata = reader.value("Metadata")?.canonicalText
            reader.requires("Resources")
            self.parameters = (reader.value("Parameters")?.entries ?? []).map(Self.parameter)
            self.readResources(reader.value("Resources")?.entries ?? [])
        }
        try collector.throwIfAny()
    }

    private static func parameter(_ entry: DocumentValue.Entry) -> Parameter {
        let value = entry.value
        return Parameter(
            key: entry.key,
            type: value["Type"]?.text ?? "String",
            defaultValue: value["Default"].map { $0.text ?? "" },
            detail: value["Description"]?.text,
            isSecret: ["true", "True", "TRUE"].contains(value["NoEcho"]?.text),
            allowedValues: value["AllowedValues"]?.elements?.compactMap(\.text) ?? []
        )
    }

    private mutating func readResources(_ entries: [DocumentValue.Entry]) {
        var roles: [String] = []
        var isNamed = false
        for entry in entries {
            guard let type = entry.value["Type"]?.text else { continue }
            if !self.resourceTypes.contains(type) { self.resourceTypes.append(type) }
            guard type.hasPrefix("AWS::IAM::") else { continue }
            roles.append(type)
            let properties = entry.value["Properties"]
            let names = ["RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"]
            if names.contains(where: { properties?[$0] != nil }) { isNamed = true }
        }
        guard !roles.isEmpty else { return }
        self.capabilities = [isNamed ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM"]
        var seen: Set<String> = []
        let types = roles.filter { seen.insert($0).inserted }
        self.capabilitiesReason = "The following resource(s) require capabilities: [\(types.joined(separator: ", "))]"
    }

    /// What is missing among those that are acknowledged; AWS takes the stronger one for the weaker.
    package func missing(of acknowledged: [String]) -> [String] {
        self.capabilities.filter { needed in
            !acknowledged.contains(needed)
                && !(needed == "CAPABILITY_IAM" && acknowledged.contains("CAPABILITY_NAMED_IAM"))
        }
    }
}
