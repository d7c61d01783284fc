import Yams

/// Reads one YAML or JSON document into values that know their place. (JSON is read as the subset of YAML that it is.)
package enum DocumentLoader {
    /// AWS's own limit for a template is 1 MB (through S3).
    package static let maximumBytes = 1 << 20

    /// What is wrong with a document as such, before anyone asks what it means; empty when it can be read.
    package static func diagnostics(of bytes: some Collection<UInt8>, file: String) -> [Diagnostic] {
        let collector = DiagnosticCollector(file: file)
        _ = Self.load(bytes, into: collector)
        return collector.diagnostics
    }

    /// The root, or `nil` when the text is not a document; `collector` then says why. Parts that cannot be used are
    /// reported and stand in the root as `unresolved`.
    static func load(_ bytes: some Collection<UInt8>, into collector: DiagnosticCollector) -> DocumentValue? {
        guard bytes.count <= Self.maximumBytes else {
            collector.error(
                "the file has \(bytes.count) bytes; at most \(Self.maximumBytes) are read",
                at: nil,
                suggestion: "AWS takes no larger template either"
            )
            return nil
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            collector.error(
                "the file is not UTF-8 text",
                at: Self.locationOfInvalidText(in: Array(bytes)),
                suggestion: "save it as UTF-8"
            )
            return nil
        }
        if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
        DocumentScanner.scan(text, into: collector)
        guard collector.isEmpty else { return nil }
        do {
            guard let root = try Parser(yaml: text).singleRoot() else {
                collector.error("the file is empty", at: nil)
                return nil
            }
            return self.value(of: root, depth: 0, collector)
        } catch let error as YamlError {
            self.report(error, to: collector)
        } catch {
            collector.error("\(error)", at: nil)
        }
        return nil
    }

    /// Tags of CloudFormation's functions and the long names that they stand for. Those that the lab cannot evaluate
    /// are here as well: they are reported as functions, by name.
    private static let functionNames: [String: String] = {
        let short = [
            "And", "Base64", "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length",
            "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform",
        ]
        var names = Dictionary(uniqueKeysWithValues: short.map { ("!\($0)", "Fn::\($0)") })
        names["!Ref"] = "Ref"
        names["!Condition"] = "Condition"
        return names
    }()

    private static func value(of node: Node, depth: Int, _ collector: DiagnosticCollector) -> DocumentValue {
        let location = node.mark.map { SourceLocation(line: $0.line, column: $0.column) } ?? .init(line: 1, column: 1)
        // The scanner has refused both; this is the second wall, for spellings that it does not see.
        guard node.anchor == nil, depth <= 2 * DocumentScanner.maximumDepth else {
            collector.error("anchors, aliases and endless nesting are not read", at: location)
            return DocumentValue(.unresolved, at: location)
        }
        let plain = self.untagged(node, at: location, depth: depth, collector)
        let tag = node.tag.description
        guard tag.hasPrefix("!") else { return plain }
        guard let function = Self.functionNames[tag] else {
            collector.error(
                "unknown tag '\(tag)'",
                at: location,
                suggestion: Suggestion.didYouMean(tag, among: Self.functionNames.keys)
            )
            return DocumentValue(.unresolved, at: location)
        }
        return DocumentValue(.mapping([.init(key: function, keyLocation: location, value: plain)]), at: location)
    }

    private static func untagged(
        _ node: Node,
        at location: SourceLocation,
        depth: Int,
        _ collector: DiagnosticCollector
    ) -> DocumentValue {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return DocumentValue(isNull ? .null : .scalar(scalar.string), at: location)
        case .sequence(let sequence):
            return DocumentValue(.list(sequence.map { self.value(of: $0, depth: depth + 1, collector) }), at: location)
        case .mapping(let mapping):
            var entries: [DocumentValue.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key, key.anchor == nil else {
                    collector.error("a key is not text", at: location)
                    continue
                }
                if name.string == "<<", name.style == .plain {
                    collector.error("a merge (<<) is not part of CloudFormation's YAML", at: self.location(of: key))
                }
                entries.append(
                    .init(
                        key: name.string,
                        keyLocation: self.location(of: key) ?? location,
                        value: self.value(of: value, depth: depth + 1, collector)
                    )
                )
            }
            return DocumentValue(.mapping(entries), at: location)
        case .alias:
            collector.error("an alias is not read", at: location)
            return DocumentValue(.unresolved, at: location)
        }
    }

    private static func location(of node: Node) -> SourceLocation? {
        node.mark.map { SourceLocation(line: $0.line, column: $0.column) }
    }

    private static func report(_ error: YamlError, to collector: DiagnosticCollector) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let reason = context.map { "\(problem) \($0.text)" } ?? problem
            collector.error(
                "not valid YAML or JSON: \(reason)",
                at: SourceLocation(line: mark.line, column: mark.column)
            )
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            collector.error(
                "\(names) is written more than once in this mapping",
                at: SourceLocation(line: context.mark.line, column: context.mark.column),
                suggestion: "one of them would be lost"
            )
        case .reader(let problem, let offset, _, let text):
            collector.error(
                "not valid YAML or JSON: \(problem)",
                at: offset.map { self.end(of: Array(text.utf8.prefix($0))) }
            )
        default:
            collector.error("not valid YAML or JSON: \(error)", at: nil)
        }
    }

    /// Where the first byte stands that is no UTF-8.
    private static func locationOfInvalidText(in bytes: [UInt8]) -> SourceLocation {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where String(validating: line, as: UTF8.self) == nil {
            return SourceLocation(line: index + 1, column: Self.validPrefix(of: line) + 1)
        }
        return SourceLocation(line: 1, column: 1)
    }

    /// How many characters (Unicode scalars) a line has before its first byte that is no UTF-8.
    private static func validPrefix(of line: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var bytes = line.makeIterator()
        var count = 0
        while case .scalarValue = decoder.decode(&bytes) { count += 1 }
        return count
    }

    /// The place behind those bytes; continuation bytes are no columns.
    private static func end(of bytes: [UInt8]) -> SourceLocation {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let column = (lines.last ?? []).count(where: { $0 & 0xc0 != 0x80 })
        return SourceLocation(line: max(1, lines.count), column: column + 1)
    }
}
