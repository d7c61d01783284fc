import ELBConformance
import ELBLessons
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Grading a class` {
    @Test func `a second run judges only what has changed`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01-sample/a-config/answer.yaml")
        try sample.hand(in: "wrong", "lee/01/a-config/answer.yaml")
        let first = try await sample.grade()
        #expect(first.judged == 2 && first.cells.map { $0[0].standing } == [.pass, .fail])
        let second = try await sample.grade()
        #expect(second.judged == 0 && second.cells == first.cells)

        try sample.hand(in: "right, now", "lee/01/a-config/answer.yaml")
        let third = try await sample.grade()
        #expect(third.judged == 1 && third.cells.map { $0[0].standing } == [.pass, .pass])
        #expect(sample.answers.sorted() == ["right", "right, now", "wrong"])
    }

    @Test func `another seed, another version and other checks judge everything again`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01-sample/a-config/answer.yaml")
        _ = try await sample.grade()
        #expect(try await sample.grade(seed: 2).judged == 1)
        #expect(try await sample.grade(version: "2").judged == 1)
        let checks = "\(sample.folder)/lessons/01-sample/exercise/a-config/checks.yaml"
        let text = String(decoding: try Data(contentsOf: URL(filePath: checks)), as: UTF8.self)
        _ = try await sample.grade()
        try Data(text.replacing("points: 2", with: "points: 4").utf8).write(to: URL(filePath: checks))
        #expect(try await sample.grade().judged == 1)
    }

    /// What a signal or a full disk would do in mid-class.
    private struct Stop: Error {}

    @Test func `what was judged before an end of any kind is kept`() async throws {
        let sample = try SampleClass()
        for name in ["a", "b", "c", "d", "e"] {
            try sample.hand(in: "right \(name)", "\(name)/01-sample/a-config/answer.yaml")
        }
        let left = Mutex(3)
        await #expect(throws: Stop.self) {
            try await sample.grade(jobs: 1) {
                try left.withLock { left in
                    guard left > 0 else { throw Stop() }
                    left -= 1
                }
            }
        }
        #expect(sample.answers.count == 3)
        let report = try await sample.grade()
        #expect(report.judged == 2 && report.count(.pass) == 5)
        #expect(sample.answers.count == 5)
    }

    @Test func `half a result, and one of a stranger's format, is judged again`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01-sample/a-config/answer.yaml")
        _ = try await sample.grade()
        let path = ResultStore(folder: sample.out).path(student: "kim", lesson: "01-sample", exercise: "a-config")
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        #expect(try await sample.grade().judged == 1)
        try Data("{}".utf8).write(to: URL(filePath: path))
        #expect(try await sample.grade().judged == 1)
        #expect(try Data(contentsOf: URL(filePath: path)) == whole)
    }

    @Test func `an error of ours is one row, and tried again by the next run`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "crash", "kim/01-sample/a-config/answer.yaml")
        try sample.hand(in: "right", "lee/01-sample/a-config/answer.yaml")
        let report = try await sample.grade()
        #expect(report.cells.map { $0[0].standing } == [.error, .pass] && report.verdict.exitCode == 4)
        // Once more in the same run, since a machine may blur things, and once more in the next.
        #expect(sample.answers.count { $0 == "crash" } == 2)
        #expect(try await sample.grade().judged == 1)
    }

    @Test func `time that is up leaves the checks that were decided, and is not tried again`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "slow", "kim/01-sample/a-config/answer.yaml")
        let report = try await sample.grade()
        #expect(report.cells[0][0].standing == .timeout)
        #expect(report.cells[0][0].result?.checks.map(\.status) == ["timeout", "timeout", "timeout", "timeout"])
        #expect(try await sample.grade().judged == 0)
    }

    @Test func `a folder that cannot be written to ends the run and says so`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01-sample/a-config/answer.yaml")
        try Data("in the way".utf8).write(to: URL(filePath: "\(sample.out)/graded"))
        await #expect(throws: ResultStore.Failure.self) { try await sample.grade() }
    }

    @Test(arguments: ["kim", "..", "a/b", "a\nb", "=SUM(A1)", ".hidden", "김", String(repeating: "x", count: 250)])
    func `every student's results have a file of their own`(name: String) throws {
        let file = ResultStore.fileName(name)
        #expect(!file.contains("/") && !file.hasPrefix(".") && file.utf8.count <= 200)
        #expect(file.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(ResultStore.fileName(name + " ") != file)
    }
}

