/// Reads the part of the usual (PCRE) notation that AWS accepts, by recursive descent over bytes:
///
///     alternatives = sequence *( "|" sequence )
///     sequence     = *( atom [ "*" / "+" / "?" / "{" n [ "," [ m ] ] "}" ] [ "?" ] )
///     atom         = byte / "." / class / escape / "^" / "$" / "(" alternatives ")"
package struct RegexParser {
    private let pattern: String
    private let bytes: [UInt8]
    private let foldsCase: Bool
    private var position = 0
    private var depth = 0
    /// Capturing groups opened so far.
    package private(set) var groups = 0

    /// Groups inside groups, so that a pattern cannot exhaust the stack.
    private static let deepestNesting = 32
    /// Largest count in braces.
    private static let largestRepeat = 1000

    package init(_ pattern: String, foldsCase: Bool) {
        self.pattern = pattern
        self.bytes = Array(pattern.utf8)
        self.foldsCase = foldsCase
    }

    /// The pattern's meaning.
    ///
    /// - Throws: `ValidationError` for what AWS refuses, for malformed patterns, and for those over `greatestCost`.
    package mutating func parse() throws(ModelError) -> RegexNode {
        let node = try self.parseOfAnySize()
        guard node.cost < RegexNode.greatestCost else { throw self.error("is too complex") }
        return node
    }

    /// The meaning of a pattern that may cost more than `greatestCost`; whoever compiles it asks first.
    ///
    /// - Throws: `ValidationError` for what AWS refuses and for malformed patterns.
    package mutating func parseOfAnySize() throws(ModelError) -> RegexNode {
        let node = try self.alternatives()
        guard self.position == self.bytes.count else { throw self.error("has a ')' without a '('") }
        return node
    }

    private func error(_ problem: String) -> ModelError {
        ModelError(.validationError, "The regular expression '\(self.pattern)' \(problem)")
    }

    private var next: UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { self.bytes[self.position...].starts(with: $0) }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.next == UInt8(ascii: character) else { return false }
        self.position += 1
        return true
    }

    private mutating func alternatives() throws(ModelError) -> RegexNode {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.deepestNesting else { throw self.error("has too many nested groups") }
        var nodes = [try self.sequence()]
        while self.take("|") { nodes.append(try self.sequence()) }
        return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
    }

    private mutating func sequence() throws(ModelError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let byte = self.next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            let atom = try self.atom()
            nodes.append(try self.quantified(atom))
        }
        return .sequence(nodes)
    }

    private mutating func quantified(_ atom: RegexNode) throws(ModelError) -> RegexNode {
        let (minimum, maximum): (Int, Int?)
        if self.take("*") {
            (minimum, maximum) = (0, nil)
        } else if self.take("+") {
            (minimum, maximum) = (1, nil)
        } else if self.take("?") {
            (minimum, maximum) = (0, 1)
        } else if let bounds = try self.bounds() {
            (minimum, maximum) = bounds
        } else {
            return atom
        }
        if self.take("+") { throw self.error("uses a possessive quantifier, which is not supported") }
        let node = RegexNode.repeated(atom, minimum, maximum, isLazy: self.take("?"))
        if let byte = self.next, [UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?")].contains(byte) {
            throw self.error("repeats a quantifier")
        }
        return node
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else in braces is literal text.
    private mutating func bounds() throws(ModelError) -> (minimum: Int, maximum: Int?)? {
        let start = self.position
        guard self.take("{"), let minimum = self.number() else {
            self.position = start
            return nil
        }
        var maximum: Int? = minimum
        if self.take(",") { maximum = self.number() }
        guard self.take("}") else {
            self.position = start
            return nil
        }
        guard minimum <= Self.largestRepeat, maximum ?? 0 <= Self.largestRepeat, maximum ?? minimum >= minimum else {
            throw self.error("has a repeat that is out of range")
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        var digits: [UInt8] = []
        while let byte = self.next, ByteSet.digits.contains(byte), digits.count < 6 {
            digits.append(byte)
            self.position += 1
        }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private mutating func atom() throws(ModelError) -> RegexNode {
        let byte = self.bytes[self.position]
        switch byte {
        case UInt8(ascii: "("):
            return try self.group()
        case UInt8(ascii: "["):
            return .bytes(try self.characterClass())
        case UInt8(ascii: "\\"):
            return try self.escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            throw self.error("has a quantifier with nothing to repeat")
        default:
            self.position += 1
        }
        switch byte {
        case UInt8(ascii: "."): return .bytes(.all.subtracting(.newline))
        case UInt8(ascii: "^"): return .startOfText
        case UInt8(ascii: "$"): return .endOfText
        default: return .bytes(self.folded([byte]))
        }
    }

    private func folded(_ set: ByteSet) -> ByteSet {
        self.foldsCase ? set.foldingCase() : set
    }

    private mutating func group() throws(ModelError) -> RegexNode {
        self.position += 1
        var number: Int?
        if self.take("?") {
            if self.starts(with: "=") || self.starts(with: "!") {
                throw self.error("uses lookahead, which is not supported")
            }
            if self.starts(with: "<=") || self.starts(with: "<!") {
                throw self.error("uses lookbehind, which is not supported")
            }
            if self.starts(with: ">") { throw self.error("uses an atomic group, which is not supported") }
            if self.starts(with: "<") || self.starts(with: "P<") || self.starts(with: "'") {
                try self.skipGroupName()
                number = self.nextGroup()
            } else if !self.take(":") {
                throw self.error("uses a subroutine, recursion or inline flag, which is not supported")
            }
        } else if self.starts(with: "*") {
            throw self.error("uses a backtracking verb, which is not supported")
        } else {
            number = self.nextGroup()
        }
        let node = try self.alternatives()
        guard self.take(")") else { throw self.error("has a '(' without a ')'") }
        return number.map { .capture(node, $0) } ?? node
    }

    private mutating func nextGroup() -> Int {
        self.groups += 1
        return self.groups
    }

    /// A named group matches and captures like any other.
    private mutating func skipGroupName() throws(ModelError) {
        _ = self.take("P")
        let close: UInt8 = self.next == UInt8(ascii: "'") ? UInt8(ascii: "'") : UInt8(ascii: ">")
        self.position += 1
        let start = self.position
        while let byte = self.next, ByteSet.word.contains(byte) { self.position += 1 }
        guard self.position > start, self.next == close else { throw self.error("has a malformed group name") }
        self.position += 1
    }
}

extension RegexParser {
    private mutating func escape() throws(ModelError) -> RegexNode {
        if let assertion = self.assertionEscape() { return .assertion(assertion) }
        return .bytes(try self.escapedSet())
    }

    private mutating func assertionEscape() -> RegexNode.Assertion? {
        let assertion: RegexNode.Assertion
        if self.starts(with: "\\b") {
            assertion = .wordBoundary
        } else if self.starts(with: "\\B") {
            assertion = .notWordBoundary
        } else if self.starts(with: "\\A") {
            assertion = .startOfText
        } else if self.starts(with: "\\z") || self.starts(with: "\\Z") {
            assertion = .endOfText
        } else {
            return nil
        }
        self.position += 2
        return assertion
    }

    private mutating func escapedSet() throws(ModelError) -> ByteSet {
        self.position += 1
        guard let byte = self.next else { throw self.error("ends with a backslash") }
        self.position += 1
        switch byte {
        case UInt8(ascii: "d"): return .digits
        case UInt8(ascii: "D"): return .all.subtracting(.digits)
        case UInt8(ascii: "w"): return .word
        case UInt8(ascii: "W"): return .all.subtracting(.word)
        case UInt8(ascii: "s"): return .space
        case UInt8(ascii: "S"): return .all.subtracting(.space)
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "v"): return [0x0b]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "x"): return self.folded([try self.hexadecimalByte()])
        case UInt8(ascii: "p"), UInt8(ascii: "P"):
            throw self.error("uses a Unicode class, which is not supported")
        case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "k"), UInt8(ascii: "g"):
            throw self.error("uses a backreference or subroutine, which is not supported")
        default:
            guard !ByteSet.word.contains(byte) else {
                throw self.error("has an unknown escape '\\\(String(decoding: [byte], as: UTF8.self))'")
            }
            return [byte]
        }
    }

    private mutating func hexadecimalByte() throws(ModelError) -> UInt8 {
        let digits = self.bytes[self.position...].prefix(2)
        guard digits.count == 2, digits.allSatisfy(ByteSet.hexadecimal.contains),
            let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw self.error("has a malformed '\\x'") }
        self.position += 2
        return byte
    }

    private mutating func characterClass() throws(ModelError) -> ByteSet {
        self.position += 1
        let isNegated = self.take("^")
        var set = ByteSet()
        var isFirst = true
        while let byte = self.next, isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            if self.starts(with: "[:") { throw self.error("uses a POSIX class, which the lab does not have") }
            let item = try self.classItem()
            guard self.next == UInt8(ascii: "-"), self.position + 1 < self.bytes.count,
                self.bytes[self.position + 1] != UInt8(ascii: "]")
            else {
                set = set.union(item.set)
                continue
            }
            self.position += 1
            guard let first = item.single, let last = try self.classItem().single, first <= last else {
                throw self.error("has a malformed range in a character class")
            }
            set = set.union(ByteSet(first...last))
        }
        guard self.take("]") else { throw self.error("has a '[' without a ']'") }
        let folded = self.folded(set)
        return isNegated ? .all.subtracting(folded) : folded
    }

    /// One member of a class: a byte or an escape; `single` if it stands for one byte only.
    private mutating func classItem() throws(ModelError) -> (set: ByteSet, single: UInt8?) {
        guard let byte = self.next else { throw self.error("has a '[' without a ']'") }
        guard byte == UInt8(ascii: "\\") else {
            self.position += 1
            return ([byte], byte)
        }
        // Inside a class \b is the backspace character.
        if self.starts(with: "\\b") {
            self.position += 2
            return ([0x08], 0x08)
        }
        let set = try self.escapedSet()
        let members = (UInt8.min...UInt8.max).filter(set.contains)
        return (set, members.count == 1 ? members[0] : nil)
    }
}
