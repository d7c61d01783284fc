import Glibc

/// How the program ends, as docs and `--help` promise. The human text and the code come from the same verdict.
enum ExitStatus: Int32, Sendable {
    /// The work is done; of `check`, `grade` and `conformance run`: all counted checks pass.
    case success = 0
    /// Some checks failed, or what the command set out to show did not hold.
    case failure = 1
    /// Wrong usage: unknown options, a template or a file with mistakes.
    case usage = 2
    /// The subject or the submission cannot be graded: it does not build, start or answer.
    case notGradable = 3
    /// Our mistake, or this machine's: a port taken, a disk full.
    case internalError = 4
    /// The time limit was reached.
    case timeLimit = 5

    /// Ends the process. What was printed but lost, on a full disk for example, turns success into an error of ours.
    static func exit(_ status: ExitStatus) -> Never {
        guard status == .success, let reason = StandardStream.failure else { Self.end(status.rawValue) }
        if reason != EPIPE {
            StandardStream.error.write(
                "elblab: cannot write to standard output: \(String(cString: strerror(reason)))\n"
            )
        }
        Self.end(ExitStatus.internalError.rawValue)
    }

    /// Ends the process with the code of a program that ran in its place.
    ///
    /// Without the exit handlers of the libraries: they free what libcurl's, SwiftNIO's and Dispatch's threads still use,
    /// and a program whose work was done would now and then die of a double free (openssl/openssl#6214). All that is ours is ended before; of the
    /// handlers' work only C's streams are worth having.
    static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}
