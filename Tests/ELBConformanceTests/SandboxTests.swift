import ELBConformance
import FoundationEssentials
import Glibc
import Testing

@Suite final class `A sandbox's plan` {
    private let folder = FileManager.default.temporaryDirectory.path + "/elblab-test-\(UUID().uuidString)"
    private var submission: String { self.folder + "/submission" }

    init() throws {
        try FileManager.default.createDirectory(atPath: self.submission + "/src", withIntermediateDirectories: true)
        try Data("print(1)\n".utf8).write(to: URL(filePath: self.submission + "/src/main.py"))
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private func plan(
        _ arguments: [String] = ["sh"],
        workingFolder: String? = nil,
        environment: [String: String] = [:],
        hidden: [String] = []
    ) throws -> SandboxPlan {
        let run = "\(self.folder)/run"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: run) }
        let sandbox = Sandbox(level: .limits, launcher: "/bin/elblab", hidden: hidden)
        let program = Sandbox.Program(
            arguments,
            environment: environment,
            submission: self.submission,
            workingFolder: workingFolder
        )
        let words = try sandbox.prepare(program, in: run)
        #expect(words.prefix(2) == ["/bin/elblab", "confine"])
        let plan = try SandboxPlan(file: words[2])
        #expect(access("\(plan.scratch)/submission/src/main.py", R_OK) == 0)
        return plan
    }

    @Test func `has the submission's copy in the submission's place`() throws {
        let plan = try self.plan([self.submission + "/src/main.py"], workingFolder: self.submission + "/src")
        #expect(plan.arguments == ["\(plan.scratch)/submission/src/main.py"])
        #expect(plan.workingFolder == "\(plan.scratch)/submission/src")
        #expect(!plan.readable.contains { $0.hasPrefix(self.submission) })
    }

    @Test func `has four variables and what the program's file sets`() throws {
        let plan = try self.plan(environment: ["LEVEL": "debug"])
        #expect(Set(plan.environment.keys) == ["PATH", "HOME", "TMPDIR", "LANG", "LEVEL"])
        #expect(plan.environment["HOME"] == "\(plan.scratch)/home")
        #expect(plan.environment["PATH"]?.split(separator: ":").contains("/usr/bin") == true)
    }

    @Test func `shows no folder with what is hidden, and what stands beside it`() throws {
        let plan = try self.plan(hidden: ["/usr/lib"])
        #expect(!plan.readable.contains("/usr") && !plan.readable.contains("/usr/lib"))
        #expect(plan.readable.contains("/usr/bin"))
    }

    @Test func `refuses a working folder outside of the submission`() throws {
        #expect(throws: SubjectFailure.badFile("the working directory leads out of the submission: /etc")) {
            try self.plan(workingFolder: "/etc")
        }
    }

    @Test func `refuses pipes, second names and depths without end`() throws {
        let pipe = self.submission + "/a\nb"
        mkfifo(pipe, 0o644)
        #expect(throws: SubjectFailure.badFile("'a\\nb' is neither a file nor a folder")) { try self.plan() }
        unlink(pipe)
        try Data().write(to: URL(filePath: self.folder + "/other"))
        link(self.folder + "/other", self.submission + "/mine")
        #expect(throws: SubjectFailure.badFile("'mine' has other names too (hard links); a copy of it would do")) {
            try self.plan()
        }
        unlink(self.submission + "/mine")
        let deep = self.submission + String(repeating: "/d", count: 20)
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        #expect(throws: SubjectFailure.self) { try self.plan() }
    }
}
