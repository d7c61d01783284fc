/// Rewrites the outputs in a page with what the commands really printed. Lines whose pattern still fits are kept, so that
/// captures and ellipses survive.
package enum PageUpdate {
    /// The page's text with new outputs; the same text when everything fits.
    package static func text(_ text: String, of page: LessonPage, with report: StepRunner.Report) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // From the end, so that line numbers above stay true.
        for step in page.steps.reversed() {
            for (index, command) in step.commands.enumerated().reversed() {
                guard let run = report.runs.first(where: { $0.step == step.id && $0.command == index }),
                    case .exited(let code, let output) = run.outcome,
                    !Self.fits(command, output, code, report.captures)
                else { continue }
                let first =
                    command.line - 1 + command.text.split(separator: "\n", omittingEmptySubsequences: false).count
                let count = command.output.count + (command.exitCode == 0 ? 0 : 1)
                let new = Self.merge(command.output, output, report.captures) + (code == 0 ? [] : ["[\(code)]"])
                lines.replaceSubrange(first..<(first + count), with: new)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func fits(
        _ command: LessonPage.Command,
        _ output: [String],
        _ code: Int,
        _ known: [String: String]
    ) -> Bool {
        guard code == command.exitCode, let pattern = try? OutputPattern(command.output) else { return false }
        if case .match = pattern.match(output, known: known) { return true }
        return false
    }

    private static func merge(_ patterns: [String], _ output: [String], _ known: [String: String]) -> [String] {
        output.enumerated().map { index, line in
            index < patterns.count && OutputPattern.line(patterns[index], matches: line, known: known)
                ? patterns[index] : line
        }
    }
}
