internal import ELBConformance
internal import Glibc

/// Reads folders of strangers: links are not followed, pipes and devices not opened, and there is a limit to everything.
enum PlainFolder {
    /// What stands under one name.
    enum Kind: Hashable {
        case file
        case folder
        case link
        /// A pipe, a socket, a device.
        case other
        case missing
    }

    /// - Parameter followsLinks: for folders of ours.
    static func kind(of path: String, followsLinks: Bool = false) -> Kind {
        switch FileStatus(of: path, followsLinks: followsLinks)?.kind {
        case .file: .file
        case .folder: .folder
        case .link: .link
        case .other: .other
        case nil: .missing
        }
    }

    /// Names in a folder in the order of their bytes, and how many are no UTF-8 and thus left out.
    static func names(in path: String) -> (names: [String], unreadable: Int) {
        guard let folder = opendir(path) else { return ([], 0) }
        defer { closedir(folder) }
        var names: [String] = []
        var unreadable = 0
        while let entry = readdir(folder) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                unreadable += 1
                continue
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return (names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }, unreadable)
    }

    /// A regular file's bytes; the reason when they cannot be had.
    static func contents(
        of path: String,
        limit: Int,
        followsLinks: Bool = false
    ) -> Result<[UInt8], Unreadable> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { return .failure(.failed(String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        guard let status = FileStatus(of: descriptor), status.kind == .file else {
            return .failure(.failed("is no file"))
        }
        guard status.size <= limit else { return .failure(.tooLarge) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(.failed(String(cString: strerror(errno)))) }
            guard count > 0 else { return .success(bytes) }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { return .failure(.tooLarge) }
        }
    }

    /// Whether its owner may run a file.
    static func isExecutable(_ path: String) -> Bool {
        FileStatus(of: path, followsLinks: false).map { $0.permissions & 0o100 != 0 } ?? false
    }

    /// Why nothing could be read.
    enum Unreadable: Error {
        case tooLarge
        /// In the system's words.
        case failed(String)
    }
}
