/// What came back: the final head, the body, and how the exchange went.
package struct CurlResponse: Sendable {
    package var status: Int
    /// `HTTP/1.1` as on the status line.
    package var version: String
    package var reason: String
    /// In the order received, repeated fields apart.
    package var headers: [CurlHeader]
    /// Fields that followed a chunked body.
    package var trailers: [CurlHeader]
    /// Statuses of the 1xx answers that came before.
    package var interimStatuses: [Int]
    package var body: [UInt8]
    /// Whether a new connection was opened for this request.
    package var openedConnection: Bool
    /// The connection's own port, as the balancer's peer saw it.
    package var localPort: Int
    /// What the server showed, its own first; only for requests that say something of TLS.
    package var certificates: [ShownCertificate] = []
    package var timings: Timings

    /// The first value of that field, whatever the case of its name.
    package func header(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    package var text: String { String(decoding: self.body, as: UTF8.self) }

    /// Spans of real time from the start of the request.
    package struct Timings: Sendable {
        package var connected: Duration
        package var firstByte: Duration
        package var total: Duration
    }
}

/// Why there is no answer.
package struct CurlFailure: Error, Sendable, CustomStringConvertible {
    package var kind: Kind
    /// libcurl's number, for people: 52 is "empty reply".
    package var code: Int
    /// libcurl's sentence.
    package var message: String
    /// The final status if its line had arrived, as with a body cut short.
    package var status: Int?
    /// How many bytes of the body had arrived.
    package var bodyBytes: Int

    package enum Kind: String, Sendable {
        case connectionRefused
        /// Our own limit ran out. Says nothing about the subject's correctness by itself.
        case timeout
        /// The connection was closed before any byte of an answer.
        case emptyReply
        /// Reset or closed in the middle.
        case connectionLost
        case malformedAnswer
        /// The handshake failed, or the server's certificate is not to be trusted.
        case tlsFailed
        /// The request could not be made at all: a bad URL, no memory, an interface that is not there.
        case notSent
        case other
    }

    package var description: String { "curl (\(self.code)): \(self.message)" }
}

package typealias CurlOutcome = Result<CurlResponse, CurlFailure>
