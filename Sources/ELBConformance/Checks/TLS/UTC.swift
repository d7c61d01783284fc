internal import FoundationEssentials

/// Moments as AWS writes them in headers.
enum UTC {
    /// `2023-09-21T01:50:17Z`.
    ///
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
