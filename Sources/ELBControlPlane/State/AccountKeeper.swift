/// What keeps an account beyond the run, as the control plane commands it: lines, each of which survives once it has been appended.
/// The program puts a folder here. Calls come one at a time.
package protocol AccountKeeper: Sendable {
    /// Makes sure that there is room for a line of so many bytes.
    func reserve(_ count: Int) async throws
    /// Returns when the line will survive. When it throws, it will not.
    func append(_ line: [UInt8]) async throws
    /// Makes these lines what is kept, in place of everything before; all or nothing.
    func rewrite(_ lines: [[UInt8]]) async throws
    /// Whether so much has been appended that a rewrite is due.
    var isLong: Bool { get }
}
