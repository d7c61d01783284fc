extension AccessLogRecord {
    /// Appends the line as a Classic Load Balancer writes it: fifteen fields, times to the microsecond, bodies counted without their
    /// heads (CLB-LG-002, -004, -005, -006).
    package func appendClassic(to output: inout ByteOutput, clock: inout WallClockText) {
        clock.appendTimestamp(microseconds: self.createdAt, to: &output)
        output.append(self.connection.origin)
        // Without an answer no instance is named.
        if self.targetProcessing == nil {
            output.append("-")
        } else {
            LogText.append(trusted: self.target, to: &output)
        }
        let isAnswered = self.targetProcessing != nil
        Self.appendSeconds(isAnswered ? self.requestProcessing : nil, to: &output)
        Self.appendSeconds(self.targetProcessing, to: &output)
        Self.appendSeconds(self.responseProcessing, to: &output)
        output.append(UInt8(ascii: " "))
        if self.isStream {
            output.append("- -")
        } else {
            LogText.append(status: self.status, to: &output)
            output.append(UInt8(ascii: " "))
            output.append(decimal: self.targetStatus)
        }
        output.append(UInt8(ascii: " "))
        output.append(decimal: max(0, self.receivedBytes - self.receivedHeadBytes))
        output.append(UInt8(ascii: " "))
        output.append(decimal: max(0, self.sentBytes - self.sentHeadBytes))
        output.append(UInt8(ascii: " "))
        if self.request.isEmpty { output.append("\"- - - \" \"-\"") } else { output.append(self.request.span) }
        // Cipher and protocol, and a space behind them.
        output.append(self.connection.cipher.span.extracting(first: self.connection.cipher.count - 1))
        output.append(UInt8(ascii: "\n"))
    }

    /// ` 0.001048`: seconds to six places, with the space before.
    private static func appendSeconds(_ nanoseconds: UInt64?, to output: inout ByteOutput) {
        guard let nanoseconds else {
            output.append(" -1")
            return
        }
        let microseconds = nanoseconds / 1000
        output.append(UInt8(ascii: " "))
        output.append(decimal: Int(clamping: microseconds / 1_000_000))
        output.append(UInt8(ascii: "."))
        let fraction = "\(microseconds % 1_000_000)"
        for _ in fraction.utf8.count..<6 { output.append(UInt8(ascii: "0")) }
        output.append(text: fraction)
    }
}
