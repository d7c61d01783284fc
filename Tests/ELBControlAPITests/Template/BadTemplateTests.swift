import ELBControlAPI
import FoundationEssentials
import Testing

/// Every template in `fixtures/templates/bad` has a file beside it with the errors that it must produce, exactly. After a
/// deliberate change of a message run `ELBLAB_RECORD=1 swift test --filter BadTemplates` and read the difference.
@Suite struct BadTemplates {
    private static let folder = TemplateFiles.folder + "/bad"

    @Test(arguments: TemplateFiles.names(in: folder))
    func `every mistake is told with its place`(name: String) throws {
        let source = try TemplateFiles.source(name, in: Self.folder)
        var text = ""
        do throws(DiagnosticsError) {
            _ = try TemplateReader.read([source])
        } catch {
            text = error.description + "\n"
        }
        let path = URL(filePath: "\(Self.folder)/\(name).errors")
        if ProcessInfo.processInfo.environment["ELBLAB_RECORD"] == "1" {
            try Data(text.utf8).write(to: path)
        }
        let expected = try String(contentsOf: path, encoding: .utf8)
        #expect(!text.isEmpty)
        #expect(text == expected)
    }

    @Test func `there are samples`() {
        #expect(TemplateFiles.names(in: Self.folder).count >= 8)
    }
}
