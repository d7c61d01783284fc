/// The sizes a head may have, in bytes. They are the service's and cannot be changed (ALB-HTTP-024).
package struct HeadLimits: Sendable {
    /// First line, without its line end.
    package var startLine: Int
    /// One field line, without its line end.
    package var field: Int
    /// The whole head.
    package var total: Int

    /// 16K for the request line and each field, 64K for all.
    package static let request = Self(startLine: 16_384, field: 16_384, total: 65_536)
    /// For a head that the balancer wrote itself.
    package static let none = Self(startLine: .max, field: .max, total: .max)
    /// 32K for all; a single line may be as long.
    package static let response = Self(startLine: 32_768, field: 32_768, total: 32_768)
}

/// Reads a request head that arrives in pieces.
///
/// Plan: the caller keeps the head's bytes together and calls `parse` with all of them whenever more have come. A line is
/// read when its end is there; how far the search for the end came is remembered, so that the work is linear in the
/// head's length however small the pieces. Nothing odd stops the reading, except size: it is noted in `findings`, because
/// the desync classifier wants to see the whole head.
package struct RequestHeadParser: Sendable {
    package enum Outcome: Hashable, Sendable {
        case incomplete
        /// `head.length` bytes are the head; what follows is body.
        case complete
        /// The request line exceeds its limit (ALB-ERR-016).
        case targetTooLong
        /// A field or the whole head exceeds its limit (ALB-ERR-005).
        case headTooLong
        /// Several empty lines where a request line should stand.
        case noRequestLine
    }

    private var scanner = LineScanner()
    private var sawRequestLine = false
    private var emptyLines = 0

    package init() {}

    /// Whether nothing of a request has come yet.
    package var isIdle: Bool { self.scanner.scanned == 0 }

    /// Makes the parser ready for the next head.
    package mutating func reset() {
        self = Self()
    }

    /// Goes on where the last call stopped. `bytes` begins with the head's first byte, every time; `head` is the one given
    /// before.
    package mutating func parse(
        _ bytes: Span<UInt8>,
        into head: inout RequestHead,
        limits: HeadLimits = .request
    ) -> Outcome {
        if self.isIdle { head.reset() }
        while let line = self.scanner.nextLine(bytes) {
            guard line.next <= limits.total else { return .headTooLong }
            if !self.sawRequestLine {
                if line.start == line.end {
                    // RFC 9112, section 2.2: a stray line end after the previous request is ignored.
                    self.emptyLines += 1
                    guard self.emptyLines <= 2 else { return .noRequestLine }
                    continue
                }
                guard line.end - line.start <= limits.startLine else { return .targetTooLong }
                self.sawRequestLine = true
                RequestLine.read(bytes, line, into: &head)
                // HTTP/0.9 knows no fields: its request is one line (RFC 1945, section 4.1).
                if head.version == .http09 { return self.complete(&head, length: line.next) }
            } else if line.start == line.end {
                if line.oddities.contains(.bareLineFeed) { head.findings.insert(.bareLineFeed) }
                return self.complete(&head, length: line.next)
            } else {
                guard line.end - line.start <= limits.field else { return .headTooLong }
                self.readField(bytes, line, into: &head)
            }
        }
        let pending = bytes.count - self.scanner.lineStart
        if pending > (self.sawRequestLine ? limits.field : limits.startLine) + 1 {
            return self.sawRequestLine ? .headTooLong : .targetTooLong
        }
        return bytes.count >= limits.total ? .headTooLong : .incomplete
    }

    private func complete(_ head: inout RequestHead, length: Int) -> Outcome {
        head.length = length
        head.findings.formUnion(head.framing.findings)
        return .complete
    }

    private func readField(_ bytes: Span<UInt8>, _ line: LineScanner.Line, into head: inout RequestHead) {
        let field = FieldLine.read(bytes, line, after: head.fields.last, findings: &head.findings)
        switch field.known {
        case .other: break
        case .host:
            if head.hostIndex == nil {
                head.hostIndex = head.fields.count
            } else {
                head.findings.insert(.repeatedHost)
            }
        default: head.framing.note(field, in: bytes)
        }
        head.fields.append(field)
    }
}
