extension TargetGroup {
    /// What holds for groups of type lambda only (ALB-LMB-001, -030).
    func validateLambda(_ validator: inout Validator) {
        if self.targets.count > 1 {
            validator.report(
                .tooManyTargets,
                "A target group with target type 'lambda' can have at most one target",
                at: "Targets"
            )
        }
        for (index, target) in self.targets.enumerated() {
            validator.at("Targets[\(index)]") { self.validateFunction(target, &$0) }
        }
        for (what, isSet) in self.attributes.notForFunctions where isSet {
            validator.report(
                .invalidConfigurationRequest,
                "\(what) for target groups with target type 'lambda'",
                at: "TargetGroupAttributes"
            )
        }
    }

    private func validateFunction(_ target: Target, _ validator: inout Validator) {
        if target.zone != nil {
            // ALB-TG-011: a function stands in no zone.
            validator.report(
                .validationError,
                "The only supported Availability Zone for target type 'lambda' is 'all'",
                at: "AvailabilityZone"
            )
        }
        guard let arn = FunctionARN(target.id.rawValue) else {
            validator.report(
                .validationError,
                "The target ID '\(target.id.rawValue.prefix(120))' is not a valid ARN of a Lambda function",
                at: "Id"
            )
            return
        }
        let own = Self.owner(of: self.id)
        if arn.region != own?.region ?? AvailabilityZone.region {
            validator.report(.invalidTarget, "The function '\(arn.name)' is not in the target group's Region", at: "Id")
        }
        if let account = own?.account, account != arn.account {
            validator.report(.invalidTarget, "The function '\(arn.name)' belongs to another account", at: "Id")
        }
    }

    /// Region and account of the group, if its id is an ARN and tells.
    private static func owner(of id: TargetGroupID) -> (region: String, account: String)? {
        let parts = id.rawValue.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" ? (String(parts[3]), String(parts[4])) : nil
    }
}

extension TargetGroupAttributes {
    /// What a group of functions cannot have, and whether it is set to anything but AWS's default.
    fileprivate var notForFunctions: [(what: String, isSet: Bool)] {
        let normal = Self()
        let hasThresholds =
            self.routingMinimumHealthyCount != normal.routingMinimumHealthyCount
            || self.routingMinimumHealthyPercentage != nil
            || self.dnsMinimumHealthyCount != normal.dnsMinimumHealthyCount
            || self.dnsMinimumHealthyPercentage != nil
        return [
            // ALB-XZ-007.
            ("Cross-zone load balancing cannot be off", self.crossZone == .off),
            // ALB-DRG-001.
            (
                "There is no deregistration delay",
                self.deregistrationDelaySeconds != normal.deregistrationDelaySeconds
            ),
            // ALB-SLOW-008.
            ("There is no slow start", self.slowStartSeconds != 0),
            // ALB-ALG-016.
            ("There is no routing algorithm", self.algorithm != normal.algorithm || self.anomalyMitigation),
            // ALB-TGH-018.
            ("There are no target group health thresholds", hasThresholds),
        ]
    }

    /// Attributes that AWS has for one kind of target only. Whatever stands in neither list has an effect on all.
    private static let prefixesNotForLambda = [
        "deregistration_delay.", "load_balancing.algorithm.", "slow_start.", "target_group_health.",
    ]
    private static let prefixesForLambdaOnly = ["lambda."]

    /// Refuses an attribute that groups of this type cannot have, as AWS does (ALB-LMB-030, ALB-DRG-001, ALB-SLOW-008, ALB-ALG-016,
    /// ALB-TGH-018).
    package static func requireSupported(_ key: String, by type: TargetGroup.TargetType) throws(ModelError) {
        let prefixes =
            switch type {
            case .lambda: Self.prefixesNotForLambda
            case .instance, .ip, .alb: Self.prefixesForLambdaOnly
            }
        guard prefixes.contains(where: { key.hasPrefix($0) }) else { return }
        throw ModelError(
            .invalidConfigurationRequest,
            "Attribute '\(key)' is not supported for target groups with target type '\(type.rawValue)'",
            at: "Key"
        )
    }
}
