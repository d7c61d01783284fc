import ELBModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a backend or a fleet cannot do what it was asked to.
package struct BackendError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is. Closed, so that callers can switch.
    package enum Code: String, Codable, Hashable, Sendable {
        /// The description or the command makes no sense.
        case invalid
        /// The address or port cannot be had.
        case cannotListen
        /// No such backend, or none that matches.
        case notFound
        /// The backend does not run.
        case notRunning
        /// A child process did not start or did not answer.
        case childFailed
        /// Waiting took longer than allowed.
        case timedOut
    }

    package let code: Code
    /// One line for people.
    package let message: String

    /// What `bind` or `listen` failed with, in words.
    static func cannotListen(_ address: IPAddress, _ port: UInt16, errno code: CInt) -> Self {
        let reason = String(cString: strerror(code))
        let advice = code == EADDRINUSE ? "; another program has the port" : ""
        return Self(.cannotListen, "cannot listen on \(address) port \(port): \(reason)\(advice)")
    }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { self.message }
}
