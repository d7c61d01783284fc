package import ELBModel
package import ELBWire

/// Whether a request whose head is complete is let in at all, before any rule is looked at.
package struct RequestAdmission: Hashable, Sendable {
    /// For the access log and the metric (ALB-DSYNC-007, -008).
    package var verdict: DesyncVerdict
    package var decision: Decision

    package enum Decision: Hashable, Sendable {
        /// The body's length is known beyond doubt.
        case admit(BodyLength, closesAfterwards: Bool)
        /// Answer with this status and close.
        case refuse(RefusalStatus)
    }

    /// The statuses of requests that no rule ever sees.
    package enum RefusalStatus: Int, Hashable, Sendable {
        /// Malformed or dangerous (ALB-ERR-004, -007).
        case badRequest = 400
        /// TRACE (ALB-ERR-012).
        case methodNotAllowed = 405
        /// More than 30 addresses in X-Forwarded-For (ALB-ERR-019).
        case tooManyForwardedAddresses = 463
        /// A transfer coding other than chunked and identity (ALB-ERR-025).
        case notImplemented = 501
        /// HTTP/2 and others on a connection that speaks HTTP/1 (ALB-ERR-044).
        case versionNotSupported = 505
    }

    /// - Parameters:
    ///   - bytes: the head that `head` was parsed from.
    ///   - forwarded: the listener's; it knows how many addresses X-Forwarded-For may hold.
    package init(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        mode: LoadBalancerAttributes.DesyncMitigationMode,
        forwarded: ForwardedHeaders,
        quirks: ExchangeQuirks
    ) {
        let verdict = DesyncVerdict(classifying: head)
        self.verdict = verdict
        let decision = Self.decide(head, handling: verdict.handling(in: mode), quirks: quirks)
        if case .admit = decision, forwarded.hasTooManyAddresses(head, bytes: bytes) {
            self.decision = .refuse(.tooManyForwardedAddresses)
        } else {
            self.decision = decision
        }
    }

    private static func decide(
        _ head: borrowing RequestHead,
        handling: DesyncHandling,
        quirks: ExchangeQuirks
    ) -> Decision {
        let findings = head.findings
        if findings.contains(.foreignVersion) {
            return .refuse(quirks.contains(.badVersionAs400) ? .badRequest : .versionNotSupported)
        }
        if findings.contains(.unsupportedTransferEncoding), !findings.contains(.badTransferEncoding) {
            return .refuse(.notImplemented)
        }
        if quirks.contains(.desyncOff) {
            guard Self.hasTarget(findings) else { return .refuse(.badRequest) }
            return .admit(Self.carelessBodyLength(head), closesAfterwards: false)
        }
        // Whatever the mode, a request whose end cannot be told, or that names no resource, is not forwarded.
        guard handling != .refuse, Self.hasTarget(findings), let length = head.framing.requestBodyLength else {
            return .refuse(.badRequest)
        }
        if head.knownMethod == .trace, !quirks.contains(.traceAllowed) { return .refuse(.methodNotAllowed) }
        // CLB-ER-002.
        if quirks.contains(.classic), head.method.range.count > Self.longestClassicMethod,
            !quirks.contains(.longMethodsForwarded)
        {
            return .refuse(.methodNotAllowed)
        }
        // CONNECT asks for a tunnel, which no target group can be (ALB-HTTP-017 is open; the Classic balancer says 400, CLB-LS-013).
        if head.knownMethod == .connect { return .refuse(.badRequest) }
        if head.version == .http09, head.knownMethod != .get { return .refuse(.badRequest) }
        // RFC 9112, section 3.2: "A server MUST respond with a 400 … to any HTTP/1.1 request that lacks a Host".
        if head.version == .http11, head.hostIndex == nil { return .refuse(.badRequest) }
        return .admit(length, closesAfterwards: handling == .forwardAndClose)
    }

    /// Characters of a method that a Classic Load Balancer still forwards.
    private static let longestClassicMethod = 127

    private static func hasTarget(_ findings: HeadFindings) -> Bool {
        findings.isDisjoint(with: .namesNoResource)
    }

    /// What a reader would take who looks no further than the first field that suits him.
    private static func carelessBodyLength(_ head: borrowing RequestHead) -> BodyLength {
        if head.framing.transferEncoding == .chunked { return .chunked }
        guard let length = head.framing.contentLength, length > 0 else { return BodyLength.none }
        return .bytes(length)
    }
}
