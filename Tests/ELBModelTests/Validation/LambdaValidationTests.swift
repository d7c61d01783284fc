import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of a lambda target group` {
    private static let function = "arn:aws:lambda:ap-northeast-2:123456789012:function:hello"

    private static func errors(
        _ functions: [String] = [Self.function],
        _ change: (inout TargetGroup) -> Void = { _ in }
    ) -> [String] {
        var group = TargetGroup(
            id: TargetGroupID(
                rawValue: "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/g/0123456789abcdef"
            ),
            name: TargetGroupName(rawValue: "g"),
            port: 80,
            targetType: .lambda,
            healthCheck: .lambda,
            targets: functions.map {
                Target(id: TargetID(rawValue: $0), endpoint: Endpoint(address: .loopback, port: 3001), zone: nil)
            }
        )
        change(&group)
        return group.validate().map { "\($0.code.rawValue) at \($0.property)" }
    }

    @Test(.covers("ALB-LMB-001", "ALB-TG-001"))
    func `accepts one function, a version or an alias of it, or none`() {
        #expect(Self.errors() == [])
        #expect(Self.errors([Self.function + ":live"]) == [])
        #expect(Self.errors([Self.function + ":$LATEST"]) == [])
        #expect(Self.errors([]) == [])
    }

    @Test(.covers("ALB-LMB-001", "ALB-TG-022", "ALB-QTA-002"))
    func `refuses a second function`() {
        #expect(Self.errors([Self.function, Self.function + ":2"]) == ["TooManyTargets at Targets"])
    }

    @Test(
        .covers("ALB-LMB-001"),
        arguments: [
            ("hello", "ValidationError"), ("127.0.0.1", "ValidationError"),
            ("arn:aws:lambda:ap-northeast-2:123456789012:layer:hello", "ValidationError"),
            ("arn:aws:lambda:ap-northeast-2:12345678901:function:hello", "ValidationError"),
            ("arn:aws:lambda:ap-northeast-2:123456789012:function:a b", "ValidationError"),
            ("arn:aws:lambda:ap-northeast-2:123456789012:function:", "ValidationError"),
            ("arn:aws:lambda:us-east-1:123456789012:function:hello", "InvalidTarget"),
            ("arn:aws:lambda:ap-northeast-2:210987654321:function:hello", "InvalidTarget"),
        ]
    )
    func `refuses what is no function of the same account and Region`(id: String, code: String) {
        #expect(Self.errors([id]) == ["\(code) at Targets[0].Id"])
    }

    @Test(.covers("ALB-TG-011", "ALB-XZ-007", "ALB-LMB-030"))
    func `knows no zones`() {
        #expect(
            Self.errors { $0.targets[0].zone = .a } == ["ValidationError at Targets[0].AvailabilityZone"]
        )
        #expect(
            Self.errors { $0.attributes.crossZone = .off } == ["InvalidConfigurationRequest at TargetGroupAttributes"]
        )
    }

    @Test(.covers("ALB-HC-033"))
    func `alone may be without health checks`() {
        #expect(Self.errors { $0.healthCheck.isEnabled = true } == [])
        for type in [TargetGroup.TargetType.instance, .ip] {
            let errors = Self.errors([]) {
                $0.targetType = type
                $0.healthCheck = .init()
                $0.healthCheck.isEnabled = false
            }
            #expect(errors == ["ValidationError at HealthCheckEnabled"])
        }
    }

    @Test(.covers("ALB-LMB-026", "ALB-HC-006", "ALB-HC-007", "ALB-HC-009", "ALB-HC-033"))
    func `has health check defaults of its own`() {
        let settings = HealthCheckSettings.lambda
        #expect(!settings.isEnabled)
        #expect(settings.intervalSeconds == 35)
        #expect(settings.timeoutSeconds == 30)
        #expect(settings.healthyThresholdCount == 5)
        #expect(settings.unhealthyThresholdCount == 2)
        #expect(HealthCheckSettings().isEnabled)
    }

    @Test(
        .covers("ALB-LMB-030", "ALB-DRG-001", "ALB-SLOW-008", "ALB-ALG-016", "ALB-TGH-018", "ALB-LMB-005"),
        arguments: [
            ("lambda.multi_value_headers.enabled", true, false), ("deregistration_delay.timeout_seconds", false, true),
            ("slow_start.duration_seconds", false, true), ("load_balancing.algorithm.type", false, true),
            ("load_balancing.algorithm.anomaly_mitigation", false, true),
            ("load_balancing.cross_zone.enabled", true, true),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", false, true),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", false, true),
            ("stickiness.enabled", true, true),
        ]
    )
    func `has attributes of its own, and not all of the others'`(key: String, forLambda: Bool, forOthers: Bool) {
        func isSupported(by type: TargetGroup.TargetType) -> Bool {
            do throws(ModelError) {
                try TargetGroupAttributes.requireSupported(key, by: type)
                return true
            } catch {
                return error.code != .invalidConfigurationRequest
            }
        }
        #expect(isSupported(by: .lambda) == forLambda)
        #expect(isSupported(by: .instance) == forOthers)
        #expect(isSupported(by: .ip) == forOthers)
    }

    @Test(
        arguments: [
            (nil, "arn:group/a", true), ("arn:group/a", "arn:group/a", true), ("arn:group/a", "arn:group/ab", false),
            ("arn:*", "arn:group/a", true), ("arn:*/a", "arn:group/b/a", true), ("arn:*/a", "arn:group/b", false),
            ("arn:group/?", "arn:group/a", true), ("*", "", true), ("", "a", false), ("*a*b", "xaxbxb", true),
        ] as [(String?, String, Bool)]
    )
    func `is covered by a permission or not`(source: String?, group: String, isCovered: Bool) {
        #expect(LambdaFunction.Permission(sourceARN: source).covers(group) == isCovered)
    }
}
