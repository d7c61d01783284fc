import ELBConformance
import ELBTestSupport
import Testing

@Suite struct `The behaviour catalogue` {
    private static let root = ProjectFiles.root()

    private func catalogue() throws -> BehaviourCatalogue {
        let root = try #require(Self.root, "the tests run inside the project")
        return try BehaviourCatalogue(directory: "\(root)/fixtures/behaviour")
    }

    @Test func `has every row of every product, each id once`() throws {
        let catalogue = try self.catalogue()
        var rows: [Substring: Int] = [:]
        for behaviour in catalogue.behaviours {
            rows[behaviour.id.group.prefix { $0 != "-" }, default: 0] += 1
        }
        #expect(rows == ["ALB": 712, "NLB": 229, "GWLB": 93, "CLB": 141, "INT": 139])
        #expect(catalogue.count == 1_314)
        #expect(Set(catalogue.openPoints.map(\.id)).count == 44)
    }

    @Test func `numbers each group's rows from 1 without a gap`() throws {
        for group in try self.catalogue().groups {
            #expect(group.behaviours.map(\.id.number) == Array(1...group.behaviours.count), "\(group.id)")
        }
    }

    @Test func `keeps text, sources, level, note and open points of a row`() throws {
        let id = try #require(BehaviourID("ALB-COND-005"))
        let row = try #require(try self.catalogue()[id])
        #expect(row.statement.hasPrefix("A host value must contain at least one `.`, and only letters may follow"))
        #expect(row.sources.contains { $0.url.hasPrefix("https://docs.aws.amazon.com/") })
        #expect(row.level == .documented)
    }

    @Test func `cites pages by https only`() throws {
        let catalogue = try self.catalogue()
        for source in catalogue.behaviours.flatMap(\.sources) + catalogue.openPoints.flatMap(\.sources) {
            #expect(source.url.hasPrefix("https://"), "\(source.title)")
        }
    }

    @Test func `knows every row that a test names`() throws {
        let root = try #require(Self.root)
        let catalogue = try self.catalogue()
        for (id, suites) in try TestCitations(directory: "\(root)/Tests").suites {
            #expect(catalogue[id] != nil, "\(id), named by \(suites)")
        }
    }

    @Test func `knows every row that a check names`() throws {
        let catalogue = try self.catalogue()
        for (id, checks) in try CheckCitations().checks {
            #expect(catalogue[id] != nil, "\(id), named by \(checks)")
        }
    }

    @Test(arguments: ["ALB-COND-003", "INT-R5-012"])
    func `reads an id and writes it back`(text: String) {
        #expect(BehaviourID(text)?.description == text)
    }

    @Test(arguments: [
        "", "ALB", "ALB-COND", "ALB-COND-3", "ALB-COND-000", "alb-cond-003", "ALB-COND-0031", "ALB--003", "A-B-C-001",
    ])
    func `refuses what is no id`(text: String) {
        #expect(BehaviourID(text) == nil)
    }

    /// A group of one row, with one part of its text exchanged.
    private func group(replacing part: String, with other: String) throws -> BehaviourGroup {
        let text = """
            group: ALB-LSN
            title: Listeners
            sources:
              page: https://example.com
            behaviours:
            - id: ALB-LSN-001
              statement: It holds.
              observe: C.
              sources: [page]
              level: documented
              status: todo

            """
        return try BehaviourGroup(yaml: text.replacing(part, with: other), file: "alb/listeners.yaml")
    }

    @Test(arguments: [
        ("status: todo", "status: done"),
        ("status: todo", "status: tested"),
        ("status: todo", "status: todo\n  by: [A]"),
        ("status: todo", "status: excepted"),
        ("level: documented", "level: rumoured"),
        ("sources: [page]", "sources: [pages]"),
        ("sources: [page]", "sources: []"),
        ("  observe: C.\n", ""),
        ("ALB-LSN-001", "ALB-LSN-1"),
        ("group: ALB-LSN", "group: [ALB-LSN"),
    ])
    func `refuses a file that says something impossible, by its name`(part: String, other: String) throws {
        #expect(try self.group(replacing: "nothing", with: "").behaviours.count == 1)
        let error = #expect(throws: CatalogueError.self) { try self.group(replacing: part, with: other) }
        #expect(error?.file == "alb/listeners.yaml")
    }

    @Test func `refuses an id that stands twice, or in another group's file`() throws {
        let group = try self.group(replacing: "", with: "")
        #expect(throws: CatalogueError.self) { try BehaviourCatalogue(groups: [group, group], openPoints: []) }
        let stray = try self.group(replacing: "group: ALB-LSN", with: "group: ALB-RULE")
        #expect(throws: CatalogueError.self) { try BehaviourCatalogue(groups: [stray], openPoints: []) }
    }

    @Test func `refuses a row that points to an open point which is not there`() throws {
        let group = try self.group(replacing: "status: todo", with: "status: todo\n  open: [ALB-OPEN-99]")
        #expect(throws: CatalogueError.self) { try BehaviourCatalogue(groups: [group], openPoints: []) }
    }
}
