import ELBModel

enum ZoneReader {
    /// The zone of that name; one that the lab has not is reported.
    static func zone(_ text: Located<String>, _ collector: DiagnosticCollector) -> AvailabilityZone? {
        if let zone = AvailabilityZone(text.value) { return zone }
        let zones = AvailabilityZone.allCases.map(\.name)
        collector.error(
            "there is no zone '\(text.value.prefix(40))' in the lab",
            at: text.location,
            suggestion: Suggestion.didYouMean(text.value, among: zones)
                ?? "its region is \(AvailabilityZone.region), its zones are a to d"
        )
        return nil
    }
}
