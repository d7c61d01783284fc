/// The attributes of a load balancer that the data path obeys, with AWS's defaults. Keys, ranges, which kind of load balancer has
/// which, and the translation from and to AWS's strings are in `LoadBalancerAttributes+Keys.swift`.
package struct LoadBalancerAttributes: Hashable, Codable, Sendable {
    /// `idle_timeout.timeout_seconds`: 1 to 4000, default 60 (ALB-CONN-001). Seconds of AWS time.
    package var idleTimeoutSeconds: Int = 60
    /// `client_keep_alive.seconds`: 60 to 604800, default 3600 (ALB-CONN-003).
    package var clientKeepAliveSeconds: Int = 3600
    /// `routing.http.xff_header_processing.mode`, default `append` (ALB-HDR-007).
    package var xffHeaderProcessingMode: XFFHeaderProcessingMode = .append
    /// `routing.http.xff_client_port.enabled`, default false (ALB-HDR-008).
    package var xffClientPortEnabled = false
    /// `routing.http.preserve_host_header.enabled`, default false (ALB-HDR-030).
    package var preserveHostHeaderEnabled = false
    /// `routing.http.drop_invalid_header_fields.enabled`, default false (ALB-HDR-034).
    package var dropInvalidHeaderFieldsEnabled = false
    /// `routing.http.desync_mitigation_mode`, default `defensive` (ALB-DSYNC-001).
    package var desyncMitigationMode: DesyncMitigationMode = .defensive
    /// `routing.http.x_amzn_tls_version_and_cipher_suite.enabled`, default false (ALB-HDR-038).
    package var tlsVersionAndCipherSuiteEnabled = false
    /// `routing.http2.enabled`, default true (ALB-HTTP-002).
    package var http2Enabled = true
    /// `load_balancing.cross_zone.enabled`, default false (NLB-AZ-009). For an Application Load Balancer it is always on, and this
    /// is not looked at (ALB-XZ-001).
    package var crossZoneEnabled = false
    /// `deletion_protection.enabled`, default false: whether the API refuses to delete the load balancer.
    package var deletionProtectionEnabled = false
    /// `zonal_shift.config.enabled`, default false: whether traffic may be shifted away from a zone (ALB-ZS-001, NLB-AZ-013).
    package var zonalShiftEnabled = false
    /// `dns_record.client_routing_policy` of a Network Load Balancer, default `any_availability_zone` (NLB-AZ-012).
    package var clientRoutingPolicy: ClientRoutingPolicy = .anyAvailabilityZone

    /// `access_logs.s3.*` (ALB-LOG-001).
    package var accessLogs = LogDelivery()
    /// `connection_logs.s3.*` (ALB-CLOG-001).
    package var connectionLogs = LogDelivery()
    /// `health_check_logs.s3.*` (ALB-HLOG-001).
    package var healthCheckLogs = LogDelivery()

    package init() {}

    /// What becomes of X-Forwarded-For (ALB-HDR-002 to -006); the raw value is AWS's.
    package enum XFFHeaderProcessingMode: String, Hashable, Codable, Sendable, CaseIterable {
        case append
        case preserve
        case remove
    }

    /// How many of the clients of a zone of the VPC are told that zone's address alone (NLB-AZ-012); the raw value is AWS's.
    package enum ClientRoutingPolicy: String, Hashable, Codable, Sendable, CaseIterable {
        /// None of them.
        case anyAvailabilityZone = "any_availability_zone"
        /// 85 of 100.
        case partialAffinity = "partial_availability_zone_affinity"
        /// All of them.
        case affinity = "availability_zone_affinity"

        /// Answers of a hundred that name the client's own zone alone.
        package var ownZonePercentage: Int {
            switch self {
            case .anyAvailabilityZone: 0
            case .partialAffinity: 85
            case .affinity: 100
            }
        }
    }

    /// How strictly ambiguous requests are treated (ALB-DSYNC-001 to -006); the raw value is AWS's.
    package enum DesyncMitigationMode: String, Hashable, Codable, Sendable, CaseIterable {
        case monitor
        case defensive
        case strictest
    }
}
