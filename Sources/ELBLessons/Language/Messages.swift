import FoundationEssentials

/// Every sentence the lesson tools say, by id, in every language; read from `fixtures/locale/en.json` and `ko.json`.
///
/// A text names its parameters in braces: `{count} requests after probe {probe}`. Words that go with a count stand there in both
/// forms: `{count} {count|request|requests}`; a language that has one form needs none. An id that is missing in a language falls
/// back to English, then to the id itself, so a gap shows and never stops a learner; `elblab dev check` lists gaps.
package struct Messages: Sendable {
    let texts: [Language: [String: String]]

    package init(texts: [Language: [String: String]]) {
        self.texts = texts
    }

    /// Reads one file per language from a folder. A language whose file is missing or damaged is an error: the lab ships
    /// all of them.
    package init(folder: String) throws {
        var texts: [Language: [String: String]] = [:]
        for language in Language.allCases {
            let path = "\(folder)/\(language.rawValue).json"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw LessonError(file: path, "cannot be read")
            }
            do {
                texts[language] = try JSONDecoder().decode([String: String].self, from: data)
            } catch {
                throw LessonError(file: path, "is not a JSON object of texts: \(error)")
            }
        }
        self.texts = texts
    }

    /// The text of `id` in `language`, its parameters filled in.
    package func text(_ id: String, _ parameters: [String: String] = [:], in language: Language) -> String {
        let template = self.texts[language]?[id] ?? self.texts[.en]?[id] ?? id
        return Self.fill(template, with: parameters)
    }

    /// The text of a message in `language`.
    package func text(_ message: Message, in language: Language) -> String {
        self.text(message.id, message.parameters, in: language)
    }

    package func has(_ id: String, in language: Language) -> Bool {
        self.texts[language]?[id] != nil
    }

    /// Ids that one language has and another lacks, with the language that lacks them; sorted by id.
    package var gaps: [(id: String, missingIn: Language)] {
        let all = Set(self.texts.values.flatMap(\.keys))
        return Language.allCases.flatMap { language in
            all.filter { self.texts[language]?[$0] == nil }.map { (id: $0, missingIn: language) }
        }.sorted { $0.id < $1.id }
    }

    /// Ids whose parameters differ between English and another language; sorted.
    package var unevenParameters: [String] {
        (self.texts[.en] ?? [:]).keys.filter { id in
            let names = Language.allCases.compactMap { self.texts[$0]?[id].map(Self.parameterNames) }
            return Set(names).count > 1
        }.sorted()
    }

    private static func fill(_ template: String, with parameters: [String: String]) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            result += rest[..<open]
            result += Self.value(of: name, parameters)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// A parameter, or the form of a word that goes with it: `count|request|requests`.
    private static func value(of name: String, _ parameters: [String: String]) -> String {
        let parts = name.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, let count = parameters[String(parts[0])] else {
            return parameters[name] ?? "{\(name)}"
        }
        return String(count == "1" ? parts[1] : parts[2])
    }

    private static func parameterNames(_ template: String) -> Set<String> {
        var names: Set<String> = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            names.insert(String(rest[rest.index(after: open)..<close].prefix { $0 != "|" }))
            rest = rest[rest.index(after: close)...]
        }
        return names
    }
}

/// A sentence to be said later, in whatever language the reader wants: an id and its parameters.
package struct Message: Hashable, Sendable {
    package var id: String
    package var parameters: [String: String]

    package init(_ id: String, _ parameters: [String: String] = [:]) {
        self.id = id
        self.parameters = parameters
    }
}
