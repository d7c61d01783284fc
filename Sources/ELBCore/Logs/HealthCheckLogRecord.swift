package import ELBModel

/// One probe's line in the health check log (ALB-HLOG-003):
///
///     http 2025-10-31T12:44:59.875678Z 0.019584011 172.31.20.97:80 HCLogsTestIPs PASS 200 - app/web/1 127.50.1.4
///
/// The last two fields are newer than the service's printed example.
package struct HealthCheckLogRecord: Sendable {
    /// `http`, `https`, `h2`, `grpc` or `lambda`.
    package var type: String
    /// When the probe began, in microseconds since 1970.
    package var startedAt: Int64
    /// How long it took, in nanoseconds.
    package var latency: UInt64
    /// `address:port`, or a function's ARN.
    package var target: String
    /// The group's name, though the field is called an id.
    package var group: String
    package var result: ProbeResult

    /// - Parameter group: the probed target's.
    package init(
        _ assignment: ProbeAssignment,
        group: TargetGroupName,
        startedAt: Int64,
        latency: UInt64,
        result: ProbeResult
    ) {
        let isFunction = assignment.targetType == .lambda
        self.init(
            type: Self.type(of: assignment),
            startedAt: startedAt,
            latency: latency,
            target: isFunction ? assignment.target.id.rawValue : assignment.endpoint.description,
            group: group.rawValue,
            result: result
        )
    }

    private static func type(of assignment: ProbeAssignment) -> String {
        if assignment.targetType == .lambda { return "lambda" }
        return switch assignment.protocolVersion {
        case .http1: assignment.settings.protocol.rawValue.lowercased()
        case .http2: "h2"
        case .grpc: "grpc"
        }
    }

    package init(type: String, startedAt: Int64, latency: UInt64, target: String, group: String, result: ProbeResult) {
        self.type = type
        self.startedAt = startedAt
        self.latency = latency
        self.target = target
        self.group = group
        self.result = result
    }

    /// Appends the line with its line feed.
    ///
    /// - Parameters:
    ///   - loadBalancer: `app/NAME/ID`.
    ///   - node: the node's address.
    package func append(
        to output: inout ByteOutput,
        loadBalancer: [UInt8],
        node: [UInt8],
        clock: inout WallClockText
    ) {
        output.append(text: self.type)
        output.append(UInt8(ascii: " "))
        clock.appendTimestamp(microseconds: self.startedAt, to: &output)
        output.append(UInt8(ascii: " "))
        output.append(decimal: Int(clamping: self.latency / 1_000_000_000))
        output.append(UInt8(ascii: "."))
        output.append(padded: Int(clamping: self.latency % 1_000_000_000), digits: 9)
        output.append(UInt8(ascii: " "))
        output.append(text: self.target)
        output.append(UInt8(ascii: " "))
        output.append(text: self.group)
        output.append(self.result.passed ? " PASS " : " FAIL ")
        // A status of gRPC may be 0, and is one.
        if let status = self.result.status { output.append(decimal: status) } else { output.append("-") }
        output.append(UInt8(ascii: " "))
        output.append(text: self.reason?.rawValue ?? "-")
        output.append(UInt8(ascii: " "))
        output.append(loadBalancer)
        output.append(UInt8(ascii: " "))
        output.append(node)
        output.append(UInt8(ascii: "\n"))
    }
}

extension HealthCheckLogRecord {
    /// `nil` for a pass.
    var reason: ProbeFailureReason? {
        switch self.result {
        case .passed: nil
        case .mismatch where self.type == "grpc": .grpcUnexpectedStatus
        case .mismatch(let status): status >= 500 ? .targetError : .responseCodeMismatch
        case .timedOut: .timedOut
        // The log has no other word for a target that refuses, resets, hangs up or talks something else.
        case .failed: .connectionReset
        }
    }
}

/// Why a probe failed, in the words of the health check log (ALB-HLOG-005). The API has others: a wrong status is
/// `Target.ResponseCodeMismatch` there even if it is a 5xx (ALB-HLOG-006). The lab's probes never end in a mismatch of strings or in
/// an internal error, and count a gRPC answer without a status among those that are none.
package enum ProbeFailureReason: String, Hashable, Sendable, CaseIterable {
    case timedOut = "TimedOut"
    case connectionReset = "ConnectionReset"
    case responseCodeMismatch = "ResponseCodeMismatch"
    case responseStringMismatch = "ResponseStringMismatch"
    case internalError = "InternalError"
    case targetError = "TargetError"
    case grpcStatusHeaderEmpty = "GRPCStatusHeaderEmpty"
    case grpcUnexpectedStatus = "GRPCUnexpectedStatus"
}

extension ProbeResult {
    var passed: Bool {
        switch self {
        case .passed: true
        case .mismatch, .timedOut, .failed: false
        }
    }

    /// What the target answered with, if it answered.
    var status: Int? {
        switch self {
        case .passed(let status), .mismatch(let status): status
        case .timedOut, .failed: nil
        }
    }
}
