/// How a target group's targets are probed; defaults are AWS's for instance and ip targets.
package struct HealthCheckSettings: Hashable, Codable, Sendable {
    /// Only targets of type lambda can do without, and they do unless told otherwise (ALB-HC-033).
    package var isEnabled = true
    package var `protocol`: TargetGroup.Proto = .http
    package var port: ProbePort = .trafficPort
    /// 1 to 1024 characters, may carry a query (ALB-HC-004).
    package var path = "/"
    /// 5 to 300 s, start to start (ALB-HC-006).
    package var intervalSeconds = 30
    /// 2 to 120 s (ALB-HC-007). AWS disagrees with itself on the default; the API model's 6 s for HTTP is not less than
    /// the guide's 5 s in effect, and checks set it explicitly.
    package var timeoutSeconds = 5
    /// 2 to 10, default 5 (ALB-HC-008). Counts for recovery only; a new target needs one pass (ALB-TG-015).
    package var healthyThresholdCount = 5
    /// 2 to 10, default 2 (ALB-HC-009).
    package var unhealthyThresholdCount = 2
    package var matcher = StatusMatcher.ok
    /// What counts as success in a group of protocol version GRPC: codes from 0 to 99 (ALB-HC-011).
    package var grpcMatcher = StatusMatcher.unimplemented

    package init() {}

    /// AWS's defaults for targets of type lambda: off; every 35 s, for 30 s (ALB-HC-006, -007, ALB-LMB-026). The API text's 5 for
    /// UnhealthyThresholdCount contradicts the guide's 2, which is kept (ALB-OPEN-30).
    package static let lambda: Self = {
        var settings = Self()
        settings.isEnabled = false
        settings.intervalSeconds = 35
        settings.timeoutSeconds = 30
        return settings
    }()

    /// AWS's defaults behind a Network Load Balancer (NLB-HC-001 to -006).
    ///
    /// - Parameter protocol: of the checks, which the timeout depends on.
    package static func network(_ protocol: TargetGroup.Proto = .tcp) -> Self {
        var settings = Self()
        settings.protocol = `protocol`
        settings.timeoutSeconds = `protocol` == .http ? 6 : 10
        settings.matcher = .successOrRedirect
        return settings
    }

    /// Where probes go (ALB-HC-005).
    package enum ProbePort: Hashable, Codable, Sendable {
        /// Each target's own port, the API's `traffic-port`.
        case trafficPort
        case fixed(Port)
    }
}

/// The status codes that count as success: a list of codes and ranges (ALB-HC-010).
package struct StatusMatcher: Hashable, Codable, Sendable {
    /// In the order written; a single code is a range of one.
    package let ranges: [ClosedRange<Int>]

    package init(ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// Any success or redirect, AWS's default behind a Network Load Balancer (NLB-HC-006).
    package static let successOrRedirect = Self(ranges: [200...399])
    /// The codes that groups of this kind of load balancer can ask for (ALB-HC-010, NLB-HC-006).
    package static func codes(of kind: LoadBalancer.Kind) -> ClosedRange<Int> {
        switch kind {
        case .network: 200...599
        case .application, .gateway, .classic: 200...499
        }
    }
    /// 200 alone, AWS's default.
    package static let ok = Self(ranges: [200...200])
    /// gRPC's UNIMPLEMENTED: a server that lacks the method asked for is there, which is what is asked (ALB-HC-011, -012).
    package static let unimplemented = Self(ranges: [12...12])
    /// The codes that a group of protocol version GRPC can ask for.
    package static let grpcCodes = 0...99
    /// The method that is called unless another one is set (ALB-HC-012).
    package static let grpcPath = "/AWS.ALB/healthcheck"

    /// Reads AWS's `HttpCode`: `200`, `200,202`, `200-299`. `nil` if it is not of that form or leaves `allowed`.
    package init?(_ text: some StringProtocol, allowed: ClosedRange<Int> = 200...499) {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { end in
                (1...3).contains(end.utf8.count) && end.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(end) : nil
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
                allowed.contains(first), allowed.contains(last)
            else { return nil }
            ranges.append(first...last)
        }
        self.ranges = ranges
    }

    package func matches(_ status: Int) -> Bool {
        self.ranges.contains { $0.contains(status) }
    }
}

extension StatusMatcher: CustomStringConvertible {
    /// AWS's form: `200,202-204`.
    package var description: String {
        self.ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
