/// Reads one field line of a head.
///
///     field-line = field-name ":" OWS field-value OWS        (RFC 9112, section 5)
///
/// Nothing is refused here: a line that is not of this form becomes a finding and a `Passage` that keeps it from
/// meaning something else to the next reader.
enum FieldLine {
    /// The line as a field, and what was odd about it. `previous` is the field before it, which a folded line continues.
    static func read(
        _ bytes: Span<UInt8>,
        _ line: LineScanner.Line,
        after previous: HeaderFieldRange?,
        findings: inout HeadFindings
    ) -> HeaderFieldRange {
        var index = line.start
        while index < line.end, ByteClass.isToken(bytes[index]) { index &+= 1 }
        guard index < line.end, index > line.start, bytes[index] == ByteClass.colon else {
            return Self.readIrregular(bytes, line, after: previous, findings: &findings)
        }
        let name = line.start..<index
        let value = bytes.trimmingWhitespace((index &+ 1)..<line.end)
        var field = Self.field(name, value, line, known: KnownField.lookup(bytes, name))
        if !line.oddities.isEmpty { Self.note(line.oddities, of: &field, findings: &findings) }
        if field.known == .other {
            let resemblance = Self.resemblance(bytes, name)
            if !resemblance.isEmpty {
                findings.formUnion(resemblance)
                field.passage = .withheld
            } else if !Self.isInAWSAlphabet(bytes, name) {
                findings.insert(.nameOutsideAWSAlphabet)
            }
        }
        return field
    }

    private static func field(
        _ name: Range<Int>,
        _ value: Range<Int>,
        _ line: LineScanner.Line,
        known: KnownField = .other,
        passage: HeaderFieldRange.Passage = .verbatim
    ) -> HeaderFieldRange {
        HeaderFieldRange(
            name: ByteRange(name.lowerBound, name.upperBound),
            value: ByteRange(value.lowerBound, value.upperBound),
            line: ByteRange(line.start, line.next),
            known: known,
            passage: passage
        )
    }

    private static func note(
        _ oddities: LineScanner.Oddities,
        of field: inout HeaderFieldRange,
        findings: inout HeadFindings
    ) {
        if !oddities.isDisjoint(with: [.nul, .bareCarriageReturn]) { findings.insert(.badHeader) }
        if !oddities.isDisjoint(with: [.control, .nonASCII]) { findings.insert(.oddByteInHeader) }
        if oddities.contains(.bareLineFeed) {
            findings.insert(.bareLineFeed)
            field.passage = .rewritten
        }
    }

    // Everything that does not begin with a token and a colon: folded lines, white space before the colon, strange
    // characters in the name, no colon, no name.
    private static func readIrregular(
        _ bytes: Span<UInt8>,
        _ line: LineScanner.Line,
        after previous: HeaderFieldRange?,
        findings: inout HeadFindings
    ) -> HeaderFieldRange {
        let content = bytes.trimmingWhitespace(line.start..<line.end)
        let colon = bytes.firstIndex(of: ByteClass.colon, in: content)
        var field = Self.field(content, content.upperBound..<content.upperBound, line, passage: .withheld)
        Self.note(line.oddities, of: &field, findings: &findings)
        field.passage = .withheld

        if content.isEmpty {
            findings.insert(.emptyHeader)
        } else if ByteClass.isWhitespace(bytes[line.start]) {
            findings.insert(.foldedLine)
            // Joined to a field that the balancer reads, or able to pass for a field of its own, a folded line changes what
            // the request means. Elsewhere the service passes it on as a line of its own (ALB-HDR-037).
            if colon != nil || previous.map({ $0.known != .other }) ?? true {
                findings.insert(.badHeader)
            } else {
                field.passage = .colonAppended
            }
        } else if let colon {
            Self.readOddName(bytes, content.lowerBound..<colon, &field, findings: &findings)
            let value = bytes.trimmingWhitespace((colon + 1)..<content.upperBound)
            field.value = ByteRange(value.lowerBound, value.upperBound)
        } else {
            findings.insert(.missingColon)
            let isToken = content.allSatisfy { ByteClass.isToken(bytes[$0]) }
            if isToken, KnownField.lookup(bytes, content) == .other, Self.resemblance(bytes, content).isEmpty {
                field.passage = .colonAppended
            }
        }
        return field
    }

    private static func readOddName(
        _ bytes: Span<UInt8>,
        _ sent: Range<Int>,
        _ field: inout HeaderFieldRange,
        findings: inout HeadFindings
    ) {
        let name = bytes.trimmingWhitespace(sent)
        field.name = ByteRange(name.lowerBound, name.upperBound)
        let resemblance = Self.resemblance(bytes, name)
        if name.isEmpty {
            findings.insert(.emptyHeader)
        } else if !resemblance.isEmpty {
            findings.formUnion(resemblance)
        } else if name.upperBound != sent.upperBound {
            // "No whitespace is allowed between the field name and colon" (RFC 9112, section 5.1).
            findings.insert(.suspiciousName)
        } else if name.contains(where: { !(0x21...0x7e).contains(bytes[$0]) }) {
            findings.insert(.oddByteInHeader)
        } else {
            findings.insert(.nameOutsideAWSAlphabet)
            field.passage = .rewritten
        }
    }

    /// The framing field that a name becomes once everything but letters is left out, as for readers that map `_` to `-`
    /// (ALB-DSYNC-025). The names themselves are known fields and never come here.
    private static func resemblance(_ bytes: Span<UInt8>, _ name: Range<Int>) -> HeadFindings {
        guard (13...32).contains(name.count) else { return [] }
        if Self.letters(bytes, name, spell: "contentlength") { return .suspiciousContentLength }
        return Self.letters(bytes, name, spell: "transferencoding") ? .suspiciousTransferEncoding : []
    }

    private static func letters(_ bytes: Span<UInt8>, _ name: Range<Int>, spell expected: StaticString) -> Bool {
        var matched = 0
        for index in name where ByteClass.isLetter(bytes[index]) || ByteClass.isDigit(bytes[index]) {
            guard matched < expected.utf8CodeUnitCount, bytes[index] | 0x20 == expected.utf8Start[matched] else {
                return false
            }
            matched += 1
        }
        return matched == expected.utf8CodeUnitCount
    }

    private static func isInAWSAlphabet(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        for index in name {
            let byte = bytes[index]
            guard ByteClass.isLetter(byte) || ByteClass.isDigit(byte) || byte == UInt8(ascii: "-") else { return false }
        }
        return true
    }
}
