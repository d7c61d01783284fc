/// A run as `elblab/result/v1`, the source of every other machine format. Schema: fixtures/schemas/result.schema.json.
package enum JSONReport {
    package static func text(_ report: RunReport) -> String {
        let counted = report.checks.filter { $0.level != .provisional }
        return JSONText.object([
            ("schema", "elblab/result/v1"),
            ("suite", .object([("name", "elblab conformance")])),
            ("subject", Self.subject(report)),
            ("quirks", .array(report.quirks.map { .string($0) })),
            ("seed", .string("\(report.seed)")),
            ("timeScale", .number(report.timeScale)),
            ("timersLateMs", report.jitter.map { .number($0.worst.milliseconds) } ?? .null),
            ("durationMs", .number(report.duration.milliseconds)),
            ("gradable", .boolean(report.notGradable == nil)),
            ("reason", report.notGradable.map { .string($0) } ?? .null),
            ("verdict", .string(report.verdict.rawValue)),
            ("score", .number(counted.count { $0.verdict == .pass })),
            ("maxScore", .number(counted.count)),
            ("replay", .string(report.replay)),
            ("profiles", .array(report.parts.map(Self.part))),
            ("checks", .array(report.checks.map(Self.check))),
        ]).text
    }

    private static func subject(_ report: RunReport) -> JSONText {
        let omissions = report.claims.omissions.map {
            JSONText.object([("feature", .string($0.feature)), ("reason", .string($0.reason))])
        }
        return .object([
            ("kind", .string(report.kind.rawValue)),
            ("id", .string(report.subject)),
            ("version", report.version.map { .string($0) } ?? .null),
            ("claims", .array(report.claims.features.map { .string($0) })),
            ("leavesOut", .array(omissions)),
        ])
    }

    private static func part(_ part: RunReport.Part) -> JSONText {
        let counts = Verdict.allCases.compactMap { verdict in
            part.count(verdict) == 0 ? nil : (verdict.rawValue, JSONText.number(part.count(verdict)))
        }
        return .object([
            ("profile", .string(part.profile)),
            ("level", .string(part.level.rawValue)),
            ("result", .string(part.result.rawValue)),
            ("counts", .object(counts)),
        ])
    }

    private static func check(_ report: CheckReport) -> JSONText {
        var members: [(String, JSONText)] = [
            ("id", .string(report.id)),
            ("title", .string(report.title)),
            ("feature", .string(report.feature)),
            ("level", .string(report.level.rawValue)),
            ("rows", .array(report.rows.map { .string($0) })),
            ("status", .string(report.verdict.rawValue)),
            ("durationMs", .number(report.duration.milliseconds)),
            ("ref", .string(report.reference)),
        ]
        if let reason = report.reason { members.append(("reason", .string(reason))) }
        if let note = report.note { members.append(("note", .string(note))) }
        if let finding = report.finding {
            let evidence = finding.evidence.map {
                JSONText.object([("name", .string($0.name)), ("text", .string($0.text))])
            }
            members += [
                ("tried", .string(finding.tried)), ("rule", .string(finding.rule)),
                ("expected", .string(finding.expected)), ("actual", .string(finding.actual)),
                ("evidence", .array(evidence)), ("lookNext", .string(finding.lookAt)),
            ]
        }
        return .object(members)
    }
}
