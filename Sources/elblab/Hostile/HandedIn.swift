import CSockets
import ELBLessons
import FoundationEssentials
import Glibc

/// A hostile submission as it lies among those of a class: a copy, with what no repository can hold.
struct HandedIn {
    let folder: String

    init(_ submission: HostileSubmission, _ round: HostileRound) throws {
        self.folder = "\(round.scratch)/submitted/\(submission.name)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let exercise = "\(self.folder)/\(submission.exercise)"
        let source = "\(submission.folder)/\(submission.exercise)"
        if access(source, F_OK) == 0 {
            try FileManager.default.copyItem(atPath: source, toPath: exercise)
        } else if !submission.makes.contains(where: { $0.isWholeFolder }) {
            mkdir(exercise, 0o755)
        }
        for making in submission.makes { try Self.make(making, in: exercise, round) }
    }

    private static func make(
        _ making: HostileSubmission.Making,
        in exercise: String,
        _ round: HostileRound
    ) throws {
        let path = { (name: String) in name == "." ? exercise : "\(exercise)/\(name)" }
        let target = { (name: String) -> String in
            switch name {
            // On the same file system as the copy, so that it can have a second name.
            case "SOLUTION": try Self.solution(round)
            case "OTHER": "\(round.scratch)/submitted/other/a-config"
            default: name
            }
        }
        let result: Int32 =
            switch making {
            case .link(let at, let to): symlink(try target(to), path(at))
            case .hardLink(let at, let to): link(try target(to), path(at))
            case .pipe(let at): mkfifo(path(at), 0o644)
            case .sparse(let at): Self.sparse(path(at))
            }
        guard result == 0 else {
            throw CommandFailure("cannot be made: \(making): \(String(cString: strerror(errno)))")
        }
    }

    private static func solution(_ round: HostileRound) throws -> String {
        let path = "\(round.scratch)/grader-solution.yaml"
        let source = "\(round.root)/fixtures/hostile/lessons/solutions/00-hostile/a-config/answer.yaml"
        if access(path, F_OK) != 0 { try FileManager.default.copyItem(atPath: source, toPath: path) }
        return path
    }

    private static func sparse(_ path: String) -> Int32 {
        let file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
        guard file >= 0 else { return -1 }
        defer { close(file) }
        return ftruncate(file, 1 << 40)
    }
}

extension HostileSubmission.Making {
    fileprivate var isWholeFolder: Bool {
        if case .link(".", _) = self { true } else { false }
    }
}
