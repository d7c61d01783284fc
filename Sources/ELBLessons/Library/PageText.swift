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

    /// What the page says from this step to the end of its section; nothing if another step follows there.
    package func blocksAfter(lastStep id: String) -> [Block] {
        for section in self.sections {
            guard case .console(let last)? = section.blocks.last(where: \.isConsole), last.id == id else { continue }
            return Array(section.blocks.reversed().prefix { !$0.isConsole }.reversed())
        }
        return []
    }
}

extension LessonPage.Block {
    fileprivate var isConsole: Bool {
        if case .console = self { true } else { false }
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
