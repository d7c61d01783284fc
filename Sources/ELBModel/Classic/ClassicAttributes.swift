/// The attributes of a Classic Load Balancer; defaults are those of one made over the API (CLB-RT-006, CLB-DR-001).
package struct ClassicAttributes: Hashable, Codable, Sendable {
    /// `CrossZoneLoadBalancing.Enabled`.
    package var crossZoneEnabled = false
    /// `ConnectionDraining`: its timeout in seconds of AWS time, 1 to 3600; `nil` is disabled (CLB-DR-001).
    package var connectionDrainingSeconds: Int?
    /// `ConnectionSettings.IdleTimeout`: 1 to 4000 s (CLB-TO-001).
    package var idleTimeoutSeconds = 60
    package var accessLog = AccessLog()
    /// `elb.http.desyncmitigationmode` (CLB-DS-001).
    package var desyncMitigationMode = LoadBalancerAttributes.DesyncMitigationMode.defensive

    /// What is reported as the draining timeout while it is disabled, and taken when it is enabled without one.
    package static let defaultDrainingSeconds = 300

    package init() {}

    /// Where access logs go (CLB-LG-001).
    package struct AccessLog: Hashable, Codable, Sendable {
        package var delivery = LogDelivery()
        /// 5 or 60 minutes.
        package var intervalMinutes = 60

        package init() {}
    }
}
