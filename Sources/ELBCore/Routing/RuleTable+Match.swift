import ELBModel
import ELBWire

/// Which rule took a request.
package struct RuleMatch: Hashable, Sendable {
    /// Index in `CompiledListener.actions`.
    package var action: Int
    /// 1 to 50000; 0 for the default rule (ALB-RULE-021).
    package var priority: Int
    /// Rules that were compared with the request, this one included and the default rule not (ALB-MET-014).
    package var evaluations: Int

    package init(action: Int, priority: Int, evaluations: Int = 0) {
        self.action = action
        self.priority = priority
        self.evaluations = evaluations
    }
}

/// A request as conditions see it: the texts are spans of the head's bytes, found once for all rules.
struct RuleSubject: ~Escapable {
    let bytes: Span<UInt8>
    /// What path conditions are compared with; `/` for an absolute-form target that ends with the authority.
    let path: Span<UInt8>
    /// The effective host without its port; empty if the request names none.
    let host: Span<UInt8>
    let peer: IPAddress

    @_lifetime(copy bytes, copy path, copy host)
    init(bytes: Span<UInt8>, path: Span<UInt8>, host: Span<UInt8>, peer: IPAddress) {
        self.bytes = bytes
        self.path = path
        self.host = host
        self.peer = peer
    }
}

extension RuleTable {
    private static let rootPath: [UInt8] = [UInt8(ascii: "/")]

    /// The first rule whose conditions hold; `nil` if none does.
    func match(_ head: borrowing RequestHead, bytes: Span<UInt8>, peer: IPAddress) -> RuleMatch? {
        self.withSubject(head, bytes: bytes, peer: peer) { head, subject in self.match(head, subject) }
    }

    /// Finds what conditions look at. The text compared is the one sent: nothing is decoded or normalised, because what
    /// AWS normalises is not documented (ALB-COND-013, -027).
    @inline(__always)
    func withSubject<Result>(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        peer: IPAddress,
        _ body: (borrowing RequestHead, borrowing RuleSubject) -> Result
    ) -> Result {
        let host = EffectiveHost(head, bytes: bytes)
        let hostRange = self.deviations.contains(.hostPortCompared) ? host.whole : host.name
        var pathRange = head.path.range
        if self.deviations.contains(.pathWithQuery), let query = head.query {
            pathRange = pathRange.lowerBound..<query.range.upperBound
        }
        if pathRange.isEmpty {
            let subject = RuleSubject(
                bytes: bytes,
                path: Self.rootPath.span,
                host: bytes.extracting(hostRange),
                peer: peer
            )
            return body(head, subject)
        }
        let subject = RuleSubject(
            bytes: bytes,
            path: bytes.extracting(pathRange),
            host: bytes.extracting(hostRange),
            peer: peer
        )
        return body(head, subject)
    }

    private func match(_ head: borrowing RequestHead, _ subject: borrowing RuleSubject) -> RuleMatch? {
        let path = Self.words(of: subject.path)
        let hostWords = Self.words(of: subject.host)
        let host = (ASCII.lowercase(hostWords.0), ASCII.lowercase(hostWords.1))
        let rules = self.rules.span
        for index in rules.indices {
            let rule = rules[index]
            let words = rule.gate.isHost ? host : path
            let difference =
                (words.0 & rule.gate.mask.0) ^ rule.gate.value.0 | (words.1 & rule.gate.mask.1) ^ rule.gate.value.1
            guard difference == 0, self.holds(rule, head, subject) else { continue }
            return RuleMatch(action: Int(rule.action), priority: Int(rule.priority), evaluations: index + 1)
        }
        return nil
    }

