import ELBModel

/// One template as written: its sections, not yet evaluated.
final class TemplateDocument {
    let collector: DiagnosticCollector
    let parameters: TemplateParameters
    private let identifiers: ResourceIdentifiers
    private var resources: [TemplateResource] = []
    private var outputs: DocumentValue?
    private(set) var detail: String?

    /// What building gives.
    struct Built {
        var topology = Topology()
        var marks = SourceMarks()
        var outputs: [TemplateReader.Output] = []
        var imports: Set<String> = []
        var resources: [StackResource] = []
        var addresses: AddressBook
    }

    init(_ source: TemplateReader.Source, parameters given: [String: String]) {
        self.collector = DiagnosticCollector(file: source.file)
        self.identifiers = ResourceIdentifiers(stack: source.stack, stackID: source.stackID)
        guard let root = DocumentLoader.load(source.bytes, into: self.collector),
            var reader = ObjectReader(root, as: "a template", self.collector)
        else {
            self.parameters = TemplateParameters(nil, given: [:], self.collector)
            return
        }
        if let version = reader.text("AWSTemplateFormatVersion"), version.value != "2010-09-09" {
            reader.refuse(version, for: "AWSTemplateFormatVersion", allowed: ["2010-09-09"])
        }
        self.detail = reader.text("Description")?.value
        reader.accepts("Metadata")
        self.parameters = TemplateParameters(reader.value("Parameters"), given: given, self.collector)
        self.outputs = reader.value("Outputs")
        reader.requires("Resources")
        if let section = reader.value("Resources") { self.readResources(section) }
        reader.finish(notInLab: ["Conditions", "Hooks", "Mappings", "Rules", "Transform"])
    }

    var stack: String { self.identifiers.stack }

    /// The address book's keys of everything in this template.
    var keys: [String] { self.resources.map { self.identifiers.key($0.logicalID) } }

    // MARK: Reading

    private func readResources(_ section: DocumentValue) {
        guard let entries = section.entries else {
            self.collector.error("'Resources' must be a mapping, not \(section.noun)", at: section.location)
            return
        }
        guard entries.count <= TemplateReader.maximumResources else {
            self.collector.error(
                "\(entries.count) resources; AWS allows \(TemplateReader.maximumResources) in a template",
                at: section.location
            )
            return
        }
        self.resources = entries.compactMap(self.resource)
    }

    private func resource(_ entry: DocumentValue.Entry) -> TemplateResource? {
        if entry.key.isEmpty || !entry.key.utf8.allSatisfy(Self.isAlphanumeric) {
            self.collector.error(
                "'\(entry.key.prefix(80))' is no logical id",
                at: entry.keyLocation,
                suggestion: "letters and digits only"
            )
            return nil
        }
        guard var reader = ObjectReader(entry.value, as: "resource '\(entry.key)'", self.collector) else { return nil }
        reader.requires("Type")
        // What becomes of one that is replaced is AWS's business: nothing is replaced here.
        reader.accepts("UpdateReplacePolicy")
        let policy = reader.text("DeletionPolicy")
        if let policy, !Self.deletionPolicies.contains(policy.value) {
            reader.refuse(policy, for: "DeletionPolicy", allowed: Self.deletionPolicies)
        }
        let type = reader.text("Type").flatMap { self.type($0, reader) }
        let properties = reader.value("Properties") ?? DocumentValue(.mapping([]), at: entry.keyLocation)
        let metadata = reader.value("Metadata")
        let dependsOn = self.dependsOn(&reader)
        reader.finish(notInLab: ["Condition", "CreationPolicy", "UpdatePolicy"])
        guard let type else { return nil }
        if !type.takesMetadata, let stray = metadata?["elblab"] {
            self.collector.error(
                "'elblab' in Metadata says nothing of \(type.rawValue)",
                at: stray.location,
                suggestion: "a backend is described on an AWS::EC2::Instance"
            )
        }
        return TemplateResource(
            logicalID: entry.key,
            type: type,
            properties: properties,
            metadata: metadata,
            dependsOn: dependsOn,
            isRetained: policy?.value.hasPrefix("Retain") ?? false,
            location: entry.keyLocation
        )
    }

