package import ELBWire

/// The one change of protocol that is passed on (ALB-HTTP-031). Others, such as `h2c`, would let a client speak past the rules.
package enum WebSocketUpgrade {
    /// Whether the head asks for a WebSocket: a GET over HTTP/1.1 whose Connection names Upgrade and whose Upgrade names
    /// `websocket` (RFC 6455, section 4.1).
    package static func isAskedFor(by head: borrowing RequestHead, bytes: Span<UInt8>, length: BodyLength) -> Bool {
        // Almost every request leaves here.
        guard head.framing.connection.contains(.upgrade) else { return false }
        guard head.version == .http11, head.knownMethod == .get, length == .none else { return false }
        var names = false
        for field in head.fields where field.known == .upgrade && field.passage != .withheld {
            bytes.forEachListElement(in: field.value.range) { element in
                if bytes.equalsIgnoringCase("websocket", at: element) { names = true }
            }
        }
        return names
    }

    /// What both sides are told, in a request and in a 101.
    package static let fields: StaticString = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
}
