/// A decoded form or query string as a tree: `Conditions.member.1.Field=path-pattern` stands under `Conditions`, `member`, `1`,
/// `Field`.
struct FormParameters {
    /// Pairs of one request; AWS's own limits are far below.
    static let mostPairs = 20_000
    /// Dots in one name; the deepest shape of the models needs 12.
    static let deepest = 24

    private(set) var root = Node()

    /// What stands under one name: a value, further names, or both.
    struct Node {
        var value: String?
        var children: [String: Node] = [:]

        /// The child whose name is a path with dots.
        subscript(path: String) -> Node? {
            guard path.contains(".") else { return self.children[path] }
            var node = self
            for part in path.split(separator: ".") {
                guard let next = node.children[String(part)] else { return nil }
                node = next
            }
            return node
        }

        /// The numbered children in ascending order. Gaps are closed, as AWS does.
        var numbered: [Node] {
            self.children.compactMap { name, node in Int(name).map { ($0, node) } }
                .sorted { $0.0 < $1.0 }
                .map(\.1)
        }
    }

    /// Reads pairs from text of the type `application/x-www-form-urlencoded`.
    ///
    /// - Throws: `MalformedQueryString` for escapes that are none and names without end.
    init(_ bytes: some Collection<UInt8>) throws(APIError) {
        let pairs = bytes.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= Self.mostPairs else { throw Self.malformed("the request has too many parameters") }
        for pair in pairs {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(halves[0])
            let value = halves.count > 1 ? try Self.decode(halves[1]) : ""
            let path = name.split(separator: ".", omittingEmptySubsequences: false)
            guard path.count <= Self.deepest else { throw Self.malformed("a parameter's name has too many parts") }
            Self.insert(value, at: path[...], into: &self.root)
        }
    }

    private static func insert(_ value: String, at path: ArraySlice<Substring>, into node: inout Node) {
        guard let first = path.first else {
            node.value = value
            return
        }
        Self.insert(value, at: path.dropFirst(), into: &node.children[String(first), default: Node()])
    }

    private static func decode(_ bytes: some Collection<UInt8>) throws(APIError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(Self.digit), let low = iterator.next().flatMap(Self.digit)
                else { throw Self.malformed("a percent escape is cut short or has no hexadecimal digits") }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw Self.malformed("a parameter is not UTF-8")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func malformed(_ message: String) -> APIError {
        APIError("MalformedQueryString", "The query string is malformed: \(message)")
    }
}
