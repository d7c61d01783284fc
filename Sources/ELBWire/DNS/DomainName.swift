/// A domain name: its labels, in lower case, because case means nothing (RFC 4343). The root has none.
package struct DomainName: Hashable, Sendable {
    /// From the host's to the top-level domain's.
    package let labels: [[UInt8]]

    /// Longest name on the wire, length bytes and the root included (RFC 1035, section 2.3.4).
    static let longest = 255
    static let longestLabel = 63

    /// `nil` for names that DNS cannot carry.
    package init?(labels: some Sequence<[UInt8]>) {
        let labels = labels.map { label in label.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } }
        guard labels.allSatisfy({ (1...Self.longestLabel).contains($0.count) }),
            labels.reduce(1, { $0 + $1.count + 1 }) <= Self.longest
        else { return nil }
        self.labels = labels
    }

    /// What every name lies below.
    package static let root = Self(known: [])

    private init(known labels: [[UInt8]]) {
        self.labels = labels
    }

    /// From the usual notation, with or without the last dot. There is no way to write a dot inside a label.
    package init?(_ text: String) {
        let text = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard !text.isEmpty else {
            self = .root
            return
        }
        self.init(
            labels: text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        )
    }

    /// The name one step nearer to the root; `nil` for the root.
    package var parent: DomainName? {
        self.labels.isEmpty ? nil : DomainName(labels: self.labels.dropFirst())
    }

    /// Whether this is the other name or lies below it.
    package func isWithin(_ other: DomainName) -> Bool {
        self.labels.count >= other.labels.count && self.labels.suffix(other.labels.count) == other.labels[...]
    }

    func append(to message: inout [UInt8]) {
        for label in self.labels {
            message.append(UInt8(label.count))
            message += label
        }
        message.append(0)
    }
}

extension DomainName: CustomStringConvertible {
    package var description: String {
        self.labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".") + "."
    }
}
