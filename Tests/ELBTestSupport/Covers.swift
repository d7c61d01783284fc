public import Testing

/// Names the rows of the behaviour catalogue that a test covers: `@Test(.covers("ALB-RULE-003"))`. The ledger
/// (`make ledger`) reads these out of the sources; the catalogue's test fails on an id that does not exist.
public struct Covers: TestTrait, SuiteTrait {
    /// Ids of rows, as in `fixtures/behaviour`.
    public let ids: [String]
    public let isRecursive = true
}

extension Trait where Self == Covers {
    /// The test shows that these rows of the behaviour catalogue hold.
    public static func covers(_ ids: String...) -> Self {
        Self(ids: ids)
    }
}
