import ELBConformance

/// Who is in the class: a CSV file whose first line names its columns, `student` (the name of the folder) and, if there is one, `name`.
/// Other columns may stand there.
package struct Roster: Sendable {
    package var students: [Student]
    /// What is odd about the file, a line each.
    package var remarks: [String] = []

    /// One line of it.
    package struct Student: Hashable, Sendable {
        package var id: String
        /// As people call them; the id where the file says nothing.
        package var name: String
    }

    /// Names of the column that holds the folder's name.
    private static let idColumns = ["student", "id", "username", "login", "folder"]

    /// - Parameter file: what to call it in errors.
    package init(_ text: String, file: String) throws(LessonError) {
        let rows = CSVText.rows(text)
        guard let head = rows.first else {
            throw LessonError(file: file, "is empty; its first line must be: student,name")
        }
        let columns = head.cells.map { Self.trimmed($0).lowercased() }
        guard let idColumn = columns.firstIndex(where: { Self.idColumns.contains($0) }) else {
            throw LessonError(
                file: file,
                line: head.line,
                "has no column 'student' (the folders' names); its first line must name the columns: student,name"
            )
        }
        let nameColumn = columns.firstIndex(of: "name")
        self.students = []
        var known: Set<String> = []
        for row in rows.dropFirst() {
            let cell = { (column: Int?) in
                column.flatMap { row.cells.indices.contains($0) ? Self.trimmed(row.cells[$0]) : nil } ?? ""
            }
            let id = cell(idColumn)
            guard !id.isEmpty else {
                self.remarks.append("\(file):\(row.line): names no student")
                continue
            }
            guard known.insert(id).inserted else {
                self.remarks.append("\(file):\(row.line): '\(PlainText.line(id))' stands here twice")
                continue
            }
            let name = cell(nameColumn)
            self.students.append(Student(id: id, name: name.isEmpty ? id : name))
        }
    }

    private static func trimmed(_ text: String) -> String {
        let kept = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return String(kept)
    }
}
