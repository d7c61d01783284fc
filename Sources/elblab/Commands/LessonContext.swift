import ELBConformance
import ELBLessons

/// What every lesson command needs: the lessons, the messages, and the learner's workspace.
struct LessonContext {
    let library: LessonLibrary
    let messages: Messages
    let language: ELBLessons.Language
    let workspace: Workspace

    init(_ options: LessonOptions) throws {
        let files = try LessonFiles()
        self.library = files.library
        self.messages = files.messages
        self.language = ELBLessons.Language(rawValue: options.lang.language.rawValue) ?? .en
        let named = options.workspace ?? Environment.value("ELBLAB_WORKSPACE").flatMap { $0.isEmpty ? nil : $0 }
        self.workspace = Workspace(folder: named ?? Workspace.nearest(to: FileTree.currentFolder))
    }

    var desk: LessonDesk { LessonDesk(context: self) }

    func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }

    /// A page, or a part of one, as it is read in this terminal.
    func reading(_ text: String) -> String {
        PageReading.text(text, width: Terminal.output.width, ownTerminal: self.say("lesson.own-terminal"))
    }

    /// The progress so far; says so when a damaged file was set aside.
    func loadProgress() throws -> Progress {
        let (progress, kept) = try Self.reporting { try self.workspace.progressFile.load() }
        self.tell(kept)
        return progress
    }

    /// Changes the progress, as it is on disk by now.
    @discardableResult
    func update(_ change: (inout Progress) throws -> Void) throws -> Progress {
        let (progress, kept) = try Self.reporting { try self.workspace.progressFile.update(change) }
        self.tell(kept)
        return progress
    }

    private func tell(_ damaged: String?) {
        guard let damaged else { return }
        StandardStream.error.write("elblab: " + self.say("lesson.damaged", ["file": damaged]) + "\n")
    }

    /// The lesson named, or the one in hand.
    func lesson(_ name: String?, _ progress: Progress) throws -> Lesson {
        if name == nil, let old = progress.lessonInHand, self.library.resolve(old) == nil {
            throw CommandFailure(
                self.say("lesson.gone", ["lesson": old]),
                fix: "elblab lesson list, elblab lesson start ID",
                status: .usage
            )
        }
        guard let name = name ?? progress.lessonInHand else {
            throw CommandFailure(
                self.say("lesson.none-in-hand"),
                fix: "elblab lesson list, elblab lesson start ID",
                status: .usage
            )
        }
        return try LessonFiles.lesson(name, in: self.library)
    }

    /// Turns the lessons' errors into one clear line.
    static func reporting<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as LessonError {
            throw CommandFailure(error.description)
        }
    }
}

/// The lessons and messages that are shipped beside the program.
struct LessonFiles {
    let library: LessonLibrary
    let messages: Messages

    init() throws {
        let environment = Environment.all
        let executable = Environment.executable
        guard let root = LessonLibrary.find(executable: executable, environment: environment) else {
            throw CommandFailure(
                "the lessons are not found beside the program",
                fix: "set ELBLAB_HOME to the folder that holds 'lessons'"
            )
        }
        let home = LabFiles.find("fixtures/locale/en.json", executable: executable, environment: environment)
        (self.library, self.messages) = try LessonContext.reporting {
            (try LessonLibrary(root: root), try Messages(folder: (home ?? ".") + "/fixtures/locale"))
        }
    }

    static func lesson(_ name: String, in library: LessonLibrary) throws -> Lesson {
        guard let id = library.resolve(name) else {
            let known = library.index.entries.map(\.id).joined(separator: ", ")
            throw CommandFailure("there is no lesson '\(name)'", fix: "one of: \(known)", status: .usage)
        }
        return try LessonContext.reporting { try library.lesson(id) }
    }
}
