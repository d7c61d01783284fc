package import ELBModel

/// The commands of EC2 that a load balancer's user needs.
package enum EC2 {}

package protocol EC2Command: Command {}

extension EC2Command {
    package static var service: Service { .ec2 }
}

/// EC2's `Filter.1.Name=…&Filter.1.Value.1=…`: all filters must hold, each by one of its values. `*` and `?` are wildcards.
package struct ResourceFilters: Hashable, Sendable {
    package struct Filter: Hashable, Sendable {
        package var name: String
        package var values: [String]
    }

    package var filters: [Filter] = []

    init(_ input: inout CommandInput) {
        for var filter in input.structures("Filters") ?? [] {
            self.filters.append(Filter(name: filter.text("Name") ?? "", values: filter.texts("Values") ?? []))
        }
    }

    /// Whether everything asked for holds.
    ///
    /// - Parameters:
    ///   - fields: what the resource says to each name that EC2 filters by; several values where it has several.
    ///   - tags: for `tag:KEY` and `tag-key`.
    /// - Throws: for a name that the resource has no answer to.
    package func match(
        _ fields: [String: [String]],
        tags: [(key: String, value: String)]
    ) throws(APIError) -> Bool {
        for filter in self.filters {
            let values: [String]
            if filter.name.hasPrefix("tag:") {
                values = tags.filter { $0.key == filter.name.dropFirst(4) }.map(\.value)
            } else if filter.name == "tag-key" {
                values = tags.map(\.key)
            } else if let known = fields[filter.name] {
                values = known
            } else {
                throw APIError("InvalidParameterValue", "The filter '\(filter.name.prefix(80))' is invalid")
            }
            let matches = filter.values.contains { pattern in
                values.contains { Wildcards.match(Array(pattern.utf8)[...], Array($0.utf8)[...]) }
            }
            if !matches { return false }
        }
        return true
    }
}

/// Texts with `*` and `?`.
private enum Wildcards {
    static func match(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (pattern, text) = (pattern, text)
        var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while let byte = text.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (pattern, text)
            } else if let wanted = pattern.first, wanted == UInt8(ascii: "?") || wanted == byte {
                (pattern, text) = (pattern.dropFirst(), text.dropFirst())
            } else if let last = retry {
                // The star takes one character more.
                retry = (last.pattern, last.text.dropFirst())
                (pattern, text) = (last.pattern, last.text.dropFirst())
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension CommandInput {
    /// `TagSpecification`s for one kind of resource; those for others are refused.
    mutating func tagSpecifications(for kind: String) throws(APIError) -> [ResourceTag] {
        var tags: [ResourceTag] = []
        for var specification in self.structures("TagSpecifications") ?? [] {
            let type = specification.text("ResourceType") ?? kind
            guard type == kind else { throw .notInLab("Tags for '\(type)' with \(self.what)") }
            tags += try specification.tags("Tags")
        }
        return tags
    }

    /// `DryRun` asks only whether the call is permitted, which it is.
    mutating func refuseDryRun() throws(APIError) {
        guard self.boolean("DryRun") == true else { return }
        throw APIError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status: 412)
    }
}

extension WireValue {
    package static func tags(_ tags: [ResourceTag]) -> Self {
        .list(tags.map { ["Key": .text($0.key), "Value": .text($0.value)] })
    }
}
