package import ELBWire

extension AccessLogRecord {
    /// Longest user agent that is kept (ALB-LOG-022).
    private static let userAgentLimit = 8192

    /// Takes the request line and the user agent from a head that is still in memory (ALB-LOG-021).
    ///
    /// - Parameter port: the port the client used.
    package mutating func noteRequest(_ head: borrowing RequestHead, bytes: Span<UInt8>, port: Int) {
        let host = EffectiveHost(head, bytes: bytes).name
        self.request.removeAll(keepingCapacity: true)
        self.request.append(UInt8(ascii: "\""))
        Self.appendEscaped(bytes, head.method.range, to: &self.request)
        self.request.append(" http://")
        if host.isEmpty { self.request.append("-") } else { Self.appendEscaped(bytes, host, to: &self.request) }
        self.request.append(UInt8(ascii: ":"))
        self.request.append(decimal: port)
        let start = head.form == .origin ? head.target.range : Int(head.path.lowerBound)..<head.target.range.upperBound
        if start.isEmpty { self.request.append("/") } else { Self.appendEscaped(bytes, start, to: &self.request) }
        switch head.version {
        case .http09: self.request.append(" HTTP/0.9\" ")
        case .http10: self.request.append(" HTTP/1.0\" ")
        case .http11: self.request.append(" HTTP/1.1\" ")
        }
        self.request.append(UInt8(ascii: "\""))
        if let agent = head.fields.first(where: { $0.known == .userAgent })?.value.range, !agent.isEmpty {
            let kept = agent.lowerBound..<min(agent.upperBound, agent.lowerBound + Self.userAgentLimit)
            Self.appendEscaped(bytes, kept, to: &self.request)
        } else {
            self.request.append("-")
        }
        self.request.append(UInt8(ascii: "\""))
    }

    // A quote, a backslash or an unprintable byte would break the line apart; it becomes \xNN.
    private static func appendEscaped(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        guard range.upperBound <= bytes.count, range.lowerBound < range.upperBound else { return }
        var run = range.lowerBound
        for index in range {
            let byte = bytes[index]
            guard byte < 0x20 || byte > 0x7e || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                continue
            }
            output.append(bytes.extracting(run..<index))
            output.append("\\x")
            output.append(hexadecimal: UInt64(byte), digits: 2)
            run = index + 1
        }
        output.append(bytes.extracting(run..<range.upperBound))
    }
}
