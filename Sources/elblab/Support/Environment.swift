import FoundationEssentials
import Glibc

/// What the process was started with.
enum Environment {
    /// The value of a variable, or nil when it is not set.
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// This program's own file, for children that run another of its verbs.
    static var program: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
