import ArgumentParser
import ELBConformance
import ELBModel

/// `elblab dev kills`: proves the suite with deviations.
struct DevKillsCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "kills",
        abstract: "Show which checks notice which quirks; fail if one notices none, or one is noticed by none.",
        discussion: """
            Starts the reference balancer with one quirk after another and runs the checks that say they notice it.

            Example: elblab dev kills --only rules.path-prefix
            """
    )

    @Option(help: ArgumentHelp("Only this quirk. May be repeated; checks are then not judged.", valueName: "quirk"))
    var only: [String] = []

    @Flag(help: "Run all checks against every quirk, not only those that declare it. Takes long.")
    var full = false

    @Option(help: "Quirks side by side.")
    var jobs = 3

    @Option(help: "Seed of the random input.")
    var seed: UInt64 = 1

    @OptionGroup var jsonOption: JSONOption
    @OptionGroup var quietOption: QuietOption

    func validate() throws {
        guard self.jobs > 0 else { throw ValidationError("--jobs takes a number from 1") }
    }

    func run() async throws {
        let quirks = try self.quirks()
        let showsLines = !self.jsonOption.json && !self.quietOption.quiet
        let (full, jobs, seed) = (self.full, self.jobs, self.seed)
        let matrix = try await SignalWatch.untilTerminated {
            try await KillMatrix.run(quirks: quirks, isFull: full, jobs: jobs, seed: seed) { quirk, cells in
                if showsLines { StandardStream.output.write(Self.lines(quirk, cells)) }
            }
        }
        guard let matrix else { throw CommandFailure("interrupted", status: .internalError) }
        let checks = self.only.isEmpty ? CheckLibrary.all : []
        if self.jsonOption.json {
            StandardStream.output.write(matrix.jsonText(checks: checks, quirks: quirks))
        } else {
            StandardStream.output.write(Self.summary(matrix, checks: checks, quirks: quirks))
        }
        let isSound =
            matrix.idleChecks(among: checks).isEmpty && matrix.uncaughtQuirks(among: quirks).isEmpty
            && matrix.brokenPromises.isEmpty
        guard isSound else { throw CommandFailure.reported(.failure) }
    }

    private func quirks() throws -> [Quirk] {
        guard !self.only.isEmpty else { return Quirk.allCases }
        return try self.only.map { name in
            guard let quirk = Quirk(rawValue: name) else {
                throw CommandFailure(
                    "no quirk is called \(name)",
                    fix: "elblab quirks list shows them all",
                    status: .usage
                )
            }
            return quirk
        }
    }

    private static func lines(_ quirk: Quirk, _ cells: [KillMatrix.Cell]) -> String {
        let noticed = cells.filter { $0.verdict == .fail }.map(\.check)
        let missed = cells.filter { $0.verdict != .fail && $0.isDeclared }.map {
            "\($0.check) (\($0.verdict.rawValue))"
        }
        var text =
            "\(quirk.rawValue.padding(to: 36)) \(noticed.isEmpty ? "NOT NOTICED" : noticed.joined(separator: ", "))\n"
        if !missed.isEmpty { text += "    missed by \(missed.joined(separator: ", "))\n" }
        return text
    }

    private static func summary(_ matrix: KillMatrix, checks: [Check], quirks: [Quirk]) -> String {
        let idle = matrix.idleChecks(among: checks)
        let uncaught = matrix.uncaughtQuirks(among: quirks).map(\.rawValue)
        var text = String(repeating: "-", count: 80) + "\n"
        text +=
            "\(quirks.count) quirks, \(uncaught.count) not noticed; \(checks.count) checks, \(idle.count) notice nothing\n"
        if !uncaught.isEmpty { text += "not noticed: \(uncaught.joined(separator: ", "))\n" }
        if !idle.isEmpty { text += "notice nothing: \(idle.joined(separator: ", "))\n" }
        return text
    }
}
