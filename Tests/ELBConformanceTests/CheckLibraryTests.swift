import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `The library of checks` {
    @Test func `has at least sixty checks with ids of their own`() {
        let ids = CheckLibrary.all.map(\.id)
        #expect(ids.count >= 60)
        #expect(Set(ids).count == ids.count)
    }

    @Test(arguments: CheckLibrary.all.map(\.id))
    func `every check cites rows and a page, notices a quirk and says where to look`(id: String) throws {
        let check = try #require(CheckLibrary.check(id))
        let groups = ["ALB-", "CLB-", "INT-", "NLB-"]
        #expect(!check.rows.isEmpty && check.rows.allSatisfy { row in groups.contains { row.hasPrefix($0) } })
        #expect(check.reference.hasPrefix("https://docs.aws.amazon.com/"))
        #expect(!check.kills.isEmpty)
        #expect(check.rule.hasSuffix(".") && !check.lookAt.isEmpty)
        #expect(["alb.", "clb.", "nlb."].contains { check.feature.hasPrefix($0) })
        for needed in check.needs { #expect(CheckLibrary.check(needed) != nil) }
    }

    @Test(arguments: Quirk.allCases)
    func `every quirk is explained, and a check says that it notices it`(quirk: Quirk) {
        #expect(quirk.summary.hasSuffix(".") && !quirk.rows.isEmpty)
        #expect(CheckLibrary.all.contains { $0.kills.contains(quirk) })
    }

    @Test func `patterns choose by id`() {
        #expect(CheckLibrary.checks(matching: ["health.*"]).allSatisfy { $0.id.hasPrefix("health.") })
        #expect(CheckLibrary.checks(matching: ["*.matcher"]).map(\.id) == ["health.matcher"])
        #expect(CheckLibrary.checks(matching: ["nothing"]).isEmpty)
    }
}
