package import ELBModel

/// One request, and what must become of it.
package struct RouteCase: Hashable, Sendable {
    package var request: Request
    package var outcome: Outcome
    /// Whether it stands just outside a rule; half of the cases should.
    package var isNearMiss: Bool

    package struct Request: Hashable, Sendable {
        package var method = "GET"
        package var host: String?
        /// Path and query as they stand on the request line.
        package var target = "/"
        package var headers: [String: String] = [:]
        /// Header lines as they are sent, `Name: value`, in order; a name may stand here twice.
        package var fields: [String] = []
        package var body: String?
        /// Source address of the connection.
        package var client: String?
        /// Which listener, by the template's port; the first if `nil`.
        package var listener: Int?
        /// Which node; the first if `nil`.
        package var zone: AvailabilityZone?
        /// Which load balancer, by its name; the first if `nil`.
        package var balancer: String?
        /// What the client speaks.
        package var version = Version.http11
        /// The name asked for in the TLS handshake; `host` if `nil`, none if empty.
        package var serverName: String?
        /// The newest version of TLS that the client offers.
        package var newestTLS: TLSVersion?
    }

    package enum Version: String, Hashable, Sendable, CaseIterable {
        case http10 = "1.0"
        case http11 = "1.1"
        /// HTTP/2 where the handshake agrees on it, HTTP/1.1 elsewhere.
        case http2 = "2"
    }

    package enum TLSVersion: String, Hashable, Sendable, CaseIterable {
        case v10 = "1.0"
        case v11 = "1.1"
        case v12 = "1.2"
        case v13 = "1.3"
    }

    package enum Outcome: Hashable, Sendable {
        /// Answered by one of these servers.
        case servers([String])
        /// Answered by the balancer itself with this status and, if given, a body containing this text.
        case fixed(status: Int, body: String?)
        case redirect(status: Int, location: String)
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "servers", "fixed", "body", "redirect", "location", "near-miss"])
        self.request = try Request(try reader.required("request"))
        self.isNearMiss = try reader.optional("near-miss")?.string() == "true"
        if let servers = reader.optional("servers") {
            self.outcome = .servers(try servers.strings())
        } else if let redirect = reader.optional("redirect") {
            self.outcome = .redirect(
                status: try redirect.int(),
                location: try reader.required("location").string()
            )
        } else {
            let body = try reader.optional("body")?.string()
            self.outcome = .fixed(status: try reader.required("fixed").int(), body: body)
        }
    }
}

extension RouteCase.Request {
    /// Reads `GET /path`, or a mapping with method, host, target, headers and client.
    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: [
            "method", "host", "target", "headers", "fields", "body", "client", "listener", "zone", "balancer", "http",
            "sni", "newest-tls",
        ])
        if let method = reader.optional("method") { self.method = try method.string() }
        self.host = try reader.optional("host")?.string()
        if let target = reader.optional("target") { self.target = try target.string() }
        for (name, value) in try reader.optional("headers")?.entries() ?? [] {
            self.headers[name] = try value.string()
        }
        self.fields = try reader.optional("fields")?.strings() ?? []
        for field in self.fields where !field.contains(":") {
            throw try reader.required("fields").error("'\(field)' is no header line; write Name: value")
        }
        self.body = try reader.optional("body")?.string()
        self.client = try reader.optional("client")?.string()
        self.listener = try reader.optional("listener")?.int()
        self.zone = try reader.optional("zone")?.zone()
        self.balancer = try reader.optional("balancer")?.string()
        if let version = reader.optional("http") { self.version = try version.choice(of: RouteCase.Version.self) }
        self.serverName = try reader.optional("sni")?.string()
        self.newestTLS = try reader.optional("newest-tls")?.choice(of: RouteCase.TLSVersion.self)
    }
}

extension RouteCase.Request {
    /// Where the request goes, if the case says so: `web:443 zone b`.
    var place: String? {
        guard self.balancer != nil || self.listener != nil || self.zone != nil else { return nil }
        let port = self.listener.map { ":\($0)" } ?? ""
        let parts = ["\(self.balancer ?? "")\(port)", self.zone.map { "zone \($0.letter)" } ?? ""]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension RouteCase.Request: CustomStringConvertible {
    /// In any language: `127.200.0.9: GET www.example.com/api?x=1 HTTP/2 → web:443 (X-Env: canary)`.
    package var description: String {
        let lines = self.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } + self.fields
        return [
            self.client.map { "\($0):" },
            "\(self.method) \(self.host ?? "")\(self.target)",
            self.version == .http11 ? nil : "HTTP/\(self.version.rawValue)",
            self.newestTLS.map { "TLS ≤ \($0.rawValue)" },
            self.place.map { "→ \($0)" },
            lines.isEmpty ? nil : "(\(lines.joined(separator: ", ")))",
        ].compactMap { $0 }.joined(separator: " ")
    }
}
