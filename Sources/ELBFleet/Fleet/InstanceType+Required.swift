import ELBModel

extension InstanceType {
    /// The size of that name.
    /// - Throws: `BackendError.invalid` that lists the names there are.
    static func required(_ name: String) throws(BackendError) -> Self {
        guard let type = Self.named(name) else {
            let names = Self.all.map(\.name).joined(separator: ", ")
            throw BackendError(.invalid, "no size '\(name)'; there are \(names)")
        }
        return type
    }
}
