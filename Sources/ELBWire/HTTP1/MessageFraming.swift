/// How many bytes of body follow a head (RFC 9112, section 6.3).
package enum BodyLength: Hashable, Sendable {
    case none
    case bytes(UInt64)
    case chunked
    /// Responses only: everything until the sender closes.
    case untilClose
}

/// What the Transfer-Encoding fields of a head add up to.
package enum TransferEncoding: UInt8, Hashable, Sendable {
    case absent
    case chunked
    /// The obsolete `identity`: as if absent (ALB-HTTP-026).
    case identity
    /// Something else: the body's end is unknown.
    case unknown
}

/// Options of the Connection field.
package struct ConnectionOptions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let close = Self(rawValue: 1 << 0)
    package static let keepAlive = Self(rawValue: 1 << 1)
    package static let upgrade = Self(rawValue: 1 << 2)
    /// Names fields that are hop-by-hop by the sender's wish (RFC 9110, section 7.6.1).
    package static let namesFields = Self(rawValue: 1 << 3)
}

/// Where a message ends and whether its connection lasts, gathered while its field lines are read.
package struct MessageFraming: Hashable, Sendable {
    /// The first readable Content-Length.
    package private(set) var contentLength: UInt64?
    package private(set) var transferEncoding = TransferEncoding.absent
    package private(set) var connection: ConnectionOptions = []
    package private(set) var expectsContinue = false
    package var findings: HeadFindings = []

    package init() {}

    /// Whether no two readers can disagree about where the body ends.
    package var isCertain: Bool {
        self.findings.isDisjoint(with: [
            .badContentLength, .differingContentLengths, .badTransferEncoding, .unsupportedTransferEncoding,
        ])
    }

    /// A request's body length; `nil` if the head does not say it beyond doubt (RFC 9112, section 6.3, rules 4 to 7).
    /// Transfer-Encoding overrides Content-Length.
    package var requestBodyLength: BodyLength? {
        guard self.isCertain else { return nil }
        switch self.transferEncoding {
        case .chunked: return .chunked
        case .unknown: return nil
        case .absent, .identity: return self.contentLength.map { $0 == 0 ? .none : .bytes($0) } ?? BodyLength.none
        }
    }

    /// Takes in one field line.
    package mutating func note(_ field: HeaderFieldRange, in bytes: Span<UInt8>) {
        switch field.known {
        case .contentLength: self.noteContentLength(bytes, field.value.range)
        case .transferEncoding: self.noteTransferEncoding(bytes, field.value.range)
        case .connection: self.noteConnection(bytes, field.value.range)
        case .expect:
            if bytes.equalsIgnoringCase("100-continue", at: field.value.range) { self.expectsContinue = true }
        default: break
        }
    }

    // Content-Length = 1*DIGIT. A list ("5, 5"), a sign, a blank within: each has fooled somebody's reader, so all are bad.
    private mutating func noteContentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        guard let number = bytes.decimal(in: value) else {
            self.findings.insert(.badContentLength)
            return
        }
        guard let known = self.contentLength else {
            self.contentLength = number
            return
        }
        self.findings.insert(known == number ? .duplicateContentLength : .differingContentLengths)
    }

    private mutating func noteTransferEncoding(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var sawCoding = false
        bytes.forEachListElement(in: value) { element in
            sawCoding = true
            self.noteCoding(bytes, element)
        }
        // A list is legal, but "chunked" beside anything, an empty element included, has been read in several ways.
        let isList = bytes.firstIndex(of: UInt8(ascii: ","), in: value) != nil
        if !sawCoding || (isList && self.transferEncoding != .unknown) { self.refuseCoding(.badTransferEncoding) }
    }

    private mutating func noteCoding(_ bytes: Span<UInt8>, _ coding: Range<Int>) {
        if bytes.equalsIgnoringCase("chunked", at: coding) {
            switch self.transferEncoding {
            case .absent: self.transferEncoding = .chunked
            case .chunked: self.findings.insert(.repeatedChunked)
            case .identity: self.refuseCoding(.badTransferEncoding)
            case .unknown: break
            }
        } else if bytes.equalsIgnoringCase("identity", at: coding) {
            switch self.transferEncoding {
            case .absent: self.transferEncoding = .identity
            case .chunked, .identity: self.refuseCoding(.badTransferEncoding)
            case .unknown: break
            }
        } else if Self.isRegisteredCoding(bytes, coding) {
            self.refuseCoding(.unsupportedTransferEncoding)
        } else {
            self.refuseCoding(.badTransferEncoding)
        }
    }

    private mutating func refuseCoding(_ finding: HeadFindings) {
        self.transferEncoding = .unknown
        self.findings.insert(finding)
    }

    // The names of IANA's "HTTP Transfer Coding Registry" that are not handled.
    private static func isRegisteredCoding(_ bytes: Span<UInt8>, _ coding: Range<Int>) -> Bool {
        bytes.equalsIgnoringCase("gzip", at: coding) || bytes.equalsIgnoringCase("x-gzip", at: coding)
            || bytes.equalsIgnoringCase("deflate", at: coding) || bytes.equalsIgnoringCase("compress", at: coding)
            || bytes.equalsIgnoringCase("x-compress", at: coding)
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        bytes.forEachListElement(in: value) { element in
            if bytes.equalsIgnoringCase("close", at: element) {
                self.connection.insert(.close)
            } else if bytes.equalsIgnoringCase("keep-alive", at: element) {
                self.connection.insert(.keepAlive)
            } else if bytes.equalsIgnoringCase("upgrade", at: element) {
                self.connection.insert(.upgrade)
            } else {
                self.connection.insert(.namesFields)
            }
        }
    }
}

extension Span<UInt8> {
    /// The number that 1*DIGIT spells; `nil` for anything else and beyond 2^63 - 1.
    package func decimal(in range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var number: UInt64 = 0
        for index in range {
            let byte = self[index]
            guard ByteClass.isDigit(byte) else { return nil }
            let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            number = shifted &+ UInt64(byte &- UInt8(ascii: "0"))
            guard number <= UInt64(Int64.max) else { return nil }
        }
        return number
    }

    /// Calls `body` with each non-empty element of a comma-separated list, white space around it removed.
    package func forEachListElement(in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start <= range.upperBound {
            let end = self.firstIndex(of: UInt8(ascii: ","), in: start..<range.upperBound) ?? range.upperBound
            let element = self.trimmingWhitespace(start..<end)
            if !element.isEmpty { body(element) }
            start = end + 1
        }
    }
}
