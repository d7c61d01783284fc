/// An answer in XML: elements, their texts and what is in them. Attributes, comments and name spaces say nothing here.
struct XMLText: Hashable, Sendable {
    let name: String
    private(set) var text = ""
    private(set) var children: [XMLText] = []

    private init(name: String) { self.name = name }

    /// `nil` if it is not XML, or nested more than 32 deep.
    init?(_ bytes: [UInt8]) {
        var rest = Substring(String(decoding: bytes, as: UTF8.self))
        var open: [XMLText] = []
        while let start = rest.firstIndex(of: "<") {
            if !open.isEmpty { open[open.count - 1].text += Self.unescaped(rest[..<start]) }
            guard let end = rest[start...].firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") || tag.hasPrefix("!") { continue }
            if !tag.hasPrefix("/") {
                let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" })
                guard open.count < 32 else { return nil }
                open.append(XMLText(name: name))
                guard tag.hasSuffix("/") else { continue }
            } else if open.last?.name != String(tag.dropFirst()) {
                return nil
            }
            var done = open.removeLast()
            if !done.children.isEmpty { done.text = "" }
            guard !open.isEmpty else {
                self = done
                return
            }
            open[open.count - 1].children.append(done)
        }
        return nil
    }

    /// The first element of that name, however deep.
    func first(_ name: String) -> XMLText? {
        for child in self.children {
            if child.name == name { return child }
            if let found = child.first(name) { return found }
        }
        return nil
    }

    /// All elements of that name that are not inside of another one.
    func all(_ name: String) -> [XMLText] {
        self.children.flatMap { $0.name == name ? [$0] : $0.all(name) }
    }

    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var result = String(text)
        for (name, character) in [("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("amp", "&")] {
            result = result.replacing("&\(name);", with: character)
        }
        return result
    }
}
