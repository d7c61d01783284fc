import ArgumentParser
import ELBLessons

/// What `grade` takes for a class.
struct ClassOptions: ParsableArguments {
    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("Grade a class: a folder that holds one for each student.", valueName: "folder")
    )
    var folder: String?

    @Option(help: ArgumentHelp("Who is in the class: CSV with the columns student and name.", valueName: "file"))
    var roster: String?

    @Option(help: ArgumentHelp("Where marks, feedback and results go.", valueName: "folder"))
    var out: String?

    @Option(help: "Submissions judged at once; as many as there are processors by default.")
    var jobs: Int?

    @Option(help: ArgumentHelp("For one submission; 300 by default.", valueName: "seconds"))
    var timeLimit: Int?

    @Option(
        help: ArgumentHelp(
            """
            What to write, separated by commas: csv, html, feedback, junit, gradescope, prairielearn, classroom50, actions; the first \
            three by default.
            """,
            valueName: "list"
        )
    )
    var format: String?

    @Flag(help: "Numbers in place of names in the tables; names.csv tells which is whose.")
    var anonymous = false

    /// An option of a class that was given, whatever for.
    var given: String? {
        let all = [
            ("--roster", self.roster != nil), ("--out", self.out != nil), ("--jobs", self.jobs != nil),
            ("--time-limit", self.timeLimit != nil), ("--format", self.format != nil), ("--anonymous", self.anonymous),
        ]
        return all.first { $0.1 }?.0
    }

    func check() throws {
        guard self.folder != nil else { return }
        guard self.out != nil else { throw ValidationError("say where marks and results go: --out FOLDER") }
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 64") }
        if let timeLimit, !(1...86_400).contains(timeLimit) {
            throw ValidationError("--time-limit takes seconds, 1 to 86400")
        }
        _ = try self.formats
    }

    var formats: [ClassOutput.Format] {
        get throws {
            guard let format else { return ClassOutput.usual }
            return try format.split(separator: ",").map { name in
                guard let known = ClassOutput.Format(rawValue: String(name)) else {
                    let all = ClassOutput.Format.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--format: there is no '\(name)'; there are \(all)")
                }
                return known
            }
        }
    }
}