@Suite struct `What a class hands in` {
    private func only(_ sample: SampleClass, _ column: Int = 0) throws -> ClassPlan.HandedIn {
        try #require(try sample.plan().cells.first)[column]
    }

    @Test func `lessons are found by number and name, and a lesson's only exercise would need no folder`() throws {
        let sample = try SampleClass()
        try sample.hand(in: "x", "kim/sample/a-config/answer.yaml")
        let plan = try sample.plan()
        #expect(plan.columns.map(\.name) == ["01-sample/a-config", "01-sample/b-code"])
        #expect(plan.cells[0][0] == .answer(folder: "\(sample.submitted)/kim/sample/a-config", file: "answer.yaml"))
        #expect(plan.cells[0][1] == .missing)
    }

    @Test
    func `two folders of one lesson, and an answer outside its exercise's folder, are told and not guessed about`()
        throws
    {
        let sample = try SampleClass()
        try sample.hand(in: "x", "kim/01/a-config/answer.yaml")
        try sample.hand(in: "x", "kim/01-sample/a-config/answer.yaml")
        try sample.hand(in: "x", "lee/01/answer.yaml")
        let cells = try sample.plan().cells
        guard case .unreadable(let twice) = cells[0][0], case .unreadable(let outside) = cells[1][0] else {
            Issue.record("\(cells)")
            return
        }
        #expect(twice[0].contains("01, 01-sample") && outside[0].contains("a-config"))
    }

    @Test func `an answer under another name is not nothing`() throws {
        let sample = try SampleClass()
        try sample.hand(in: "x", "kim/01/a-config/answer (1).yml")
        #expect(try self.only(sample) == .unreadable(["answer.yaml: is missing; there is answer (1).yml"]))
    }

    @Test func `links are not followed, wherever they stand`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01-sample/a-config/answer.yaml")
        for name in ["lee", "oh", "yun"] { try sample.hand(in: "x", "\(name)/readme.txt") }
        let link = { (target: String, path: String) in
            try FileManager.default.createSymbolicLink(
                atPath: "\(sample.submitted)/\(path)",
                withDestinationPath: target
            )
        }
        try link("kim", "han")
        try link("../kim/01-sample", "lee/01-sample")
        try FileManager.default.createDirectory(
            atPath: "\(sample.submitted)/oh/01-sample",
            withIntermediateDirectories: true
        )
        try link("../../kim/01-sample/a-config", "oh/01-sample/a-config")
        let own = "\(sample.submitted)/yun/01-sample/a-config"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        try link("/etc/passwd", "yun/01-sample/a-config/answer.yaml")
        let report = try await sample.grade()
        #expect(report.students.map(\.id) == ["han", "kim", "lee", "oh", "yun"])
        #expect(report.cells.map { $0[0].standing } == [.notGradable, .pass, .notGradable, .notGradable, .notGradable])
        #expect(report.cells[4][0].problems == ["answer.yaml: is a symbolic link; hand in the file itself"])
        #expect(sample.answers == ["right"])
    }

    @Test func `pipes, endless depth, too much and too many are one line each`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "a/01/b-code/subject.yaml")
        mkfifo("\(sample.submitted)/a/01/b-code/pipe", 0o600)
        try sample.hand(in: "right", "b/01/b-code/subject.yaml")
        try sample.hand(in: "x", "b/01/b-code/" + String(repeating: "d/", count: 40) + "file")
        try sample.hand(in: [UInt8](repeating: 0x78, count: 33 << 20), "c/01/b-code/subject.yaml")
        try sample.hand(in: [UInt8](repeating: 0x78, count: 2 << 20), "d/01/a-config/answer.yaml")
        let report = try await sample.grade()
        let lines = report.cells.flatMap { $0.flatMap(\.problems) }
        #expect(lines.count == 4 && report.judged == 0, "\(lines)")
        #expect(lines[0].contains("pipe: is neither") && lines[1].contains("too deep"))
        #expect(lines[2].contains("32 MiB") && lines[3].contains("1 MiB"))
    }

    @Test func `names with blanks, line breaks and dots are names`() async throws {
        let sample = try SampleClass()
        let names = ["a b", "a\nb", "..x", "=cmd", "-rf"]
        for name in names { try sample.hand(in: "right \(name)", "\(name)/01/a-config/answer.yaml") }
        try sample.hand(in: "right", "z/01/b-code/subject.yaml")
        try sample.hand(in: "x", "z/01/b-code/a\n..b/ c")
        let report = try await sample.grade()
        #expect(Set(report.students.map(\.id)) == Set(names).union(["z"]))
        #expect(report.count(.pass) == 6)
        try sample.written(report, [.csv, .html, .feedback, .junit, .gradescope])
        let table = try sample.text("class.csv")
        #expect(table.split(separator: "\n").allSatisfy { line in !"=+-@".contains(line.first ?? "x") })
    }

    @Test func `a roster brings those without a folder, and folders that it does not know come last`() throws {
        let sample = try SampleClass()
        try sample.hand(in: "x", "zoe/01/a-config/answer.yaml")
        try sample.hand(in: "x", "amy/01/a-config/answer.yaml")
        let roster = "\u{FEFF}email,student,Name\r\n,zoe,\"Zoe, the \"\"first\"\"\"\r\n,ben,\r\n,zoe,\r\n,,\r\n"
        let plan = try sample.plan(roster: roster)
        #expect(plan.students.map(\.id) == ["zoe", "ben", "amy"])
        #expect(plan.students[0].name == "Zoe, the \"first\"")
        #expect(plan.cells[1] == [.missing, .missing])
        #expect(plan.remarks.count == 4, "\(plan.remarks)")
    }

    @Test(arguments: ["", "name\nKim\n", "\u{0}\u{1}"])
    func `a roster without the column of folders is refused with what is missing`(text: String) {
        #expect(throws: LessonError.self) { try Roster(text, file: "roster.csv") }
    }
}

