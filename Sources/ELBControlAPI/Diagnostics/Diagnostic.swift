/// A place in a text file, counted from 1 as editors count; columns are Unicode scalars.
package struct SourceLocation: Hashable, Sendable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `12:7`.
    package var description: String { "\(self.line):\(self.column)" }
}

/// One thing that is wrong with a file, in the form that editors and compilers share:
/// `web.yaml:12:7: error: unknown property 'Prot'; did you mean 'Port'?`
package struct Diagnostic: Error, Hashable, Sendable {
    /// As the person named it.
    package var file: String
    /// `nil` when the whole file is meant (missing, too large, not UTF-8).
    package var location: SourceLocation?
    package var message: String
    /// What to do about it; one clause without a full stop.
    package var suggestion: String?

    package init(file: String, location: SourceLocation? = nil, message: String, suggestion: String? = nil) {
        self.file = file
        self.location = location
        self.message = message
        self.suggestion = suggestion
    }
}

extension Diagnostic: CustomStringConvertible {
    package var description: String {
        let place = self.location.map { "\(self.file):\($0)" } ?? self.file
        let advice = self.suggestion.map { "; \($0)" } ?? ""
        return "\(place): error: \(self.message)\(advice)"
    }
}

/// Everything that is wrong with the files that were read, in the order of the text. Never empty.
package struct DiagnosticsError: Error, Hashable, Sendable {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}

extension DiagnosticsError: CustomStringConvertible {
    /// One diagnostic per line.
    package var description: String {
        self.diagnostics.map(\.description).joined(separator: "\n")
    }
}

/// Collects what the readers of one file find, so that a person sees all of it at once.
final class DiagnosticCollector {
    /// More than this in one file is noise: a mistake early on has been repeated everywhere.
    static let limit = 100

    let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String) {
        self.file = file
    }

    var isEmpty: Bool { self.diagnostics.isEmpty }

    func error(_ message: String, at location: SourceLocation?, suggestion: String? = nil) {
        let diagnostic = Diagnostic(file: self.file, location: location, message: message, suggestion: suggestion)
        // A value that is used in several places is resolved several times; its mistake is told once.
        guard self.diagnostics.count < Self.limit, !self.diagnostics.contains(diagnostic) else { return }
        self.diagnostics.append(diagnostic)
    }

    /// Throws what was found, sorted by place; returns if nothing was.
    func throwIfAny() throws(DiagnosticsError) {
        guard self.isEmpty else { throw DiagnosticsError(self.sorted) }
    }

    /// In the order of the text.
    var sorted: [Diagnostic] {
        // `sorted` is not stable by contract, so the order of discovery is the last key.
        let start = SourceLocation(line: 0, column: 0)
        return self.diagnostics.enumerated()
            .sorted { left, right in
                let (a, b) = (left.element.location ?? start, right.element.location ?? start)
                return a == b ? left.offset < right.offset : a < b
            }
            .map(\.element)
    }
}
