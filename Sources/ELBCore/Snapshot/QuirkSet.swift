package import ELBModel

/// The deliberate deviations of a load balancer, cheap to ask: an honest balancer pays one test of one bit.
package struct QuirkSet: Hashable, Sendable {
    @usableFromInline let isEmpty: Bool
    @usableFromInline let quirks: Set<Quirk>

    package init(_ quirks: Set<Quirk> = []) {
        self.isEmpty = quirks.isEmpty
        self.quirks = quirks
    }

    /// Whether the balancer deviates in this way.
    @inlinable
    package func contains(_ quirk: Quirk) -> Bool {
        !self.isEmpty && self.quirks.contains(quirk)
    }
}
