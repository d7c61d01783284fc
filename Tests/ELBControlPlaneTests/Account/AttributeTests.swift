import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Attributes of an account` {
    /// What the API has attributes on: the operations' names and the parameter with the ARN.
    private enum Kind: String {
        case loadBalancer = "LoadBalancer"
        case targetGroup = "TargetGroup"
        case listener = "Listener"
    }

    private func modify(_ kind: Kind, _ arn: String, _ settings: [(String, String)]) -> String {
        "Action=Modify\(kind.rawValue)Attributes&\(kind.rawValue)Arn=\(arn)"
            + settings.enumerated().map { index, setting in
                let escaped = setting.1.replacing("&", with: "%26").replacing("+", with: "%2B")
                return
                    "&Attributes.member.\(index + 1).Key=\(setting.0)&Attributes.member.\(index + 1).Value=\(escaped)"
            }
            .joined()
    }

    private func values(_ kind: Kind, _ arn: String, _ account: inout TestAccount) throws -> [String: String] {
        let output = try account.perform("Action=Describe\(kind.rawValue)Attributes&\(kind.rawValue)Arn=\(arn)")
        return try Self.values(output)
    }

    private static func values(_ output: WireValue) throws -> [String: String] {
        var values: [String: String] = [:]
        for index in 0..<output.count("Attributes") {
            values[try output.text("Attributes", index, "Key")] = try output.text("Attributes", index, "Value")
        }
        return values
    }

    @Test(.covers("ALB-HMOD-001"))
    func `are shown with their defaults`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let balancerValues = try self.values(.loadBalancer, balancer, &account)
        #expect(balancerValues["idle_timeout.timeout_seconds"] == "60")
        #expect(balancerValues["deletion_protection.enabled"] == "false")
        #expect(balancerValues["waf.fail_open.enabled"] == "false")
        #expect(Set(balancerValues.keys).isSuperset(of: LoadBalancerAttributes.keys))
        let group = try account.targetGroup()
        let groupValues = try self.values(.targetGroup, group, &account)
        #expect(groupValues["deregistration_delay.timeout_seconds"] == "300")
        #expect(groupValues["target_group_health.dns_failover.minimum_healthy_targets.percentage"] == "off")
        #expect(
            Set(groupValues.keys) == Set(TargetGroupAttributes.keys).subtracting(["lambda.multi_value_headers.enabled"])
        )
        let listener = try account.listener(balancer)
        let listenerValues = try self.values(.listener, listener, &account)
        #expect(listenerValues["routing.http.response.server.enabled"] == "true")
        #expect(listenerValues["routing.http.response.x_frame_options.header_value"]?.isEmpty == true)
    }

    @Test func `are what the text says that sets them`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let settings = [
            ("idle_timeout.timeout_seconds", "30"), ("routing.http.desync_mitigation_mode", "strictest"),
            ("routing.http.xff_header_processing.mode", "remove"), ("routing.http2.enabled", "false"),
        ]
        let answer = try Self.values(account.perform(self.modify(.loadBalancer, balancer, settings)))
        #expect(try answer == self.values(.loadBalancer, balancer, &account))
        for (key, value) in settings { #expect(answer[key] == value) }
        #expect(account.account.loadBalancers[balancer]?.balancer.attributes.idleTimeoutSeconds == 30)
        let group = try account.targetGroup()
        let stickiness = [("stickiness.enabled", "true"), ("stickiness.lb_cookie.duration_seconds", "10")]
        try account.perform(self.modify(.targetGroup, group, stickiness))
        // The next change leaves what it does not name.
        try account.perform(self.modify(.targetGroup, group, [("deregistration_delay.timeout_seconds", "5")]))
        #expect(try self.values(.targetGroup, group, &account)["stickiness.lb_cookie.duration_seconds"] == "10")
        #expect(account.account.targetGroups[group]?.group.attributes.stickiness.isEnabled == true)
    }

    @Test(.covers("ALB-HMOD-004", "ALB-HMOD-012"))
    func `of a listener take any value for each of ten headers`() throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer())
        for header in ListenerAttributes.ResponseHeader.allCases {
            try account.perform(self.modify(.listener, listener, [(header.key, "banana")]))
        }
        let attributes = try #require(account.account.listeners[listener]?.listener.attributes)
        #expect(attributes.responseHeaders.count == 10)
        #expect(attributes.responseHeaders[.frameOptions] == "banana")
    }

    @Test func `of a load balancer can protect it from deletion`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        _ = try account.listener(balancer)
        try account.perform(self.modify(.loadBalancer, balancer, [("deletion_protection.enabled", "true")]))
        let delete = "Action=DeleteLoadBalancer&LoadBalancerArn=\(balancer)"
        #expect(account.refusal(delete) == "OperationNotPermitted")
        try account.perform(self.modify(.loadBalancer, balancer, [("deletion_protection.enabled", "false")]))
        try account.perform(delete)
        #expect(account.account.topology == Topology())
    }

    @Test(
        .covers("ALB-CONN-003", "ALB-XZ-001"),
        arguments: [
            ("idle_timeout.timeout_seconds", "0", "InvalidConfigurationRequest"),
            ("client_keep_alive.seconds", "59", "InvalidConfigurationRequest"),
            ("load_balancing.cross_zone.enabled", "false", "InvalidConfigurationRequest"),
            ("access_logs.s3.enabled", "true", "InvalidConfigurationRequest"),
            ("waf.fail_open.enabled", "true", "OperationNotPermitted"),
            ("zonal_shift.config.enabled", "on", "InvalidConfigurationRequest"),
            ("colour", "red", "InvalidConfigurationRequest"),
        ]
    )
    func `of a load balancer are refused out of their range`(key: String, value: String, code: String) throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        #expect(account.refusal(self.modify(.loadBalancer, balancer, [(key, value)])) == code)
    }

    @Test(
        .covers(
            "ALB-SLOW-001",
            "ALB-ALG-008",
            "ALB-ALG-013",
            "ALB-STK-004",
            "ALB-TGH-003",
            "ALB-TGH-006",
            "ALB-STK-023"
        ),
        arguments: [
            [("slow_start.duration_seconds", "10")],
            [("load_balancing.algorithm.type", "weighted_random"), ("slow_start.duration_seconds", "30")],
            [("load_balancing.algorithm.type", "weighted_random"), ("stickiness.enabled", "true")],
            [("load_balancing.algorithm.anomaly_mitigation", "on")],
            [("stickiness.app_cookie.cookie_name", "AWSALBx")],
            [("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "off")],
            [("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "3")],
            [("load_balancing.cross_zone.enabled", "false"), ("stickiness.enabled", "true")],
            [("deregistration_delay.timeout_seconds", "3601")],
            [("lambda.multi_value_headers.enabled", "true")],
            [("colour", "red")],
        ]
    )
    func `of a target group are refused alone and together`(settings: [(String, String)]) throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        #expect(account.refusal(self.modify(.targetGroup, group, settings)) == "InvalidConfigurationRequest")
    }

    @Test(
        .covers("ALB-HMOD-010", "ALB-HMOD-011"),
        arguments: [
            ("routing.http.response.x_frame_options.header_value", "\""),
            ("routing.http.response.x_frame_options.header_value", String(repeating: "a", count: 1025)),
            ("routing.http.request.x_amzn_tls_version.header_name", "x-tls"),
            ("routing.http.response.server.enabled", "no"),
            ("routing.http.response.x_colour.header_value", "red"),
        ]
    )
    func `of a listener that speaks HTTP are refused`(key: String, value: String) throws {
        var account = TestAccount()
        let listener = try account.listener(account.loadBalancer())
        let form = self.modify(.listener, listener, [(key, value)])
        #expect(account.refusal(form) == "InvalidConfigurationRequest")
    }

    @Test func `are asked of what there is`() {
        var account = TestAccount()
        for kind in [Kind.loadBalancer, .targetGroup, .listener] {
            let form = "Action=Describe\(kind.rawValue)Attributes&\(kind.rawValue)Arn=arn:none"
            #expect(account.refusal(form) == "\(kind.rawValue)NotFound")
        }
    }
}
