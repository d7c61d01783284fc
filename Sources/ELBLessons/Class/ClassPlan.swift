import ELBConformance

/// What a class has handed in, by student and exercise, before anything is judged:
///
///     STUDENT/LESSON/EXERCISE/answer.yaml
///     STUDENT/LESSON/answer.yaml            where the lesson has one exercise
///
/// `LESSON` may be `04`, `health-checks` or `04-health-checks`; the folder in which learners work has this form.
package struct ClassPlan: Sendable {
    package var columns: [Column]
    package var students: [Student]
    /// By student, then by column.
    package var cells: [[HandedIn]]
    /// What is odd about the folder or the roster, a line each.
    package var remarks: [String]

    /// One exercise.
    package struct Column: Sendable {
        package var lesson: Lesson
        package var exercise: Exercise

        /// `04-health-checks/a-config`.
        package var name: String { "\(self.lesson.id)/\(self.exercise.id)" }
        /// `04/a-config`.
        package var shortName: String { "\(self.lesson.id.prefix { $0.isNumber })/\(self.exercise.id)" }
    }

    /// One row.
    package struct Student: Hashable, Sendable {
        /// The folder's name.
        package var id: String
        package var name: String
    }

    /// What there is for one exercise.
    package enum HandedIn: Hashable, Sendable {
        case missing
        /// Something that cannot be read; lines as for an editor.
        case unreadable([String])
        /// The folder, and the answer's path in it.
        case answer(folder: String, file: String)
    }

    /// - Parameters:
    ///   - lessons: ids; with none, every lesson for which anybody has handed in anything.
    package init(folder: String, roster: Roster?, library: LessonLibrary, lessons chosen: [String]) throws {
        var reader = ClassFolderReader(folder: folder, library: library)
        let found = reader.students()
        self.students = Self.merge(found, roster, &reader.remarks)
        let handedIn = self.students.map { reader.lessons(of: $0.id) }
        let all = Set(handedIn.flatMap(\.keys))
        let ids = chosen.isEmpty ? library.index.entries.map(\.id).filter { all.contains($0) } : chosen
        self.columns = try ids.flatMap { id in
            let lesson = try library.lesson(id)
            return lesson.exercises.map { Column(lesson: lesson, exercise: $0) }
        }
        self.cells = []
        for (student, lessons) in zip(self.students, handedIn) {
            self.cells.append(self.columns.map { reader.cell(student.id, $0, lessons[$0.lesson.id] ?? []) })
        }
        self.remarks = (roster?.remarks ?? []) + reader.remarks
    }

    /// In the roster's order; who has a folder and is not in it comes last.
    private static func merge(_ found: [String], _ roster: Roster?, _ remarks: inout [String]) -> [Student] {
        guard let roster else { return found.map { Student(id: $0, name: $0) } }
        let known = Set(roster.students.map(\.id))
        for student in roster.students where !found.contains(student.id) {
            remarks.append("\(PlainText.line(student.id)): is in the roster and has no folder")
        }
        let others = found.filter { !known.contains($0) }
        for id in others { remarks.append("\(PlainText.line(id)): has a folder and is not in the roster") }
        return roster.students.map { Student(id: $0.id, name: $0.name) } + others.map { Student(id: $0, name: $0) }
    }
}

/// Finds students, lessons and answers in the folder of a class.
private struct ClassFolderReader {
    let folder: String
    let library: LessonLibrary
    var remarks: [String] = []
    /// Students' folders that are links.
    private var links: Set<String> = []

    init(folder: String, library: LessonLibrary) {
        self.folder = folder
        self.library = library
    }

    mutating func students() -> [String] {
        var students: [String] = []
        let (names, unreadable) = PlainFolder.names(in: self.folder)
        if unreadable > 0 { self.remarks.append("\(unreadable) names are not UTF-8 and were left out; rename them") }
        for name in names {
            switch PlainFolder.kind(of: "\(self.folder)/\(name)") {
            case .folder where name == ".git": continue
            case .folder: students.append(name)
            case .link:
                students.append(name)
                self.links.insert(name)
            case .file where name.hasPrefix("."): continue
            case .file, .other: self.remarks.append("\(PlainText.line(name)): is no student's folder")
            case .missing: continue
            }
        }
        return students
    }

    /// Folders by the lesson that they are named for; there should be one each.
    mutating func lessons(of student: String) -> [String: [String]] {
        guard !self.links.contains(student) else { return [:] }
        var found: [String: [String]] = [:]
        for name in PlainFolder.names(in: "\(self.folder)/\(student)").names {
            let kind = PlainFolder.kind(of: "\(self.folder)/\(student)/\(name)")
            if let id = self.library.resolve(name), kind == .folder || kind == .link {
                found[id, default: []].append(name)
            } else if kind == .folder, !name.hasPrefix(".") {
                self.remarks.append("\(PlainText.line("\(student)/\(name)")): there is no such lesson")
            }
        }
        return found
    }

    func cell(_ student: String, _ column: ClassPlan.Column, _ folders: [String]) -> ClassPlan.HandedIn {
        if self.links.contains(student) {
            return .unreadable(["\(PlainText.line(student)): is a symbolic link; hand in the folder itself"])
        }
        guard let name = folders.first else { return .missing }
        guard folders.count == 1 else {
            return .unreadable(["\(folders.joined(separator: ", ")): are folders of the same lesson; hand in one"])
        }
        let lesson = "\(self.folder)/\(student)/\(name)"
        guard PlainFolder.kind(of: lesson) == .folder else {
            return .unreadable(["\(name): is a symbolic link; hand in the folder itself"])
        }
        let answer = column.exercise.manifest.answer
        let own = "\(lesson)/\(column.exercise.id)"
        switch PlainFolder.kind(of: own) {
        case .folder:
            if PlainFolder.kind(of: "\(own)/\(answer)") != .missing { return .answer(folder: own, file: answer) }
            // An empty folder is nothing; one with other files is an answer under another name.
            let others = PlainFolder.names(in: own).names.filter { !$0.hasPrefix(".") }
            guard let other = others.first else { return .missing }
            let problem = "\(answer): is missing; there is \(PlainText.short(PlainText.line(other), 60))"
            return .unreadable([problem])
        case .link: return .unreadable(["\(column.exercise.id): is a symbolic link; hand in the folder itself"])
        case .file, .other: return .unreadable(["\(column.exercise.id): is no folder"])
        case .missing: break
        }
        guard PlainFolder.kind(of: "\(lesson)/\(answer)") != .missing else { return .missing }
        guard column.lesson.exercises.count == 1 else {
            return .unreadable(["\(answer): belongs into the folder of its exercise, \(column.exercise.id)"])
        }
        return .answer(folder: lesson, file: answer)
    }
}
