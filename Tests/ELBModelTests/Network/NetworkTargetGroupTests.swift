import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Target groups of a Network Load Balancer` {
    private static func group(
        _ proto: TargetGroup.Proto = .tcp,
        _ type: TargetGroup.TargetType = .ip,
        _ change: (inout TargetGroup) -> Void = { _ in }
    ) -> TargetGroup {
        var group = SampleNetwork(.tcp, to: [proto], targetType: type).groups[0]
        change(&group)
        return group
    }

    private static func value(_ key: String, of group: TargetGroup) -> String? {
        group.attributeValues.first { $0.key == key }?.value
    }

    @Test(
        .covers("NLB-IP-001", "NLB-IP-013", "NLB-UD-001"),
        arguments: [
            (.tcp, .instance, "true"), (.tls, .instance, "true"), (.udp, .instance, "true"), (.tcp, .ip, "false"),
            (.tls, .ip, "false"), (.udp, .ip, "true"), (.tcpUDP, .ip, "true"),
        ] as [(TargetGroup.Proto, TargetGroup.TargetType, String)]
    )
    func `show clients' addresses by default or not`(
        proto: TargetGroup.Proto,
        type: TargetGroup.TargetType,
        value: String
    ) {
        #expect(Self.value("preserve_client_ip.enabled", of: Self.group(proto, type)) == value)
    }

    @Test(.covers("NLB-UD-001", "NLB-FO-001"), arguments: [.udp, .tcpUDP] as [TargetGroup.Proto])
    func `cannot hide clients of UDP nor end their flows`(proto: TargetGroup.Proto) {
        let hidden = Self.group(proto) { $0.attributes.preserveClientIPEnabled = false }
        #expect(hidden.validate().map(\.code) == [.invalidConfigurationRequest])
        let ending = Self.group(proto) { $0.attributes.unhealthyConnectionTerminationEnabled = true }
        #expect(ending.validate().map(\.code) == [.invalidConfigurationRequest])
        #expect(Self.group(.tcp) { $0.attributes.preserveClientIPEnabled = true }.validate() == [])
    }

    @Test(.covers("NLB-DR-001", "NLB-DR-003", "NLB-FO-001", "NLB-UD-006", "NLB-PP-001", "NLB-SK-001"))
    func `have AWS's defaults`() {
        let tcp = Self.group(.tcp)
        #expect(Self.value("deregistration_delay.timeout_seconds", of: tcp) == "300")
        #expect(Self.value("deregistration_delay.connection_termination.enabled", of: tcp) == "false")
        #expect(Self.value("target_health_state.unhealthy.connection_termination.enabled", of: tcp) == "true")
        #expect(Self.value("target_health_state.unhealthy.draining_interval_seconds", of: tcp) == "0")
        #expect(Self.value("proxy_protocol_v2.enabled", of: tcp) == "false")
        #expect(Self.value("stickiness.enabled", of: tcp) == "false")
        #expect(Self.value("stickiness.type", of: tcp) == "source_ip")
        for proto in [TargetGroup.Proto.udp, .tcpUDP] {
            let group = Self.group(proto)
            #expect(Self.value("deregistration_delay.connection_termination.enabled", of: group) == "true")
            #expect(Self.value("target_health_state.unhealthy.connection_termination.enabled", of: group) == "false")
        }
    }

    @Test(.covers("NLB-FO-006", "NLB-FO-007", "NLB-FO-008", "NLB-AZ-009"))
    func `have AWS's thresholds and follow the load balancer across zones`() {
        let group = Self.group()
        let health = "target_group_health"
        #expect(Self.value("\(health).unhealthy_state_routing.minimum_healthy_targets.count", of: group) == "1")
        #expect(Self.value("\(health).unhealthy_state_routing.minimum_healthy_targets.percentage", of: group) == "off")
        #expect(Self.value("\(health).dns_failover.minimum_healthy_targets.count", of: group) == "1")
        #expect(Self.value("\(health).dns_failover.minimum_healthy_targets.percentage", of: group) == "off")
        #expect(Self.value("load_balancing.cross_zone.enabled", of: group) == "use_load_balancer_configuration")
    }

    @Test(
        .covers("NLB-DR-001", "NLB-FO-004", "NLB-FO-006", "NLB-FO-007", "NLB-PP-001", "NLB-SK-001"),
        arguments: [
            ("deregistration_delay.timeout_seconds", "3600", true),
            ("deregistration_delay.timeout_seconds", "3601", false),
            ("target_health_state.unhealthy.draining_interval_seconds", "360000", true),
            ("target_health_state.unhealthy.draining_interval_seconds", "360001", false),
            ("proxy_protocol_v2.enabled", "true", true),
            ("proxy_protocol_v2.enabled", "yes", false),
            ("stickiness.type", "source_ip", true),
            ("stickiness.type", "lb_cookie", false),
            ("stickiness.lb_cookie.duration_seconds", "60", false),
            ("slow_start.duration_seconds", "30", false),
            ("load_balancing.algorithm.type", "round_robin", false),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", "off", true),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "0", false),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "100", true),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "101", false),
        ]
    )
    func `accept what AWS does`(key: String, value: String, isAccepted: Bool) {
        var attributes = TargetGroupAttributes()
        do throws(ModelError) {
            try attributes.set(key, to: value, of: .network)
            #expect(isAccepted)
        } catch {
            #expect(!isAccepted && error.code == .invalidConfigurationRequest)
        }
    }

    @Test(.covers("ALB-STK-001"), arguments: ["proxy_protocol_v2.enabled", "preserve_client_ip.enabled"])
    func `do not share their attributes with others`(key: String) {
        var attributes = TargetGroupAttributes()
        #expect(throws: ModelError.self) { try attributes.set(key, to: "true") }
        #expect(throws: ModelError.self) { try attributes.set("stickiness.type", to: "source_ip") }
    }

    @Test(.covers("NLB-FO-004")) func `drain unhealthy targets only if connections stay`() {
        let cut = Self.group { $0.attributes.unhealthyDrainingSeconds = 10 }
        #expect(cut.validate().map(\.code) == [.invalidConfigurationRequest])
        let kept = Self.group {
            $0.attributes.unhealthyDrainingSeconds = 10
            $0.attributes.unhealthyConnectionTerminationEnabled = false
        }
        #expect(kept.validate() == [])
    }

    @Test(.covers("NLB-FO-009")) func `leave DNS no later than they fail open`() {
        let group = Self.group {
            $0.attributes.routingMinimumHealthyCount = 3
            $0.attributes.dnsMinimumHealthyCount = 2
        }
        #expect(group.validate().map(\.code) == [.invalidConfigurationRequest])
    }

    @Test(.covers("NLB-HC-001", "NLB-UD-003", "NLB-QU-008"), arguments: TargetGroup.Proto.allCases)
    func `are checked by TCP, HTTP or HTTPS`(proto: TargetGroup.Proto) {
        let isAllowed = [.tcp, .http, .https].contains(proto)
        for group in [TargetGroup.Proto.tcp, .udp] {
            let checked = Self.group(group) { $0.healthCheck.protocol = proto }
            #expect(checked.validate().map(\.code) == (isAllowed ? [] : [.validationError]))
        }
        let application = TargetGroup(
            id: TargetGroupID(rawValue: "a"),
            name: TargetGroupName(rawValue: "a"),
            port: 80,
            healthCheck: {
                var settings = HealthCheckSettings()
                settings.protocol = proto
                return settings
            }()
        )
        #expect(application.validate().isEmpty == (proto == .http || proto == .https))
    }

    @Test(.covers("NLB-HC-001", "NLB-HC-002", "NLB-HC-003", "NLB-HC-004", "NLB-HC-005", "NLB-HC-006"))
    func `are checked as AWS does by default`() {
        let tcp = HealthCheckSettings.network()
        #expect(tcp.protocol == .tcp)
        #expect(tcp.port == .trafficPort)
        #expect(tcp.intervalSeconds == 30)
        #expect(tcp.timeoutSeconds == 10)
        #expect(tcp.healthyThresholdCount == 5)
        #expect(tcp.unhealthyThresholdCount == 2)
        #expect(HealthCheckSettings.network(.http).timeoutSeconds == 6)
        #expect(HealthCheckSettings.network(.https).timeoutSeconds == 10)
        #expect(HealthCheckSettings.network(.http).path == "/")
        #expect(HealthCheckSettings.network(.http).matcher.description == "200-399")
    }

    @Test(
        .covers("NLB-HC-003", "NLB-HC-004", "NLB-HC-005", "NLB-HC-006"),
        arguments: [
            ("interval", 4, false), ("interval", 5, true), ("interval", 300, true), ("interval", 301, false),
            ("timeout", 1, false), ("timeout", 2, true), ("timeout", 120, true), ("timeout", 121, false),
            ("healthy", 1, false), ("healthy", 2, true), ("healthy", 10, true), ("healthy", 11, false),
            ("unhealthy", 1, false), ("unhealthy", 10, true), ("unhealthy", 11, false),
            ("code", 199, false), ("code", 599, true), ("code", 600, false),
        ]
    )
    func `keep their checks in AWS's ranges`(what: String, number: Int, isAllowed: Bool) {
        let group = Self.group {
            $0.healthCheck = .network(.http)
            switch what {
            case "interval":
                $0.healthCheck.intervalSeconds = number
                $0.healthCheck.timeoutSeconds = 2
            case "timeout":
                $0.healthCheck.intervalSeconds = 300
                $0.healthCheck.timeoutSeconds = number
            case "healthy": $0.healthCheck.healthyThresholdCount = number
            case "unhealthy": $0.healthCheck.unhealthyThresholdCount = number
            default: $0.healthCheck.matcher = StatusMatcher(ranges: [number...number])
            }
        }
        #expect(group.validate().isEmpty == isAllowed)
    }

    @Test(.covers("NLB-HC-004")) func `are checked for as long as the interval at most`() {
        let group = Self.group {
            $0.healthCheck.intervalSeconds = 10
            $0.healthCheck.timeoutSeconds = 10
        }
        #expect(group.validate() == [])
        #expect(Self.group { $0.healthCheck.intervalSeconds = 9 }.validate().map(\.code) == [.validationError])
    }

    @Test(.covers("NLB-HC-015")) func `are always checked`() {
        let group = Self.group { $0.healthCheck.isEnabled = false }
        #expect(group.validate().map(\.code) == [.validationError])
    }

    @Test(.covers("NLB-DR-006", "NLB-FH-009")) func `have private addresses, on as many ports as one likes`() {
        let address = IPAddress.v4(IPv4Address(127, 10, 1, 64))
        func target(_ address: IPAddress, _ port: Port) -> Target {
            Target(
                id: TargetID(rawValue: "\(address)"),
                endpoint: Endpoint(address: address, port: port),
                zone: .a
            )
        }
        #expect(Self.group { $0.targets = [target(address, 8081), target(address, 8082)] }.validate() == [])
        let outside = Self.group { $0.targets = [target(.v4(IPv4Address(8, 8, 8, 8)), 80)] }
        #expect(outside.validate().map(\.code) == [.invalidTarget])
    }

    @Test(.covers("NLB-DR-011"), arguments: ["", "a-", "-a", "a_b", String(repeating: "a", count: 33)])
    func `have names like load balancers`(name: String) {
        let group = TargetGroup(
            id: TargetGroupID(rawValue: "g"),
            name: TargetGroupName(rawValue: name),
            protocol: .tcp,
            port: 80,
            healthCheck: .network()
        )
        #expect(group.validate().contains { $0.code == .validationError })
        var network = SampleNetwork()
        network.balancer.name = LoadBalancerName(rawValue: name)
        #expect(network.codes.contains(.validationError))
        network.balancer.name = LoadBalancerName(rawValue: "internal-a")
        #expect(network.codes.contains(.validationError))
    }
}
