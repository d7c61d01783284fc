package import ELBWire

/// Writes the head of a response that is passed on to the client.
///
/// The target's fields go through untouched, in runs of lines copied as they are, except for those that belong to the
/// target's own connection (ALB-HTTP-023).
package enum OutgoingResponseHead {
    /// Appends the head with its empty line.
    ///
    /// - Parameters:
    ///   - keepsConnection: what Connection says to the client.
    ///   - dropsChunking: the body goes out without its chunk framing, for an HTTP/1.0 client.
    ///   - additions: whole field lines with their line ends, added behind the target's.
    ///   - isInterim: a 1xx response: no Connection field.
    ///   - edits: the headers that the listener sets, if any (ALB-HMOD-005).
    package static func append(
        _ head: borrowing ResponseHead,
        bytes: Span<UInt8>,
        keepsConnection: Bool,
        dropsChunking: Bool,
        isInterim: Bool,
        additions: [UInt8] = [],
        edits: ResponseHeaderEdits?,
        quirks: ExchangeQuirks,
        to output: inout ByteOutput
    ) {
        let edits = edits.flatMap { $0.apply(to: head.status) ? $0 : nil }
        // The balancer answers as HTTP/1.1 whatever the target speaks (RFC 9110, section 2.5).
        output.append("HTTP/1.1 ")
        output.append(decimal: head.status)
        output.append(UInt8(ascii: " "))
        output.append(bytes.extracting(head.reason.range))
        output.append("\r\n")
        var run = 0..<0
        for index in head.fields.indices
        where !quirks.contains(.responseHeadersDropped) || head.fields[index].known != .other {
            let field = head.fields[index]
            var passes = Self.passes(field, of: head, bytes, dropsChunking: dropsChunking, quirks)
            if let edits, passes, edits.replace(bytes.extracting(field.name.range)) { passes = false }
            guard passes, field.passage == .verbatim else {
                output.append(bytes.extracting(run))
                run = 0..<0
                if passes { HopByHop.appendField(field, bytes: bytes, to: &output) }
                continue
            }
            let line = field.line.range
            if run.upperBound == line.lowerBound, !run.isEmpty {
                run = run.lowerBound..<line.upperBound
            } else {
                output.append(bytes.extracting(run))
                run = line
            }
        }
        output.append(bytes.extracting(run))
        output.append(additions)
        if let edits { output.append(edits.lines) }
        if isInterim {
            output.append("\r\n")
        } else {
            output.append(keepsConnection ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
        }
    }

    private static func passes(
        _ field: HeaderFieldRange,
        of head: borrowing ResponseHead,
        _ bytes: Span<UInt8>,
        dropsChunking: Bool,
        _ quirks: ExchangeQuirks
    ) -> Bool {
        guard field.passage != .withheld else { return false }
        switch field.known {
        case .transferEncoding:
            return !dropsChunking && head.framing.transferEncoding == .chunked
        case .contentLength:
            // Overridden by Transfer-Encoding, and then dangerous (RFC 9112, section 6.3, rule 3).
            return head.framing.transferEncoding != .chunked && !quirks.contains(.responseLengthDropped)
        default:
            if HopByHop.isHopByHop(field.known) { return false }
            guard head.framing.connection.contains(.namesFields), field.known == .other else { return true }
            return !HopByHop.isNamed(field, byConnectionOf: head.fields, bytes: bytes)
        }
    }
}
