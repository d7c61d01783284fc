import ELBConformance
import ELBLessons
import ELBModel
import Glibc
import Synchronization

/// How a lesson's steps are run by this program.
enum LessonSteps {
    /// Settings with `elblab` itself in front of PATH and an endpoint of their own, so that steps disturb no lab that runs.
    static func settings(privateFolder: String) throws -> StepShell.Settings {
        guard let port = FreePorts.find(on: [.loopback]) else { throw CommandFailure("there is no free port") }
        let executable = Environment.executable
        let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
        return StepShell.Settings(
            workingFolder: privateFolder,
            privateFolder: privateFolder,
            programFolder: folder,
            variables: ["ELBLAB_ENDPOINT": "127.0.0.1:\(port)"]
        )
    }
}

/// A folder that is there for the length of a command.
struct ScratchFolder {
    let path: String

    init() throws {
        var template = Array(((Environment.value("TMPDIR") ?? "/tmp") + "/elblab-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else {
            throw CommandFailure("no temporary folder can be made: \(String(cString: strerror(errno)))")
        }
        self.path = String(cString: made)
    }

    func remove() { FileTree.remove(self.path) }
}

/// What is at a path.
enum PathKind {
    case file
    case folder
    case missing

    init(_ path: String) {
        self =
            switch FileStatus(of: path, followsLinks: true)?.kind {
            case .folder: .folder
            case .file, .link, .other: .file
            case nil: .missing
            }
    }
}

extension Environment {
    /// Every variable.
    static var all: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let parts = String(cString: pointer).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    /// This program's own file.
    static var executable: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return CommandLine.arguments.first ?? "elblab" }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What a demo has told so far; steps run elsewhere than the narrator was made.
final class Told: Sendable {
    private let step = Mutex<String?>(nil)
    private let guesses = Mutex<[String: String]>([:])

    /// The step whose commands run, or have run last.
    var lastStep: String? { self.step.withLock { $0 } }
    func begin(_ step: String) { self.step.withLock { $0 = step } }
    func guess(_ question: String, _ option: String) { self.guesses.withLock { $0[question] = option } }
    /// The guess, once: what has been answered is done with.
    func takeGuess(of question: String) -> String? { self.guesses.withLock { $0.removeValue(forKey: question) } }
}
