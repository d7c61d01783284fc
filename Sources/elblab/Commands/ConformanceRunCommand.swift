import ArgumentParser
import ELBConformance
import ELBModel
import FoundationEssentials

/// `elblab conformance run`.
struct ConformanceRunCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run checks against a balancer.",
        discussion: """
            Example: elblab conformance run --subject my-balancer.yaml --out results

            A subject file names a command, or an endpoint that answers AWS's API; docs/subject-contract.md says what the command must do. haproxy, nginx, envoy and \
            caddy get configurations of their own kind, if they are installed.

            Exit codes: 0 all counted checks pass; 1 some failed; 2 wrong usage; 3 the subject cannot be judged; \
            4 an error of ours; 5 the time limit was reached.
            """
    )

    @Option(
        help: ArgumentHelp(
            "A file that names the balancer's command or an endpoint, or embedded, haproxy, nginx, envoy, caddy.",
            valueName: "file"
        )
    )
    var subject = "embedded"

    @Option(help: ArgumentHelp("Only these checks; * stands for any characters. May be repeated.", valueName: "id"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Only checks of these kinds: alb, clb, nlb, separated by commas.", valueName: "list"))
    var profile: String?

    @Option(help: "Only checks of this level: core, extended or provisional.")
    var level: CheckLevel?

    // Checks mostly wait, so that two cores carry three.
    @Option(help: "Subjects side by side.")
    var jobs = 3

    @Option(help: "Repeat a run's random input.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("What to write: console, json, junit, separated by commas.", valueName: "list"))
    var format = "console"

    @Option(help: ArgumentHelp("A folder for result.json and junit.xml.", valueName: "folder"))
    var out: String?

    @Flag(help: "Start nothing new after the first failure that counts.")
    var failFast = false

    @Flag(help: "Say which checks would run, and run none.")
    var dryRun = false

    @Option(help: "What a subject that is a command may reach: none, limits or netns; docs/threat-model.md.")
    var sandbox = SandboxLevel.none

    @OptionGroup var quirkOption: QuirkOption
    @OptionGroup var plainOption: PlainOption
    @OptionGroup var quietOption: QuietOption

    private enum Format: String, CaseIterable {
        case console
        case json
        case junit
    }

    func validate() throws {
        guard self.jobs > 0 else { throw ValidationError("--jobs takes a number from 1") }
        _ = try self.formats()
        _ = try self.profiles()
        guard self.sandbox == .none || (self.subject != "embedded" && Engines.engine(self.subject) == nil) else {
            throw ValidationError("--sandbox is for subjects that are commands; it is not for \(self.subject)")
        }
        guard self.quirkOption.quirks.isEmpty || self.subject == "embedded" else {
            throw ValidationError(
                "--quirk works with the embedded subject only; other subjects have faults of their own"
            )
        }
    }

    func run() async throws {
        let profiles = try self.profiles()
        let checks = try Self.checks(self.only).filter {
            (self.level == nil || $0.level == self.level) && profiles?.contains($0.profile) ?? true
        }
        guard !checks.isEmpty else { throw CommandFailure("no check is left to run", status: .usage) }
        if self.dryRun {
            for check in checks { StandardStream.output.printLine(check.id) }
            return
        }
        let formats = try self.formats()
        let seed = self.seed ?? UInt64.random(in: 1...999_999)
        // Building it may take minutes.
        let found = try await SignalWatch.untilTerminated { try await self.command() }
        guard let found else { throw CommandFailure("interrupted", status: .internalError) }
        guard let subject = found else {
            try self.write(self.absence(checks, seed), formats)
            throw CommandFailure(
                "\(self.subject) is absent: no such program is installed",
                fix: Engines.engine(self.subject).map { "it is in \($0.package)" },
                status: .notGradable
            )
        }
        let runner = Runner(
            subject: subject,
            seed: seed,
            timeScale: subject.endpoint?.timeScale ?? 50,
            jobs: self.jobs,
            failsFast: self.failFast,
            checkLimit: Self.limit(subject)
        )
        let console = ConsoleReport(usesColour: Terminal.output.allowsColours && !self.plainOption.plain)
        // Machine formats on standard output leave no room for text there.
        let showsText = formats.contains(.console)
        let isQuiet = self.quietOption.quiet
        if showsText {
            StandardStream.output.write(
                console.header(
                    subject: [runner.subject.name, runner.subject.version].compactMap(\.self).joined(separator: " "),
                    quirks: self.quirkNames,
                    seed: seed,
                    timeScale: runner.timeScale
                )
            )
        }
        var report = await self.interruptible {
            await runner.run(checks) { check in
                guard showsText, !isQuiet || check.verdict != .pass else { return }
                StandardStream.output.write(console.line(check))
            }
        }
        report.quirks = self.quirkNames
        report.replay = self.replay(seed)
        if showsText { StandardStream.output.write(console.summary(report)) }
        try self.write(report, formats)
        guard let status = ExitStatus(rawValue: report.verdict.exitCode), status == .success else {
            throw CommandFailure.reported(ExitStatus(rawValue: report.verdict.exitCode) ?? .internalError)
        }
    }

    /// Ctrl-C and SIGTERM cancel the run, which stops every subject before the program ends.
    private func interruptible(_ body: @Sendable @escaping () async -> RunReport) async -> RunReport {
        let watch = SignalWatch([.interrupt, .terminate])
        let task = Task { await body() }
        let watcher = Task {
            for await _ in watch.signals {
                task.cancel()
                break
            }
        }
        let report = await task.value
        watcher.cancel()
        return report
    }

    private var quirkNames: [String] { self.quirkOption.quirks.map(\.rawValue).sorted() }

    private func replay(_ seed: UInt64) -> String {
        var words = ["elblab conformance run"]
        if self.subject != "embedded" { words.append("--subject \(self.subject)") }
        words += self.only.map { "--only '\($0)'" }
        if let profile = self.profile { words.append("--profile \(profile)") }
        if let level = self.level { words.append("--level \(level.rawValue)") }
        if self.sandbox != .none { words.append("--sandbox \(self.sandbox.rawValue)") }
        words += self.quirkNames.map { "--quirk \($0)" }
        return (words + ["--seed \(seed)"]).joined(separator: " ")
    }

    /// What is reported of a balancer that is not there: nothing was run, and nothing failed.
    private func absence(_ checks: [Check], _ seed: UInt64) -> RunReport {
        var report = RunReport.absent(self.subject, checks, seed: seed)
        report.replay = self.replay(seed)
        return report
    }

    /// For one check: not all subjects take thousands of requests as fast as ours does, and where time is slow everything is.
    private static func limit(_ subject: SubjectCommand) -> Duration {
        switch subject.kind {
        case .embedded, .command: .seconds(30)
        case .engine: .seconds(60)
        case .endpoint: .seconds(max(60, 3000 / (subject.endpoint?.timeScale ?? 50)))
        }
    }

    /// - Returns: `nil` for an engine that is not installed.
    private func command() async throws -> SubjectCommand? {
        if let engine = Engines.engine(self.subject) { return await .installed(engine) }
        let sandbox = try await SandboxOption.prepare(self.sandbox, readable: [], hidden: [], runsPrograms: true)
        do throws(SubjectFailure) {
            guard self.subject != "embedded" else { return try .embedded(quirks: Array(self.quirkOption.quirks)) }
            var command = try SubjectCommand(file: self.subject)
            command.sandbox = sandbox
            try await command.prepare()
            return command
        } catch {
            // Whoever names no path has likely mistyped a name.
            let names = (["embedded"] + Engines.all.map(\.name)).joined(separator: ", ")
            let isPath = self.subject.contains { "/.".contains($0) }
            let fix = isPath ? nil : "a file's path, or one of: \(names)"
            throw CommandFailure(error.description, fix: fix, status: .usage)
        }
    }

    private func profiles() throws -> [String]? {
        let known = Set(CheckLibrary.all.map(\.profile))
        return try self.profile?.split(separator: ",").map { name in
            guard known.contains(String(name)) else {
                throw ValidationError("no such profile: \(name); there are \(known.sorted().joined(separator: ", "))")
            }
            return String(name)
        }
    }

    private func formats() throws -> [Format] {
        try self.format.split(separator: ",").map { name in
            guard let format = Format(rawValue: String(name)) else {
                throw ValidationError("no such format: \(name); there are console, json and junit")
            }
            return format
        }
    }

    /// To the folder if one is named, else to standard output.
    private func write(_ report: RunReport, _ formats: [Format]) throws {
        let machine = self.out == nil ? formats.filter { $0 != .console } : [.json, .junit]
        for format in machine {
            let text = format == .json ? JSONReport.text(report) : JUnitReport.text(report)
            guard let folder = self.out else {
                StandardStream.output.write(text)
                continue
            }
            let file = folder + (format == .json ? "/result.json" : "/junit.xml")
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(filePath: file))
            } catch {
                throw CommandFailure("\(file) cannot be written")
            }
        }
    }

    /// The checks that the patterns name; all without one.
    static func checks(_ patterns: [String]) throws -> [Check] {
        guard !patterns.isEmpty else { return CheckLibrary.all }
        for pattern in patterns where CheckLibrary.checks(matching: [pattern]).isEmpty {
            throw CommandFailure(
                "no check matches \(pattern)",
                fix: "elblab conformance list shows them all",
                status: .usage
            )
        }
        return CheckLibrary.checks(matching: patterns)
    }
}

extension CheckLevel: ExpressibleByArgument {}