    private static let deletionPolicies = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"]

    private func type(_ text: Located<String>, _ reader: ObjectReader) -> ResourceType? {
        if let type = ResourceType(rawValue: text.value) { return type }
        let parts = text.value.split(separator: ":", omittingEmptySubsequences: true)
        let known = ResourceType.allCases.map(\.rawValue)
        if let meant = Suggestion.didYouMean(text.value, among: known) {
            self.collector.error(
                "unknown resource type '\(text.value.prefix(80))'",
                at: text.location,
                suggestion: meant
            )
        } else if parts.count == 3, parts[0] == "AWS" {
            self.collector.error(
                "resource type '\(text.value.prefix(80))' is not in the lab",
                at: text.location,
                suggestion: "docs/templates.md lists the types that are"
            )
        } else {
            self.collector.error("unknown resource type '\(text.value.prefix(80))'", at: text.location)
        }
        return nil
    }

    private func dependsOn(_ reader: inout ObjectReader) -> [Located<String>] {
        guard let value = reader.value("DependsOn") else { return [] }
        let names: [Located<String>]
        if let text = value.text {
            names = [Located(value: text, location: value.location)]
        } else {
            names = reader.texts("DependsOn") ?? []
        }
        return names
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    // MARK: Building

    /// Evaluates and builds everything; mistakes go to the collector.
    ///
    /// - Parameter base: what the templates before this one have built.
    func build(after base: Topology, addresses: AddressBook, _ surroundings: TemplateReader.Surroundings) -> Built {
        var built = Built(addresses: addresses)
        self.checkDependencies()
        let graph = DependencyGraph(self.resources)
        let before = self.collector.diagnostics.count
        graph.reportCycles(in: self.resources.map(\.logicalID), to: self.collector)
        // Evaluating a circle would never end.
        guard self.collector.diagnostics.count == before else { return built }
        let evaluator = TemplateEvaluator(
            parameters: self.parameters,
            resources: Dictionary(self.resources.map { ($0.logicalID, $0) }) { first, _ in first },
            identifiers: self.identifiers,
            addresses: addresses,
            surroundings: surroundings,
            collector: self.collector
        )
        var builder = TemplateBuilder(evaluator: evaluator, resources: self.resources, after: base)
        builder.build()
        built.topology = builder.topology
        built.marks = builder.marks
        built.outputs = self.evaluateOutputs(evaluator)
        built.resources = self.resources.compactMap(evaluator.stackResource)
        built.imports = evaluator.imports
        built.addresses = evaluator.addresses
        return built
    }

    private func checkDependencies() {
        let names = self.resources.map(\.logicalID)
        for dependency in self.resources.flatMap(\.dependsOn) where !names.contains(dependency.value) {
            self.collector.error(
                "there is no resource '\(dependency.value.prefix(80))'",
                at: dependency.location,
                suggestion: Suggestion.didYouMean(dependency.value, among: names)
            )
        }
    }

    private func evaluateOutputs(_ evaluator: TemplateEvaluator) -> [TemplateReader.Output] {
        guard let outputs = self.outputs else { return [] }
        guard let entries = outputs.entries else {
            self.collector.error("'Outputs' must be a mapping, not \(outputs.noun)", at: outputs.location)
            return []
        }
        return entries.compactMap { entry in
            let resolved = evaluator.resolve(entry.value) ?? DocumentValue(.null, at: entry.keyLocation)
            guard var reader = ObjectReader(resolved, as: "output '\(entry.key)'", self.collector) else { return nil }
            reader.requires("Value")
            let value = reader.text("Value")
            let description = reader.text("Description")
            let exportName = self.exportName(&reader)
            reader.finish(notInLab: ["Condition"])
            return value.map {
                TemplateReader.Output(
                    stack: self.identifiers.stack,
                    name: entry.key,
                    value: $0.value,
                    description: description?.value,
                    exportName: exportName
                )
            }
        }
    }

    private func exportName(_ reader: inout ObjectReader) -> String? {
        guard var export = reader.object("Export", as: "Export") else { return nil }
        export.requires("Name")
        let name = export.text("Name")
        export.finish()
        return name?.value
    }
}
