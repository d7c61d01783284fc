package import ELBWire

extension AccessLogRecord {
    /// Longest user agent that is kept (ALB-LOG-022).
    private static let userAgentLimit = 8192

    /// Takes the request line and the user agent from a head that is still in memory (ALB-LOG-021).
    ///
    /// The record's `kind` must be known: it decides on the scheme and on the version of a head that came by HTTP/2.
    ///
    /// - Parameter port: the port the client used.
    package mutating func noteRequest(_ head: borrowing RequestHead, bytes: Span<UInt8>, port: Int) {
        let host = EffectiveHost(head, bytes: bytes).name
        self.request.removeAll()
        self.request.append(UInt8(ascii: "\""))
        LogText.append(bytes, head.method.range, to: &self.request)
        self.request.append(self.kind.scheme)
        if host.isEmpty { self.request.append("-") } else { LogText.append(bytes, host, to: &self.request) }
        self.request.append(UInt8(ascii: ":"))
        self.request.append(decimal: port)
        let start = head.form == .origin ? head.target.range : Int(head.path.lowerBound)..<head.target.range.upperBound
        if start.isEmpty { self.request.append("/") } else { LogText.append(bytes, start, to: &self.request) }
        self.request.append(self.kind.isHTTP2 ? " HTTP/2.0\" " : Self.version(head.version))
        self.request.append(UInt8(ascii: "\""))
        if let agent = head.fields.first(where: { $0.known == .userAgent })?.value.range, !agent.isEmpty {
            let kept = agent.lowerBound..<min(agent.upperBound, agent.lowerBound + Self.userAgentLimit)
            LogText.append(bytes, kept, to: &self.request)
        } else {
            self.request.append("-")
        }
        self.request.append(UInt8(ascii: "\""))
    }

    /// Takes the value of X-Amzn-Trace-Id from the head that goes to the target (ALB-HDR-025).
    package mutating func noteTraceID(of head: borrowing ByteOutput, at range: Range<Int>) {
        self.traceID.removeAll()
        self.traceID.append(head.span.extracting(range))
    }

    private static func version(_ version: HTTPVersion) -> StaticString {
        switch version {
        case .http09: " HTTP/0.9\" "
        case .http10: " HTTP/1.0\" "
        case .http11: " HTTP/1.1\" "
        }
    }
}
