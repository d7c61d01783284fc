/// What a regular expression means, before it is compiled.
package indirect enum RegexNode: Sendable {
    case bytes(ByteSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    /// Between the two numbers of times; `nil` is without end. A lazy one prefers as few as will do.
    case repeated(RegexNode, Int, Int?, isLazy: Bool = false)
    /// A group that remembers what it matched. Numbered from 1, by its opening parenthesis.
    case capture(RegexNode, Int)
    case assertion(Assertion)

    package static let startOfText = Self.assertion(.startOfText)
    package static let endOfText = Self.assertion(.endOfText)

    /// What a place in the text must be, without a byte being consumed.
    package enum Assertion: UInt8, Sendable {
        case startOfText
        case endOfText
        case wordBoundary
        case notWordBoundary
    }

    /// The lab's bound for `cost`; only nested bounded repeats come near it.
    package static let greatestCost = 4096

    /// An upper bound of the instructions that the expression takes, cut off at `greatestCost`; known before any is
    /// made, because a repeat of a repeat multiplies.
    package var cost: Int {
        switch self {
        case .bytes, .assertion:
            return 1
        case .sequence(let nodes):
            return nodes.reduce(0) { min($0 + $1.cost, Self.greatestCost) }
        case .alternatives(let nodes):
            return nodes.reduce(0) { min($0 + $1.cost + 2, Self.greatestCost) }
        case .capture(let node, _):
            return min(node.cost + 2, Self.greatestCost)
        case .repeated(let node, let minimum, let maximum, _):
            let copies = max(maximum ?? (minimum + 1), 1)
            return min((node.cost + 1) * min(copies, Self.greatestCost) + 1, Self.greatestCost)
        }
    }
}
