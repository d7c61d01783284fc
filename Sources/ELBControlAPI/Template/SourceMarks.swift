import ELBModel

/// Where the parts of a topology were written, so that an error found in the whole still names a line.
struct SourceMarks {
    private struct Mark {
        var file: String
        var properties: DocumentValue
    }

    /// By the path that `Topology.validate()` uses: `LoadBalancers[0].Listeners[1]`.
    private var marks: [String: Mark] = [:]

    mutating func add(_ path: String, file: String, _ properties: DocumentValue) {
        self.marks[path] = Mark(file: file, properties: properties)
    }

    mutating func merge(_ other: Self) {
        self.marks.merge(other.marks) { _, later in later }
    }

    /// The error with the place that its path means; `file` when nothing of the path was written anywhere.
    func diagnostic(for error: ModelError, file: String) -> Diagnostic {
        let message = "\(error.message) (\(error.code.rawValue))"
        var known = error.property[...]
        while !known.isEmpty {
            if let mark = self.marks[String(known)] {
                let rest = error.property.dropFirst(known.count).drop { $0 == "." }
                let location = mark.properties.location(ofProperty: String(rest))
                return Diagnostic(file: mark.file, location: location, message: message)
            }
            known = known.lastIndex(of: ".").map { known[..<$0] } ?? ""
        }
        return Diagnostic(file: file, message: message)
    }
}
