/// A comparison of captured values, such as `failed < 0.02 * n` or `a + b == 300`; several are joined by `and`. Values that
/// are not numbers can be compared for `==` and `!=` only.
package struct StepAssertion: Sendable {
    package struct Failure: Error, Hashable, Sendable {
        package var message: String
    }

    /// - Throws: `Failure` when a comparison does not hold, a name is unknown or the text is not an assertion.
    package static func check(_ text: String, with captures: [String: String]) throws(Failure) {
        var words: [Substring] = []
        for word in text.split(separator: " ") {
            if word == "and" {
                try Self.comparison(words, of: text, captures)
                words = []
            } else {
                words.append(word)
            }
        }
        try Self.comparison(words, of: text, captures)
    }

    private static func comparison(
        _ words: [Substring],
        of text: String,
        _ captures: [String: String]
    ) throws(Failure) {
        let operators: Set<Substring> = ["==", "!=", "<", "<=", ">", ">="]
        guard let place = words.firstIndex(where: { operators.contains($0) }), place > 0, place < words.count - 1 else {
            throw Failure(
                message: "'\(text)' is not a comparison such as 'failed < 0.02 * n' (blanks around operators)"
            )
        }
        let left = Array(words[..<place])
        let right = Array(words[(place + 1)...])
        let holds: Bool
        if let leftNumber = try? Self.number(left, captures), let rightNumber = try? Self.number(right, captures) {
            holds = Self.compare(leftNumber, words[place], rightNumber)
        } else if words[place] == "==" || words[place] == "!=", left.count == 1, right.count == 1 {
            let leftText = try Self.value(left[0], captures)
            let rightText = try Self.value(right[0], captures)
            holds = (leftText == rightText) == (words[place] == "==")
        } else {
            // Says which of the two is the trouble.
            _ = try Self.number(left, captures)
            _ = try Self.number(right, captures)
            return
        }
        guard holds else {
            let names = words.map(String.init).filter { captures[$0] != nil }
            let values = Set(names).sorted().map { "\($0) = \(captures[$0] ?? "")" }.joined(separator: ", ")
            throw Failure(message: "'\(words.joined(separator: " "))' does not hold: \(values)")
        }
    }

    private static func compare(_ left: Double, _ sign: Substring, _ right: Double) -> Bool {
        switch sign {
        case "==": left == right
        case "!=": left != right
        case "<": left < right
        case "<=": left <= right
        case ">": left > right
        default: left >= right
        }
    }

    private static func value(_ word: Substring, _ captures: [String: String]) throws(Failure) -> String {
        if word.first == "'", word.last == "'", word.count >= 2 { return String(word.dropFirst().dropLast()) }
        guard let value = captures[String(word)] else { throw Failure(message: "'\(word)' was not captured") }
        return value
    }

    /// Sums of products, from left to right; `*` and `/` bind closer.
    private static func number(_ words: [Substring], _ captures: [String: String]) throws(Failure) -> Double {
        var sum = 0.0
        var product: Double?
        var pending: Substring = "+"
        var sign = 1.0
        for word in words {
            if ["+", "-", "*", "/"].contains(word) {
                pending = word
                continue
            }
            guard let value = Double(word) ?? captures[String(word)].flatMap(Double.init) else {
                throw Failure(message: "'\(word)' is neither a number nor a captured number")
            }
            switch (pending, product) {
            case ("*", let left?): product = left * value
            case ("/", let left?): product = left / value
            default:
                sum += sign * (product ?? 0)
                sign = pending == "-" ? -1 : 1
                product = value
            }
        }
        return sum + sign * (product ?? 0)
    }
}
