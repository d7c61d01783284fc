/// One frame of HTTP/2 or of a WebSocket, as a backend read it.
package struct RecordedFrame: Codable, Hashable, Sendable {
    /// By the names of the standards: `HEADERS`, `DATA`, `RST_STREAM`; `text`, `binary`, `continuation`, `close`, `ping`,
    /// `pong`.
    package var kind: String
    /// Bytes of a payload, framing and padding aside; 0 where there is none.
    package var length: Int
    /// END_STREAM of HTTP/2, FIN of a WebSocket.
    package var isLast: Bool
    /// Whether the payload came masked; always `false` for HTTP/2.
    package var isMasked = false
    /// The first bytes of a WebSocket's payload, unmasked. The record's body has HTTP/2's.
    package var payload = RecordedBytes()

    /// Bytes of a payload that are kept.
    package static let payloadLimit = 4096

    package init(_ kind: String, length: Int = 0, isLast: Bool = false) {
        self.kind = kind
        self.length = length
        self.isLast = isLast
    }

    var storedBytes: Int { 32 + self.payload.bytes.count }
}

extension RecordedFrame: CustomStringConvertible {
    package var description: String { "\(self.kind) \(self.length)\(self.isLast ? " last" : "")" }
}
