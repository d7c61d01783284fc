package import ELBModel

extension ELBv2 {
    package struct CreateRule: ELBv2Command {
        package var listener: String
        package var rule: ListenerRule
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.listener = try input.required("ListenerArn")
            self.rule = ListenerRule(
                priority: input.integer("Priority") ?? 0,
                conditions: try input.conditions("Conditions") ?? [],
                actions: try input.actions("Actions") ?? [],
                transforms: try input.transforms("Transforms") ?? []
            )
            self.tags = try input.tags("Tags")
        }
    }

    package struct DescribeRules: ELBv2Command {
        package var listener: String?
        package var arns: [String]?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.listener = input.text("ListenerArn")
            self.arns = input.texts("RuleArns")
            self.page = try Page(&input)
        }
    }

    /// What is not given stays.
    package struct ModifyRule: ELBv2Command {
        package var arn: String
        package var conditions: [RuleCondition]?
        package var actions: [RuleAction]?
        /// Empty takes all away.
        package var transforms: [RuleTransform]?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("RuleArn")
            self.conditions = try input.conditions("Conditions")
            self.actions = try input.actions("Actions")
            self.transforms = try input.transforms("Transforms")
            guard input.boolean("ResetTransforms") == true else { return }
            guard self.transforms == nil else {
                throw .validation("You can specify either transforms or ResetTransforms, not both")
            }
            self.transforms = []
        }
    }

    package struct DeleteRule: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("RuleArn")
        }
    }

    package struct SetRulePriorities: ELBv2Command {
        package var priorities: [(arn: String, priority: Int)]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.priorities = []
            for var pair in input.structures("RulePriorities") ?? [] {
                self.priorities.append((try pair.required("RuleArn"), pair.integer("Priority") ?? 0))
            }
        }
    }
}

extension WireValue {
    package static func rule(_ record: RuleRecord) -> Self {
        [
            "RuleArn": .text(record.arn),
            "Priority": .text("\(record.rule.priority)"),
            "Conditions": .list(record.rule.conditions.map(WireValue.condition)),
            "Actions": .list(WireValue.actions(record.rule.actions)),
            "IsDefault": false,
            "Transforms": .list(record.rule.transforms.map(WireValue.transform)),
        ]
    }

    /// The rule that every listener has and that is taken when no other matches (ALB-LSN-005).
    package static func defaultRule(of listener: ListenerRecord) -> Self {
        [
            "RuleArn": .text(ResourceARN.defaultRule(ofListener: listener.arn)),
            "Priority": "default",
            "Conditions": [],
            "Actions": .list(WireValue.actions(listener.listener.defaultActions)),
            "IsDefault": true,
            "Transforms": [],
        ]
    }

    private static func transform(_ transform: RuleTransform) -> Self {
        let rewrites: WireValue = [
            "Rewrites": .list(transform.rewrites.map { ["Regex": .text($0.regex), "Replace": .text($0.replace)] })
        ]
        let name =
            switch transform.kind {
            case .hostHeaderRewrite: "HostHeaderRewriteConfig"
            case .urlRewrite: "UrlRewriteConfig"
            }
        return .structure([.init("Type", .text(transform.kind.rawValue)), .init(name, rewrites)])
    }

    private static func condition(_ condition: RuleCondition) -> Self {
        var members: [Member] = [.init("Field", .text(condition.field))]
        switch condition {
        case .hostHeader(let values), .pathPattern(let values):
            // Older clients read the values here.
            if case .patterns(let patterns) = values { members.append(.init("Values", .texts(patterns))) }
            let name = condition.field == "host-header" ? "HostHeaderConfig" : "PathPatternConfig"
            members.append(.init(name, .structure([Self.matchValues(values)])))
        case .httpHeader(let name, let values):
            members.append(
                .init(
                    "HttpHeaderConfig",
                    .structure([.init("HttpHeaderName", .text(name)), Self.matchValues(values)])
                )
            )
        case .httpRequestMethod(let methods):
            members.append(.init("HttpRequestMethodConfig", ["Values": .texts(methods)]))
        case .queryString(let values):
            let pairs = values.map { pair -> WireValue in
                ["Key": pair.key.map { .text($0) }, "Value": .text(pair.value)]
            }
            members.append(.init("QueryStringConfig", ["Values": .list(pairs)]))
        case .sourceIP(let blocks):
            members.append(.init("SourceIpConfig", ["Values": .texts(blocks.map(\.description))]))
        }
        return .structure(members)
    }

    private static func matchValues(_ values: RuleCondition.MatchValues) -> Member {
        switch values {
        case .patterns(let patterns): Member("Values", .texts(patterns))
        case .regexes(let expressions): Member("RegexValues", .texts(expressions))
        }
    }
}
