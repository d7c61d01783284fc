import ELBModel

extension TrafficFilter {
    /// Reads the rules of a command; `nil` stands for everything.
    static func required(_ texts: [String]?) throws(BackendError) -> TrafficFilter? {
        guard let texts else { return nil }
        if let filter = TrafficFilter(texts: texts) { return filter }
        throw BackendError(.invalid, "a rule is two ports and a block, such as '80-8080 127.10.0.0/16'")
    }
}
