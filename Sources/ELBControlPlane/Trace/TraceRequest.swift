import ELBModel

/// A request whose way shall be explained; the body of `POST /_lab/trace`.
package struct TraceRequest: Codable, Hashable, Sendable {
    /// `http://NAME:PORT/path?query`, or https; `tcp://NAME:PORT`, or udp, tls, ssl. NAME is a load balancer's DNS name or one of its
    /// zones' names, its name, a node's address, or a name of a hosted zone that leads there.
    package var url: String
    package var method: String
    /// Lines as curl's `-H` takes them: `X-Env: canary`. A Host line replaces the URL's.
    package var headers: [String]
    /// The client's address, or `ADDRESS:PORT`; `nil` is a client on the internet, 127.200.0.1.
    package var from: String?

    package init(url: String, method: String = "GET", headers: [String] = [], from: String? = nil) {
        self.url = url
        self.method = method
        self.headers = headers
        self.from = from
    }

    /// Only the URL has to be there.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            url: try values.decode(String.self, forKey: .url),
            method: try values.decodeIfPresent(String.self, forKey: .method) ?? "GET",
            headers: try values.decodeIfPresent([String].self, forKey: .headers) ?? [],
            from: try values.decodeIfPresent(String.self, forKey: .from)
        )
    }

    /// The client's address.
    func peer() throws(TraceError) -> IPAddress { try self.source().address }

    /// The client's address, and its port if that is given.
    func source() throws(TraceError) -> (address: IPAddress, port: Port?) {
        let text = self.from ?? "127.200.0.1"
        if let address = IPAddress(text) { return (address, nil) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let port = Int(parts[1]).flatMap(Port.init)
        else { throw TraceError("'\(text.prefix(60))' is not an IP address, nor one with a port behind it") }
        return (address, port)
    }

    /// The parts of the URL.
    struct Place {
        var scheme: Scheme
        var host: String
        var port: Port
        /// Path and query, as it stands on the request line.
        var target: String
    }

    /// What the client speaks.
    enum Scheme: String, CaseIterable {
        case http, https, tcp, udp, tls, ssl

        /// `nil` has none.
        var usualPort: String? {
            switch self {
            case .http: "80"
            case .https: "443"
            case .tcp, .udp, .tls, .ssl: nil
            }
        }

        /// Whether requests are sent, each of which goes its own way.
        var hasRequests: Bool { self.usualPort != nil }
    }

    func place() throws(TraceError) -> Place {
        guard let scheme = Scheme.allCases.first(where: { self.url.hasPrefix("\($0.rawValue)://") }) else {
            throw TraceError(
                "'\(self.url.prefix(80))' is not a URL of the lab; write http://NAME:PORT/PATH, or tcp://NAME:PORT"
            )
        }
        let rest = self.url.dropFirst(scheme.rawValue.count + 3).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        var target = String(rest.dropFirst(authority.count))
        if !target.hasPrefix("/") { target = "/" + target }
        let colon = authority.lastIndex(of: ":")
        let host = String(colon.map { authority[..<$0] } ?? authority)
        let digits = colon.map { String(authority[authority.index(after: $0)...]) } ?? scheme.usualPort ?? ""
        guard !host.isEmpty, let port = Int(digits).flatMap(Port.init) else {
            throw TraceError("'\(self.url.prefix(80))' has no host, or a port outside 1 to 65535")
        }
        return Place(scheme: scheme, host: host, port: port, target: target)
    }

    /// The head that a client would send.
    func head(_ place: Place) throws(TraceError) -> [UInt8] {
        let hasHost = self.headers.contains { $0.lowercased().hasPrefix("host:") }
        let host = place.port == 80 ? place.host : "\(place.host):\(place.port)"
        let lines =
            ["\(self.method) \(place.target) HTTP/1.1"] + (hasHost ? [] : ["Host: \(host)"]) + self.headers
        guard lines.allSatisfy({ !$0.utf8.contains { $0 == 0x0d || $0 == 0x0a || $0 == 0 } }) else {
            throw TraceError("a line break inside the request")
        }
        guard Self.isToken(self.method) else {
            throw TraceError("'\(self.method.prefix(60))' is not a method")
        }
        guard !place.target.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
            throw TraceError("the URL holds a space or a control character; write a space as %20")
        }
        if let line = self.headers.first(where: { !Self.isHeader($0) }) {
            throw TraceError("'\(line.prefix(60))' is not a header line; write NAME: VALUE")
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func isHeader(_ line: String) -> Bool {
        line.firstIndex(of: ":").map { self.isToken(line[..<$0]) } ?? false
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

/// A request that cannot be explained, in one line.
package struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}
