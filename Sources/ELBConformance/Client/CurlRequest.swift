/// One request as libcurl shall send it. What is not said here is not sent, but for Host, Accept and the framing headers.
package struct CurlRequest: Sendable {
    package var method: String
    /// The path is sent as it stands: no dot segments are removed and nothing is escaped.
    package var url: String
    /// In the order given. An empty value is sent as such; a name that libcurl would send by itself replaces its own.
    package var headers: [CurlHeader]
    package var body: Body
    package var version: Version
    package var connection: Connection
    /// Source address of the connection, for client addresses of the lab's table.
    package var interface: String?
    /// `host:port:address` as in curl's `--resolve`; names reach the lab's nodes without a name server.
    package var resolve: [String]
    /// Whether a server's certificate must be one that the machine trusts, made out to the URL's host.
    package var verifiesCertificate = true
    package var tls: CurlTLS?
    /// Set for a call of AWS's API.
    package var signature: Signature?
    package var connectTimeout: Duration
    /// For the whole exchange, in real time. Reaching it is a `CurlFailure` of kind `timeout`.
    package var timeout: Duration

    package init(
        _ method: String = "GET",
        _ url: String,
        headers: [CurlHeader] = [],
        body: Body = .none,
        version: Version = .http11,
        connection: Connection = .reuse,
        interface: String? = nil,
        resolve: [String] = [],
        connectTimeout: Duration = .seconds(5),
        timeout: Duration = .seconds(20)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.version = version
        self.connection = connection
        self.interface = interface
        self.resolve = resolve
        self.connectTimeout = connectTimeout
        self.timeout = timeout
    }

    /// Signature Version 4 with the keys that AWS's tools would take from the environment; without any, the lab's.
    package struct Signature: Hashable, Sendable {
        package var region: String
        package var service: String

        package init(region: String, service: String) {
            self.region = region
            self.service = service
        }
    }

    package enum Body: Sendable {
        case none
        /// Sent with Content-Length.
        case bytes([UInt8])
        /// Sent with `Transfer-Encoding: chunked`; libcurl asks for the pieces one by one.
        case chunked([[UInt8]])
    }

    package enum Version: Sendable {
        case http10
        case http11
        /// HTTP/2 where ALPN chooses it, HTTP/1.1 elsewhere.
        case http2
        /// HTTP/2 in clear text without an upgrade.
        case http2PriorKnowledge
    }

    package enum Connection: Sendable {
        /// An idle connection of the same session if there is one, and the connection stays open.
        case reuse
        /// A new connection, closed after the answer.
        case fresh
    }
}

/// A header field as sent or received: the name's case is kept, the value is without the white space around it.
package struct CurlHeader: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension CurlHeader: CustomStringConvertible {
    package var description: String { "\(self.name): \(self.value)" }
}
