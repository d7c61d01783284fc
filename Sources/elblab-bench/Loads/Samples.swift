/// The one message of the measurement of WebSockets, and how its connections begin.
enum WebSocketSample {
    /// Key and answer are RFC 6455's own example (section 1.3).
    static let request = """
        GET /echo HTTP/1.1\r
        Host: example.com\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r

        """

    static let response = """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        \r

        """

    static let accepted = Array("HTTP/1.1 101 ".utf8)
    static let headEnd = Array("\r\n\r\n".utf8)

    private static let payload = Array("Hello, world. Hello, balancers!\n".utf8)
    private static let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    /// As a client sends it: one masked text frame (RFC 6455, section 5.2).
    static let message: [UInt8] =
        [0x81, 0x80 | UInt8(payload.count)] + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }

    /// As a server sends it back: the same, not masked.
    static let echo: [UInt8] = [0x81, UInt8(payload.count)] + payload
}

/// The one message of the measurement of gRPC: not compressed, its length, and its bytes.
enum GRPCMessage {
    static let hello: [UInt8] = [0, 0, 0, 0, 13] + Array("Hello, world\n".utf8)
}
