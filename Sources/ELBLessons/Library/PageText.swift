import FoundationEssentials

/// A page's text without what is for tools only.
enum PageText {
    static func withoutComments(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "<!--"), let close = rest[open.upperBound...].firstRange(of: "-->") {
            result += rest[..<open.lowerBound]
            rest = rest[close.upperBound...]
            // A comment that had the line for itself takes the line with it.
            if result.last == "\n" || result.isEmpty, rest.first == "\n" { rest = rest.dropFirst() }
        }
        return result + rest
    }
}

extension LessonPage {
    /// What the page says between the step before, or the section's start, and this step.
    package func blocksBefore(step id: String) -> [Block] {
        for section in self.sections {
            var before: [Block] = []
            for block in section.blocks {
                guard case .console(let step) = block else {
                    before.append(block)
                    continue
                }
                if step.id == id { return before }
                before = []
            }
        }
        return []
    }
}

/// Folders that come and go.
package enum FileTree {
    /// Where the command runs.
    package static var currentFolder: String { FileManager.default.currentDirectoryPath }

    /// Removes a folder and all in it; nothing happens when it is not there.
    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
