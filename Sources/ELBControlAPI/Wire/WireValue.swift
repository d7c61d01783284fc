package import ELBModel

/// A value of an operation's input or output, typed as the service model types it. It knows nothing of forms, XML or JSON.
package enum WireValue: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case decimal(Double)
    case boolean(Bool)
    case timestamp(Timestamp)
    case blob([UInt8])
    case list([WireValue])
    /// A structure's members or a map's entries, in the order in which they are written.
    case structure([Member])

    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: WireValue

        package init(_ name: String, _ value: WireValue) {
            self.name = name
            self.value = value
        }
    }

    /// The member of that name.
    package subscript(name: String) -> WireValue? {
        guard case .structure(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// A list of texts.
    package static func texts(_ values: [String]) -> Self { .list(values.map(Self.text)) }
}

extension WireValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: WireValue...) { self = .list(elements) }
}

extension WireValue: ExpressibleByDictionaryLiteral {
    /// A structure; members that are `nil` are left out.
    package init(dictionaryLiteral elements: (String, WireValue?)...) {
        self = .structure(elements.compactMap { name, value in value.map { Member(name, $0) } })
    }
}
