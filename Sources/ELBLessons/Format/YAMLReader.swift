import ELBModel
import FoundationEssentials
import Yams

/// A place in a YAML file that knows its file and line, so that every complaint about a manifest can name them.
struct YAMLReader {
    let file: String
    let node: Node

    private init(file: String, node: Node) {
        self.file = file
        self.node = node
    }

    /// The root of a file.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LessonError(file: path, "cannot be read")
        }
        try self.init(text: String(decoding: data, as: UTF8.self), file: path)
    }

    /// The root of a text; `file` is what errors call it.
    init(text: String, file: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let YamlError.scanner(_, problem, mark, _), let YamlError.parser(_, problem, mark, _) {
            throw LessonError(file: file, line: mark.line, "is not YAML: \(problem)")
        } catch {
            throw LessonError(file: file, "is not YAML: \(error)")
        }
        guard let root else { throw LessonError(file: file, "is empty") }
        self.init(file: file, node: root)
    }

    var line: Int? { self.node.mark?.line }

    func error(_ message: String) -> LessonError {
        LessonError(file: self.file, line: self.line, message)
    }

    /// Refuses keys that nothing reads, so that a misspelt one cannot be silently without effect.
    func allow(keys: Set<String>) throws {
        guard let mapping = self.node.mapping else { throw self.error("must be a mapping") }
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            let known = keys.sorted().joined(separator: ", ")
            throw LessonError(
                file: self.file,
                line: key.mark?.line,
                "unknown key '\(key.string ?? "?")'; known: \(known)"
            )
        }
    }

    func optional(_ key: String) -> YAMLReader? {
        self.node.mapping?[Node(key)].map { YAMLReader(file: self.file, node: $0) }
    }

    func required(_ key: String) throws -> YAMLReader {
        guard let value = self.optional(key) else { throw self.error("'\(key)' is missing") }
        return value
    }

    /// Keys and values in the file's order.
    func entries() throws -> [(key: String, value: YAMLReader)] {
        guard let mapping = self.node.mapping else { throw self.error("must be a mapping") }
        return try mapping.map { key, value in
            guard let name = key.scalar?.string else { throw self.error("keys must be texts") }
            return (name, YAMLReader(file: self.file, node: value))
        }
    }

    func string() throws -> String {
        guard let scalar = self.node.scalar else { throw self.error("must be a text") }
        return scalar.string
    }

    func int() throws -> Int {
        guard let value = Int(try self.string()) else { throw self.error("must be a whole number") }
        return value
    }

    func double() throws -> Double {
        guard let value = Double(try self.string()), value.isFinite else { throw self.error("must be a number") }
        return value
    }

    func bool() throws -> Bool {
        switch try self.string() {
        case "true": return true
        case "false": return false
        default: throw self.error("must be true or false")
        }
    }

    /// `a`, or `ap-northeast-2a`.
    func zone() throws -> AvailabilityZone {
        guard let zone = AvailabilityZone(try self.string()) else { throw self.error("must be a zone: a, b, c or d") }
        return zone
    }

    /// One text, or a list of them.
    func oneOrMore() throws -> [String] {
        self.node.sequence == nil ? [try self.string()] : try self.strings()
    }

    var isList: Bool { self.node.sequence != nil }

    func list() throws -> [YAMLReader] {
        guard let sequence = self.node.sequence else { throw self.error("must be a list") }
        return sequence.map { YAMLReader(file: self.file, node: $0) }
    }

    func strings() throws -> [String] {
        try self.list().map { try $0.string() }
    }

    func localized() throws -> LocalizedText {
        try self.allow(keys: ["en", "ko"])
        return LocalizedText(en: try self.required("en").string(), ko: try self.required("ko").string())
    }

    /// One of an enumeration's raw values.
    func choice<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type
    ) throws -> Choice where Choice.RawValue == String {
        let text = try self.string()
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw self.error("'\(text)' is not one of: \(known)")
        }
        return choice
    }
}
