import ArgumentParser
import CSockets
import ELBConformance
import ELBLessons
import Glibc

/// `elblab dev hostile`: that no submission gets what it did not earn, stops the others, or leaves anything behind.
struct DevHostileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostile",
        abstract: "Grade the hostile submissions of fixtures/hostile, and see that nothing comes of them.",
        discussion: """
            At the level none they get through, which shows that each of them works; do that on a machine of no importance.

            Example: elblab dev hostile --sandbox netns --only fork-bomb
            """
    )

    @Option(name: .long, help: "Levels of the sandbox, separated by commas; those that this machine offers by default.")
    var sandbox: String?
    @Option(name: .long, help: "One submission; all by default.") var only: String?
    @Option(name: .long, help: "How many are graded at once.") var jobs = 4

    func validate() throws {
        if self.jobs < 1 { throw ValidationError("--jobs is 1 or more") }
        _ = try self.levels()
    }

    private func levels() throws -> [SandboxLevel]? {
        try self.sandbox?.split(separator: ",").map { name in
            guard let level = SandboxLevel(rawValue: String(name)) else {
                throw ValidationError("no such level: \(name); there are none, limits and netns")
            }
            return level
        }
    }

    func run() async throws {
        let folder = "fixtures/hostile"
        guard let root = LabFiles.find(folder, executable: ThisProgram.path, environment: Environment.all) else {
            throw CommandFailure("\(folder) is not found beside the program")
        }
        let all = try LessonFiles.reporting { try HostileSubmission.all(in: "\(root)/\(folder)") }
        let chosen = all.filter { self.only == nil || $0.name == self.only }
        guard !chosen.isEmpty else {
            throw CommandFailure("there is no hostile submission '\(self.only ?? "")'", status: .usage)
        }
        let wanted = try self.levels()
        var isClean = true
        for level in wanted ?? [.limits, .netns] {
            if let reason = await SandboxProbe.refusal(of: level) {
                StandardStream.output.printLine("\(level.rawValue): not possible here: \(reason)")
                if wanted != nil { isClean = false }
                continue
            }
            let scratch = try ScratchFolder()
            defer { elblab_remove_tree(scratch.path) }
            chmod(scratch.path, 0o755)
            let round = try HostileRound(level: level, root: root, scratch: scratch.path)
            if !(await self.play(round, chosen)) { isClean = false }
        }
        guard isClean else { throw CommandFailure.reported(.failure) }
    }

    private func play(_ round: HostileRound, _ chosen: [HostileSubmission]) async -> Bool {
        let begin = ContinuousClock.now
        let listener = SecretListener(round.secret)
        defer { listener?.close() }
        let meant = chosen.filter { round.level == .none || $0.levels.contains(round.level) }
        var outcomes: [HostileRound.Outcome] = []
        await withTaskGroup(of: HostileRound.Outcome.self) { group in
            var rest = meant[...]
            for _ in 0..<self.jobs {
                guard let next = rest.popFirst() else { break }
                group.addTask { await round.grade(next) }
            }
            while let outcome = await group.next() {
                Self.show(outcome, round.level)
                outcomes.append(outcome)
                guard let next = rest.popFirst() else { continue }
                group.addTask { await round.grade(next) }
            }
        }
        // Some come back later, if they can.
        let late = meant.flatMap { submission in round.traces(of: submission).map { "\(submission.name): \($0)" } }
        let left = late + round.leftovers
        for line in left { StandardStream.output.printLine("  FOUND    \(line)") }
        let wrong = outcomes.filter { !$0.complaints.isEmpty }.count
        let skipped = outcomes.filter { $0.skipped != nil }.count
        let seconds = Int((ContinuousClock.now - begin) / .seconds(1))
        let end = skipped == 0 ? "" : ", \(skipped) left out"
        StandardStream.output.printLine(
            "\(round.level.rawValue): \(outcomes.count) submissions, \(wrong) got something, \(left.count) traces\(end) · \(seconds) s"
        )
        return wrong == 0 && left.isEmpty
    }

    private static func show(_ outcome: HostileRound.Outcome, _ level: SandboxLevel) {
        let word = outcome.skipped != nil ? "left out" : outcome.complaints.isEmpty ? "held    " : "GOT AWAY"
        let seconds = Double(Int(outcome.duration / .milliseconds(100))) / 10
        let name = outcome.submission.name.padding(to: 34)
        StandardStream.output.printLine("  \(word) \(name) \(seconds) s  \(outcome.skipped ?? outcome.submission.must)")
        for complaint in outcome.complaints { StandardStream.output.printLine("           \(complaint)") }
    }
}
