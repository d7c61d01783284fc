/// Everything a backend knows about one request: what it read, byte for byte, and what it did about it.
package struct RequestRecord: Codable, Hashable, Sendable {
    /// A health probe, or a request of a client.
    package enum Kind: String, Codable, Hashable, Sendable {
        case traffic
        case probe
    }

    /// How far the request has come. All but `arriving` and `waiting` are final.
    package enum Outcome: String, Codable, Hashable, Sendable {
        /// The head has been read, the body not yet.
        case arriving
        /// Read as far as needed; standing in line, being served, or held by a fault.
        case waiting
        /// The answer was handed to the kernel whole (or as far as a fault or a switch wanted).
        case answered
        /// The backend ended the connection without an answer, as a fault told it to.
        case dropped
        /// The peer closed or reset the connection before the answer was out.
        case peerGone
        /// Not HTTP/1 as llhttp understands it; answered 400 where the connection still stood.
        case malformed
        /// The backend was killed, cut or shut down under it.
        case backendGone
    }

    /// Order of arrival over all connections of the backend, from 1. Never reused, also after `clearRecords`.
    package var sequence: Int
    package var kind: Kind
    /// Which probe this was since the backend started, from 1; `nil` for traffic.
    package var probeNumber: Int?

    /// When the head was complete, in nanoseconds of CLOCK_MONOTONIC: comparable between processes of one machine.
    package var monotonicNanoseconds: UInt64
    /// The same moment in microseconds since 1970.
    package var wallClockMicroseconds: Int64

    /// Number of the connection at this backend, from 1.
    package var connection: Int
    /// Number of the request on its connection, from 1.
    package var requestOnConnection: Int
    package var peerAddress: String
    package var peerPort: Int
    /// The backend's own port that the connection came to.
    package var localPort: Int

    /// The stream that the request came on; `nil` but for HTTP/2.
    package var stream: Int?
    /// `nil` where the connection is in clear text.
    package var tls: RecordedTLS?

    /// The header of PROXY protocol that the connection began with; `nil` without one.
    package var proxy: RecordedProxyHeader?

    /// The head exactly as read from the socket, the empty line included. HTTP/2 compresses heads: its fields in order, one
    /// per line, stand for it.
    package var rawHead: RecordedBytes
    package var method: String
    package var target: String
    /// `HTTP/1.1`; `HTTP/2`.
    package var version: String
    /// In the order and the case they came in, HTTP/2's `:method` and its like among them.
    package var headers: [RecordedField]

    /// Bytes of the body so far, without any chunk framing.
    package var bodyLength = 0
    /// The first bytes of the body, at most `BackendDescription.bodyLimit`.
    package var body = RecordedBytes()
    /// FNV-1a (64 bits) of the whole body.
    package var bodyChecksum = BodyChecksum().value
    package var trailers: [RecordedField] = []
    /// HTTP/2's frames on the request's stream, or what a WebSocket carried, in order of arrival.
    package var frames: [RecordedFrame] = []
    /// Frames that were not kept, because there were too many.
    package var framesDropped = 0
    /// How a WebSocket ended, `close 1000 by the peer`; `nil` while it stands.
    package var ending: String?
    /// Whether the request was read to its end.
    package var requestCompleted = false

    package var outcome: Outcome = .arriving
    /// Status of the answer; `nil` without one, and for answers given as raw bytes.
    package var status: Int?
    /// The `grpc-status` of the answer; `nil` without one.
    package var grpcStatus: Int?
    /// The fault or scripted probe answer that was applied, as text (`fail 503`); `nil` if none was.
    package var fault: String?
    /// When `outcome` became final, in nanoseconds of CLOCK_MONOTONIC.
    package var settledNanoseconds: UInt64?

    /// Whether `outcome` is final.
    package var isSettled: Bool {
        switch self.outcome {
        case .arriving, .waiting: false
        case .answered, .dropped, .peerGone, .malformed, .backendGone: true
        }
    }

    /// The values of all fields of that name, in order; names compare without regard to case.
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return self.headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    /// Bytes of head and body that the record keeps.
    var storedBytes: Int {
        self.rawHead.bytes.count + self.body.bytes.count + self.frames.reduce(0) { $0 + $1.storedBytes }
    }

    /// At most this many frames of one record are kept.
    package static let frameLimit = 1000

    /// Notes a frame, up to the limit.
    mutating func note(_ frame: RecordedFrame) {
        if self.frames.count < Self.frameLimit { self.frames.append(frame) } else { self.framesDropped += 1 }
    }

    /// The target's part before the first `?`.
    package var path: String {
        String(self.target.prefix { $0 != "?" })
    }
}

/// A stretch of a backend's journal.
package struct RecordPage: Codable, Hashable, Sendable {
    package var records: [RequestRecord]
    /// Records that fell out of the bounded journal since the backend started.
    package var dropped: Int
    /// Whether more records follow the last one here.
    package var hasMore: Bool

    package init(records: [RequestRecord], dropped: Int, hasMore: Bool) {
        self.records = records
        self.dropped = dropped
        self.hasMore = hasMore
    }

    /// As many of the records, from the first on, as the limits allow, and one at least: a reader must get past a large one.
    /// - Parameters:
    ///   - limit: at most this many records.
    ///   - byteLimit: at most this many bytes of heads and bodies.
    package init(of records: some Sequence<RequestRecord>, dropped: Int, limit: Int, byteLimit: Int) {
        self.init(records: [], dropped: dropped, hasMore: false)
        var bytes = 0
        for record in records {
            bytes += record.storedBytes
            guard self.records.isEmpty || (self.records.count < limit && bytes <= byteLimit) else {
                self.hasMore = true
                return
            }
            self.records.append(record)
        }
    }
}
