import ELBControlAPI
import FoundationEssentials

/// The templates that come with the lab.
enum TemplateFiles {
    /// `fixtures/templates`, found from where this file stands.
    static let folder: String = {
        let levels = #filePath.split(separator: "/").dropLast(4)
        return "/" + levels.joined(separator: "/") + "/fixtures/templates"
    }()

    static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".json") }.sorted()
    }

    static func source(_ name: String, in folder: String) throws -> TemplateReader.Source {
        let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
        return TemplateReader.Source(file: name, bytes: Array(data))
    }
}
