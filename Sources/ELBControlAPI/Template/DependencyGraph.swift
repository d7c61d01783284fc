/// Who refers to whom in a template, and whether that goes in circles.
struct DependencyGraph {
    private let edges: [String: [Located<String>]]

    init(_ resources: [TemplateResource]) {
        let names = Set(resources.map(\.logicalID))
        self.edges = Dictionary(
            resources.map { resource in
                var found: [Located<String>] = resource.dependsOn
                Self.collect(resource.properties, into: &found)
                return (resource.logicalID, found.filter { names.contains($0.value) })
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Reports each circle once, at a reference that closes it.
    func reportCycles(in order: [String], to collector: DiagnosticCollector) {
        var finished: Set<String> = []
        for name in order {
            var path: [String] = []
            self.visit(name, &path, &finished, collector)
        }
    }

    private func visit(
        _ name: String,
        _ path: inout [String],
        _ finished: inout Set<String>,
        _ collector: DiagnosticCollector
    ) {
        guard !finished.contains(name) else { return }
        path.append(name)
        for edge in self.edges[name] ?? [] {
            if let start = path.firstIndex(of: edge.value) {
                let circle = (path[start...] + [edge.value]).joined(separator: " -> ")
                collector.error("resources refer to each other in a circle: \(circle)", at: edge.location)
            } else {
                self.visit(edge.value, &path, &finished, collector)
            }
        }
        path.removeLast()
        finished.insert(name)
    }

    /// Every name that `Ref`, `Fn::GetAtt` and `Fn::Sub` mention below `value`.
    private static func collect(_ value: DocumentValue, into found: inout [Located<String>]) {
        switch value.kind {
        case .null, .scalar, .unresolved:
            return
        case .list(let elements):
            for element in elements { self.collect(element, into: &found) }
        case .mapping(let entries):
            for entry in entries {
                switch entry.key {
                case "Ref": self.add(entry.value.text, at: entry.value.location, to: &found)
                case "Fn::GetAtt":
                    let name = entry.value.text ?? entry.value.elements?.first?.text
                    self.add(name.map { String($0.prefix { $0 != "." }) }, at: entry.value.location, to: &found)
                case "Fn::Sub":
                    let text = entry.value.text ?? entry.value.elements?.first?.text ?? ""
                    for name in self.names(inSub: text) { self.add(name, at: entry.value.location, to: &found) }
                default: break
                }
                self.collect(entry.value, into: &found)
            }
        }
    }

    private static func add(_ name: String?, at location: SourceLocation, to found: inout [Located<String>]) {
        if let name { found.append(Located(value: name, location: location)) }
    }

    private static func names(inSub text: String) -> [String] {
        text.split(separator: "${", omittingEmptySubsequences: false).dropFirst().map { piece in
            String(piece.prefix { $0 != "}" && $0 != "." }).trimmed
        }
    }
}