@Suite struct `What a person should look at` {
    @Test func `the same work is told of both, comments and blanks apart, and costs nobody a point`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "answer: right\n", "kim/01/a-config/answer.yaml")
        try sample.hand(in: "# mine\n\nanswer: right   # I think\n", "lee/01/a-config/answer.yaml")
        try sample.hand(in: "answer: right too\n", "oh/01/a-config/answer.yaml")
        let report = try await sample.grade()
        #expect(report.cells[0][0].review == [.init(kind: .identical, others: ["lee"], evidence: [])])
        #expect(report.cells[1][0].review == [.init(kind: .identical, others: ["kim"], evidence: [])])
        #expect(report.cells[2][0].review.isEmpty)
        #expect(report.count(.pass) == 3)
    }

    @Test func `an untouched starter is nobody's copy`() async throws {
        let sample = try SampleClass()
        for name in ["kim", "lee"] { try sample.hand(in: "start: here\n", "\(name)/01/a-config/answer.yaml") }
        #expect(try await sample.grade().cells.allSatisfy { $0[0].review.isEmpty })
    }

    @Test(arguments: [
        ("start.sh", "#!/bin/sh\nexec haproxy -f x\n", "start.sh:2: exec haproxy -f x"),
        ("run.py", "subprocess.run(['/usr/sbin/nginx'])\n", "run.py:1: subprocess.run(['/usr/sbin/nginx'])"),
        ("bin/envoy", "x", "bin/envoy: is called so"),
        ("balancer", "\u{7F}ELF....elblab/lb-config/v1....", "balancer: is a binary of elblab"),
        ("lb", "\u{7F}ELF..HAProxy version..", "lb: is a binary of haproxy"),
    ])
    func `another's balancer is named with its place`(path: String, text: String, evidence: String) async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01/b-code/subject.yaml")
        try sample.hand(in: text, "kim/01/b-code/\(path)")
        let cell = try await sample.grade().cells[0][1]
        #expect(cell.review == [.init(kind: .knownProxy, others: [], evidence: [evidence])])
        #expect(cell.standing == .pass)
    }

    @Test func `comments, pages and the starter's own lines name proxies freely`() async throws {
        let sample = try SampleClass()
        try sample.hand(in: "right", "kim/01/b-code/subject.yaml")
        try sample.hand(in: "elblab lesson check\n# unlike haproxy\n", "kim/01/b-code/start.sh")
        try sample.hand(in: "I read nginx's manual.\n", "kim/01/b-code/README.md")
        #expect(try await sample.grade().cells[0][1].review.isEmpty)
    }
}

@Suite struct `Tables for spreadsheets` {
    @Test func `cells are text, whatever they begin with`() {
        let text = CSVText.text([["=1+1", "+1", "-1", "@x", "a,b", "say \"x\"", "plain", "a\nb"]])
        #expect(text == "\"'=1+1\",\"'+1\",\"'-1\",\"'@x\",\"a,b\",\"say \"\"x\"\"\",plain,\"a b\"\n")
    }
}
