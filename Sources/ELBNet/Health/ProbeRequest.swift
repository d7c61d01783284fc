import ELBCore
import ELBModel

/// The request that probes send.
enum ProbeRequest {
    /// `GET path HTTP/1.1` with Host (the address, and the port unless it is 80; ALB-HC-016), the health checker's
    /// User-Agent (ALB-HC-015) and `Connection: close`. Nothing of X-Forwarded-* (ALB-HC-017).
    static func bytes(for assignment: ProbeAssignment, quirks: QuirkSet) -> [UInt8] {
        switch assignment.targetType {
        case .lambda: Self.invocation(for: assignment, quirks: quirks)
        case .instance, .ip, .alb: Self.get(for: assignment, quirks: quirks)
        }
    }

    /// A function is asked by invoking it (ALB-LMB-025).
    private static func invocation(for assignment: ProbeAssignment, quirks: QuirkSet) -> [UInt8] {
        var event: [UInt8] = []
        LambdaEvent.appendProbe(
            path: assignment.settings.path,
            targetGroup: assignment.group.rawValue,
            form: LambdaEvent.Form(isMultiValue: assignment.isMultiValue, quirks: quirks),
            to: &event
        )
        var request: [UInt8] = []
        LambdaInvocationRequest(
            function: assignment.target.id.rawValue,
            endpoint: assignment.endpoint,
            targetGroup: assignment.group.rawValue,
            isProbe: true
        )
        .append(event: event, to: &request)
        return request
    }

    private static func get(for assignment: ProbeAssignment, quirks: QuirkSet) -> [UInt8] {
        var lines = [
            "GET \(assignment.settings.path) HTTP/1.1", "Host: \(Self.authority(of: assignment))", "Connection: close",
        ]
        if let agent = Self.userAgent(of: assignment, quirks: quirks) { lines.append("User-Agent: \(agent)") }
        return Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
    }

    /// The target's address, and the port unless it is 80 (ALB-HC-016), where nothing else is to be named.
    static func authority(of assignment: ProbeAssignment) -> String {
        // NLB-HC-011.
        if let host = assignment.host { return host }
        let endpoint = assignment.endpoint
        let host: String =
            switch endpoint.address {
            case .v4(let address): address.description
            case .v6(let address): "[\(address)]"
            }
        return endpoint.port == 80 ? host : "\(host):\(endpoint.port)"
    }

    /// ALB-HC-015, CLB-HC-012.
    static func userAgent(of assignment: ProbeAssignment, quirks: QuirkSet) -> String? {
        guard !quirks.contains(.healthUserAgentMissing) else { return nil }
        return assignment.classic == nil ? "ELB-HealthChecker/2.0" : "ELB-HealthChecker/1.0"
    }
}
