package import ELBWire

/// Brings the header block of an HTTP/2 request into HTTP/1's form, field by field, so that rules, headers and logs have one
/// implementation and targets that speak HTTP/1.1 get a request of their own (ALB-HTTP-006).
///
/// Nothing that a reader of HTTP/1 could take for a line's end, a second field or another length gets through: a block that holds
/// such a thing is malformed, and its stream is reset (RFC 9113, section 8.2.1). So there is no way to smuggle a request through
/// the change of protocol.
package struct HTTP2RequestHead: Sendable {
    /// Why a block is no request: the stream ends with PROTOCOL_ERROR (RFC 9113, section 8.1.1).
    package enum Problem: Error, Hashable, Sendable {
        case pseudoHeader
        case fieldName
        case fieldValue
        /// Fields that concern one connection only have no place in HTTP/2 (RFC 9113, section 8.2.2).
        case connectionSpecific
        case contentLength
        case target
        case authority
    }

    private var method: String?
    private var scheme: String?
    private var path: String?
    private var authority: String?
    private var host: String?
    /// Regular fields as lines.
    private var lines: [UInt8] = []
    /// All Cookie fields in one (RFC 9113, section 8.2.3).
    private var cookie: [UInt8] = []
    private var sawRegularField = false
    /// What the request says of its body's length.
    package private(set) var contentLength: UInt64?
    /// Whether the body is gRPC's (ALB-HTTP-009).
    package private(set) var isGRPC = false

    /// Whether everything is taken as it comes: a quirk.
    private let isCareless: Bool

    package init(quirks: ExchangeQuirks = []) {
        self.isCareless = quirks.contains(.malformedAccepted)
    }

    /// Takes in the next field of the block.
    package mutating func add(name: String, value: String) throws(Problem) {
        if self.isCareless {
            self.addCarelessly(name, value)
            return
        }
        if name.utf8.first == ByteClass.colon {
            guard !self.sawRegularField else { throw .pseudoHeader }
            try self.addPseudoHeader(name, value)
            return
        }
        self.sawRegularField = true
        guard Self.isFieldName(name) else { throw .fieldName }
        guard Self.isFieldValue(value) else { throw .fieldValue }
        switch name {
        case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
            throw .connectionSpecific
        case "te":
            // "trailers" speaks to us alone, and anything else must not be there.
            guard value == "trailers" else { throw .connectionSpecific }
        case "host":
            guard self.host == nil else { throw .authority }
            self.host = value
        case "cookie":
            if !self.cookie.isEmpty { self.cookie.append("; ") }
            self.cookie.append(contentsOf: value.utf8)
        case "content-length":
            try self.addContentLength(value)
        default:
            if name == "content-type", Self.namesGRPC(value) { self.isGRPC = true }
            self.append(name, value.utf8)
        }
    }

    private mutating func addCarelessly(_ name: String, _ value: String) {
        switch name {
        case ":method": self.method = value
        case ":scheme": self.scheme = value
        case ":path": self.path = value
        case ":authority", "host": self.authority = value
        case "cookie": self.cookie.append(contentsOf: value.utf8)
        case "content-type":
            self.isGRPC = Self.namesGRPC(value)
            self.append(name, value.utf8)
        default: self.append(name, value.utf8)
        }
    }

    private mutating func addPseudoHeader(_ name: String, _ value: String) throws(Problem) {
        guard Self.isFieldValue(value) else { throw .pseudoHeader }
        switch name {
        case ":method" where self.method == nil: self.method = value
        case ":scheme" where self.scheme == nil: self.scheme = value
        case ":path" where self.path == nil: self.path = value
        case ":authority" where self.authority == nil: self.authority = value
        default: throw .pseudoHeader
        }
    }

    private mutating func addContentLength(_ value: String) throws(Problem) {
        var digits: [UInt8] = []
        digits.append(contentsOf: value.utf8)
        guard let length = digits.span.decimal(in: 0..<digits.count), self.contentLength ?? length == length else {
            throw .contentLength
        }
        self.contentLength = length
    }

    private mutating func append(_ name: String, _ value: some Sequence<UInt8>) {
        self.lines.append(contentsOf: name.utf8)
        self.lines.append(": ")
        self.lines.append(contentsOf: value)
        self.lines.append("\r\n")
    }

    /// Appends the head, with its empty line, to `output`: names in lower case as they came (ALB-HDR-033).
    ///
    /// - Parameter hasBody: the block did not end its stream. Without a length the body is said to be chunked; whoever sends it on
    ///   puts the chunks around it.
    /// - Returns: the body's length as the head now says it.
    package func append(hasBody: Bool, to output: inout [UInt8]) throws(Problem) -> BodyLength {
        if self.isCareless { return self.appendCarelessly(hasBody: hasBody, to: &output) }
        guard let method, Self.isMethod(method) else { throw .pseudoHeader }
        output.append(contentsOf: method.utf8)
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: try self.target(of: method).utf8)
        output.append(" HTTP/1.1\r\n")
        if let authority = try self.effectiveAuthority() {
            output.append("host: ")
            output.append(contentsOf: authority.utf8)
            output.append("\r\n")
        }
        output.append(contentsOf: self.lines)
        if !self.cookie.isEmpty {
            output.append("cookie: ")
            output.append(contentsOf: self.cookie)
            output.append("\r\n")
        }
        let length = try self.bodyLength(hasBody: hasBody)
        switch length {
        case .bytes(let count):
            output.append("content-length: ")
            output.append(decimal: Int(clamping: count))
            output.append("\r\n")
        case .chunked: output.append("transfer-encoding: chunked\r\n")
        case .none:
            if self.contentLength != nil { output.append("content-length: 0\r\n") }
        case .untilClose: break
        }
        output.append("\r\n")
        return length
    }

    private func appendCarelessly(hasBody: Bool, to output: inout [UInt8]) -> BodyLength {
        output.append(contentsOf: "\(self.method ?? "GET") \(self.path ?? "/") HTTP/1.1\r\n".utf8)
        output.append(contentsOf: "host: \(self.authority ?? "")\r\n".utf8)
        output.append(contentsOf: self.lines)
        if !self.cookie.isEmpty {
            output.append("cookie: ")
            output.append(contentsOf: self.cookie)
            output.append("\r\n")
        }
        output.append(hasBody ? "transfer-encoding: chunked\r\n\r\n" : "\r\n")
        return hasBody ? .chunked : .none
    }

    private func target(of method: String) throws(Problem) -> String {
        guard method != "CONNECT" else {
            // Has an authority and nothing else (RFC 9113, section 8.5).
            guard self.path == nil, self.scheme == nil, let authority else { throw .pseudoHeader }
            guard Self.isAuthority(authority) else { throw .authority }
            return authority
        }
        guard let scheme, scheme == "https" || scheme == "http" else { throw .pseudoHeader }
        guard let path, Self.isPath(path, of: method) else { throw .target }
        return path
    }

    // "…a request that contains a Host header field that differs from :authority" is best treated as malformed (RFC 9113, section
    // 8.3.1): the rules would look at the one and the target at the other.
    private func effectiveAuthority() throws(Problem) -> String? {
        for name in [self.authority, self.host] {
            if let name, !Self.isAuthority(name) { throw .authority }
        }
        if let authority, let host, authority.lowercased() != host.lowercased() { throw .authority }
        return self.authority ?? self.host
    }

    private func bodyLength(hasBody: Bool) throws(Problem) -> BodyLength {
        guard hasBody else {
            guard self.contentLength ?? 0 == 0 else { throw .contentLength }
            return .none
        }
        guard let contentLength else { return .chunked }
        return contentLength == 0 ? .none : .bytes(contentLength)
    }
}

