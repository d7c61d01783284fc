import ArgumentParser
import ELBModel

/// Turns whatever ended a command into text for a person and an exit code.
enum ErrorReport {
    /// Prints `error` on standard error (help and version, which also arrive as errors, on standard output).
    static func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let failure as CommandFailure:
            if !failure.message.isEmpty { Self.printLine(failure.message, fix: failure.fix) }
            return failure.status
        case let error as ModelError:
            Self.printLine(Self.text(of: error))
            return .usage
        case is CancellationError:
            return .internalError
        default:
            return Self.reportParserError(error)
        }
    }

    /// ArgumentParser ends wrong usage with 64; this program's promise is 2.
    private static func reportParserError(_ error: any Error) -> ExitStatus {
        let text = Elblab.fullMessage(for: error)
        switch Elblab.exitCode(for: error) {
        case .success:
            if !text.isEmpty { StandardStream.output.write(text + "\n") }
            return .success
        case .validationFailure:
            StandardStream.error.write(text + "\n")
            return .usage
        case let code:
            if let exit = error as? ExitCode { return ExitStatus(rawValue: exit.rawValue) ?? .internalError }
            Self.printLine(Self.describe(error))
            return code == .failure ? .internalError : (ExitStatus(rawValue: code.rawValue) ?? .internalError)
        }
    }

    private static func printLine(_ message: String, fix: String? = nil) {
        let style = TextStyle(terminal: Terminal.error, plain: false)
        var line = "elblab: " + style.red(message)
        if let fix { line += "; " + fix }
        StandardStream.error.write(line + "\n")
    }

    private static func text(of error: ModelError) -> String {
        let place = error.property.isEmpty ? "" : "\(error.property): "
        return "\(place)\(error.message) (\(error.code.rawValue))"
    }

    private static func describe(_ error: any Error) -> String {
        String(describing: error).replacing("\n", with: " ")
    }
}
