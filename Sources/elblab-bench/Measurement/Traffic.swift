/// What goes through the proxies under measurement: what clients speak to them, and what they speak to the backend.
enum Traffic {
    /// HTTP/1.1 on both sides.
    case http1
    /// HTTP/1.1 on both sides, from clients over TLS.
    case http1OverTLS
    /// HTTP/2 over TLS from clients, HTTP/1.1 to the backend.
    case http2
    /// HTTP/2 over TLS from clients, HTTP/2 in clear text to the backend.
    case grpc
    /// HTTP/1.1 on both sides, upgraded by every client.
    case webSocket
    /// Bytes that nobody looks into; they happen to be HTTP/1.1.
    case tcp
    /// Bytes that nobody looks into, many of them in one direction.
    case bulk
    /// Datagrams that nobody looks into.
    case udp

    /// Whether the proxies need a certificate.
    var isSecure: Bool {
        switch self {
        case .http1, .webSocket, .tcp, .bulk, .udp: false
        case .http1OverTLS, .http2, .grpc: true
        }
    }

    /// What stands behind the proxies.
    var backend: FixedBackend {
        switch self {
        case .http1, .http1OverTLS, .http2, .tcp: .http
        case .grpc: .grpc
        case .webSocket: .webSocket
        case .bulk: .bulk
        case .udp: .datagrams
        }
    }

    /// Whether the proxies look into nothing: layer 4.
    var isOpaque: Bool {
        switch self {
        case .tcp, .bulk, .udp: true
        case .http1, .http1OverTLS, .http2, .grpc, .webSocket: false
        }
    }
}
