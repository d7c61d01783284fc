import ELBConformance
import ELBLessons

/// What every lesson command needs: the lessons, the messages, and the learner's workspace.
struct LessonContext {
    let files: LessonFiles
    let workspace: Workspace
    /// What `--lang` says.
    let chosenLanguage: Language?

    var library: LessonLibrary { self.files.library }
    var messages: Messages { self.files.messages }
    var language: Language { self.files.language }

    init(_ options: LessonOptions) throws {
        let named = options.workspace ?? Environment.value("ELBLAB_WORKSPACE").flatMap { $0.isEmpty ? nil : $0 }
        self.workspace = Workspace(folder: named ?? Workspace.nearest(to: FileTree.currentFolder))
        self.chosenLanguage = options.lang.chosen
        self.files = try LessonFiles(options.lang.language(remembered: self.workspace.progressFile.language))
    }

    var desk: LessonDesk { LessonDesk(context: self) }

    func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.files.say(id, parameters)
    }

    /// A page, or a part of one, as it is read in this terminal.
    func reading(_ text: String) -> String {
        PageReading.text(text, width: Terminal.output.width, ownTerminal: self.say("lesson.own-terminal"))
    }

    /// The progress so far; says so when a damaged file was set aside.
    func loadProgress() throws -> Progress {
        let (progress, kept) = try self.files.reporting { try self.workspace.progressFile.load() }
        self.tell(kept)
        return progress
    }

    /// Changes the progress, as it is on disk by now.
    @discardableResult
    func update(_ change: (inout Progress) throws -> Void) throws -> Progress {
        let (progress, kept) = try self.files.reporting { try self.workspace.progressFile.update(change) }
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
        return try self.files.lesson(name)
    }

    func reporting<Value>(_ body: () throws -> Value) throws -> Value { try self.files.reporting(body) }
}

/// The lessons and messages that are shipped beside the program, in the language of who asks.
struct LessonFiles {
    let library: LessonLibrary
    let messages: Messages
    let language: Language

    init(_ language: Language = .en) throws {
        self.language = language
        let environment = Environment.all
        let executable = Environment.executable
        guard let root = LessonLibrary.find(executable: executable, environment: environment) else {
            throw CommandFailure(
                "the lessons are not found beside the program",
                fix: "set ELBLAB_HOME to the folder that holds 'lessons'"
            )
        }
        let home = LabFiles.find("fixtures/locale/en.json", executable: executable, environment: environment)
        (self.library, self.messages) = try Self.reporting {
            (try LessonLibrary(root: root), try Messages(folder: (home ?? ".") + "/fixtures/locale"))
        }
    }

    func say(_ id: String, _ parameters: [String: String] = [:]) -> String {
        self.messages.text(id, parameters, in: self.language)
    }

    /// The lesson of a number or a name.
    func lesson(_ name: String) throws -> Lesson {
        guard let id = self.library.resolve(name) else {
            throw self.unknown("error.no-lesson", ["name": name], among: self.library.index.entries.map(\.id))
        }
        return try self.reporting { try self.library.lesson(id) }
    }

    /// The exercise of that id, or all of the lesson's.
    func exercises(of lesson: Lesson, _ id: String?) throws -> [Exercise] {
        guard let id else { return lesson.exercises }
        let found = lesson.exercises.filter { $0.id == id }
        guard !found.isEmpty else {
            throw self.unknown("error.no-exercise", ["name": id], among: lesson.exercises.map(\.id))
        }
        return found
    }

    /// A name that nothing has, and those that something has.
    func unknown(_ id: String, _ parameters: [String: String], among known: [String]) -> CommandFailure {
        CommandFailure(
            self.say(id, parameters),
            fix: self.say("error.one-of", ["names": known.joined(separator: ", ")]),
            status: .usage
        )
    }

    var interrupted: CommandFailure { CommandFailure(self.say("error.interrupted"), status: .internalError) }

    /// Turns the lessons' errors into one clear line.
    func reporting<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as LessonError {
            throw CommandFailure(self.messages.line(error.description, in: self.language))
        }
    }

    /// The same for who writes lessons, in English.
    static func reporting<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as LessonError {
            throw CommandFailure(error.description)
        }
    }
}
