/// Reads the first line of a request.
///
///     request-line = method SP request-target SP HTTP-version        (RFC 9112, section 3)
enum RequestLine {
    static func read(_ bytes: Span<UInt8>, _ line: LineScanner.Line, into head: inout RequestHead) {
        if line.oddities.contains(.bareLineFeed) { head.findings.insert(.bareLineFeed) }
        let methodEnd = bytes.firstIndex(of: ByteClass.space, in: line.start..<line.end) ?? line.end
        Self.readMethod(bytes, line.start..<methodEnd, into: &head)
        guard let target = Self.readVersion(bytes, methodEnd..<line.end, into: &head) else { return }
        head.target = ByteRange(target.lowerBound, target.upperBound)
        if !line.oddities.isDisjoint(with: [.nul, .bareCarriageReturn, .tab, .control]) {
            Self.noteOddBytes(line.oddities, into: &head)
        }
        Self.readTarget(bytes, target, into: &head)
    }

    private static func readMethod(_ bytes: Span<UInt8>, _ method: Range<Int>, into head: inout RequestHead) {
        head.method = ByteRange(method.lowerBound, method.upperBound)
        head.knownMethod = Self.knownMethod(bytes, method)
        guard head.knownMethod == .other else { return }
        if method.isEmpty || !method.allSatisfy({ ByteClass.isToken(bytes[$0]) }) { head.findings.insert(.badMethod) }
    }

    // Methods are case-sensitive (RFC 9110, section 9.1).
    private static func knownMethod(_ bytes: Span<UInt8>, _ range: Range<Int>) -> RequestHead.KnownMethod {
        switch range.count {
        case 3:
            if Self.spells(bytes, range, "GET") { return .get }
            return Self.spells(bytes, range, "PUT") ? .put : .other
        case 4:
            if Self.spells(bytes, range, "POST") { return .post }
            return Self.spells(bytes, range, "HEAD") ? .head : .other
        case 5: return Self.spells(bytes, range, "TRACE") ? .trace : .other
        case 6: return Self.spells(bytes, range, "DELETE") ? .delete : .other
        case 7:
            if Self.spells(bytes, range, "OPTIONS") { return .options }
            return Self.spells(bytes, range, "CONNECT") ? .connect : .other
        default: return .other
        }
    }

    @inline(__always)
    static func spells(_ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: StaticString) -> Bool {
        guard range.count == expected.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != expected.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Reads the version at the line's end and returns the target's range. `rest` begins with the space after the method.
    private static func readVersion(
        _ bytes: Span<UInt8>,
        _ rest: Range<Int>,
        into head: inout RequestHead
    ) -> Range<Int>? {
        let tail = rest.count >= 10 ? (rest.upperBound - 8)..<rest.upperBound : rest
        if Self.spells(bytes, tail, "HTTP/1.1"), bytes[tail.lowerBound - 1] == ByteClass.space {
            return Self.trimSpaces(bytes, (rest.lowerBound + 1)..<(tail.lowerBound - 1), into: &head)
        }
        // The slow way, for everything but a plain HTTP/1.1 line.
        guard !rest.isEmpty else {
            head.version = .http09
            head.findings.insert(.missingURI)
            return nil
        }
        var end = rest.upperBound
        while end > rest.lowerBound, bytes[end - 1] == ByteClass.space { end -= 1 }
        if end != rest.upperBound { head.findings.insert(.oddVersion) }
        var start = end
        while start > rest.lowerBound, bytes[start - 1] != ByteClass.space { start -= 1 }
        guard start < end else {
            head.version = .http09
            head.findings.insert(.missingURI)
            return nil
        }
        let isOnlyWord = bytes.trimmingWhitespace(rest.lowerBound..<start).isEmpty
        if isOnlyWord, !Self.looksLikeVersion(bytes, start..<end) {
            head.version = .http09
            head.findings.insert(.missingVersion)
            if start != rest.lowerBound + 1 { head.findings.insert(.oddVersion) }
            return start..<end
        }
        Self.readVersionToken(bytes, start..<end, into: &head)
        if isOnlyWord {
            head.findings.insert(.missingURI)
            return nil
        }
        return Self.trimSpaces(bytes, (rest.lowerBound + 1)..<(start - 1), into: &head)
    }

    private static func looksLikeVersion(_ bytes: Span<UInt8>, _ word: Range<Int>) -> Bool {
        word.count >= 5 && bytes.equalsIgnoringCase("http/", at: word.lowerBound..<(word.lowerBound + 5))
    }

    // HTTP-version = HTTP-name "/" DIGIT "." DIGIT, case-sensitive.
    private static func readVersionToken(_ bytes: Span<UInt8>, _ word: Range<Int>, into head: inout RequestHead) {
        let prefix = word.lowerBound..<min(word.lowerBound + 5, word.upperBound)
        guard word.count == 8, Self.spells(bytes, prefix, "HTTP/"), ByteClass.isDigit(bytes[word.lowerBound + 5]),
            bytes[word.lowerBound + 6] == UInt8(ascii: "."), ByteClass.isDigit(bytes[word.lowerBound + 7])
        else {
            head.findings.insert(.badVersion)
            return
        }
        switch (bytes[word.lowerBound + 5], bytes[word.lowerBound + 7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): head.version = .http10
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): head.version = .http11
        case (UInt8(ascii: "1"), _): head.findings.insert(.oddVersion)
        default: head.findings.insert(.foreignVersion)
        }
    }

