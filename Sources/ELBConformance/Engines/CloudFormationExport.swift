internal import ELBModel

/// A configuration as a CloudFormation template for an account of one's own: the load balancer, its listeners and rules, its target
/// groups with their targets. Where it stands, VPC and subnets, are parameters.
package enum CloudFormationExport {
    package static func text(_ configuration: SubjectConfiguration) throws(Inexpressible) -> String {
        try configuration.requireHTTP()
        guard case .object(let members) = configuration.json else { return "" }
        let file = Dictionary(uniqueKeysWithValues: members)
        let groups = Self.objects(file["TargetGroups"])
        let ids = configuration.targetGroups.enumerated().map { ($1.id.rawValue, "TargetGroup\($0 + 1)") }
        let names = Dictionary(uniqueKeysWithValues: ids)
        var resources = groups.enumerated().map { ("TargetGroup\($0 + 1)", Self.targetGroup($1)) }
        resources.append(("LoadBalancer", Self.loadBalancer(file)))
        for (index, listener) in Self.objects(file["Listeners"]).enumerated() {
            let id = "Listener\(index + 1)"
            resources.append((id, Self.listener(listener, names)))
            for (number, rule) in Self.objects(listener["Rules"]).enumerated() {
                let properties = [("ListenerArn", Self.reference(id))] + Self.resolved(rule, names)
                resources.append(
                    (
                        "\(id)Rule\(number + 1)", Self.resource("ElasticLoadBalancingV2::ListenerRule", properties)
                    )
                )
            }
        }
        return JSONText.object([
            ("AWSTemplateFormatVersion", "2010-09-09"),
            (
                "Parameters",
                .object([
                    ("VpcId", .object([("Type", "AWS::EC2::VPC::Id")])),
                    ("Subnets", .object([("Type", "List<AWS::EC2::Subnet::Id>")])),
                ])
            ),
            ("Resources", .object(resources)),
            (
                "Outputs",
                .object([
                    ("DNSName", .object([("Value", .object([("Fn::GetAtt", .array(["LoadBalancer", "DNSName"]))]))]))
                ])
            ),
        ]).text
    }

    private static func resource(_ type: String, _ properties: [(String, JSONText)]) -> JSONText {
        .object([("Type", .string("AWS::\(type)")), ("Properties", .object(properties))])
    }

    private static func reference(_ id: String) -> JSONText { .object([("Ref", .string(id))]) }

    private static func loadBalancer(_ file: [String: JSONText]) -> JSONText {
        Self.resource(
            "ElasticLoadBalancingV2::LoadBalancer",
            [("Subnets", Self.reference("Subnets"))]
                + ["Type", "Scheme", "LoadBalancerAttributes"].compactMap { key in file[key].map { (key, $0) } }
        )
    }

    private static func listener(_ listener: [String: JSONText], _ names: [String: String]) -> JSONText {
        let properties = Self.resolved(listener.filter { $0.key != "Rules" }, names)
        return Self.resource(
            "ElasticLoadBalancingV2::Listener",
            [("LoadBalancerArn", Self.reference("LoadBalancer"))] + properties
        )
    }

    private static func targetGroup(_ group: [String: JSONText]) -> JSONText {
        let targets = Self.objects(group["Targets"]).map { target in
            // The address of an instance is AWS's to know.
            JSONText.object(["Id", "Port"].compactMap { key in target[key].map { (key, $0) } })
        }
        var properties = group.filter { $0.key != "Name" }
        properties["Targets"] = .array(targets)
        properties["VpcId"] = Self.reference("VpcId")
        return Self.resource("ElasticLoadBalancingV2::TargetGroup", properties.sorted { $0.key < $1.key })
    }

    /// The members in order of their names, with references to groups in place of the contract's names.
    private static func resolved(_ members: [String: JSONText], _ names: [String: String]) -> [(String, JSONText)] {
        members.sorted { $0.key < $1.key }.map { ($0.key, Self.resolved($0.key, $0.value, names)) }
    }

    private static func resolved(_ key: String, _ value: JSONText, _ names: [String: String]) -> JSONText {
        switch value {
        case .object(let members): .object(members.map { ($0.0, Self.resolved($0.0, $0.1, names)) })
        case .array(let elements): .array(elements.map { Self.resolved(key, $0, names) })
        case .string(let text): key == "TargetGroupArn" ? names[text].map { Self.reference($0) } ?? value : value
        case .number, .boolean, .null: value
        }
    }

    private static func objects(_ value: JSONText?) -> [[String: JSONText]] {
        guard case .array(let elements) = value else { return [] }
        return elements.compactMap { element in
            guard case .object(let members) = element else { return nil }
            return Dictionary(members) { first, _ in first }
        }
    }
}
