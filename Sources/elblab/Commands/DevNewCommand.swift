import ArgumentParser
import ELBLessons

/// `elblab dev new ID`: a lesson's folder, to be filled.
struct DevNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make the folder of a new lesson: manifests, both pages' skeleton, one exercise.",
        discussion: """
            Files that are there are left as they are. docs/authoring.md says what belongs into each; 'elblab dev check --lesson ID' \
            lists what is missing.

            Example: elblab dev new 18-auto-scaling --kind config
            """
    )

    @Argument(help: "Two digits and words: 18-auto-scaling.") var id: String
    @Option(help: "config, predict, cli or code.") var kind = "config"

    func run() throws {
        let files = try LessonFiles()
        guard let kind = ExerciseManifest.Kind(rawValue: self.kind) else {
            throw CommandFailure(
                "'\(self.kind)' is no kind of exercise",
                fix: "config, predict, cli or code",
                status: .usage
            )
        }
        guard LessonScaffold.isID(self.id) else {
            throw CommandFailure(
                "'\(self.id)' is no lesson's id",
                fix: "two digits, then words: 18-auto-scaling",
                status: .usage
            )
        }
        let new = try LessonFiles.reporting {
            try LessonScaffold(id: self.id, kind: kind, root: files.library.root).write()
        }
        for path in new { StandardStream.output.printLine(path) }
        StandardStream.output.printLine("then add '\(self.id)' to \(files.library.root)/index.yaml")
    }
}
