internal import FoundationEssentials
internal import Glibc

/// What a program in a sandbox may read: the system's programs and libraries, and a few of its settings. No home, no temporary files of
/// others, nothing of the grader's.
struct ReadablePaths: Sendable {
    private(set) var paths: [String]

    /// `/proc` and devices are added by the launcher.
    private static let system =
        [
            "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store",
            "/sys/devices/system/cpu", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage",
        ]
        + [
            "alternatives", "ca-certificates", "ca-certificates.conf", "debian_version", "gai.conf", "group",
            "host.conf",
            "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "mime.types",
            "nsswitch.conf", "os-release", "passwd", "pki", "protocols", "services", "ssl", "timezone",
        ].map { "/etc/\($0)" }

    init(adding more: [String], without hidden: [String]) {
        let hidden = hidden.map { Sandbox.canonical($0) }
        let added = more.flatMap { [URL(filePath: $0).standardized.path, Sandbox.canonical($0)] }
        self.paths = (Self.system + added).flatMap { Self.readable($0, without: hidden) }
    }

    /// The path, or the entries of it that do not lead to what is hidden.
    private static func readable(_ path: String, without hidden: [String]) -> [String] {
        if hidden.contains(where: { path == $0 || path.hasPrefix("\($0)/") }) { return [] }
        guard hidden.contains(where: { $0.hasPrefix("\(path)/") }) else { return [path] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().flatMap { Self.readable("\(path)/\($0)", without: hidden) }
    }

    private func includes(_ path: String) -> Bool {
        self.paths.contains { path == $0 || path.hasPrefix("\($0)/") }
    }

    private static var callersFolders: [String] {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
    }

    /// The folders of the caller's PATH that can be read inside.
    var searchPath: String {
        let folders = Self.callersFolders.filter { $0.hasPrefix("/") && self.includes($0) }
        return (folders + ["/usr/bin", "/bin"].filter { !folders.contains($0) }).joined(separator: ":")
    }

    /// Says where a program is that would be found outside and is not inside.
    func requireProgram(_ name: String, in searchPath: String) throws(SubjectFailure) {
        let isThere = { (folder: String) in access("\(folder)/\(name)", X_OK) == 0 }
        if searchPath.split(separator: ":").contains(where: { isThere(String($0)) }) { return }
        guard let folder = Self.callersFolders.first(where: isThere) else { return }
        throw .notStarted(
            "\(PlainText.line(name)) is in \(folder), which the sandbox does not show; --sandbox-read shows a folder, and "
                + "--sandbox none does without the sandbox"
        )
    }
}
