import FoundationEssentials

/// Writes into translated pages from which English text they were made.
package enum TranslationRecord {
    package static func update(_ ids: [String], in library: LessonLibrary) throws {
        for id in ids {
            let lesson = try library.lesson(id)
            let english = try lesson.page(.en)
            for language in Language.allCases where language != .en {
                let text = try lesson.pageText(language)
                let new = Drift.recording(english, in: text)
                if new != text {
                    try Data(new.utf8).write(to: URL(filePath: lesson.pageFile(language)), options: .atomic)
                }
            }
        }
    }
}
