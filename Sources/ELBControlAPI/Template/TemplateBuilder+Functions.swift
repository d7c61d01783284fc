import ELBModel

// Lambda functions, and who may invoke them.
extension TemplateBuilder {
    mutating func addFunction(_ resource: TemplateResource) {
        guard let reader = self.open(resource), let name = self.evaluator.name(of: resource) else { return }
        guard let address = self.evaluator.address(ofInstance: resource) else {
            self.collector.error("no address is left for \(resource.logicalID)", at: resource.location)
            return
        }
        var metadata: ObjectReader?
        if let own = self.evaluator.resolve(resource.metadata ?? DocumentValue(.mapping([]), at: resource.location)),
            let lab = own["elblab"]
        {
            metadata = ObjectReader(lab, as: "Metadata.elblab", self.collector)
        }
        let function = FunctionReader(collector: self.collector).function(
            reader,
            metadata: metadata,
            arn: self.evaluator.identifiers.functionARN(name: name),
            name: resource.logicalID,
            endpoint: Endpoint(address: address, port: LambdaFunction.apiPort)
        )
        if let function { self.topology.functions.append(function) }
    }

    /// A statement of a function's resource policy. Those for others than Elastic Load Balancing have no effect here.
    mutating func addPermission(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        reader.requires("Action", "FunctionName", "Principal")
        let function = reader.text("FunctionName")
        let action = reader.text("Action")
        let principal = reader.text("Principal")
        let source = reader.text("SourceArn")
        let account = reader.text("SourceAccount")
        reader.finish(notInLab: ["EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID"])
        guard let function, let action, let principal else { return }
        guard let index = self.topology.functions.firstIndex(where: { self.means(function.value, $0) }) else {
            let own = self.resources(of: .function).compactMap(self.evaluator.physicalID)
            if !own.contains(where: { function.value == $0 || function.value.hasSuffix(":function:\($0)") }) {
                self.collector.error(
                    "there is no function '\(function.value.prefix(120))'",
                    at: function.location,
                    suggestion: "refer to an AWS::Lambda::Function of this template with !Ref or !GetAtt Arn"
                )
            }
            return
        }
        let isForBalancers = principal.value == "elasticloadbalancing.amazonaws.com"
        let isToInvoke = ["lambda:InvokeFunction", "lambda:*"].contains(action.value)
        let isOwnAccount = account.map { $0.value == ResourceIdentifiers.account } ?? true
        guard isForBalancers, isToInvoke, isOwnAccount else { return }
        self.topology.functions[index].permissions.append(.init(sourceARN: source?.value))
    }

    /// Whether a reference is the function's name, its ARN, or the ARN of a version or alias of it.
    func means(_ reference: String, _ function: LambdaFunction) -> Bool {
        if reference == function.arn || reference == FunctionARN(function.arn)?.name { return true }
        guard let arn = FunctionARN(reference), let own = FunctionARN(function.arn) else { return false }
        return arn.name == own.name && arn.account == own.account && arn.region == own.region
    }

    /// The target that a function is.
    func functionTarget(_ id: Located<String>) -> Target? {
        guard let function = self.topology.functions.first(where: { self.means(id.value, $0) }) else {
            // A function of this template that could not be built has its own error.
            let own = self.resources(of: .function).compactMap { self.evaluator.attribute("Arn", of: $0) }
            if !own.contains(where: { id.value == $0 || id.value.hasPrefix("\($0):") }) {
                self.collector.error(
                    "there is no Lambda function '\(id.value.prefix(120))'",
                    at: id.location,
                    suggestion: "refer to an AWS::Lambda::Function of this template with !GetAtt NAME.Arn"
                )
            }
            return nil
        }
        return Target(id: TargetID(rawValue: id.value), endpoint: function.endpoint, zone: nil)
    }
}
