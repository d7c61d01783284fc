package import ELBModel

/// Reads CloudFormation templates, YAML or JSON, into a topology. What is supported is listed in docs/templates.md; what
/// is not is an error, never silently left out.
package enum TemplateReader {
    /// One template: its text, and the names for messages and for the stack.
    package struct Source: Sendable {
        package var file: String
        package var stack: String
        /// A stack of CloudFormation's, by its ARN: ids are made from it, so that no two stacks have the same. `nil` makes them
        /// from the stack's name.
        package var stackID: String?
        package var bytes: [UInt8]

        /// The stack is named after the file, without folder and extension.
        package init(file: String, bytes: [UInt8]) {
            self.file = file
            let name = file.split(separator: "/").last ?? ""
            self.stack = String(name.prefix { $0 != "." })
            self.bytes = bytes
        }

        /// The template of a stack of CloudFormation's.
        package init(stack: String, stackID: String, template: String) {
            self.file = "template"
            self.stack = stack
            self.stackID = stackID
            self.bytes = Array(template.utf8)
        }
    }

    /// What templates can refer to and do not hold themselves.
    package struct Surroundings: Sendable {
        /// Zones and VPCs of subnets, by their ids.
        package var subnets: [String: Subnet]
        package var certificates: [String: Certificate]
        /// Ids of security groups.
        package var securityGroups: Set<String>
        /// Elastic IPs by their allocation ids.
        package var elasticAddresses: [String: IPAddress]
        /// Values of `Fn::ImportValue` by the names under which stacks export them.
        package var exports: [String: String]
        /// What aliases may be made to besides the templates' own load balancers (`RecordSet.targets`).
        package var balancerNames: Set<String> = []

        package struct Subnet: Sendable {
            package var zone: AvailabilityZone
            package var vpc: String

            package init(zone: AvailabilityZone, vpc: String) {
                self.zone = zone
                self.vpc = vpc
            }
        }

        package init(
            subnets: [String: Subnet] = [:],
            certificates: [String: Certificate] = [:],
            securityGroups: Set<String> = [],
            elasticAddresses: [String: IPAddress] = [:],
            exports: [String: String] = [:]
        ) {
            self.subnets = subnets
            self.certificates = certificates
            self.securityGroups = securityGroups
            self.elasticAddresses = elasticAddresses
            self.exports = exports
        }
    }

    /// What the templates mean together.
    package struct Result: Sendable {
        package var topology: Topology
        package var outputs: [Output]
        /// Names that `Fn::ImportValue` asked for.
        package var imports: Set<String> = []
        package var resources: [StackResource] = []
        /// Parameters with the values that were used.
        package var parameters: [StackParameter] = []
        /// The first template's `Description`.
        package var detail: String?
        /// Pass it to the next reading, and everybody keeps their address.
        package var addresses: AddressBook
    }

    /// One entry of a template's `Outputs`, evaluated.
    package struct Output: Hashable, Sendable {
        package var stack: String
        package var name: String
        package var value: String
        package var description: String?
        package var exportName: String?
    }

    /// AWS's limit of resources in one template; it also bounds how deep references can go.
    static let maximumResources = 500

    /// - Parameters:
    ///   - sources: templates to read as one topology. No templates make an empty one.
    ///   - parameters: values that replace the `Default` of parameters of that name, in every template that has one.
    ///   - addresses: the result of the reading before, for addresses that stay.
    ///   - surroundings: what the templates may refer to.
    /// - Throws: everything that is wrong with all files.
    package static func read(
        _ sources: [Source],
        parameters: [String: String] = [:],
        addresses: AddressBook = AddressBook(),
        surroundings: Surroundings = Surroundings()
    ) throws(DiagnosticsError) -> Result {
        var result = Result(topology: Topology(), outputs: [], addresses: addresses)
        var diagnostics: [Diagnostic] = []
        var marks = SourceMarks()
        var surroundings = surroundings
        let documents = sources.map { TemplateDocument($0, parameters: parameters) }
        result.addresses.begin(keys: Set(documents.flatMap(\.keys)))
        for document in documents {
            surroundings.balancerNames.formUnion(result.topology.balancerNames)
            let built = document.build(after: result.topology, addresses: result.addresses, surroundings)
            result.addresses = built.addresses
            result.outputs += built.outputs
            for output in built.outputs {
                if let name = output.exportName { surroundings.exports[name] = output.value }
            }
            result.imports.formUnion(built.imports)
            result.resources += built.resources
            result.parameters += document.parameters.used
            result.detail = result.detail ?? document.detail
            result.topology.loadBalancers += built.topology.loadBalancers
            result.topology.classicLoadBalancers += built.topology.classicLoadBalancers
            result.topology.targetGroups += built.topology.targetGroups
            result.topology.instances += Self.named(
                built.topology.instances,
                apartFrom: result.topology,
                document.stack
            )
            result.topology.functions += Self.named(
                built.topology.functions,
                apartFrom: result.topology,
                document.stack
            )
            result.topology.securityGroups += built.topology.securityGroups
            result.topology.addresses += built.topology.addresses
            result.topology.recordSets += built.topology.recordSets
            result.topology.tags.merge(built.topology.tags) { first, _ in first }
            marks.merge(built.marks)
            diagnostics += document.collector.sorted
        }
        diagnostics += Self.unknown(parameters, in: documents)
        // What AWS would refuse in the whole is judged only when every part could be read: half a topology has mistakes
        // that nobody made.
        if diagnostics.isEmpty {
            diagnostics = result.topology.validate().map { marks.diagnostic(for: $0, file: sources.first?.file ?? "") }
                .sorted { ($0.file, $0.location?.line ?? 0) < ($1.file, $1.location?.line ?? 0) }
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        return result
    }

    /// Instances go by their logical ids; where an earlier template has the same, by stack and logical id.
    private static func named(_ instances: [Instance], apartFrom base: Topology, _ stack: String) -> [Instance] {
        let taken = Set(base.instances.map(\.name) + base.functions.map(\.name))
        return instances.map { instance in
            var instance = instance
            if taken.contains(instance.name) { instance.name = "\(stack).\(instance.name)" }
            return instance
        }
    }

    private static func named(
        _ functions: [LambdaFunction],
        apartFrom base: Topology,
        _ stack: String
    ) -> [LambdaFunction] {
        let taken = Set(base.instances.map(\.name) + base.functions.map(\.name))
        return functions.map { function in
            var function = function
            if taken.contains(function.name) { function.name = "\(stack).\(function.name)" }
            return function
        }
    }

    private static func unknown(_ given: [String: String], in documents: [TemplateDocument]) -> [Diagnostic] {
        let declared = documents.reduce(into: Set<String>()) { $0.formUnion($1.parameters.names) }
        return given.keys.sorted().filter { !declared.contains($0) }.map { name in
            Diagnostic(
                file: documents.first?.collector.file ?? "--parameter",
                message: "no template has a parameter '\(name)'",
                suggestion: Suggestion.didYouMean(name, among: declared)
            )
        }
    }
}
