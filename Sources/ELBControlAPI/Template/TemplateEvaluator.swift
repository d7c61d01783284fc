import ELBModel

/// Evaluates a template's functions. References between resources may not go in circles (`DependencyGraph` sees to it),
/// so evaluation recurses freely.
final class TemplateEvaluator {
    let parameters: TemplateParameters
    let resources: [String: TemplateResource]
    let identifiers: ResourceIdentifiers
    let surroundings: TemplateReader.Surroundings
    let collector: DiagnosticCollector
    /// Names of exports that were asked for.
    private(set) var imports: Set<String> = []
    var addresses: AddressBook
    /// Properties that were asked for before, and what they were.
    var texts: [PropertyKey: Located<String>?] = [:]

    struct PropertyKey: Hashable {
        var resource: String
        var property: String
    }

    /// More than any property or output of AWS's holds; a function whose result is longer is an error.
    static let maximumText = 65_536

    init(
        parameters: TemplateParameters,
        resources: [String: TemplateResource],
        identifiers: ResourceIdentifiers,
        addresses: AddressBook,
        surroundings: TemplateReader.Surroundings,
        collector: DiagnosticCollector
    ) {
        self.parameters = parameters
        self.resources = resources
        self.identifiers = identifiers
        self.addresses = addresses
        self.surroundings = surroundings
        self.collector = collector
    }

    /// The value with every function replaced by its result; `nil` for `AWS::NoValue`, which means "not there".
    func resolve(_ value: DocumentValue) -> DocumentValue? {
        switch value.kind {
        case .null, .scalar, .unresolved:
            return value
        case .list(let elements):
            return DocumentValue(.list(elements.compactMap(self.resolve)), at: value.location)
        case .mapping(let entries):
            if let function = entries.first(where: { Self.isFunction($0.key) }) {
                guard entries.count == 1 else {
                    self.collector.error(
                        "'\(function.key)' cannot have neighbours in its mapping",
                        at: function.keyLocation
                    )
                    return DocumentValue(.unresolved, at: value.location)
                }
                return self.evaluate(function, at: value.location)
            }
            let resolved = entries.compactMap { entry in
                self.resolve(entry.value).map {
                    DocumentValue.Entry(key: entry.key, keyLocation: entry.keyLocation, value: $0)
                }
            }
            return DocumentValue(.mapping(resolved), at: value.location)
        }
    }

    static func isFunction(_ key: String) -> Bool {
        key == "Ref" || key.hasPrefix("Fn::")
    }

    private static let functions = [
        "Ref", "Fn::Base64", "Fn::GetAZs", "Fn::GetAtt", "Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Split",
        "Fn::Sub",
    ]
    private static let functionsNotInLab: Set<String> = [
        "Fn::And", "Fn::Cidr", "Fn::Equals", "Fn::FindInMap", "Fn::ForEach", "Fn::If", "Fn::Length",
        "Fn::Not", "Fn::Or", "Fn::ToJsonString", "Fn::Transform",
    ]

    private func evaluate(_ call: DocumentValue.Entry, at location: SourceLocation) -> DocumentValue? {
        let unresolved = DocumentValue(.unresolved, at: location)
        let result: DocumentValue.Kind?
        switch call.key {
        case "Ref":
            if call.value.text == "AWS::NoValue" { return nil }
            result = self.ref(call.value)
        case "Fn::GetAtt": result = self.getAtt(call.value)
        case "Fn::Sub": result = self.sub(call.value)
        case "Fn::Join": result = self.join(call.value)
        case "Fn::Select": result = self.select(call.value)
        case "Fn::Split": result = self.split(call.value)
        case "Fn::GetAZs": result = self.getAZs(call.value)
        case "Fn::Base64": result = self.base64(call.value)
        case "Fn::ImportValue": result = self.importValue(call.value)
        default:
            if Self.functionsNotInLab.contains(call.key) {
                self.collector.error("'\(call.key)' is real at AWS, but not in the lab", at: call.keyLocation)
            } else {
                self.collector.error(
                    "unknown function '\(call.key)'",
                    at: call.keyLocation,
                    suggestion: Suggestion.didYouMean(call.key, among: Self.functions)
                )
            }
            return unresolved
        }
        return result.map { DocumentValue($0, at: location) } ?? unresolved
    }

    // MARK: References

