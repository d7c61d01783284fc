import ELBLessons
import FoundationEssentials
import Glibc
import Subprocess

/// A check of one exercise in a process of its own: whatever becomes of it, the terminal and the watch are not touched, and it is ended
/// with all that it started when its answer changes.
struct CheckChild: Sendable {
    let arguments: [String]

    /// How long a check that is told to end may take to put its own children to rest.
    private static let patience = Duration.seconds(10)
    /// Words of a check that ended otherwise; the last line of what it wrote.
    private static let mostTold = 300

    /// Runs to the end, or until the task is cancelled, and then until nothing of it is left.
    /// - Returns: why it ended without an end; `nil` if it told one.
    func run(_ tell: @Sendable @escaping (CheckEvent) -> Void) async -> String? {
        var options = PlatformOptions()
        // A group of its own: Ctrl-C is for the watch, which ends its check in order.
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: false, allowedDurationToNextStep: Self.patience),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
        ]
        do {
            let result = try await Subprocess.run(
                .path(Self.filePath(ThisProgram.path)),
                arguments: Arguments(self.arguments),
                platformOptions: options,
                // Held open and never written to: however the watch ends, the check's input ends with it.
                input: .inputWriter,
                output: .sequence,
                error: .combinedWithOutput
            ) { execution -> (ended: Bool, lastLine: String) in
                var lines = LineReader()
                var outcome = (ended: false, lastLine: "")
                for try await buffer in execution.standardOutput {
                    for line in buffer.withUnsafeBytes({ lines.read($0) }) {
                        if let event = CheckEvent(line: line) {
                            if case .ended = event { outcome.ended = true }
                            tell(event)
                        } else if !line.isEmpty {
                            outcome.lastLine = String(line.prefix(Self.mostTold))
                        }
                    }
                }
                return outcome
            }
            guard !result.closureResult.ended else { return nil }
            let how = "\(result.terminationStatus)"
            return result.closureResult.lastLine.isEmpty ? how : result.closureResult.lastLine
        } catch {
            return "\(error)"
        }
    }

    /// A `FilePath`, whose module belongs to Subprocess and is not one of ours to import.
    private static func filePath<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }
}

/// Makes lines of bytes, however they are cut; a line that is too long to be one of ours is cut.
private struct LineReader {
    private static let most = 1 << 20
    private var rest: [UInt8] = []

    mutating func read(_ bytes: UnsafeRawBufferPointer) -> [String] {
        self.rest.append(contentsOf: bytes)
        var lines: [String] = []
        while let end = self.rest.firstIndex(of: 0x0A) {
            lines.append(String(decoding: self.rest[..<end], as: UTF8.self))
            self.rest.removeSubrange(...end)
        }
        if self.rest.count > Self.most { self.rest = [] }
        return lines
    }
}
