/// Text patterns of rule conditions, compiled into flat arrays.
///
/// A pattern is a row of tokens in one shared byte array: a token below 0xF8 stands for itself, the two values that
/// no UTF-8 text contains stand for `*` and `?`. Most patterns of real rules are a literal, a literal and `*`, or `*`
/// and a literal; these are compared without the general matcher. The general one keeps one point of return, the last
/// `*`: whatever an earlier `*` could give up, the later one can take, so no other retry is ever needed and the work
/// is at most pattern length times text length, for any input.
struct PatternTable: Sendable {
    /// How one pattern is compared; the cheap shapes first.
    enum Shape: UInt8, Sendable {
        /// `*` alone.
        case anything
        case literal
        /// A literal, then `*`.
        case prefix
        /// `*`, then a literal.
        case suffix
        case wildcard
        case regex
    }

    struct Pattern: Sendable {
        /// Where the tokens start; for a regex, its index.
        var offset: UInt32
        /// Tokens, for `prefix` and `suffix` without the star.
        var count: UInt16
        /// Fewest bytes that can match.
        var minimumLength: UInt16
        var shape: Shape
        /// Letters of either case agree; the tokens are in lower case then.
        var foldsCase: Bool
    }

    static let star: UInt8 = 0xff
    static let anyOne: UInt8 = 0xfe

    private(set) var patterns: [Pattern] = []
    private(set) var tokens: [UInt8] = []
    private(set) var regexes: [RegularExpression] = []

    /// Adds a pattern in AWS's notation: `*`, `?`, and `\` before a character that is meant literally (ALB-COND-002,
    /// -025).
    mutating func add(wildcards text: String, foldsCase: Bool) {
        self.add(tokens: Self.tokenize(text), foldsCase: foldsCase)
    }

    /// Adds text that has no wildcards: a method, a header's name.
    mutating func add(literal text: String, foldsCase: Bool) {
        self.add(tokens: Array(text.utf8), foldsCase: foldsCase)
    }

    mutating func add(regex: RegularExpression) {
        self.patterns.append(
            Pattern(
                offset: UInt32(self.regexes.count),
                count: 0,
                minimumLength: 0,
                shape: .regex,
                foldsCase: false
            )
        )
        self.regexes.append(regex)
    }

    /// The pattern's tokens. A backslash at the very end stands for itself.
    static func tokenize(_ text: String) -> [UInt8] {
        var tokens: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\") where !isEscaped:
                isEscaped = true
                continue
            case UInt8(ascii: "*") where !isEscaped:
                // Two stars in a row mean what one means.
                if tokens.last != Self.star { tokens.append(Self.star) }
            case UInt8(ascii: "?") where !isEscaped:
                tokens.append(Self.anyOne)
            default:
                tokens.append(byte)
            }
            isEscaped = false
        }
        if isEscaped { tokens.append(UInt8(ascii: "\\")) }
        return tokens
    }

    private mutating func add(tokens: [UInt8], foldsCase: Bool) {
        let tokens = foldsCase ? ASCII.lowercase(tokens) : tokens
        let wildcards = tokens.count { $0 == Self.star || $0 == Self.anyOne }
        let stars = tokens.count { $0 == Self.star }
        let shape: Shape
        var kept = tokens[...]
        switch wildcards {
        case 0:
            shape = .literal
        case 1 where tokens == [Self.star]:
            shape = .anything
        case 1 where tokens.last == Self.star:
            shape = .prefix
            kept = kept.dropLast()
        case 1 where tokens.first == Self.star:
            shape = .suffix
            kept = kept.dropFirst()
        default:
            shape = .wildcard
        }
        self.patterns.append(
            Pattern(
                offset: UInt32(self.tokens.count),
                count: UInt16(clamping: kept.count),
                minimumLength: UInt16(clamping: tokens.count - stars),
                shape: shape,
                foldsCase: foldsCase
            )
        )
        self.tokens += kept
    }

    /// The literal bytes that every text matching the pattern starts with; empty where nothing can be said.
    func literalPrefix(of index: Int) -> ArraySlice<UInt8> {
        let pattern = self.patterns[index]
        switch pattern.shape {
        case .literal, .prefix, .wildcard:
            let tokens = self.tokens[Int(pattern.offset)..<(Int(pattern.offset) + Int(pattern.count))]
            return tokens.prefix { $0 != Self.star && $0 != Self.anyOne }
        case .anything, .suffix, .regex:
            return []
        }
    }
}

extension PatternTable {
    /// Whether the whole text matches the pattern at `index` (for a regex: whether it matches anywhere in it).
    func matches(_ index: Int, _ text: Span<UInt8>) -> Bool {
        let pattern = self.patterns[index]
        guard text.count >= Int(pattern.minimumLength) else { return false }
        switch pattern.shape {
        case .anything:
            return true
        case .literal:
            return text.count == Int(pattern.count) && self.hasTokens(of: pattern, text, at: 0)
        case .prefix:
            return self.hasTokens(of: pattern, text, at: 0)
        case .suffix:
            return self.hasTokens(of: pattern, text, at: text.count - Int(pattern.count))
        case .wildcard:
            return self.matchesWildcards(pattern, text)
        case .regex:
            return self.regexes[Int(pattern.offset)].matches(text)
        }
    }

    @inline(__always)
    private func hasTokens(of pattern: Pattern, _ text: Span<UInt8>, at start: Int) -> Bool {
        let tokens = self.tokens.span
        let offset = Int(pattern.offset)
        if pattern.foldsCase {
            for index in 0..<Int(pattern.count)
            where ASCII.lowercase(text[start + index]) != tokens[offset + index] { return false }
        } else {
            for index in 0..<Int(pattern.count) where text[start + index] != tokens[offset + index] { return false }
        }
        return true
    }

    private func matchesWildcards(_ pattern: Pattern, _ text: Span<UInt8>) -> Bool {
        let tokens = self.tokens.span.extracting(Int(pattern.offset)..<(Int(pattern.offset) + Int(pattern.count)))
        var position = 0
        var token = 0
        // Where to go on after a mismatch: behind the last star, with one byte more given to it.
        var retryToken = -1
        var retryPosition = 0
        while position < text.count {
            if token < tokens.count, tokens[token] == Self.star {
                token += 1
                retryToken = token
                retryPosition = position
                continue
            }
            let byte = pattern.foldsCase ? ASCII.lowercase(text[position]) : text[position]
            if token < tokens.count, tokens[token] == byte || tokens[token] == Self.anyOne {
                token += 1
                position += 1
            } else if retryToken >= 0 {
                retryPosition += 1
                position = retryPosition
                token = retryToken
            } else {
                return false
            }
        }
        while token < tokens.count, tokens[token] == Self.star { token += 1 }
        return token == tokens.count
    }
}
