import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Attributes by AWS's keys` {
    @Test(
        .covers("ALB-CONN-001", "ALB-CONN-003", "ALB-HDR-007", "ALB-XZ-001", "ALB-ZS-001"),
        arguments: [
            ("idle_timeout.timeout_seconds", "1", nil), ("idle_timeout.timeout_seconds", "4000", nil),
            ("idle_timeout.timeout_seconds", "0", .invalidConfigurationRequest),
            ("idle_timeout.timeout_seconds", "4001", .invalidConfigurationRequest),
            ("idle_timeout.timeout_seconds", "+5", .invalidConfigurationRequest),
            ("client_keep_alive.seconds", "60", nil), ("client_keep_alive.seconds", "604800", nil),
            ("client_keep_alive.seconds", "59", .invalidConfigurationRequest),
            ("client_keep_alive.seconds", "604801", .invalidConfigurationRequest),
            ("routing.http.xff_header_processing.mode", "remove", nil),
            ("routing.http.xff_header_processing.mode", "Remove", .invalidConfigurationRequest),
            ("routing.http.preserve_host_header.enabled", "yes", .invalidConfigurationRequest),
            ("load_balancing.cross_zone.enabled", "false", .invalidConfigurationRequest),
            ("deletion_protection.enabled", "true", nil), ("zonal_shift.config.enabled", "false", nil),
            ("zonal_shift.config.enabled", "true", nil),
            ("zonal_shift.config.enabled", "on", .invalidConfigurationRequest),
            ("waf.fail_open.enabled", "true", .notInLab),
            ("routing.http2.enabled", "true", nil), ("idle_timeout", "1", .invalidConfigurationRequest),
        ] as [(String, String, ModelError.Code?)]
    )
    func `of a load balancer`(key: String, value: String, code: ModelError.Code?) {
        var attributes = LoadBalancerAttributes()
        var thrown: ModelError.Code?
        do throws(ModelError) { try attributes.set(key, to: value) } catch { thrown = error.code }
        #expect(thrown == code)
        if code != nil { #expect(attributes == LoadBalancerAttributes()) }
    }

    @Test(
        .covers("ALB-DRG-001", "ALB-TGH-002", "ALB-TGH-003", "ALB-TGH-004", "ALB-XZ-002", "ALB-ALG-001"),
        arguments: [
            ("deregistration_delay.timeout_seconds", "0", nil), ("deregistration_delay.timeout_seconds", "3600", nil),
            ("deregistration_delay.timeout_seconds", "3601", .invalidConfigurationRequest),
            ("load_balancing.algorithm.type", "least_outstanding_requests", nil),
            ("load_balancing.algorithm.type", "weighted_random", nil),
            ("load_balancing.algorithm.type", "random", .invalidConfigurationRequest),
            ("load_balancing.algorithm.anomaly_mitigation", "on", nil),
            ("load_balancing.algorithm.anomaly_mitigation", "true", .invalidConfigurationRequest),
            ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration", nil),
            (
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "off",
                .invalidConfigurationRequest
            ),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", nil),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "100", nil),
            (
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "101",
                .invalidConfigurationRequest
            ),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", nil),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", "off", nil),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", "3", nil),
            (
                "target_group_health.dns_failover.minimum_healthy_targets.count", "0",
                .invalidConfigurationRequest
            ),
            ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "100", nil),
            (
                "target_group_health.dns_failover.minimum_healthy_targets.percentage", "0",
                .invalidConfigurationRequest
            ),
            ("no.such", "1", .invalidConfigurationRequest),
        ] as [(String, String, ModelError.Code?)]
    )
    func `of a target group`(key: String, value: String, code: ModelError.Code?) {
        Self.judge(key, value, code)
    }

    @Test(
        .covers("ALB-STK-001", "ALB-STK-002", "ALB-STK-003", "ALB-STK-004", "ALB-SLOW-001"),
        arguments: [
            ("stickiness.enabled", "false", nil), ("stickiness.enabled", "true", nil),
            ("stickiness.enabled", "on", .invalidConfigurationRequest),
            ("stickiness.type", "lb_cookie", nil), ("stickiness.type", "app_cookie", nil),
            ("stickiness.type", "source_ip", .invalidConfigurationRequest),
            ("stickiness.lb_cookie.duration_seconds", "1", nil),
            ("stickiness.lb_cookie.duration_seconds", "604800", nil),
            ("stickiness.lb_cookie.duration_seconds", "0", .invalidConfigurationRequest),
            ("stickiness.lb_cookie.duration_seconds", "604801", .invalidConfigurationRequest),
            ("stickiness.app_cookie.duration_seconds", "1", nil),
            ("stickiness.app_cookie.duration_seconds", "604801", .invalidConfigurationRequest),
            ("stickiness.app_cookie.cookie_name", "session", nil),
            ("stickiness.app_cookie.cookie_name", "AWSALBx", .invalidConfigurationRequest),
            ("stickiness.app_cookie.cookie_name", "AWSALBAPP-0", .invalidConfigurationRequest),
            ("stickiness.app_cookie.cookie_name", "awsalbtg", .invalidConfigurationRequest),
            ("stickiness.app_cookie.cookie_name", "a b", .invalidConfigurationRequest),
            ("stickiness.app_cookie.cookie_name", "a=b", .invalidConfigurationRequest),
            ("slow_start.duration_seconds", "0", nil), ("slow_start.duration_seconds", "30", nil),
            ("slow_start.duration_seconds", "900", nil),
            ("slow_start.duration_seconds", "10", .invalidConfigurationRequest),
            ("slow_start.duration_seconds", "901", .invalidConfigurationRequest),
        ] as [(String, String, ModelError.Code?)]
    )
    func `of stickiness and slow start`(key: String, value: String, code: ModelError.Code?) {
        Self.judge(key, value, code)
    }

    @Test(.covers("ALB-STK-001", "ALB-STK-002", "ALB-STK-003", "ALB-ALG-001", "ALB-TGH-002"))
    func `of a target group, by default`() {
        let attributes = TargetGroupAttributes()
        #expect(!attributes.stickiness.isEnabled)
        #expect(attributes.stickiness.type == .loadBalancerCookie)
        #expect(attributes.stickiness.loadBalancerCookieSeconds == 86_400)
        #expect(attributes.stickiness.applicationCookieSeconds == 86_400)
        #expect(attributes.algorithm == .roundRobin)
        #expect(!attributes.anomalyMitigation)
        #expect(attributes.dnsMinimumHealthyCount == 1)
        #expect(attributes.dnsMinimumHealthyPercentage == nil)
    }

    private static func judge(_ key: String, _ value: String, _ code: ModelError.Code?) {
        var attributes = TargetGroupAttributes()
        var thrown: ModelError.Code?
        do throws(ModelError) { try attributes.set(key, to: value) } catch { thrown = error.code }
        #expect(thrown == code)
        if code != nil { #expect(attributes == TargetGroupAttributes()) }
    }
}
