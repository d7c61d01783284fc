import ELBConformance
import FoundationEssentials
import Glibc
internal import Subprocess

/// Judges a submission in a process of its own, so that nothing it does to its judge is done to the class: one that crashes it, fills
/// its memory or never ends is one row.
///
/// The process gets a copy of the submission in a folder that is thrown away, says on its standard output what it has found, and ends
/// with its standard input, which ends with us.
package struct SubmissionRun: Sendable {
    /// This program, and how it is told to judge one submission: `answer` is the file's path in the working folder.
    package var program: String
    package var arguments: @Sendable (_ answer: String, _ column: ClassPlan.Column) -> [String]
    /// Beside PATH, HOME and TMPDIR.
    package var variables: [String: String]
    /// In real time, for one submission.
    package var limit: Duration
    /// Where copies of submissions are made.
    package var scratch: String

    package init(
        program: String,
        arguments: @escaping @Sendable (_ answer: String, _ column: ClassPlan.Column) -> [String],
        variables: [String: String],
        limit: Duration,
        scratch: String
    ) {
        self.program = program
        self.arguments = arguments
        self.variables = variables
        self.limit = limit
        self.scratch = scratch
    }

    /// What the process says: a result each time that it has decided a check, the last of which is the final one.
    package enum Report: String, Sendable {
        case partial = "p"
        case final = "f"

        /// A NUL ends each, which JSON does not contain.
        package func frame(_ json: String) -> String { "\(self.rawValue)\(json)\0" }
    }

    private enum End: Sendable {
        case output
        case time
    }

    private static let mostOutput = 32 << 20
    private static let stopLimit = Duration.seconds(5)

    package func judge(
        _ submission: Submission,
        _ column: ClassPlan.Column,
        seed: UInt64
    ) async throws -> SubmissionResult {
        let folder = "\(self.scratch)/\(UUID().uuidString)"
        defer { FileTree.remove(folder) }
        try submission.write(to: "\(folder)/answer")
        do {
            try FileManager.default.createDirectory(atPath: "\(folder)/tmp", withIntermediateDirectories: true)
        } catch {
            throw ResultStore.Failure(description: "'\(folder)/tmp' cannot be made")
        }
        let frames = Frames(limit: Self.mostOutput)
        let end: (status: TerminationStatus, reason: End)
        do {
            end = try await self.run(submission, column, folder, frames)
        } catch let error as SubprocessError {
            throw ResultStore.Failure(description: "\(self.program) cannot be started: \(error)")
        }
        // Whatever the submission started and its judge could not end.
        Leftovers.end(below: folder)
        try Task.checkCancellation()
        let (last, isFinal) = frames.last
        if let last, isFinal, let result = SubmissionResult(last) { return result }
        let empty = SubmissionResult(
            lesson: column.lesson.id,
            exercise: column.exercise,
            seed: seed,
            verdict: .error,
            reason: "its judge ended without a verdict: \(end.status)"
        )
        switch end.reason {
        case .output: return empty
        case .time:
            var result = last.flatMap { SubmissionResult($0) } ?? empty
            result.endByTimeout(column.exercise, reason: "not judged within \(self.limit.components.seconds) s")
            return result
        }
    }

    private func run(
        _ submission: Submission,
        _ column: ClassPlan.Column,
        _ folder: String,
        _ frames: Frames
    ) async throws -> (status: TerminationStatus, reason: End) {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: false, allowedDurationToNextStep: Self.stopLimit),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
        ]
        let teardown = options.teardownSequence
        var variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "\(folder)/tmp",
            "TMPDIR": "\(folder)/tmp", "LANG": "C.UTF-8",
        ]
        variables.merge(self.variables) { $1 }
        let limit = self.limit
        let result = try await Subprocess.run(
            .path(Self.path(self.program)),
            arguments: Arguments(self.arguments(submission.answer, column)),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })
            ),
            workingDirectory: Self.path("\(folder)/answer"),
            platformOptions: options,
            // Held open and never written to: however we end, the judge's input ends with us.
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            let output = execution.standardOutput
            let end = await withTaskGroup(of: End.self) { group in
                group.addTask {
                    // A read error ends the output, which is all that matters here.
                    do {
                        for try await buffer in output { buffer.withUnsafeBytes { frames.append($0) } }
                    } catch {}
                    return .output
                }
                group.addTask {
                    try? await Task.sleep(for: limit)
                    return .time
                }
                let first = await group.next() ?? .time
                group.cancelAll()
                return first
            }
            if end == .time { await execution.teardown(using: teardown) }
            try? await execution.standardInputWriter.finish()
            return end
        }
        return (result.terminationStatus, result.closureResult)
    }

    /// A `FilePath`, whose module belongs to Subprocess and is not one of ours to import.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }
}
