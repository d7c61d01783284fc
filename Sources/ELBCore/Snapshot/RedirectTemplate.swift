package import ELBModel
package import ELBWire

/// A redirect's Location, cut into literals and placeholders when the configuration is compiled.
///
/// The Location is `protocol://host:port/path?query`, the port explicit even where it is the protocol's default
/// (ALB-RDR-013), the `?` only in front of a non-empty query (ALB-RDR-009). Bytes of the request are inserted as
/// sent, nothing is encoded or decoded (ALB-RDR-011).
package struct RedirectTemplate: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case `protocol`
        case host
        case port
        case path
        case query
    }

    /// Longest Location that is sent (ALB-RDR-015).
    package static let longestLocation = 8192

    /// 301 or 302 with the page that goes with it.
    package let response: PreparedResponse
    private let protocolHostPort: [Part]
    private let path: [Part]
    private let query: [Part]
    private let defaultHost: [UInt8]

    /// - Parameter defaultHost: What `#{host}` stands for when an HTTP/1.0 request names no host.
    package init(_ action: RedirectAction, defaultHost: String) {
        self.response = PreparedResponse(pageFor: action.statusCode.number)
        let scheme = action.protocol ?? "#{protocol}"
        self.protocolHostPort =
            Self.parts(of: scheme == "#{protocol}" ? scheme : scheme.lowercased())
            + [.literal(Array("://".utf8))]
            + Self.parts(of: action.host ?? "#{host}")
            + [.literal(Array(":".utf8))]
            + Self.parts(of: action.port ?? "#{port}")
        self.path = Self.parts(of: action.path ?? "/#{path}")
        self.query = Self.parts(of: action.query ?? "#{query}")
        self.defaultHost = Array(defaultHost.utf8)
    }

    private static func parts(of template: String) -> [Part] {
        let placeholders: [(String, Part)] = [
            ("#{protocol}", .protocol), ("#{host}", .host), ("#{port}", .port), ("#{path}", .path),
            ("#{query}", .query),
        ]
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = Array(template.utf8)[...]
        while let byte = rest.first {
            if let (name, part) = placeholders.first(where: { rest.starts(with: $0.0.utf8) }) {
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = []
                parts.append(part)
                rest = rest.dropFirst(name.utf8.count)
            } else {
                literal.append(byte)
                rest = rest.dropFirst()
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// What came of an expansion.
    package enum Expansion: Hashable, Sendable {
        case expanded
        /// The Location would be longer than `longestLocation`: the client gets 507 (ALB-RDR-015).
        case tooLong
    }

    /// Appends the Location of one request.
    ///
    /// - Parameters:
    ///   - listener: Its protocol and port are what `#{protocol}` and `#{port}` stand for.
    ///   - output: Keeps what it held if the Location is too long.
    package func expand(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        listener: (protocol: Listener.Proto, port: Port),
        into output: inout ByteOutput
    ) -> Expansion {
        let start = output.count
        self.append(self.protocolHostPort, head, bytes, listener, to: &output)
        self.append(self.path, head, bytes, listener, to: &output)
        let question = output.count
        output.append(UInt8(ascii: "?"))
        self.append(self.query, head, bytes, listener, to: &output)
        if output.count == question + 1 { output.truncate(to: question) }
        guard output.count - start <= Self.longestLocation else {
            output.truncate(to: start)
            return .tooLong
        }
        return .expanded
    }

    private func append(
        _ parts: [Part],
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ listener: (protocol: Listener.Proto, port: Port),
        to output: inout ByteOutput
    ) {
        for part in parts {
            switch part {
            case .literal(let literal):
                output.append(literal)
            case .protocol:
                output.append(text: listener.protocol == .https ? "https" : "http")
            case .host:
                let host = EffectiveHost(head, bytes: bytes).name
                if host.isEmpty { output.append(self.defaultHost) } else { output.append(bytes, host) }
            case .port:
                output.append(decimal: Int(listener.port.rawValue))
            case .path:
                // The placeholder leaves out the leading slash (ALB-RDR-008).
                let path = head.path.range
                output.append(bytes, path.isEmpty ? path : (path.lowerBound + 1)..<path.upperBound)
            case .query:
                if let query = head.query { output.append(bytes, query.range) }
            }
        }
    }
}
