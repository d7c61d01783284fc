/// What the access log says of one request, written in the service's field order (ALB-LOG-006 to -009).
///
/// Texts that never change for a connection or a target are held as bytes made once; texts of the request are collected while
/// its head is still in memory.
package struct AccessLogRecord: Sendable {
    /// What all lines of the client's connection have in common.
    let connection: Connection
    /// `target:port`; empty is printed as `-` (ALB-LOG-014).
    package var target: [UInt8] = []
    /// The group's ARN or name; empty is printed as `-`.
    package var targetGroup: [UInt8] = []
    /// The request line and the user agent, each quoted; made by `appendRequest`.
    package var request: [UInt8] = []
    /// The value of X-Amzn-Trace-Id that was sent to the target (ALB-HDR-025).
    package var traceID: [UInt8] = []
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
    /// 0 for the default rule; `nil` if no rule was evaluated.
    package var rulePriority: Int?
    package var action = Action.none
    package var verdict = DesyncVerdict.compliant

    package init(of connection: Connection) {
        self.connection = connection
    }

    /// The parts of a line that stay the same for all requests of a connection, put together when it is opened.
    package struct Connection: Sendable {
        /// The load balancer and the client, with a space before, between and behind.
        let origin: [UInt8]
        /// Everything behind the classification, the line feed included.
        let ending: [UInt8]

        /// - Parameters:
        ///   - loadBalancer: `app/NAME/ID` (ALB-LOG-012).
        ///   - node: the node's address.
        ///   - client: `client:port`, the TCP peer (ALB-LOG-013).
        ///   - traceID: what `connectionTraceID` made.
        package init(loadBalancer: [UInt8], node: [UInt8], client: [UInt8], traceID: [UInt8]) {
            let space: [UInt8] = [UInt8(ascii: " ")]
            self.origin = space + loadBalancer + space + client + space
            // Transforms are not part of this balancer: host, URI and status of the transform are absent.
            self.ending = space + traceID + Array(#" "-" "-" "-" "#.utf8) + node + [UInt8(ascii: "\n")]
        }
    }

    /// Makes the record ready for another request of the connection; the texts' storage is used again.
    ///
    /// - Parameters:
    ///   - microseconds: the wall clock, since 1970.
    ///   - receivedBytes: what has come so far of the request.
    package mutating func begin(at microseconds: Int64, receivedBytes: Int) {
        self.createdAt = microseconds
        self.receivedBytes = receivedBytes
        self.sentBytes = 0
        self.status = 0
        self.targetStatus = 0
        self.rulePriority = nil
        self.action = .none
        self.verdict = .compliant
        self.target = []
        self.targetGroup = []
        self.redirectURL = []
        self.traceID.removeAll(keepingCapacity: true)
        self.request.removeAll(keepingCapacity: true)
    }

    /// `TID_` and 32 hexadecimal digits, the same for every request of one connection (ALB-LOG-031).
    package static func connectionTraceID(node: UInt64, number: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.append("TID_")
        text.append(hexadecimal: node, digits: 16)
        text.append(hexadecimal: number, digits: 16)
        return text
    }

    /// `actions_executed` (ALB-LOG-025).
    package enum Action: UInt8, Hashable, Sendable {
        case none
        case forward
        case redirect
        case fixedResponse

        /// Quoted, with a space before it and the next text's quote behind it.
        var quoted: StaticString {
            switch self {
            case .none: #" "-" ""#
            case .forward: #" "forward" ""#
            case .redirect: #" "redirect" ""#
            case .fixedResponse: #" "fixed-response" ""#
            }
        }
    }

    /// Appends the line with its line feed.
    package func append(to output: inout [UInt8], clock: inout WallClockText) {
        output.append("http ")
        clock.appendTimestamp(microseconds: self.respondedAt, to: &output)
        output += self.connection.origin
        Self.appendText(self.target, to: &output)
        Self.appendSeconds(self.requestProcessing, to: &output)
        Self.appendSeconds(self.targetProcessing, to: &output)
        Self.appendSeconds(self.responseProcessing, to: &output)
        output.append(UInt8(ascii: " "))
        Self.appendStatus(self.status, to: &output)
        output.append(UInt8(ascii: " "))
        Self.appendStatus(self.targetStatus, to: &output)
        output.append(UInt8(ascii: " "))
        output.append(decimal: self.receivedBytes)
        output.append(UInt8(ascii: " "))
        output.append(decimal: self.sentBytes)
        output.append(UInt8(ascii: " "))
        if self.request.isEmpty { output.append("\"- - -\" \"-\"") } else { output += self.request }
        // No TLS: cipher and protocol, then the group, then no SNI and no certificate.
        output.append(" - - ")
        Self.appendText(self.targetGroup, to: &output)
        output.append(" \"")
        Self.appendText(self.traceID, to: &output)
        output.append("\" \"-\" \"-\" ")
        self.appendDecision(to: &output, clock: &clock)
        output += self.connection.ending
    }

    private func appendDecision(to output: inout [UInt8], clock: inout WallClockText) {
        if let rulePriority { output.append(decimal: rulePriority) } else { output.append("-") }
        output.append(UInt8(ascii: " "))
        clock.appendTimestamp(microseconds: self.createdAt, to: &output)
        output.append(self.action.quoted)
        Self.appendText(self.redirectURL, to: &output)
        output.append("\" \"-\" \"")
        Self.appendText(self.target, to: &output)
        output.append("\" \"")
        Self.appendStatus(self.targetStatus, to: &output)
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

    private static func appendText(_ text: [UInt8], to output: inout [UInt8]) {
        if text.isEmpty { output.append("-") } else { output += text }
    }

    private static func appendStatus(_ status: Int, to output: inout [UInt8]) {
        if status == 0 { output.append("-") } else { output.append(decimal: status) }
    }

    /// ` 0.012`: seconds to three places, with the space before.
    private static func appendSeconds(_ nanoseconds: UInt64?, to output: inout [UInt8]) {
        guard let nanoseconds else {
            output.append(" -1")
            return
        }
        output.append(UInt8(ascii: " "))
        output.append(thousandths: Int(clamping: nanoseconds / 1_000_000))
    }
}
