import ArgumentParser
import ELBConformance

/// `elblab report`: several results as one file.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Put results side by side in one static file.",
        discussion: """
            Example: elblab report results/*/result.json --html matrix.html --markdown summary.md

            Results are what 'elblab conformance run --out FOLDER' writes; a folder stands for the result.json in it. The page has no \
            script and loads nothing, so that it can be sent, kept and printed.
            """
    )

    @Argument(help: ArgumentHelp("Results to compare, in the order of the columns.", valueName: "result"))
    var results: [String]

    @Option(help: ArgumentHelp("A page with all checks and everything that was seen.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("Counts, and what failed.", valueName: "file"))
    var markdown: String?

    @Option(help: ArgumentHelp("One result in the manner of the Gateway API's reports.", valueName: "file"))
    var yaml: String?

    @Option(help: "The heading.")
    var title = "Conformance to Elastic Load Balancing"

    @OptionGroup var quietOption: QuietOption

    func validate() throws {
        guard self.html != nil || self.markdown != nil || self.yaml != nil else {
            throw ValidationError("say where to: --html FILE, --markdown FILE or --yaml FILE")
        }
        guard self.yaml == nil || self.results.count == 1 else {
            throw ValidationError("--yaml tells of one result at a time")
        }
    }

    func run() throws {
        let runs = try self.results.map { path in
            let file = path.hasSuffix(".json") ? path : "\(path)/result.json"
            let bytes = try InputFile.read(file, limit: 64 << 20)
            do throws(ResultFile.Unreadable) {
                return try ResultFile(bytes, name: file)
            } catch {
                throw CommandFailure(error.description, status: .usage)
            }
        }
        let matrix = ResultMatrix(runs)
        if let html = self.html { try self.write(HTMLReport.text(matrix, title: self.title), to: html) }
        if let markdown = self.markdown { try self.write(MarkdownReport.text(matrix, title: self.title), to: markdown) }
        if let yaml = self.yaml, let run = runs.first { try self.write(try YAMLReport.text(run), to: yaml) }
    }

    private func write(_ text: String, to path: String) throws {
        try TextFile.write(text, to: path)
        if !self.quietOption.quiet { StandardStream.output.printLine("wrote \(path)") }
    }
}
