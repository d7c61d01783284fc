import ELBControlPlane
import ELBModel
import ELBNet

/// The account in a folder: what an earlier run has left there, and where this run's changes go.
struct KeptAccount: AccountKeeper {
    /// As the earlier run left it; a new one if there was none.
    let account: Account
    /// Whether there was one.
    let isRestored: Bool
    private let folder: StateFolder

    /// - Throws: `StateError` or `AccountTextError`.
    init(_ path: String) async throws {
        let (folder, contents) = try StateFolder.open(path)
        self.folder = folder
        self.isRestored = contents.snapshot != nil
        self.account = try AccountText.account(contents.snapshot, contents.journal)
        // A folder that holds an account from the first moment on cannot be mistaken for one that has lost it.
        if !self.isRestored { try await folder.rewrite(AccountText.lines(self.account)) }
    }

    /// What the keys of cookies and sessions are derived from.
    var secret: [UInt8] { self.folder.secret }

    var isLong: Bool { self.folder.isLong }
    func reserve(_ count: Int) async throws { try await self.folder.reserve(count) }
    func append(_ line: [UInt8]) async throws { try await self.folder.append(line) }
    func rewrite(_ lines: [[UInt8]]) async throws { try await self.folder.rewrite(lines) }
}
