import Glibc

/// What the process was started with.
enum Environment {
    /// The value of a variable, or nil when it is not set.
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
