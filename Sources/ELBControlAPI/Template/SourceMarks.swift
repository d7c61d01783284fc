import ELBModel

/// Where the parts of a topology were written, so that an error found later still names a line.
struct SourceMarks {
    enum Element: Hashable {
        case loadBalancer(LoadBalancerName)
        case listener(LoadBalancerName, Port)
        case rule(LoadBalancerName, Port, priority: Int)
        case targetGroup(TargetGroupID)
        case instance(InstanceID)
    }

    struct Mark {
        var file: String
        var properties: DocumentValue
    }

    private var marks: [Element: Mark] = [:]

    /// Of two elements of one name the later one is kept: it is the one too many.
    mutating func add(_ element: Element, file: String, _ properties: DocumentValue) {
        self.marks[element] = Mark(file: file, properties: properties)
    }

    mutating func merge(_ other: Self) {
        self.marks.merge(other.marks) { _, later in later }
    }

    subscript(element: Element) -> Mark? { self.marks[element] }
}
