import ELBConformance
import FoundationEssentials

/// Runs the pages of docs/examples: each starts a lab from a template of the project, and what it says that commands print is
/// compared with what they print.
package struct ExampleCheck: Sendable {
    /// The folder that holds `docs/examples` and `fixtures`.
    package var root: String
    /// How a page's commands are run; given a private folder.
    package var stepSettings: @Sendable (_ folder: String) throws -> StepShell.Settings
    /// Rewrites outputs in place of complaining about them.
    package var update: Bool

    package init(
        root: String,
        stepSettings: @escaping @Sendable (_ folder: String) throws -> StepShell.Settings,
        update: Bool = false
    ) {
        self.root = root
        self.stepSettings = stepSettings
        self.update = update
    }

    package static let folder = "docs/examples"
    private static let index = "README.md"

    /// The pages, without `.md`, sorted.
    package var names: [String] {
        LabFiles.names(in: "\(self.root)/\(Self.folder)").filter { $0.hasSuffix(".md") && $0 != Self.index }
            .map { String($0.dropLast(3)) }
    }

    /// Checks the pages named, one after the other: labs take the same addresses. Findings come as they are made. Cancelling ends
    /// everything that runs, and nothing more is found.
    package func run(_ names: [String], report found: @escaping @Sendable (DevCheck.Finding) -> Void) async {
        let report = { (finding: DevCheck.Finding) in if !Task.isCancelled { found(finding) } }
        for name in names where !Task.isCancelled {
            let path = "\(self.root)/\(Self.folder)/\(name).md"
            do {
                let text = try LabFiles.text(path)
                let page = try PageParser.parse(text, file: path, language: .en, dialect: .example)
                let problems = self.problems(of: page, text: text, name: name)
                report(await self.finding(name, "page") { (problems, "") })
                report(
                    await DevCheck.timed {
                        await self.finding(name, "steps") { try await self.steps(of: page, text: text) }
                    }
                )
            } catch {
                report(.init(lesson: "examples/\(name)", what: "page", problems: ["\(error)"]))
            }
        }
    }

    private func finding(
        _ name: String,
        _ what: String,
        _ body: () async throws -> (problems: [LessonError], remark: String)
    ) async -> DevCheck.Finding {
        do {
            let (problems, remark) = try await body()
            return .init(lesson: "examples/\(name)", what: what + remark, problems: problems.map(\.description))
        } catch {
            return .init(lesson: "examples/\(name)", what: what, problems: ["\(error)"])
        }
    }

    /// What can be said without running anything.
    private func problems(of page: LessonPage, text: String, name: String) -> [LessonError] {
        let folder = "\(self.root)/\(Self.folder)"
        var problems: [LessonError] = []
        if page.steps.isEmpty { problems.append(LessonError(file: page.file, "runs nothing")) }
        for link in PageRules.relativeLinks(in: text) {
            let path = link.split(separator: "#", omittingEmptySubsequences: false)[0]
            guard !FileManager.default.fileExists(atPath: "\(folder)/\(path)") else { continue }
            problems.append(LessonError(file: page.file, "links to '\(link)', which is not there"))
        }
        let index = (try? LabFiles.text("\(folder)/\(Self.index)")) ?? ""
        if !index.contains("](\(name).md)") {
            problems.append(LessonError(file: page.file, "\(Self.index) beside it does not link to it"))
        }
        return problems
    }

    private func steps(of page: LessonPage, text: String) async throws -> (problems: [LessonError], remark: String) {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "elblab-example-\(UUID().uuidString)").path
        defer { try? files.removeItem(atPath: folder) }
        var settings = try self.stepSettings("\(folder)/private")
        // What a page writes is thrown away; what it reads is the project's.
        settings.workingFolder = "\(folder)/work"
        try files.createDirectory(atPath: settings.workingFolder, withIntermediateDirectories: true)
        for shared in ["fixtures", "docs", "lessons"] {
            try files.createSymbolicLink(
                atPath: "\(settings.workingFolder)/\(shared)",
                withDestinationPath: "\(self.root)/\(shared)"
            )
        }
        // A page may need programs that not everybody has.
        let programs = page.steps.flatMap(\.needs).filter { SubjectCommand.find($0) != nil }
        let report = try await StepRunner(settings: settings, features: Set(programs)).run([page])
        if self.update {
            let new = PageUpdate.text(text, of: page, with: report)
            if new != text { try Data(new.utf8).write(to: URL(filePath: page.file), options: .atomic) }
        }
        let skipped = report.skipped.map { "\($0.step) left out: needs \($0.missing)" }.joined(separator: "; ")
        return (report.problems, skipped.isEmpty ? "" : " (\(skipped))")
    }
}
