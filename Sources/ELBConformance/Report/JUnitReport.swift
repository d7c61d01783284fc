/// A run as JUnit XML: fail is a failure, error and time-out are errors, blocked, unsupported and skipped are skipped.
package enum JUnitReport {
    package static func text(_ report: RunReport) -> String {
        let failures = report.count(.fail)
        let errors = report.count(.error) + report.count(.timeout)
        let skipped = report.count(.blocked) + report.count(.unsupported) + report.count(.skipped)
        let time = Self.seconds(report.duration)
        let counts =
            "tests=\"\(report.checks.count)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites \(counts) time=\"\(time)\">\n"
        text += "  <testsuite name=\"\(Self.escaped("conformance \(report.subject)"))\" \(counts) time=\"\(time)\">\n"
        for check in report.checks { text += Self.testcase(check) }
        if let reason = report.notGradable { text += "    <system-err>\(Self.escaped(reason))</system-err>\n" }
        return text + "  </testsuite>\n</testsuites>\n"
    }

    private static func testcase(_ report: CheckReport) -> String {
        var text =
            "    <testcase name=\"\(Self.escaped(report.id))\" classname=\"\(Self.escaped(report.feature))\""
            + " time=\"\(Self.seconds(report.duration))\""
        let message = Self.escaped(report.finding.map { "\($0.rule) Actual: \($0.actual)" } ?? report.reason ?? "")
        switch report.verdict {
        case .pass, .info:
            return text + "/>\n"
        case .fail:
            text +=
                ">\n      <failure message=\"\(message)\" type=\"fail\">\(Self.escaped(Self.details(report)))</failure>\n"
        case .error, .timeout:
            text += ">\n      <error message=\"\(message)\" type=\"\(report.verdict.rawValue)\"/>\n"
        case .blocked, .unsupported, .skipped:
            text += ">\n      <skipped message=\"\(Self.escaped("\(report.verdict.rawValue): "))\(message)\"/>\n"
        }
        return text + "    </testcase>\n"
    }

    private static func details(_ report: CheckReport) -> String {
        guard let finding = report.finding else { return "" }
        let parts = [
            "tried: \(finding.tried)", "rule: \(finding.rule)", "expected: \(finding.expected)",
            "actual: \(finding.actual)", "read: \(finding.read)", "look at: \(finding.lookAt)",
        ]
        return (parts + finding.evidence.map { "\($0.name):\n\($0.text)" }).joined(separator: "\n")
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// Without the control characters that XML 1.0 forbids.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
