/// One row of the behaviour catalogue: something that AWS's load balancers do, in words that can be tested.
package struct Behaviour: Hashable, Sendable, Identifiable {
    /// The row's name, such as `ALB-COND-003`. It never changes and is never used again.
    package let id: BehaviourID
    /// What holds, with the exact values.
    package let statement: String
    /// How to see it: from a client, a backend, the API, a log, a metric or a name lookup.
    package let observe: String
    /// Where it is documented; never empty.
    package let sources: [Source]
    package let level: Level
    /// Which part is inferred, and from what; nil when there is nothing to add to the level.
    package let note: String?
    /// Ids of open points on which AWS is silent or contradicts itself. No check depends on their values.
    package let openPoints: [String]
    /// What shows that the balancer behaves so.
    package var coverage: Coverage

    /// A page that a row rests on.
    package struct Source: Hashable, Sendable {
        package let title: String
        package let url: String
    }

    /// How sure the source is.
    package enum Level: String, Hashable, Sendable, CaseIterable, Decodable {
        /// An AWS page states it.
        case documented
        /// Derived: a default of the lab. In the suite such rows are provisional and count against nobody.
        case inferred
    }
}

/// Where AWS's pages disagree or stay silent. The suite reports what it sees there and judges nothing.
package struct OpenPoint: Hashable, Sendable, Identifiable {
    package let id: String
    package let question: String
    package let sources: [Behaviour.Source]
}

/// The rows that belong together: one file of the catalogue.
package struct BehaviourGroup: Hashable, Sendable, Identifiable {
    /// The part that its rows' ids share, such as `ALB-COND`.
    package let id: String
    package let title: String
    /// What the whole group needs, such as a test vector; Markdown.
    package let notes: String?
    /// In the order of the file, which is the order of their numbers.
    package var behaviours: [Behaviour]
    /// The file below `fixtures/behaviour`, such as `alb/conditions.yaml`.
    package let file: String
}
