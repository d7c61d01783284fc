package import ELBModel

/// The deliberate deviations of one part of the balancer, as bits: one test each, at one named place. Empty on an honest balancer.
package protocol QuirkOptions: OptionSet, Hashable, Sendable {
    /// Which quirk is which bit.
    static var bits: [(quirk: Quirk, bit: Self)] { get }
}

extension QuirkOptions where Element == Self {
    /// Those of a load balancer's quirks that are this part's.
    package init(_ quirks: Set<Quirk>) {
        self = Self(Self.bits.filter { quirks.contains($0.quirk) }.map(\.bit))
    }

    package init(_ quirks: QuirkSet) {
        self.init(quirks.quirks)
    }
}
