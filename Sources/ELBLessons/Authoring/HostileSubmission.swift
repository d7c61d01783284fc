package import ELBConformance
import FoundationEssentials

/// One of the folders of `fixtures/hostile`: something handed in to do harm, and what must come of it. `hostile.yaml` stands beside the
/// submission, which lies in a folder named after its exercise:
///
///     tries: start 500 processes
///     must: be refused the processes and count as a balancer that ended
///     exercise: b-code
///     ends: fails
///     leaves:
///       - process: sleep 863991
///
/// A program says `GOT:` when it got what it was after. That must never be read anywhere.
package struct HostileSubmission: Sendable {
    package var name: String
    package var folder: String
    package var tries: String
    package var must: String
    package var exercise: String
    package var ends: Ending
    /// Most points that it may get.
    package var points: Int
    /// Must stand in what the grade says.
    package var says: String?
    package var levels: [SandboxLevel]
    /// Whether it is graded for a reader, not for a machine: control sequences are in the text then.
    package var isShownPlain: Bool
    /// A program without which it cannot be graded.
    package var needs: String?
    /// What must not be there afterwards.
    package var leaves: [Trace]
    /// What a repository cannot hold, and is made when it is handed in.
    package var makes: [Making]

    package enum Ending: String, Hashable, Sendable, CaseIterable {
        case passes
        case fails
        case notGradable = "not-gradable"
    }

    package enum Trace: Hashable, Sendable {
        /// By the end of its path, where `*` stands for anything.
        case file(String)
        /// By its command line.
        case process(String)
        case port(Int)
    }

    package enum Making: Hashable, Sendable {
        case link(at: String, to: String)
        case hardLink(at: String, to: String)
        case pipe(at: String)
        case sparse(at: String)
    }

    /// All of them, by name.
    package static func all(in folder: String) throws -> [HostileSubmission] {
        try LabFiles.names(in: folder).filter {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)/hostile.yaml")
        }.map { try HostileSubmission(name: $0, folder: "\(folder)/\($0)") }
    }

    init(name: String, folder: String) throws {
        let root = try YAMLReader(path: "\(folder)/hostile.yaml")
        try root.allow(keys: [
            "tries", "must", "exercise", "ends", "points", "says", "levels", "shows", "needs", "leaves", "make",
        ])
        self.name = name
        self.folder = folder
        self.tries = try root.required("tries").string()
        self.must = try root.required("must").string()
        self.exercise = try root.required("exercise").string()
        self.ends = try root.required("ends").choice(of: Ending.self)
        self.points = try root.optional("points")?.int() ?? 0
        self.says = try root.optional("says")?.string()
        let levels = try root.optional("levels")?.list().map { try $0.choice(of: SandboxLevel.self) }
        self.levels = levels ?? [.limits, .netns]
        self.isShownPlain = try root.optional("shows")?.string() == "plain"
        self.needs = try root.optional("needs")?.string()
        self.leaves = try root.optional("leaves")?.list().map { try Trace($0) } ?? []
        self.makes = try root.optional("make")?.list().map { try Making($0) } ?? []
    }
}

extension HostileSubmission.Trace {
    fileprivate init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["file", "process", "port"])
        if let file = reader.optional("file") {
            self = .file(try file.string())
        } else if let process = reader.optional("process") {
            self = .process(try process.string())
        } else {
            self = .port(try reader.required("port").int())
        }
    }
}

extension HostileSubmission.Making {
    fileprivate init(_ reader: YAMLReader) throws {
        guard let (kind, value) = try reader.entries().first else { throw reader.error("says nothing to make") }
        let at = try value.required("at").string()
        switch kind {
        case "link": self = .link(at: at, to: try value.required("to").string())
        case "hard-link": self = .hardLink(at: at, to: try value.required("to").string())
        case "pipe": self = .pipe(at: at)
        case "sparse": self = .sparse(at: at)
        default: throw reader.error("'\(kind)' is nothing that can be made")
        }
    }
}
