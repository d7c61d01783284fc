import ELBModel

/// Deviating meanings of `*` and `?`, for the quirks that need one. Such patterns become regular expressions, so that
/// the matcher of honest balancers knows nothing of them.
struct PatternStyle: Sendable {
    var starStopsAtSlash: Bool
    var questionMarkIsOptional: Bool

    /// Whether this is how AWS reads patterns.
    var isAWS: Bool { !self.starStopsAtSlash && !self.questionMarkIsOptional }

    /// An anchored expression for a wildcard pattern.
    func regularExpression(for pattern: String, foldsCase: Bool) -> RegularExpression {
        let nodes = PatternTable.tokenize(pattern).map { token -> RegexNode in
            switch token {
            case PatternTable.star:
                .repeated(.bytes(self.starStopsAtSlash ? .all.subtracting([UInt8(ascii: "/")]) : .all), 0, nil)
            case PatternTable.anyOne:
                .repeated(.bytes(.all), self.questionMarkIsOptional ? 0 : 1, 1)
            default:
                .bytes(foldsCase ? ByteSet([token]).foldingCase() : [token])
            }
        }
        return RegularExpression(.sequence([.startOfText] + nodes + [.endOfText]))
    }
}
