import ELBConformance
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Subjects that have to be built` {
    private func withSubject(build: String, _ body: (SubjectCommand, String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = "\(folder)/subject.yaml"
        try Data("Build: [sh, -c, '\(build)']\nCommand: [.build/balancer]\n".utf8).write(to: URL(filePath: file))
        try Data("one".utf8).write(to: URL(filePath: "\(folder)/source"))
        try await body(try SubjectCommand(file: file), folder)
    }

    private func lines(_ file: String) -> Int {
        (try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    @Test func `a build runs once for the files as they are, also when several ask at the same time`() async throws {
        try await self.withSubject(build: "cat source >>.build/log; echo >>.build/log") { subject, folder in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await subject.prepare() } }
                try await group.waitForAll()
            }
            try await subject.prepare()
            #expect(self.lines("\(folder)/.build/log") == 1)
            try Data("two".utf8).write(to: URL(filePath: "\(folder)/source"))
            try await subject.prepare()
            #expect(self.lines("\(folder)/.build/log") == 2)
        }
    }

    @Test func `a build that fails shows what the compiler said, and runs again`() async throws {
        try await self.withSubject(build: "echo main.swift:3: error: no >&2; exit 1") { subject, _ in
            for _ in 0..<2 {
                let failure = await #expect(throws: SubjectFailure.self) { try await subject.prepare() }
                #expect(failure?.description.contains("main.swift:3: error: no") == true)
            }
        }
    }

    @Test func `a compiler that is not there is named`() async throws {
        try await self.withSubject(build: "true") { subject, _ in
            var subject = subject
            subject.build?.command = ["no-such-compiler"]
            #expect(subject.missingProgram == "no-such-compiler")
            await #expect(throws: SubjectFailure.self) { try await subject.prepare() }
        }
    }
}
