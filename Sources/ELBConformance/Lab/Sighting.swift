/// One request as a server read it: the raw truth that lessons judge by, told without the fleet's own types.
package struct Sighting: Hashable, Sendable {
    /// The server, by its logical id in the template.
    package var server: String
    /// Order of arrival at that server, from 1.
    package var sequence: Int
    package var isProbe: Bool
    /// Nanoseconds of the machine's monotonic clock; the same clock for all servers.
    package var arrivedNanoseconds: UInt64
    /// When it was answered or given up, by the same clock; `nil` while under way.
    package var settledNanoseconds: UInt64?
    package var method: String
    /// As on the request line.
    package var target: String
    package var headers: [CurlHeader]
    package var peerAddress: String
    /// The port it came to, by the number that the template gives it.
    package var port: Int
    /// Status of the answer; `nil` if there was none.
    package var status: Int?
    /// What was done to it in place of an ordinary answer: `fail 500`, `script timeout`.
    package var fault: String?
    /// `HTTP/1.1`, `HTTP/2`; `TCP` and `UDP` where the server speaks neither.
    package var version: String
    package var peerPort: Int
    /// Number of the connection at that server.
    package var connection: Int
    /// The beginning of the body as text; of a function the whole event.
    package var body: String
    /// Whether the connection is TLS.
    package var isSecure: Bool
    /// Whom a header of PROXY protocol speaks for, `127.200.0.1:40000`; `nil` without one.
    package var proxySource: String?
    /// Payloads of a WebSocket's frames as texts.
    package var frames: [String]

    /// The values of all fields of that name, in order.
    package func values(of name: String) -> [String] {
        self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