    /// The first sixteen bytes as two little-endian words; what a shorter text lacks is zero.
    @inline(__always)
    private static func words(of text: Span<UInt8>) -> (UInt64, UInt64) {
        if text.count >= 16 {
            let raw = text.bytes
            return (
                UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        var words: (UInt64, UInt64) = (0, 0)
        for index in text.indices {
            let byte = UInt64(text[index]) << UInt64(8 * (index % 8))
            if index < 8 { words.0 |= byte } else { words.1 |= byte }
        }
        return words
    }

    private func holds(_ rule: Rule, _ head: borrowing RequestHead, _ subject: borrowing RuleSubject) -> Bool {
        let range = Int(rule.firstCondition)..<(Int(rule.firstCondition) + Int(rule.conditionCount))
        if self.deviations.contains(.anyConditionSuffices) {
            return range.isEmpty || range.contains { self.holds(condition: $0, head, subject) }
        }
        for index in range where !self.holds(condition: index, head, subject) { return false }
        return true
    }

    /// Whether one condition holds for the request.
    func holds(condition index: Int, _ head: borrowing RequestHead, _ subject: borrowing RuleSubject) -> Bool {
        let condition = self.conditions[index]
        switch condition.kind {
        case .path:
            return self.anyPattern(of: condition, matches: subject.path)
        case .host:
            return !subject.host.isEmpty && self.anyPattern(of: condition, matches: subject.host)
        case .method:
            return self.anyPattern(of: condition, matches: subject.bytes.extracting(head.method.range))
        case .header:
            return self.header(condition, matches: head, subject.bytes)
        case .query:
            return self.query(condition, matches: head, subject.bytes)
        case .sourceIP:
            return self.sourceIP(condition, matches: head, subject)
        }
    }

    private func anyPattern(of condition: Condition, matches text: Span<UInt8>) -> Bool {
        for index in Int(condition.first)..<(Int(condition.first) + Int(condition.count))
        where self.patterns.matches(index, text) { return true }
        return false
    }

    /// The instances of a repeated header are looked at in the order sent, until one matches (ALB-COND-019).
    private func header(_ condition: Condition, matches head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Bool {
        for index in head.fields.indices {
            let field = head.fields[index]
            guard self.patterns.matches(Int(condition.name), bytes.extracting(field.name.range)) else { continue }
            if self.anyPattern(of: condition, matches: bytes.extracting(field.value.range)) { return true }
            if self.deviations.contains(.headerFirstInstanceOnly) { return false }
        }
        return false
    }

    /// Parameters are what stands between `&`s; the key ends at the first `=`. A parameter without `=` has an empty
    /// value.
    private func query(_ condition: Condition, matches head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Bool {
        guard let query = head.query else { return false }
        var start = query.range.lowerBound
        while start <= query.range.upperBound {
            var end = start
            var equals = -1
            while end < query.range.upperBound, bytes[end] != UInt8(ascii: "&") {
                if equals < 0, bytes[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            let key = bytes.extracting(start..<(equals < 0 ? end : equals))
            let value = bytes.extracting((equals < 0 ? end : equals + 1)..<end)
            if end > start, self.parameter(condition, matches: key, value) { return true }
            start = end + 1
        }
        return false
    }

    private func parameter(_ condition: Condition, matches key: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        for index in 0..<Int(condition.count) {
            let pair = Int(condition.first) + 2 * index
            if self.patterns.matches(pair, key), self.patterns.matches(pair + 1, value) { return true }
        }
        return false
    }

    private func sourceIP(
        _ condition: Condition,
        matches head: borrowing RequestHead,
        _ subject: borrowing RuleSubject
    ) -> Bool {
        var peer = subject.peer
        if self.deviations.contains(.sourceIPFromXFF), let claimed = Self.claimedAddress(head, subject.bytes) {
            peer = claimed
        }
        for index in Int(condition.first)..<(Int(condition.first) + Int(condition.count))
        where self.networks[index].contains(peer) { return true }
        return false
    }

    /// The first address of X-Forwarded-For, which anybody can forge; only the quirk asks for it (ALB-COND-029).
    private static func claimedAddress(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) -> IPAddress? {
        for index in head.fields.indices where head.fields[index].known == .xForwardedFor {
            let value = bytes.extracting(head.fields[index].value.range)
            var text: [UInt8] = []
            for position in value.indices {
                guard value[position] != UInt8(ascii: ","), value[position] != UInt8(ascii: " ") else { break }
                text.append(value[position])
            }
            return IPAddress(String(decoding: text, as: UTF8.self))
        }
        return nil
    }
}
