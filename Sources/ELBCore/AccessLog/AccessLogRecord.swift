/// What the access log says of one request, written in the service's field order (ALB-LOG-006 to -009).
///
/// Texts that never change for a connection or a target are held as bytes made once; texts of the request are collected while
/// its head is still in memory. Whoever serves the request fills in what it knows: the rest keeps what `begin` set and is printed
/// as absent.
package struct AccessLogRecord: ~Copyable, Sendable {
    /// What all lines of the client's connection have in common; replaced when the handshake has told more.
    package var connection: Connection
    /// What the line begins with: the connection's kind unless the request is gRPC or became a WebSocket (ALB-LOG-010).
    package var kind: Kind
    /// `target:port`; empty is printed as `-` (ALB-LOG-014).
    package var target: [UInt8] = []
    /// The group's ARN or name; empty is printed as `-`.
    package var targetGroup: [UInt8] = []
    /// The request line and the user agent, each quoted; made by `noteRequest`.
    package var request = ByteOutput()
    /// The value of X-Amzn-Trace-Id that was sent to the target (ALB-HDR-025).
    package var traceID = ByteOutput()
    package var redirectURL: [UInt8] = []
    /// Microseconds since 1970; 0 while no request is under way.
    package var createdAt: Int64 = 0
    package var respondedAt: Int64 = 0
    /// Nanoseconds; `nil` is printed as -1 (ALB-LOG-015 to -018).
    package var requestProcessing: UInt64?
    package var targetProcessing: UInt64?
    package var responseProcessing: UInt64?
    package var status = 0
    /// 0 is printed as `-`: the target sent no response (ALB-LOG-026).
    package var targetStatus = 0
    package var receivedBytes = 0
    package var sentBytes = 0
    /// Those of them that belong to heads, which a Classic Load Balancer does not count (CLB-LG-005).
    package var receivedHeadBytes = 0
    /// A connection to a listener that reads no requests.
    package var isStream = false
    package var sentHeadBytes = 0
    /// 0 for the default rule, -1 if the evaluation failed; `nil` if no rule was evaluated (ALB-RULE-021).
    package var rulePriority: Int?
    package var action = Action.none
    package var earlierActions: EarlierActions = []
    package var errorReason: ErrorReason?
    package var verdict = DesyncVerdict.compliant
    package var transform: Transform?

    package init(of connection: Connection) {
        self.connection = connection
        self.kind = connection.kind
    }

    /// Makes the record ready for another request of the connection; the texts' storage is used again.
    ///
    /// - Parameters:
    ///   - microseconds: the wall clock, since 1970.
    ///   - receivedBytes: what has come so far of the request.
    package mutating func begin(at microseconds: Int64, receivedBytes: Int) {
        self.kind = self.connection.kind
        self.createdAt = microseconds
        self.receivedBytes = receivedBytes
        self.receivedHeadBytes = receivedBytes
        self.sentBytes = 0
        self.sentHeadBytes = 0
        self.status = 0
        self.targetStatus = 0
        self.rulePriority = nil
        self.action = .none
        self.earlierActions = []
        self.errorReason = nil
        self.verdict = .compliant
        self.target = []
        self.targetGroup = []
        self.redirectURL = []
        if self.transform != nil { self.transform = nil }
        self.traceID.removeAll()
        self.request.removeAll()
    }

    /// Appends the line with its line feed.
    package func append(to output: inout ByteOutput, clock: inout WallClockText) {
        output.append(self.kind.name)
        clock.appendTimestamp(microseconds: self.respondedAt, to: &output)
        output.append(self.connection.origin)
        LogText.append(trusted: self.target, to: &output)
        Self.appendSeconds(self.requestProcessing, to: &output)
        Self.appendSeconds(self.targetProcessing, to: &output)
        Self.appendSeconds(self.responseProcessing, to: &output)
        output.append(UInt8(ascii: " "))
        LogText.append(status: self.status, to: &output)
        output.append(UInt8(ascii: " "))
        LogText.append(status: self.targetStatus, to: &output)
        output.append(UInt8(ascii: " "))
        output.append(decimal: self.receivedBytes)
        output.append(UInt8(ascii: " "))
        output.append(decimal: self.sentBytes)
        output.append(UInt8(ascii: " "))
        if self.request.isEmpty { output.append("\"- - -\" \"-\"") } else { output.append(self.request.span) }
        output.append(self.connection.cipher)
        LogText.append(trusted: self.targetGroup, to: &output)
        output.append(" \"")
        LogText.append(self.traceID.span, to: &output)
        output.append(self.connection.names)
        self.appendDecision(to: &output, clock: &clock)
        self.appendEnding(to: &output)
    }

    private func appendDecision(to output: inout ByteOutput, clock: inout WallClockText) {
        switch self.rulePriority {
        case .some(0...): output.append(decimal: self.rulePriority ?? 0)
        case .some: output.append("-1")
        case .none: output.append("-")
        }
        output.append(UInt8(ascii: " "))
        clock.appendTimestamp(microseconds: self.createdAt, to: &output)
        self.appendActions(to: &output)
        LogText.append(self.redirectURL, to: &output)
        output.append("\" \"")
        if let reason = self.errorReason { output.append(text: reason.rawValue) } else { output.append("-") }
        output.append("\" \"")
        LogText.append(trusted: self.target, to: &output)
        output.append("\" \"")
        LogText.append(status: self.targetStatus, to: &output)
        if self.verdict == .compliant {
            output.append(#"" "-" "-""#)
        } else {
            output.append("\" \"")
            output.append(self.verdict.desyncClass.name)
            output.append("\" \"")
            output.append(self.verdict.reason?.code ?? "-")
            output.append(UInt8(ascii: "\""))
        }
    }

    private func appendEnding(to output: inout ByteOutput) {
        guard let transform = self.transform else {
            output.append(self.connection.ending)
            return
        }
        output.append(self.connection.traceID)
        output.append(" \"")
        LogText.append(transform.host, to: &output)
        output.append("\" \"")
        LogText.append(transform.uri, to: &output)
        output.append("\" \"")
        output.append(text: transform.status.rawValue)
        output.append(UInt8(ascii: "\""))
        output.append(self.connection.node)
    }

    /// ` 0.012`: seconds to three places, with the space before.
    private static func appendSeconds(_ nanoseconds: UInt64?, to output: inout ByteOutput) {
        guard let nanoseconds else {
            output.append(" -1")
            return
        }
        output.append(UInt8(ascii: " "))
        output.append(thousandths: Int(clamping: nanoseconds / 1_000_000))
    }
}
