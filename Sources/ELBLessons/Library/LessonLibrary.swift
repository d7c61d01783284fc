import FoundationEssentials

/// The lessons as they lie on disk: plain files, so that an author edits without a build.
package struct LessonLibrary: Sendable {
    /// The folder that holds `index.yaml`.
    package let root: String
    package let index: LessonIndex

    /// - Parameter root: the `lessons` folder.
    package init(root: String) throws {
        self.root = root
        self.index = try LessonIndex(path: "\(root)/index.yaml")
    }

    /// Looks for the `lessons` folder: `ELBLAB_HOME`, then beside and above the executable, then above the working folder.
    /// `nil` when there is none.
    package static func find(executable: String, environment: [String: String]) -> String? {
        LabFiles.find("lessons/index.yaml", executable: executable, environment: environment).map { $0 + "/lessons" }
    }

    /// The full id of `04`, `4`, `health-checks` or `04-health-checks`; `nil` if no lesson or several are meant.
    package func resolve(_ text: String) -> String? {
        let ids = self.index.entries.map(\.id)
        if ids.contains(text) { return text }
        let found = ids.filter { id in
            let number = id.prefix { $0.isNumber }
            return number == text || (Int(number) != nil && Int(number) == Int(text))
                || id.dropFirst(number.count + 1) == text
        }
        return found.count == 1 ? found[0] : nil
    }

    package func lesson(_ id: String) throws -> Lesson {
        try Lesson(folder: "\(self.root)/\(id)", solutions: "\(self.root)/solutions/\(id)")
    }

    package func entry(_ id: String) -> LessonIndex.Entry? {
        self.index.entries.first { $0.id == id }
    }

    /// The lesson after, or before, in the index.
    package func neighbour(of id: String, by step: Int) -> String? {
        guard let place = self.index.entries.firstIndex(where: { $0.id == id }) else { return nil }
        let other = place + step
        return self.index.entries.indices.contains(other) ? self.index.entries[other].id : nil
    }
}

/// Finds what is shipped as plain files beside the program.
package enum LabFiles {
    /// The folder under which `relativePath` exists.
    package static func find(
        _ relativePath: String,
        executable: String,
        environment: [String: String]
    ) -> String? {
        if let home = environment["ELBLAB_HOME"], !home.isEmpty { return home }
        let working = FileManager.default.currentDirectoryPath
        for start in [Self.folder(of: executable), working] {
            var folder = start
            while true {
                if FileManager.default.fileExists(atPath: "\(folder)/\(relativePath)") { return folder }
                guard folder.contains("/"), folder != "/" else { break }
                folder = Self.folder(of: folder)
            }
        }
        return nil
    }

    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LessonError(file: path, "cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Names in a folder, sorted; none when it does not exist.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
