/// Where an endpoint of an identity provider is: the parts of an `http` or `https` URL that a request needs. Reads what
/// configurations hold, not what browsers forgive.
package struct WebURL: Hashable, Codable, Sendable {
    package var scheme: Scheme
    /// A name or an IPv4 address, in lower case.
    package var host: String
    package var port: Port
    /// The path and, if there is one, `?` and the query; starts with `/`.
    package var target: String
    /// The URL as written.
    package let text: String

    /// The raw value is how URLs write it.
    package enum Scheme: String, Hashable, Codable, Sendable {
        case http
        case https
    }

    /// `nil` for anything but `scheme://host[:port]/path[?query]` of visible ASCII; no user, no fragment, no IPv6.
    package init?(_ text: String) {
        guard text.utf8.count <= 4096, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            !text.utf8.contains(UInt8(ascii: "#")), !text.utf8.contains(UInt8(ascii: "\\")),
            let mark = text.firstRange(of: "://"), let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
        else { return nil }
        let rest = text[mark.upperBound...]
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let authority = rest[..<slash].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = authority.first, !host.isEmpty,
            host.utf8.allSatisfy(Characters.alphanumerics(and: "-."))
        else { return nil }
        var port: Port? = Port(scheme == .https ? 443 : 80)
        if authority.count == 2 {
            guard authority[1].utf8.allSatisfy(ByteSet.digits.contains) else { return nil }
            port = Int(authority[1]).flatMap { Port($0) }
        }
        guard let port else { return nil }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        self.target = String(rest[slash...])
        self.text = text
    }

    /// The value of Host in a request to it: the port where it is not the scheme's.
    package var authority: String {
        let usual = self.scheme == .https ? 443 : 80
        return Int(self.port.rawValue) == usual ? self.host : "\(self.host):\(self.port)"
    }
}
