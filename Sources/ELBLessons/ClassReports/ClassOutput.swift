/// Writes what is told of a class into a folder.
package struct ClassOutput: Sendable {
    package var folder: String
    package var messages: Messages
    package var language: Language
    /// For the forms that name the runner.
    package var environment: [String: String]
    /// `2026-11-27T03:00:00Z`, for the one form that wants to know.
    package var datetime: String

    package init(
        folder: String,
        messages: Messages,
        language: Language,
        environment: [String: String],
        datetime: String
    ) {
        self.folder = folder
        self.messages = messages
        self.language = language
        self.environment = environment
        self.datetime = datetime
    }

    /// What can be written.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        case csv
        case html
        case feedback
        case junit
        case gradescope
        case prairielearn
        case classroom50
        case actions
    }

    /// What a teacher reads and gives back.
    package static let usual: [Format] = [.csv, .html, .feedback]

    /// - Parameters:
    ///   - report: for what students get.
    ///   - told: the same, or its anonymous form, for what the teacher shows.
    /// - Returns: files and folders for a person to look at.
    package func write(
        _ report: ClassReport,
        told: ClassReport,
        isAnonymous: Bool,
        _ formats: [Format]
    ) throws(ResultStore.Failure) -> [String] {
        let words = ClassWords(messages: self.messages, language: self.language)
        var written: [String] = []
        for format in Format.allCases where formats.contains(format) {
            switch format {
            case .csv:
                written.append(try self.write(ClassTables.checks(told), to: "class.csv"))
                written.append(try self.write(ClassTables.marks(told), to: "marks.csv"))
            case .html:
                let leads = !isAnonymous && formats.contains(.feedback)
                let page = ClassPage(
                    report: told,
                    words: words,
                    feedback: leads ? { "feedback/\(Self.urlName($0.id)).html" } : nil
                )
                written.append(try self.write(page.text, to: "class.html"))
            case .feedback:
                for (index, student) in report.students.enumerated() {
                    let page = FeedbackPage(
                        student: student,
                        columns: report.columns,
                        cells: report.cells[index],
                        words: words
                    )
                    let name = ResultStore.fileName(student.id)
                    try self.write(page.markdown, to: "feedback/\(name).md")
                    try self.write(page.html, to: "feedback/\(name).html")
                }
                written.append("\(self.folder)/feedback/")
            case .junit:
                written.append(try self.write(ContinuousFormats(report: told, words: words).junit, to: "junit.xml"))
            case .actions:
                let formats = ContinuousFormats(report: told, words: words)
                try self.write(formats.summary, to: "actions/summary.md")
                try self.write(formats.annotations, to: "actions/annotations.txt")
                written.append("\(self.folder)/actions/")
            case .gradescope, .prairielearn, .classroom50:
                for (index, student) in report.students.enumerated() {
                    let formats = GraderFormats(
                        student: student,
                        columns: report.columns,
                        cells: report.cells[index],
                        words: words
                    )
                    try self.write(formats, of: student, as: format)
                }
                written.append("\(self.folder)/\(format.rawValue)/")
            }
        }
        return written
    }

    private func write(
        _ formats: GraderFormats,
        of student: ClassPlan.Student,
        as format: Format
    ) throws(ResultStore.Failure) {
        let place = "\(format.rawValue)/\(ResultStore.fileName(student.id))"
        switch format {
        case .gradescope: try self.write(formats.gradescope, to: "\(place)/results.json")
        case .prairielearn:
            let text: String
            do {
                text = try formats.prairieLearn
            } catch {
                throw ResultStore.Failure(description: "\(place)/results.json: \(error)")
            }
            try self.write(text, to: "\(place)/results.json")
        case .classroom50:
            let text = formats.classroom50(self.environment, datetime: self.datetime)
            try self.write(text, to: "\(place)/result.json")
            let page = FeedbackPage(
                student: student,
                columns: formats.columns,
                cells: formats.cells,
                words: formats.words
            )
            try self.write(page.markdown, to: "\(place)/release-body.md")
        case .csv, .html, .feedback, .junit, .actions: break
        }
    }

    /// Writes one file below the folder.
    @discardableResult
    package func write(_ text: String, to name: String) throws(ResultStore.Failure) -> String {
        let path = "\(self.folder)/\(name)"
        // Made anew from the results whenever it is asked for.
        try ResultStore.write(Array(text.utf8), to: path, mustLast: false)
        return path
    }

    /// A file's name in an address, where `%` is written as one.
    private static func urlName(_ id: String) -> String { ResultStore.fileName(id).replacing("%", with: "%25") }
}
