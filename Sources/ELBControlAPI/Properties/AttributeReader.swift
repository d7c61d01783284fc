import ELBModel

/// Reads lists of `{Key, Value}` attributes.
enum AttributeReader {
    /// A listener's `ListenerAttributes`.
    static func listenerAttributes(
        _ reader: inout ObjectReader,
        for protocol: Listener.Proto
    ) -> ListenerAttributes {
        var attributes = ListenerAttributes()
        Self.read("ListenerAttributes", of: &reader, known: ListenerAttributes.keys(for: `protocol`)) {
            key,
            value throws(ModelError) in
            try attributes.set(key, to: value, for: `protocol`)
        }
        return attributes
    }

    static func read(
        _ property: String,
        of reader: inout ObjectReader,
        known: [String],
        set: (_ key: String, _ value: String) throws(ModelError) -> Void
    ) {
        var seen: Set<String> = []
        for var attribute in reader.objects(property, as: "an attribute") ?? [] {
            attribute.requires("Key", "Value")
            let key = attribute.text("Key")
            let value = attribute.text("Value")
            attribute.finish()
            guard let key, let value else { continue }
            guard seen.insert(key.value).inserted else {
                reader.collector.error("attribute '\(key.value)' is set twice", at: key.location)
                continue
            }
            do throws(ModelError) {
                try set(key.value, value.value)
            } catch {
                let isKey = error.property == "Key"
                reader.collector.error(
                    error.message,
                    at: isKey ? key.location : value.location,
                    suggestion: isKey && error.code != .notInLab ? Suggestion.didYouMean(key.value, among: known) : nil
                )
            }
        }
    }
}
