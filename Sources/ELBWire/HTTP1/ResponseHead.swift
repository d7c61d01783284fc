/// A response head as ranges over its bytes. One value is kept per connection and reused.
package struct ResponseHead: Sendable {
    package var version: HTTPVersion = .http11
    /// 100 to 999.
    package var status = 0
    /// May be empty.
    package var reason = ByteRange(0, 0)
    /// The first line with its line end.
    package var statusLine = ByteRange(0, 0)
    package var fields: [HeaderFieldRange] = []
    /// Length of the whole head, the empty line included.
    package var length = 0
    package var framing = MessageFraming()
    package var findings: HeadFindings = []

    package init() {
        self.fields.reserveCapacity(16)
    }

    /// Makes the value ready for another head; keeps its storage.
    package mutating func reset() {
        self.version = .http11
        self.status = 0
        self.reason = ByteRange(0, 0)
        self.statusLine = ByteRange(0, 0)
        self.fields.removeAll(keepingCapacity: true)
        self.length = 0
        self.framing = MessageFraming()
        self.findings = []
    }

    /// How long the body is (RFC 9112, section 6.3, rules 1 to 8); `nil` if the head does not say it beyond doubt.
    package func bodyLength(answering method: RequestHead.KnownMethod) -> BodyLength? {
        guard self.framing.isCertain, !self.findings.contains(.repeatedChunked) else { return nil }
        if method == .head || self.status < 200 || self.status == 204 || self.status == 304 {
            return BodyLength.none
        }
        switch self.framing.transferEncoding {
        case .chunked: return .chunked
        case .unknown: return nil
        case .absent, .identity:
            guard let length = self.framing.contentLength else { return .untilClose }
            return length == 0 ? BodyLength.none : .bytes(length)
        }
    }

    /// Whether the target keeps its connection open after this response (RFC 9112, section 9.3).
    package var keepsConnection: Bool {
        if self.framing.connection.contains(.close) { return false }
        return self.version == .http11 || self.framing.connection.contains(.keepAlive)
    }
}

/// Reads a response head that arrives in pieces, as `RequestHeadParser` does; but a target is trusted with less: what is
/// not a proper response is `malformed`, because the balancer answers 502 instead (ALB-ERR-030, -031).
package struct ResponseHeadParser: Sendable {
    package enum Outcome: Hashable, Sendable {
        case incomplete
        case complete
        case malformed
        case tooLong
    }

    private var scanner = LineScanner()
    private var sawStatusLine = false

    package init() {}

    /// Makes the parser ready for the next head.
    package mutating func reset() {
        self = Self()
    }

    /// Goes on where the last call stopped. `bytes` begins with the head's first byte, every time.
    package mutating func parse(
        _ bytes: Span<UInt8>,
        into head: inout ResponseHead,
        limits: HeadLimits = .response
    ) -> Outcome {
        if self.scanner.scanned == 0 { head.reset() }
        while let line = self.scanner.nextLine(bytes) {
            guard line.next <= limits.total else { return .tooLong }
            if !self.sawStatusLine {
                guard Self.readStatusLine(bytes, line, into: &head) else { return .malformed }
                self.sawStatusLine = true
            } else if line.start == line.end {
                head.length = line.next
                head.findings.formUnion(head.framing.findings)
                return Self.isAcceptable(head.findings) ? .complete : .malformed
            } else {
                let field = FieldLine.read(bytes, line, after: head.fields.last, findings: &head.findings)
                if field.known != .other { head.framing.note(field, in: bytes) }
                head.fields.append(field)
            }
        }
        // Something that does not even begin like a response need not be waited for.
        if !self.sawStatusLine, !Self.mayBecomeStatusLine(bytes) { return .malformed }
        return bytes.count >= limits.total ? .tooLong : .incomplete
    }

    private static func isAcceptable(_ findings: HeadFindings) -> Bool {
        findings.isDisjoint(with: [
            .badHeader, .foldedLine, .emptyHeader, .missingColon, .suspiciousName, .suspiciousContentLength,
            .suspiciousTransferEncoding, .badContentLength, .differingContentLengths, .badTransferEncoding,
            .unsupportedTransferEncoding, .repeatedChunked, .duplicateContentLength,
        ])
    }

    private static func mayBecomeStatusLine(_ bytes: Span<UInt8>) -> Bool {
        let count = min(bytes.count, 7)
        let expected: StaticString = "HTTP/1."
        for index in 0..<count where bytes[index] != expected.utf8Start[index] { return false }
        return true
    }

    // status-line = HTTP-version SP status-code SP [ reason-phrase ]; the second space is often left out.
    private static func readStatusLine(
        _ bytes: Span<UInt8>,
        _ line: LineScanner.Line,
        into head: inout ResponseHead
    ) -> Bool {
        let start = line.start
        guard line.end - start >= 12, RequestLine.spells(bytes, start..<(start + 7), "HTTP/1."),
            ByteClass.isDigit(bytes[start + 7]), bytes[start + 8] == ByteClass.space,
            let status = bytes.decimal(in: (start + 9)..<(start + 12)), (100...999).contains(status),
            line.end == start + 12 || bytes[start + 12] == ByteClass.space,
            line.oddities.isDisjoint(with: [.nul, .bareCarriageReturn])
        else { return false }
        head.version = bytes[start + 7] == UInt8(ascii: "0") ? .http10 : .http11
        head.status = Int(status)
        head.reason = ByteRange(min(start + 13, line.end), line.end)
        head.statusLine = ByteRange(start, line.next)
        if line.oddities.contains(.bareLineFeed) { head.findings.insert(.bareLineFeed) }
        return true
    }
}
