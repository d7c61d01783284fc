/// What shows that a row of the catalogue holds. Derived from tests, checks and exceptions; never written by hand.
package enum Coverage: Hashable, Sendable {
    /// Nobody has shown it yet.
    case todo
    /// Unit or integration tests name it; `by` says which suites.
    case tested(by: [String])
    /// Conformance checks prove it, each seen to fail on a quirk; `by` names checks first, then tests.
    case checked(by: [String])
    /// The lab deviates or leaves it out on purpose.
    case excepted(why: String)

    /// The word in the catalogue's files.
    package enum Status: String, Hashable, Sendable, CaseIterable, Comparable, Decodable {
        case todo
        case excepted
        case tested
        case checked

        /// In the order of what they prove.
        package static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .todo: 0
            case .excepted: 1
            case .tested: 2
            case .checked: 3
            }
        }
    }

    package var status: Status {
        switch self {
        case .todo: .todo
        case .tested: .tested
        case .checked: .checked
        case .excepted: .excepted
        }
    }
}
