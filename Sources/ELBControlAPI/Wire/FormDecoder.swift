/// Reads an operation's input from a form, as the query protocol and EC2's dialect write it:
///
///     query  Targets.member.1.Id=i-1   lists under "member", or under the list's own member name
///     ec2    InstanceId.1=i-1          lists are always flat, names are the model's queryName
///
/// A list that is given and empty is sent as `DefaultActions=` with nothing behind it.
struct FormDecoder {
    let model: ServiceModel

    private var isEC2: Bool { self.model.metadata.protocol == .ec2 }

    /// The input of the operation; members that the model does not know are left out, as AWS does.
    func input(_ operation: ServiceModel.Operation, _ form: FormParameters) throws(APIError) -> WireValue {
        guard let name = operation.input else { return .structure([]) }
        return try self.structure(self.model.shape(name), form.root, "")
    }

    private func structure(
        _ shape: ServiceModel.Shape,
        _ node: FormParameters.Node,
        _ path: String
    ) throws(APIError) -> WireValue {
        var members: [WireValue.Member] = []
        // Sorted, so that of several mistakes the same one is named every time.
        for (name, member) in (shape.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let child = node[self.wireName(name, member)] else { continue }
            let path = path.isEmpty ? name : "\(path).\(name)"
            if let value = try self.value(member, child, path) { members.append(.init(name, value)) }
        }
        return .structure(members)
    }

    private func wireName(_ name: String, _ member: ServiceModel.Member) -> String {
        let shape = self.model.shape(member.shape)
        if self.isEC2 {
            if let name = member.queryName { return name }
            guard let name = member.locationName else { return name }
            return name.prefix(1).uppercased() + name.dropFirst()
        }
        if member.flattened == true || shape.flattened == true, let own = shape.member?.locationName { return own }
        return member.locationName ?? name
    }

    private func value(
        _ member: ServiceModel.Member,
        _ node: FormParameters.Node,
        _ path: String
    ) throws(APIError) -> WireValue? {
        let shape = self.model.shape(member.shape)
        switch shape.type {
        case .structure:
            return try self.structure(shape, node, path)
        case .list:
            return try self.list(shape, member, node, path)
        case .map:
            return try self.map(shape, member, node, path)
        case .string, .integer, .long, .float, .double, .boolean, .timestamp, .blob, .character:
            guard let text = node.value else { return nil }
            return try ScalarReader.scalar(text, shape.type, path)
        }
    }

    private func list(
        _ shape: ServiceModel.Shape,
        _ member: ServiceModel.Member,
        _ node: FormParameters.Node,
        _ path: String
    ) throws(APIError) -> WireValue? {
        guard let element = shape.member else { return nil }
        let isFlat = self.isEC2 || shape.flattened == true || member.flattened == true
        let parent = isFlat ? node : node[element.locationName ?? "member"] ?? FormParameters.Node()
        var values: [WireValue] = []
        for (index, child) in parent.numbered.enumerated() {
            if let value = try self.value(element, child, "\(path).\(index + 1).member") { values.append(value) }
        }
        if values.isEmpty, node.value != "" { return nil }
        return .list(values)
    }

    private func map(
        _ shape: ServiceModel.Shape,
        _ member: ServiceModel.Member,
        _ node: FormParameters.Node,
        _ path: String
    ) throws(APIError) -> WireValue? {
        guard let value = shape.value else { return nil }
        let isFlat = shape.flattened == true || member.flattened == true
        var entries: [WireValue.Member] = []
        for child in (isFlat ? node : node.children["entry"] ?? FormParameters.Node()).numbered {
            guard let key = child.children[shape.key?.locationName ?? "key"]?.value,
                let node = child.children[value.locationName ?? "value"],
                let value = try self.value(value, node, "\(path).\(key)")
            else { continue }
            entries.append(.init(key, value))
        }
        return entries.isEmpty && node.value != "" ? nil : .structure(entries)
    }
}
