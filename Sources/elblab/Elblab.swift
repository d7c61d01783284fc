import ArgumentParser

/// The program. Each verb is one file in `Commands/`; this one names them and turns the end of any of them into one clear
/// line and an exit code.
@main
struct Elblab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "elblab",
        abstract: "A laboratory for Elastic Load Balancing, on your own machine.",
        discussion: """
            Lessons, a balancer that behaves as AWS documents it, fake backends with real faults, and checks that judge \
            any balancer. Everything runs unprivileged on loopback addresses.

            Every verb has --help with an example. Where they mean something, verbs also take --plain (no boxes, no \
            cursor movement, one fact per line), --json, --quiet and --lang en|ko. NO_COLOR is honoured.

            Exit codes: 0 done, or all checks pass; 1 some checks failed; 2 wrong usage or input; 3 the subject or \
            submission cannot be graded; 4 an error of ours or of this machine; 5 the time limit was reached.
            """,
        version: "0.1.0",
        subcommands: [
            // One line each, in alphabetical order.
            AWSCallCommand.self,
            BackendCommand.self,
            BalancerCommand.self,
            ConfineCommand.self,
            ConformanceCommand.self,
            DevCommand.self,
            DoctorCommand.self,
            ExportCommand.self,
            FleetGroupCommand.self,
            GradeCommand.self,
            GradeSubmissionCommand.self,
            LessonCommand.self,
            LoadCommand.self,
            MetricsCommand.self,
            QuirksCommand.self,
            ReportCommand.self,
            ShellCommand.self,
            TourCommand.self,
            TraceCommand.self,
            UpCommand.self,
        ]
    )

    static func main() async {
        SignalRecorder.record([.interrupt, .terminate])
        let code = await Self.run(arguments: Array(CommandLine.arguments.dropFirst()))
        ExitStatus.exit(code)
    }

    /// Parses and runs one command line, reports what went wrong on standard error, and returns the exit code.
    private static func run(arguments: [String]) async -> ExitStatus {
        do {
            var command = try Self.parseAsRoot(arguments)
            if !(command is any EndsInOrder) { SignalRecorder.release() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return ErrorReport.report(error)
        }
    }
}
