import FoundationEssentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(3)), .serialized) struct `Grading a class by the program` {
    @Test(arguments: [SIGKILL, SIGINT])
    func `a run that is ended in mid-class loses nothing, and the next one completes it`(signal: Int32) async throws {
        let folder = try ClassFolder(students: 6)
        let outcome = try await RunningProgram.with(folder.arguments + ["--jobs", "1"]) { program in
            try await RunningProgram.waits("the first results; it said '\(program.text)'") { folder.results.count >= 2 }
            let left = program.descendants
            program.signal(signal)
            try await RunningProgram.waits("the end of the run") { program.hasEnded }
            try await RunningProgram.waits("the end of what it started") {
                left.allSatisfy { RunningProgram.hasEnded($0) }
            }
        }
        #expect(outcome.code == (signal == SIGKILL ? -SIGKILL : 4))
        let kept = folder.results.count
        #expect(kept < 6)
        let second = try await Program.run(folder.arguments)
        #expect(second.code == 1, "\(second)")
        #expect(folder.results.count == 6)
        #expect(second.output.contains("6 students · 6 fail · \(6 - kept) of 6 judged now"), "\(second.output)")
        // Nothing is left of the first run's copies.
        #expect(!FileManager.default.fileExists(atPath: "\(folder.out)/.scratch"))
    }

    @Test func `a submission that never ends is one row by the time limit`() async throws {
        let folder = try ClassFolder(students: 0)
        try folder.hand(in: "Command: [./sleep.sh]\n", "slow/03/b-code/subject.yaml")
        try folder.hand(in: "#!/bin/sh\nexec sleep 1000\n", "slow/03/b-code/sleep.sh", isExecutable: true)
        let outcome = try await Program.run([
            "grade", "--class", folder.submitted, "--out", folder.out, "--time-limit", "2",
        ])
        #expect(outcome.output.contains("1 timeout, 2 missing") && outcome.code == 1, "\(outcome)")
    }

    @Test(arguments: [
        (["--class", "nowhere", "--out", "x"], "'nowhere' is no folder"),
        (["--class", "nowhere"], "--out"),
        (["--roster", "x", "answer.yaml", "--lesson", "01"], "--roster is for a class"),
        (["--class", "x", "--out", "y", "--format", "csv,pdf"], "there is no 'pdf'"),
        (["--class", "x", "--out", "y", "--jobs", "0"], "--jobs"),
        (["answer.yaml"], "--lesson"), ([], "say what to grade"),
    ])
    func `wrong usage ends with 2 and one clear line`(arguments: [String], text: String) async throws {
        let outcome = try await Program.run(["grade"] + arguments)
        #expect(outcome.code == 2 && outcome.error.contains(text), "\(outcome)")
    }

    @Test func `results in the class's own folder, and two runs at once, are refused`() async throws {
        let folder = try ClassFolder(students: 1)
        let inside = try await Program.run(["grade", "--class", folder.submitted, "--out", folder.submitted + "/out"])
        #expect(inside.code == 2 && inside.error.contains("--out lies in the folder of the class"))
        let lock = open("\(folder.out)/class.json", O_RDWR | O_CREAT, 0o644)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX) == 0)
        let outcome = try await Program.run(folder.arguments)
        #expect(outcome.code == 4 && outcome.error.contains("another run"), "\(outcome)")
    }
}

/// A class that has handed in the starter of lesson 01, which is judged within a second; gone with it.
private final class ClassFolder: Sendable {
    private let folder: String

    init(students: Int) throws {
        self.folder = FileManager.default.temporaryDirectory.path + "/elblab-class-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.out, withIntermediateDirectories: true)
        let starter = Program.projectFile("lessons/01-vertical-scaling/exercise/a-config/starter/answer.yaml")
        let text = try String(contentsOfFile: starter, encoding: .utf8)
        for number in 0..<students { try self.hand(in: text, "student-\(number)/01/a-config/answer.yaml") }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    var submitted: String { self.folder + "/submitted" }
    var out: String { self.folder + "/out" }
    var arguments: [String] {
        ["grade", "--class", self.submitted, "--out", self.out, "--lesson", "01", "--seed", "1"]
    }

    /// Students with a result.
    var results: [String] {
        let students = (try? FileManager.default.contentsOfDirectory(atPath: "\(self.out)/graded")) ?? []
        return students.filter {
            FileManager.default.fileExists(atPath: "\(self.out)/graded/\($0)/01-vertical-scaling/a-config.json")
        }
    }

    func hand(in text: String, _ path: String, isExecutable: Bool = false) throws {
        let file = "\(self.submitted)/\(path)"
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        if isExecutable { chmod(file, 0o755) }
    }
}
