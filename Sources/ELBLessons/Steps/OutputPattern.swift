/// What a step is expected to print. A line that is only `...` stands for any number of lines, `...` within a line for any
/// text, `<name:type>` for a value that is kept, `<name>` for the value kept before under that name. All else is literal;
/// blanks at the end of lines do not count.
package struct OutputPattern: Hashable, Sendable {
    private let lines: [Line]

    private enum Line: Hashable {
        case anyLines
        case tokens([Token], text: String)
    }

    private enum Token: Hashable {
        case literal(String)
        case anything
        case capture(name: String, type: CaptureType)
        case reference(name: String)
    }

    /// What a capture accepts.
    package enum CaptureType: String, Hashable, Sendable, CaseIterable {
        /// Digits, perhaps with a sign.
        case int
        /// A decimal number, perhaps with a sign and a fraction.
        case float
        /// No blanks, at least one character.
        case word
        /// An IPv4 address.
        case ip
        /// 1 to 65535.
        case port
        /// A time of day, `21:04:59` with or without a fraction.
        case time

        func accepts(_ text: Substring) -> Bool {
            switch self {
            case .int:
                let digits = text.first == "-" ? text.dropFirst() : text
                return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            case .float:
                return !text.isEmpty && text.utf8.allSatisfy { (0x2D...0x39).contains($0) && $0 != 0x2F }
                    && Double(text) != nil
            case .word:
                return !text.isEmpty && !text.contains { $0.isWhitespace }
            case .ip:
                let parts = text.split(separator: ".", omittingEmptySubsequences: false)
                return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
            case .port:
                return UInt16(text).map { $0 > 0 } ?? false
            case .time:
                let parts = text.split(separator: ":", omittingEmptySubsequences: false)
                return parts.count == 3 && parts.allSatisfy { Double($0) != nil && $0.count >= 2 }
            }
        }
    }

    /// - Throws: a sentence that says what is wrong with which line.
    package init(_ lines: [String]) throws(PatternError) {
        self.lines = try lines.map { line throws(PatternError) in
            let trimmed = Self.trimEnd(line)
            return trimmed == "..." ? .anyLines : .tokens(try Self.tokens(of: trimmed), text: trimmed)
        }
    }

    package struct PatternError: Error, Hashable, Sendable {
        package var message: String
    }

    /// How matching ended.
    package enum Outcome: Hashable, Sendable {
        case match(captures: [String: String])
        /// The line of the output, from 0, that no way of reading the pattern gets past, and the pattern's line there.
        case mismatch(outputLine: Int, expected: String)
    }

    /// Compares an output, cut into lines, with the pattern. `known` are the values kept by earlier steps.
    package func match(_ output: [String], known: [String: String] = [:]) -> Outcome {
        var search = Search(output: output.map(Self.trimEnd), known: known)
        if let captures = search.match(self.lines[...], from: 0, captures: [:]) { return .match(captures: captures) }
        return .mismatch(outputLine: search.furthest, expected: search.expected)
    }

    /// Whether one line alone matches a line of the pattern; for keeping hand-written lines when outputs are rewritten.
    package static func line(_ pattern: String, matches output: String, known: [String: String]) -> Bool {
        guard let pattern = try? OutputPattern([pattern]) else { return false }
        if case .match = pattern.match([output], known: known) { return true }
        return false
    }

    static func trimEnd(_ line: String) -> String {
        var line = line[...]
        while let last = line.last, last.isWhitespace { line = line.dropLast() }
        return String(line)
    }

    private static func tokens(of line: String) throws(PatternError) -> [Token] {
        var tokens: [Token] = []
        var literal = ""
        var rest = line[...]
        let flush = { (tokens: inout [Token]) in
            if !literal.isEmpty { tokens.append(.literal(literal)) }
            literal = ""
        }
        while let character = rest.first {
            if rest.hasPrefix("...") {
                flush(&tokens)
                tokens.append(.anything)
                rest = rest.dropFirst(3)
            } else if character == "<", let token = try Self.capture(at: rest) {
                flush(&tokens)
                tokens.append(token.token)
                rest = rest.dropFirst(token.length)
            } else {
                literal.append(character)
                rest = rest.dropFirst()
            }
        }
        flush(&tokens)
        return tokens
    }

    /// `<name>` and `<name:type>`; angle brackets around anything else are literal, since tools print them.
    private static func capture(at text: Substring) throws(PatternError) -> (token: Token, length: Int)? {
        guard let close = text.firstIndex(of: ">") else { return nil }
        let inside = text[text.index(after: text.startIndex)..<close]
        let parts = inside.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isName = { (part: Substring) in
            part.first?.isLetter == true && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        }
        guard let name = parts.first, isName(name) else { return nil }
        let length = inside.count + 2
        if parts.count == 1 { return (.reference(name: String(name)), length) }
        guard let type = CaptureType(rawValue: String(parts[1])) else {
            let known = CaptureType.allCases.map(\.rawValue).joined(separator: ", ")
            throw PatternError(message: "'\(parts[1])' is not a type of capture; known: \(known)")
        }
        return (.capture(name: String(name), type: type), length)
    }
}

extension OutputPattern {
    /// The search through the ways a pattern can be read. Remembers how far the best of them came, which is where the
    /// author has to look.
    private struct Search {
        let output: [String]
        let known: [String: String]
        var furthest = 0
        var expected = ""

        mutating func match(
            _ pattern: ArraySlice<Line>,
            from line: Int,
            captures: [String: String]
        ) -> [String: String]? {
            guard let first = pattern.first else {
                if line == self.output.count { return captures }
                self.note(line, "the end of the output")
                return nil
            }
            switch first {
            case .anyLines:
                // Shortest first: the lines after the ellipsis then anchor at their first occurrence.
                for next in line...self.output.count {
                    if let found = self.match(pattern.dropFirst(), from: next, captures: captures) { return found }
                }
                return nil
            case .tokens(let tokens, let text):
                guard line < self.output.count else {
                    self.note(line, text)
                    return nil
                }
                guard let kept = self.match(tokens[...], self.output[line][...], captures) else {
                    self.note(line, text)
                    return nil
                }
                return self.match(pattern.dropFirst(), from: line + 1, captures: kept)
            }
        }

        private mutating func note(_ line: Int, _ expected: String) {
            guard line >= self.furthest else { return }
            self.furthest = line
            self.expected = expected
        }

        private func match(
            _ tokens: ArraySlice<Token>,
            _ text: Substring,
            _ captures: [String: String]
        ) -> [String: String]? {
            guard let first = tokens.first else { return text.isEmpty ? captures : nil }
            let rest = tokens.dropFirst()
            switch first {
            case .literal(let literal):
                return text.hasPrefix(literal) ? self.match(rest, text.dropFirst(literal.count), captures) : nil
            case .reference(let name):
                guard let value = captures[name] ?? self.known[name], text.hasPrefix(value) else { return nil }
                return self.match(rest, text.dropFirst(value.count), captures)
            case .anything:
                for length in 0...text.count {
                    if let found = self.match(rest, text.dropFirst(length), captures) { return found }
                }
                return nil
            case .capture(let name, let type):
                // Longest first: a number is taken whole.
                for length in stride(from: text.count, to: 0, by: -1) where type.accepts(text.prefix(length)) {
                    var kept = captures
                    kept[name] = String(text.prefix(length))
                    if let found = self.match(rest, text.dropFirst(length), kept) { return found }
                }
                return nil
            }
        }
    }
}
