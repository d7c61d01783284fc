/// One request, and everything that must be true of what the client got and of what a server read. What is not said is not
/// looked at.
///
/// Expected texts are patterns: `*` stands for any characters. `{port}` is the listener's real port, `{port:443}` that of
/// another listener of the same balancer, `{client}` the client's address, `{client-port}` its port, `{node}` the address
/// that targets know the node by.
package struct ResponseCase: Hashable, Sendable {
    package var request: RouteCase.Request
    package var isNearMiss: Bool
    package var status: Int?
    /// `HTTP/2`.
    package var version: String?
    /// By name, the values of the answer's fields in order.
    package var headers: [String: [String]]
    package var absent: [String]
    /// The body contains it.
    package var body: String?
    /// Who read the request; empty when nobody must have.
    package var servers: [String]?
    /// A name that the certificate shown is made out to.
    package var certificate: String?
    /// How the connection fails; then nothing else is expected.
    package var connection: Failure?
    package var seen: Seen?
    package var event: Event?

    /// Ways for a client to get no answer.
    package enum Failure: String, Hashable, Sendable, CaseIterable {
        case refused
        /// Neither an answer nor a refusal, as a security group leaves it.
        case silent
        /// The handshake fails.
        case tls
        /// Closed or reset without an answer.
        case closed

        /// As findings say it.
        var words: String {
            switch self {
            case .refused: "refused"
            case .silent: "no answer at all"
            case .tls: "no TLS handshake"
            case .closed: "closed without an answer"
            }
        }
    }

    /// What the server read.
    package struct Seen: Hashable, Sendable {
        package var method: String?
        package var target: String?
        package var version: String?
        /// The peer's address.
        package var peer: String?
        /// By the template's number.
        package var port: Int?
        package var headers: [String: [String]]
        package var absent: [String]
        /// Names of fields that stand in this order.
        package var order: [String]
        package var body: String?
        package var isSecure: Bool?
    }

    /// What a function was called with: paths into the event (`headers.x-forwarded-for`) and patterns.
    package struct Event: Hashable, Sendable {
        package var values: [String: String]
        package var absent: [String]
    }

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: [
            "request", "status", "version", "headers", "absent", "body", "servers", "certificate", "connection", "seen",
            "event", "event-absent", "near-miss",
        ])
        self.request = try RouteCase.Request(try reader.required("request"))
        self.isNearMiss = try reader.optional("near-miss")?.bool() ?? false
        self.status = try reader.optional("status")?.int()
        self.version = try reader.optional("version")?.string()
        self.headers = try Self.fields(reader)
        self.absent = try reader.optional("absent")?.strings() ?? []
        self.body = try reader.optional("body")?.string()
        self.servers = try reader.optional("servers")?.strings()
        self.certificate = try reader.optional("certificate")?.string()
        self.connection = try reader.optional("connection")?.choice(of: Failure.self)
        self.seen = try reader.optional("seen").map { try Seen($0) }
        let values = try reader.optional("event")?.entries() ?? []
        let missing = try reader.optional("event-absent")?.strings() ?? []
        if !values.isEmpty || !missing.isEmpty {
            var event = Event(values: [:], absent: missing)
            for (path, value) in values { event.values[path] = try value.string() }
            self.event = event
        }
        let saysMore =
            self.status != nil || self.version != nil || !self.headers.isEmpty || !self.absent.isEmpty
            || self.body != nil || self.certificate != nil || self.seen != nil || self.event != nil
        if self.connection != nil, saysMore { throw reader.error("a connection that fails has no answer to expect of") }
        if self.connection == nil, self.servers == nil, !saysMore { throw reader.error("expects nothing") }
    }

    fileprivate static func fields(_ reader: YAMLReader) throws -> [String: [String]] {
        var fields: [String: [String]] = [:]
        for (name, value) in try reader.optional("headers")?.entries() ?? [] { fields[name] = try value.oneOrMore() }
        return fields
    }
}

extension ResponseCase.Seen {
    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: [
            "method", "target", "version", "peer", "port", "headers", "absent", "order", "body", "tls",
        ])
        self.method = try reader.optional("method")?.string()
        self.target = try reader.optional("target")?.string()
        self.version = try reader.optional("version")?.string()
        self.peer = try reader.optional("peer")?.string()
        self.port = try reader.optional("port")?.int()
        self.headers = try ResponseCase.fields(reader)
        self.absent = try reader.optional("absent")?.strings() ?? []
        self.order = try reader.optional("order")?.strings() ?? []
        self.body = try reader.optional("body")?.string()
        self.isSecure = try reader.optional("tls")?.bool()
    }
}
