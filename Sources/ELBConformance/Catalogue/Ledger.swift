/// Joins the catalogue with what covers it, and says of every row where it stands.
///
/// A row's status follows from three lists and from nothing else: the checks that name it, the tests that name it, the
/// exceptions. Checks win over tests, and either wins over an exception, which would then be out of date: that is an error.
package struct Ledger: Sendable {
    package let catalogue: BehaviourCatalogue
    private let coverage: [BehaviourID: Coverage]
    let checks: [BehaviourID: [String]]
    let tests: [BehaviourID: [String]]

    /// - Parameters:
    ///   - checks: for each row, the ids of the conformance checks that prove it.
    ///   - tests: for each row, the test suites that name it, such as `ELBCoreTests/ConditionTests`.
    ///   - exceptions: for each row that is left out on purpose, the reason.
    /// - Throws: `LedgerError` when a list names a row that does not exist, or a covered row is also excepted.
    package init(
        catalogue: BehaviourCatalogue,
        checks: [BehaviourID: [String]],
        tests: [BehaviourID: [String]],
        exceptions: [BehaviourID: String]
    ) throws(LedgerError) {
        let named = Set(checks.keys).union(tests.keys).union(exceptions.keys)
        if let unknown = named.filter({ catalogue[$0] == nil }).min() {
            let by = checks[unknown] ?? tests[unknown] ?? ["exceptions.yaml"]
            throw .unknownRow(unknown, by: Set(by).sorted())
        }
        var coverage: [BehaviourID: Coverage] = [:]
        for id in named {
            let checkNames = Set(checks[id] ?? []).sorted()
            let testNames = Set(tests[id] ?? []).sorted()
            switch (checkNames.isEmpty, testNames.isEmpty, exceptions[id]) {
            case (true, true, let why?): coverage[id] = .excepted(why: why)
            case (_, _, .some): throw .coveredException(id, by: checkNames + testNames)
            case (false, _, nil): coverage[id] = .checked(by: checkNames + testNames)
            case (true, _, nil): coverage[id] = .tested(by: testNames)
            }
        }
        self.catalogue = catalogue
        self.checks = checks
        self.tests = tests
        self.coverage = coverage
    }

    /// Where the row stands now, whatever its file says.
    package func coverage(of id: BehaviourID) -> Coverage { self.coverage[id] ?? .todo }

    /// Rows that stand lower than their files say: something that was covered no longer is.
    package var fallen: [Behaviour] {
        self.catalogue.behaviours.filter { self.coverage(of: $0.id).status < $0.coverage.status }
    }

    /// Rows whose files say something else than what is.
    package var stale: [Behaviour] {
        self.catalogue.behaviours.filter { self.coverage(of: $0.id) != $0.coverage }
    }
}

/// Why no ledger can be drawn up.
package enum LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A test, a check or an exception names a row that the catalogue does not have.
    case unknownRow(BehaviourID, by: [String])
    /// A row is left out on purpose, and yet something shows that it holds.
    case coveredException(BehaviourID, by: [String])

    package var description: String {
        switch self {
        case .unknownRow(let id, let by):
            "\(id) is not in the catalogue, but \(by.joined(separator: ", ")) names it"
        case .coveredException(let id, let by):
            "\(id) is an exception, but \(by.joined(separator: ", ")) covers it; remove one of the two"
        }
    }
}
