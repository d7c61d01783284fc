/// Looks over a YAML or JSON text before it is parsed and stops what would hurt the parser or surprise its author:
/// nesting beyond any template's, anchors and aliases (the road to "billion laughs", and CloudFormation refuses them
/// as well), and tabs as indentation.
///
/// It knows as much of YAML as that takes: flow brackets, quotes, comments, block scalars, and how far a line is
/// indented by spaces and by `- `.
struct DocumentScanner {
    /// Levels of lists and mappings. A listener rule in a template stands at about ten.
    static let maximumDepth = 64

    private let collector: DiagnosticCollector
    private var quote: UInt8?
    private var flowDepth = 0
    /// Columns at which open block collections began, outermost first.
    private var indents: [Int] = []
    /// Lines indented deeper than this belong to a block scalar.
    private var blockScalarParent: Int?

    private init(collector: DiagnosticCollector) {
        self.collector = collector
    }

    /// Reports what was found to `collector`; stops at the first find.
    static func scan(_ text: String, into collector: DiagnosticCollector) {
        var scanner = Self(collector: collector)
        for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            guard scanner.scan(line: Array(line), number: index + 1) else { return }
        }
    }

    /// Returns false when the text must not be parsed.
    private mutating func scan(line: [UInt8], number: Int) -> Bool {
        var position = line.prefix { $0 == UInt8(ascii: " ") }.count
        if self.quote == nil, self.flowDepth == 0 {
            guard position < line.count, line[position] != UInt8(ascii: "\r") else { return true }
            if let parent = self.blockScalarParent {
                if position > parent { return true }
                self.blockScalarParent = nil
            }
            if line[position] == UInt8(ascii: "\t") {
                return self.refuse(number, position, "a tab indents this line", "YAML is indented by spaces only")
            }
            position = self.openCollections(of: line, from: position)
            if self.indents.count > Self.maximumDepth { return self.refuseDepth(number, position) }
        }
        return self.scan(line: line, number: number, from: position)
    }

    /// Follows the indentation: closes what this line is not part of any more, opens one level per `- ` or `? ` and one
    /// for the line's own content. Returns where the content begins.
    private mutating func openCollections(of line: [UInt8], from start: Int) -> Int {
        var position = start
        while let last = self.indents.last, last > position { self.indents.removeLast() }
        while position < line.count {
            if self.indents.last.map({ $0 < position }) ?? true { self.indents.append(position) }
            let isMarker = line[position] == UInt8(ascii: "-") || line[position] == UInt8(ascii: "?")
            guard isMarker, position + 1 < line.count, line[position + 1] == UInt8(ascii: " ") else { break }
            position += 1
            while position < line.count, line[position] == UInt8(ascii: " ") { position += 1 }
        }
        return position
    }

    private mutating func scan(line: [UInt8], number: Int, from start: Int) -> Bool {
        // Whether a node may begin here; `&`, `*`, quotes and brackets mean something only then.
        var atNodeStart = true
        var position = start
        while position < line.count {
            let byte = line[position]
            defer { position += 1 }
            if let quote = self.quote {
                if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") { position += 1 }
                if byte == quote { self.quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                continue
            case UInt8(ascii: "#") where position == 0 || line[position - 1] == UInt8(ascii: " "):
                return true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if atNodeStart { self.quote = byte }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard atNodeStart || self.flowDepth > 0 else { break }
                self.flowDepth += 1
                if self.flowDepth + self.indents.count > Self.maximumDepth { return self.refuseDepth(number, position) }
                atNodeStart = true
                continue
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                self.flowDepth = max(0, self.flowDepth - 1)
            case UInt8(ascii: ",") where self.flowDepth > 0:
                atNodeStart = true
                continue
            case UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "?"):
                let next = position + 1 < line.count ? line[position + 1] : UInt8(ascii: " ")
                guard next == UInt8(ascii: " ") || next == UInt8(ascii: "\r") || self.flowDepth > 0 else { break }
                atNodeStart = true
                continue
            case UInt8(ascii: "!") where atNodeStart:
                while position + 1 < line.count, line[position + 1] != UInt8(ascii: " ") { position += 1 }
                continue
            case UInt8(ascii: "&") where atNodeStart:
                return self.refuse(number, position, "an anchor (&)", Self.aliasAdvice)
            case UInt8(ascii: "*") where atNodeStart:
                return self.refuse(number, position, "an alias (*)", Self.aliasAdvice)
            case UInt8(ascii: "|"), UInt8(ascii: ">"):
                if atNodeStart, self.flowDepth == 0 { self.enterBlockScalar(line: line, at: position) }
                if self.blockScalarParent != nil { return true }
            default:
                break
            }
            atNodeStart = false
        }
        return true
    }

    private mutating func enterBlockScalar(line: [UInt8], at position: Int) {
        // `- |` is a member of the list at the dash; `key: |` a member of the mapping at the key.
        let ownsLine = self.indents.last == position
        self.blockScalarParent = (ownsLine ? self.indents.dropLast().last : self.indents.last) ?? -1
    }

    private static let aliasAdvice =
        "CloudFormation has no anchors and aliases: write the value out, or quote it if it is text"

    private func refuse(_ line: Int, _ position: Int, _ what: String, _ advice: String) -> Bool {
        self.collector.error(what, at: SourceLocation(line: line, column: position + 1), suggestion: advice)
        return false
    }

    private func refuseDepth(_ line: Int, _ position: Int) -> Bool {
        self.refuse(line, position, "nested deeper than \(Self.maximumDepth) levels", "no template needs that")
    }
}