// MARK: Grammar

extension HTTP2RequestHead {
    /// A token without capital letters (RFC 9113, section 8.2.1).
    package static func isFieldName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { ByteClass.isToken($0) && !(0x41...0x5a).contains($0) }
    }

    /// Nothing that ends a line, and no white space at the ends.
    package static func isFieldValue(_ value: String) -> Bool {
        let bytes = value.utf8
        if let first = bytes.first, ByteClass.isWhitespace(first) { return false }
        if let last = bytes.last, ByteClass.isWhitespace(last) { return false }
        return bytes.allSatisfy { $0 != 0 && $0 != ByteClass.carriageReturn && $0 != ByteClass.lineFeed }
    }

    private static func isMethod(_ method: String) -> Bool {
        !method.isEmpty && method.utf8.allSatisfy(ByteClass.isToken)
    }

    /// Starts with a slash, or is the asterisk of OPTIONS; holds no white space and no control character, which would end a request
    /// line early.
    private static func isPath(_ path: String, of method: String) -> Bool {
        if path == "*" { return method == "OPTIONS" }
        guard path.utf8.first == UInt8(ascii: "/") else { return false }
        return path.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }

    /// Not empty, without user information (RFC 9113, section 8.3.1) and without anything that is not part of a host and port.
    private static func isAuthority(_ text: String) -> Bool {
        guard !text.isEmpty else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ","): false
            default: byte > 0x20 && byte < 0x7f
            }
        }
    }

    private static func namesGRPC(_ contentType: String) -> Bool {
        guard contentType.hasPrefix("application/grpc") else { return false }
        let rest = contentType.utf8.dropFirst("application/grpc".utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: ";")
    }
}
