import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `The ledger` {
    private func id(_ text: String) throws -> BehaviourID { try #require(BehaviourID(text)) }

    /// Rows 1, 2 … of group ALB-LSN; `claims` are the lines that their file holds on their coverage.
    private func catalogue(_ claims: [String]) throws -> BehaviourCatalogue {
        let head = "group: ALB-LSN\ntitle: Listeners\nsources: { page: 'https://example.com' }\nbehaviours:\n"
        let rows = claims.enumerated().map { index, claim in
            "- id: ALB-LSN-00\(index + 1)\n  statement: It holds.\n  observe: C.\n  sources: [page]\n"
                + "  level: documented\n  \(claim)\n"
        }
        let group = try BehaviourGroup(yaml: head + rows.joined(), file: "alb/x.yaml")
        return try BehaviourCatalogue(groups: [group], openPoints: [])
    }

    private let text = """
        group: ALB-LSN
        behaviours:
        - id: ALB-LSN-001
          statement: It holds.
          status: todo

        - id: ALB-LSN-002
          statement: >-
            It holds, too,
            for two lines.
          status: checked
          by:
          - gone
          - also.gone

        - id: ALB-LSN-003
          status: excepted
          why: "no"

        """

    @Test func `derives each status from checks, tests and exceptions`() throws {
        let ledger = try Ledger(
            catalogue: self.catalogue(Array(repeating: "status: todo", count: 4)),
            checks: [self.id("ALB-LSN-001"): ["b", "a", "b"]],
            tests: [self.id("ALB-LSN-001"): ["T/One"], self.id("ALB-LSN-002"): ["T/Two"]],
            exceptions: [self.id("ALB-LSN-003"): "because"]
        )
        #expect(ledger.coverage(of: try self.id("ALB-LSN-001")) == .checked(by: ["a", "b", "T/One"]))
        #expect(ledger.coverage(of: try self.id("ALB-LSN-002")) == .tested(by: ["T/Two"]))
        #expect(ledger.coverage(of: try self.id("ALB-LSN-003")) == .excepted(why: "because"))
        #expect(ledger.coverage(of: try self.id("ALB-LSN-004")) == .todo)
        #expect(ledger.stale.map(\.id.number) == [1, 2, 3])
        #expect(ledger.fallen.isEmpty)
    }

    @Test func `is a table for programs, one row a line`() throws {
        let ledger = try Ledger(
            catalogue: self.catalogue(Array(repeating: "status: todo", count: 3)),
            checks: [self.id("ALB-LSN-001"): ["routing.path.star"]],
            tests: [self.id("ALB-LSN-001"): ["T/One"]],
            exceptions: [self.id("ALB-LSN-003"): "because"]
        )
        let kills = try #require(CheckLibrary.check("routing.path.star")).kills.map(\.rawValue).sorted()
        let quirks = kills.map { "\"\($0)\"" }.joined(separator: ", ")
        let lines = ledger.table.split(separator: "\n").filter { $0.contains("\"status\"") }
        #expect(
            lines == [
                """
                    { "id": "ALB-LSN-001", "status": "checked", "checks": ["routing.path.star"], "tests": ["T/One"], \
                "quirks": [\(quirks)] },
                """,
                "    { \"id\": \"ALB-LSN-002\", \"status\": \"todo\" },",
                "    { \"id\": \"ALB-LSN-003\", \"status\": \"excepted\", \"exception\": \"because\" }",
            ]
        )
        #expect(ledger.table.contains("{ \"id\": \"ALB-LSN\", \"title\": \"Listeners\", \"checked\": 1"))
    }

    @Test func `sees a row that is no longer covered as it was`() throws {
        let claims = ["status: checked\n  by: [a]", "status: tested\n  by: [T/Two]", "status: todo"]
        let ledger = try Ledger(
            catalogue: self.catalogue(claims),
            checks: [:],
            tests: [self.id("ALB-LSN-001"): ["T/One"], self.id("ALB-LSN-003"): ["T/Three"]],
            exceptions: [:]
        )
        #expect(ledger.fallen.map(\.id.number) == [1, 2])
        #expect(ledger.stale.map(\.id.number) == [1, 2, 3])
    }

    @Test func `refuses a name that the catalogue does not have`() throws {
        let unknown = try self.id("ALB-LSN-099")
        #expect(throws: LedgerError.unknownRow(unknown, by: ["T/One"])) {
            try Ledger(
                catalogue: self.catalogue(["status: todo"]),
                checks: [:],
                tests: [unknown: ["T/One"]],
                exceptions: [:]
            )
        }
    }

    @Test func `refuses an exception for what is covered`() throws {
        let row = try self.id("ALB-LSN-001")
        #expect(throws: LedgerError.coveredException(row, by: ["a"])) {
            try Ledger(
                catalogue: self.catalogue(["status: todo"]),
                checks: [row: ["a"]],
                tests: [:],
                exceptions: [row: "why"]
            )
        }
    }

    @Test func `rewrites statuses and nothing else`() throws {
        let ledger = try Ledger(
            catalogue: self.catalogue(Array(repeating: "status: todo", count: 3)),
            checks: [self.id("ALB-LSN-001"): ["a"]],
            tests: [:],
            exceptions: [self.id("ALB-LSN-002"): #"a "reason""#]
        )
        let updated = ledger.updating(self.text)
        #expect(
            updated == """
                group: ALB-LSN
                behaviours:
                - id: ALB-LSN-001
                  statement: It holds.
                  status: checked
                  by: [a]

                - id: ALB-LSN-002
                  statement: >-
                    It holds, too,
                    for two lines.
                  status: excepted
                  why: "a \\"reason\\""

                - id: ALB-LSN-003
                  status: todo

                """
        )
        #expect(ledger.updating(updated) == updated)
    }

    @Test func `counts on its page`() throws {
        let ledger = try Ledger(
            catalogue: self.catalogue(Array(repeating: "status: todo", count: 3)),
            checks: [self.id("ALB-LSN-001"): ["a"]],
            tests: [self.id("ALB-LSN-002"): ["T/Two"]],
            exceptions: [:]
        )
        #expect(ledger.page.contains("| [ALB-LSN](../fixtures/behaviour/alb/x.yaml) | Listeners | 3 | 1 | 1 | 0 | 1 |"))
        #expect(ledger.page.contains("| **All** | | 3 | 1 | 1 | 0 | 1 |"))
    }

    @Test func `reads traits on one line or several, and no comments`() throws {
        let trait = ".covers"
        let text = """
            @Test(\(trait)("ALB-LSN-001", "ALB-LSN-002"))
            @Test(
                \(trait)(
                    "ALB-LSN-003"
                ),
                arguments: [1]
            )
            // as in \(trait)("ALB-LSN-004")
            """
        let citations = try TestCitations(text: text, file: "ELBCoreTests/Rules/ListenerTests.swift")
        #expect(citations.suites.keys.map(\.number).sorted() == [1, 2, 3])
        #expect(citations.suites[try self.id("ALB-LSN-001")] == ["ELBCoreTests/ListenerTests"])
    }

    @Test func `refuses a trait that names no id`() {
        let trait = ".covers"
        #expect(throws: CatalogueError.self) {
            try TestCitations(text: "\(trait)(\"rule three\")", file: "ELBCoreTests/X.swift")
        }
    }
}
