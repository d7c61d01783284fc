extension TargetGroup {
    /// Targets per group (ALB-TG-022).
    package static let mostTargets = 1000

    /// Everything that AWS would refuse about the group by itself, and what the lab does not have yet.
    package func validate() -> [ModelError] {
        var validator = Validator()
        self.validate(&validator)
        return validator.errors
    }

    func validate(_ validator: inout Validator) {
        validator.validate(name: self.name.rawValue, what: "target group")
        self.healthCheck.validate(&validator, of: self)
        self.validateAttributes(&validator)
        self.validateTargets(&validator)
        if self.kind == .network { self.validateNetwork(&validator) }
        switch self.targetType {
        case .lambda: self.validateLambda(&validator)
        case .instance, .ip, .alb:
            if !self.healthCheck.isEnabled {
                validator.report(
                    .validationError,
                    "Health check enabled must be true for target groups with target type '\(self.targetType.rawValue)'",
                    at: "HealthCheckEnabled"
                )
            }
        }
    }

    private func validateTargets(_ validator: inout Validator) {
        if self.targets.count > Self.mostTargets {
            validator.report(
                .tooManyTargets,
                "A target group can have at most \(Self.mostTargets) targets",
                at: "Targets"
            )
        }
        var seen: Set<Target.Key> = []
        for (index, target) in self.targets.enumerated() {
            if !seen.insert(target.key).inserted {
                validator.report(
                    .validationError,
                    "The target '\(target.id)' on port \(target.endpoint.port) is registered twice",
                    at: "Targets[\(index)]"
                )
            }
            if self.attributes.crossZone == .off, target.zone == nil, self.targetType != .lambda {
                // ALB-XZ-006: with cross-zone off a target has to be somewhere.
                validator.report(
                    .invalidConfigurationRequest,
                    "Cross-zone load balancing cannot be off while the target '\(target.id)' is in all zones",
                    at: "Targets[\(index)].AvailabilityZone"
                )
            }
            if self.targetType == .ip, !target.endpoint.address.isPrivate {
                validator.report(
                    .invalidTarget,
                    "The IP address '\(target.endpoint.address)' is not a valid target: it is not a private address",
                    at: "Targets[\(index)].Id"
                )
            }
        }
    }
}

extension HealthCheckSettings {
    /// ALB-HC-006.
    package static let intervals = 5...300
    /// ALB-HC-007.
    package static let timeouts = 2...120
    /// ALB-HC-008, -009.
    package static let thresholds = 2...10

    func validate(_ validator: inout Validator, of group: TargetGroup) {
        self.validateProtocol(&validator, of: group)
        validator.require(length: 1...1024, of: self.path, what: "The health check path", at: "HealthCheckPath")
        if !self.path.hasPrefix("/") {
            validator.report(.validationError, "The health check path must start with '/'", at: "HealthCheckPath")
        }
        validator.require(
            characters: { $0 > 0x20 && $0 < 0x7f },
            of: self.path,
            what: "The health check path",
            at: "HealthCheckPath"
        )
        validator.require(self.intervalSeconds, in: Self.intervals, "HealthCheckIntervalSeconds", unit: "seconds")
        validator.require(self.timeoutSeconds, in: Self.timeouts, "HealthCheckTimeoutSeconds", unit: "seconds")
        // A Network Load Balancer's TCP checks have taken ten of ten seconds since its beginning.
        let isLong =
            group.kind == .network
            ? self.timeoutSeconds > self.intervalSeconds : self.timeoutSeconds >= self.intervalSeconds
        if isLong {
            validator.report(
                .validationError,
                "The health check timeout must be smaller than the interval: "
                    + "\(self.timeoutSeconds) is not below \(self.intervalSeconds)",
                at: "HealthCheckTimeoutSeconds"
            )
        }
        validator.require(self.healthyThresholdCount, in: Self.thresholds, "HealthyThresholdCount")
        validator.require(self.unhealthyThresholdCount, in: Self.thresholds, "UnhealthyThresholdCount")
        if self.grpcMatcher.ranges.isEmpty
            || !self.grpcMatcher.ranges.allSatisfy({
                StatusMatcher.grpcCodes.contains($0.lowerBound) && $0.upperBound <= 99
            })
        {
            validator.report(
                .validationError,
                "gRPC codes must be from 0 to 99, not '\(self.grpcMatcher)'",
                at: "Matcher.GrpcCode"
            )
        }
        let allowed = StatusMatcher.codes(of: group.kind)
        let isAllowed = self.matcher.ranges.allSatisfy { $0.clamped(to: allowed) == $0 }
        if self.matcher.ranges.isEmpty || !isAllowed {
            validator.report(
                .validationError,
                "Health check codes must be from \(allowed.lowerBound) to \(allowed.upperBound), not '\(self.matcher)'",
                at: "Matcher.HttpCode"
            )
        }
    }
}

extension IPAddress {
    /// Whether an `ip` target may have the address: AWS's private ranges (ALB-TG-009), and in the lab the loopback
    /// range, which stands for them, without the part that stands for the internet. For IPv6 loopback and unique local.
    package var isPrivate: Bool {
        switch self {
        case .v4:
            return Self.privateBlocks.contains { $0.contains(self) }
                && !LabAddresses.publicAddresses.contains(self) && !LabAddresses.internetClients.contains(self)
        case .v6(let address):
            return address == .loopback || address.high >> 57 == 0xfc >> 1
        }
    }

    private static let privateBlocks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
    ].compactMap { CIDRBlock($0) }
}