    private static let pseudoParameters = [
        "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region", "AWS::StackId",
        "AWS::StackName", "AWS::URLSuffix",
    ]

    private func ref(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let name = argument.text else {
            self.collector.error("'Ref' takes one name, not \(argument.noun)", at: argument.location)
            return nil
        }
        return self.reference(to: name, at: argument.location)
    }

    /// What `Ref` and `${Name}` stand for.
    func reference(to name: String, at location: SourceLocation) -> DocumentValue.Kind? {
        if let pseudo = self.pseudoParameter(name) { return pseudo }
        if let resource = self.resources[name] { return self.physicalID(of: resource).map { .scalar($0) } }
        // A parameter without a value has been reported where it is declared.
        if self.parameters.names.contains(name) { return self.parameters.values[name] }
        let known = Array(self.resources.keys) + Array(self.parameters.names) + Self.pseudoParameters
        self.collector.error(
            "there is no resource or parameter '\(name.prefix(80))'",
            at: location,
            suggestion: Suggestion.didYouMean(name, among: known)
        )
        return nil
    }

    private func pseudoParameter(_ name: String) -> DocumentValue.Kind? {
        switch name {
        case "AWS::AccountId": .scalar(ResourceIdentifiers.account)
        case "AWS::NotificationARNs": .list([])
        case "AWS::Partition": .scalar("aws")
        case "AWS::Region": .scalar(AvailabilityZone.region)
        case "AWS::StackId":
            .scalar(
                self.identifiers.stackID
                    ?? "arn:aws:cloudformation:\(AvailabilityZone.region):\(ResourceIdentifiers.account)"
                    + ":stack/\(self.identifiers.stack)/\(self.identifiers.suffix("stack"))"
            )
        case "AWS::StackName": .scalar(self.identifiers.stack)
        case "AWS::URLSuffix": .scalar("aws.test")
        default: nil
        }
    }

    private func importValue(_ argument: DocumentValue) -> DocumentValue.Kind? {
        guard let value = self.resolve(argument), !value.isUnresolved else { return nil }
        guard let name = value.text else {
            self.collector.error("'Fn::ImportValue' takes one name, not \(value.noun)", at: argument.location)
            return nil
        }
        self.imports.insert(name)
        guard let text = self.surroundings.exports[name] else {
            self.collector.error(
                "No export named \(name.prefix(255)) found",
                at: argument.location,
                suggestion: Suggestion.didYouMean(name, among: self.surroundings.exports.keys)
            )
            return nil
        }
        return .scalar(text)
    }

    private func getAtt(_ argument: DocumentValue) -> DocumentValue.Kind? {
        switch argument.kind {
        case .scalar(let text):
            guard let dot = text.firstIndex(of: ".") else { break }
            return self.attribute(
                String(text[text.index(after: dot)...]),
                of: String(text[..<dot]),
                at: argument.location
            )
        case .list(let parts):
            guard parts.count == 2, let name = parts[0].text,
                let attribute = self.resolve(parts[1])?.text
            else { break }
            return self.attribute(attribute, of: name, at: parts[0].location)
        case .null, .mapping, .unresolved:
            break
        }
        self.collector.error(
            "'Fn::GetAtt' takes a resource and an attribute",
            at: argument.location,
            suggestion: "write !GetAtt Resource.Attribute"
        )
        return nil
    }

    /// What `Fn::GetAtt` and `${Name.Attribute}` stand for.
    func attribute(_ name: String, of logicalID: String, at location: SourceLocation) -> DocumentValue.Kind? {
        guard let resource = self.resources[logicalID] else {
            self.collector.error(
                "there is no resource '\(logicalID.prefix(80))'",
                at: location,
                suggestion: Suggestion.didYouMean(logicalID, among: self.resources.keys)
            )
            return nil
        }
        guard resource.type.attributes.contains(name) else {
            let isReal = resource.type.attributesNotInLab.contains(name)
            self.collector.error(
                isReal
                    ? "attribute '\(name)' of \(resource.type.rawValue) is real at AWS, but not in the lab"
                    : "\(resource.type.rawValue) has no attribute '\(name.prefix(80))'",
                at: location,
                suggestion: isReal ? nil : Suggestion.didYouMean(name, among: resource.type.attributes)
            )
            return nil
        }
        return self.attribute(name, of: resource).map { .scalar($0) }
    }
}