    private static func trimSpaces(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        into head: inout RequestHead
    ) -> Range<Int>? {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower] == ByteClass.space { lower += 1 }
        while upper > lower, bytes[upper - 1] == ByteClass.space { upper -= 1 }
        if lower != range.lowerBound || upper != range.upperBound { head.findings.insert(.oddVersion) }
        guard lower < upper else {
            head.findings.insert(.missingURI)
            return nil
        }
        return lower..<upper
    }

    private static func noteOddBytes(_ oddities: LineScanner.Oddities, into head: inout RequestHead) {
        if !oddities.isDisjoint(with: [.nul, .bareCarriageReturn]) { head.findings.insert(.badURI) }
        if !oddities.isDisjoint(with: [.tab, .control]) { head.findings.insert(.controlInURI) }
    }

    private static func readTarget(_ bytes: Span<UInt8>, _ target: Range<Int>, into head: inout RequestHead) {
        var pathStart = target.lowerBound
        if bytes[pathStart] != UInt8(ascii: "/") {
            if head.knownMethod == .connect {
                head.form = .authority
                head.authority = head.target
                return
            }
            if head.knownMethod == .options, target.count == 1, bytes[pathStart] == UInt8(ascii: "*") {
                head.form = .asterisk
                head.path = head.target
                return
            }
            guard let authority = Self.authority(bytes, target) else {
                head.findings.insert(.badURI)
                return
            }
            head.form = .absolute
            head.authority = ByteRange(authority.lowerBound, authority.upperBound)
            pathStart = authority.upperBound
        }
        Self.splitPath(bytes, pathStart..<target.upperBound, into: &head)
    }

    /// The authority of `http://authority/…`; `nil` for another scheme, an empty authority, or one with user information.
    private static func authority(_ bytes: Span<UInt8>, _ target: Range<Int>) -> Range<Int>? {
        var start: Int
        if target.count > 7, Self.hasScheme(bytes, target.lowerBound, "http") {
            start = target.lowerBound + 7
        } else if target.count > 8, Self.hasScheme(bytes, target.lowerBound, "https") {
            start = target.lowerBound + 8
        } else {
            return nil
        }
        let authorityStart = start
        while start < target.upperBound, !Self.endsAuthority(bytes[start]) {
            guard bytes[start] != UInt8(ascii: "@"), bytes[start] > ByteClass.space else { return nil }
            start += 1
        }
        return start > authorityStart ? authorityStart..<start : nil
    }

    private static func hasScheme(_ bytes: Span<UInt8>, _ start: Int, _ scheme: StaticString) -> Bool {
        let end = start + scheme.utf8CodeUnitCount
        return bytes.equalsIgnoringCase(scheme, at: start..<end) && Self.spells(bytes, end..<(end + 3), "://")
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func splitPath(_ bytes: Span<UInt8>, _ rest: Range<Int>, into head: inout RequestHead) {
        var pathEnd = rest.upperBound
        var queryStart: Int?
        var end = rest.upperBound
        for index in rest {
            switch bytes[index] {
            case UInt8(ascii: "?") where queryStart == nil:
                pathEnd = index
                queryStart = index + 1
            case UInt8(ascii: "#"):
                end = index
                if queryStart == nil { pathEnd = index }
            case ByteClass.space:
                head.findings.insert(.spaceInURI)
                continue
            default: continue
            }
            if end == index { break }
        }
        head.path = ByteRange(rest.lowerBound, pathEnd)
        head.query = queryStart.map { ByteRange($0, max($0, end)) }
    }
}
