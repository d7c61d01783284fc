import Yams

/// A run in the manner of the Gateway API's conformance reports: who, which profiles, how many of each verdict, and what is not
/// supported. For whoever collects such reports of many implementations.
package enum YAMLReport {
    package static func text(_ run: ResultFile) throws -> String {
        var profiles: [Node] = []
        let names = Set(run.checks.map { Self.profile(of: $0) }).sorted()
        for name in names {
            let checks = run.checks.filter { Self.profile(of: $0) == name }
            var members: [(String, Node)] = [("name", Node(name))]
            for level in CheckLevel.allCases {
                let counted = checks.filter { $0.level == level.rawValue }
                if !counted.isEmpty { members.append((level.rawValue, try Self.part(counted))) }
            }
            profiles.append(Self.mapping(members))
        }
        let root = Self.mapping([
            ("apiVersion", Node("elblab/v1")),
            ("kind", Node("ConformanceReport")),
            (
                "implementation",
                Self.mapping([
                    ("project", Node(run.subject.id)), ("version", Node(run.subject.version ?? "")),
                ])
            ),
            ("seed", Node(run.seed ?? "")),
            ("result", Node(run.verdict)),
            ("profiles", Node(profiles)),
        ])
        return try Yams.serialize(node: root, allowUnicode: true)
    }

    private static func profile(of check: ResultFile.CheckResult) -> String {
        String((check.feature ?? check.id).prefix { $0 != "." })
    }

    private static func part(_ checks: [ResultFile.CheckResult]) throws -> Node {
        let failed = checks.filter { $0.verdict.map { !$0.isAcceptable } ?? true }
        let passed = checks.count { $0.status == Verdict.pass.rawValue }
        let left = checks.count - failed.count - passed
        let result = failed.isEmpty ? (left == 0 ? "success" : "partial") : "failure"
        var members: [(String, Node)] = [
            ("result", Node(result)),
            (
                "statistics",
                Self.mapping([
                    ("passed", try Node(passed)), ("failed", try Node(failed.count)), ("leftOut", try Node(left)),
                ])
            ),
        ]
        if !failed.isEmpty { members.append(("failedTests", Node(failed.map { Node($0.id) }))) }
        return Self.mapping(members)
    }

    private static func mapping(_ members: [(String, Node)]) -> Node {
        Node(members.map { (Node($0.0), $0.1) })
    }
}
