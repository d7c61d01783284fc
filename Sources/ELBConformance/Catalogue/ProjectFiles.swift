import FoundationEssentials

/// Where the project's data files are: the lessons, the fixtures.
package enum ProjectFiles {
    /// The folder that holds `fixtures/behaviour`: the one that `ELBLAB_HOME` names, else the nearest one above the
    /// program's file, else the nearest one above the working directory.
    ///
    /// - Returns: an absolute path, or nil when none of them has the data.
    package static func root() -> String? {
        if let home = ProcessInfo.processInfo.environment["ELBLAB_HOME"], !home.isEmpty {
            return Self.isRoot(home) ? home : nil
        }
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let starts = [program, FileManager.default.currentDirectoryPath].compactMap(\.self)
        return starts.lazy.compactMap(Self.root(above:)).first
    }

    private static func root(above path: String) -> String? {
        var parts = path.split(separator: "/")
        while true {
            let folder = "/" + parts.joined(separator: "/")
            if Self.isRoot(folder) { return folder }
            guard parts.popLast() != nil else { return nil }
        }
    }

    private static func isRoot(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/fixtures/behaviour/exceptions.yaml")
    }
}
