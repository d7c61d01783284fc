// A rule of a filter as text, `8080-8443 127.10.0.0/16`, for JSON.
extension TrafficFilter.Rule: LosslessStringConvertible {
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let block = CIDRBlock(parts[1]) else { return nil }
        let ports = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard ports.count == 2, let first = ports[0], let last = ports[1], first <= last else { return nil }
        self.init(ports: first...last, peer: block)
    }

    package var description: String { "\(self.ports.lowerBound)-\(self.ports.upperBound) \(self.peer)" }
}

extension TrafficFilter {
    /// Reads what `texts` gives; `nil` if any of them is no rule.
    package init?(texts: [String]) {
        let rules = texts.map { Rule($0) }
        guard !rules.contains(nil) else { return nil }
        self.init(rules.compactMap { $0 })
    }

    package var texts: [String] { self.rules.map(\.description) }
}
