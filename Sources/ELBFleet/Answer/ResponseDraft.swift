/// A response before it becomes bytes. Written here and not by NIOHTTP1's encoder, which would not let a backend send a
/// short body, a field name in odd case or a status it does not know.
struct ResponseDraft {
    var status: Int
    var body: [UInt8]
    var contentType = "text/plain; charset=utf-8"
    var fields: [RecordedField] = []
    var trailers: [RecordedField] = []
    /// The request's version; chunks are not sent to HTTP/1.0 (RFC 9112, section 6.1).
    var version = "HTTP/1.1"
    var isForHead = false
    var isChunked = false
    var closes = false
    /// Send this many bytes of the body only; `nil` sends it whole.
    var truncatedTo: Int?

    /// Length of one chunk: small enough for several in a body of a few kilobytes.
    static let chunkLength = 4096

    /// Whether the peer gets less than the head announces.
    var isTruncated: Bool {
        // A body that was empty anyway is announced longer than it is, see `serialized`.
        self.truncatedTo.map { $0 < self.announcedLength } ?? false
    }

    /// What Content-Length says.
    var announcedLength: Int {
        self.truncatedTo == nil ? self.body.count : max(self.body.count, 1)
    }

    /// Whether the status allows a body at all (RFC 9110, section 6.4.1).
    var hasBody: Bool { self.status != 204 && self.status != 304 && self.status >= 200 }

    private var usesChunks: Bool { self.isChunked && self.hasBody && self.version != "HTTP/1.0" }

    /// All bytes, and the offset where a pause goes: the middle of the body, or the end of the head if there is none.
    func serialized() -> (bytes: [UInt8], split: Int) {
        var bytes = self.head()
        let headLength = bytes.count
        guard self.hasBody, !self.isForHead else { return (bytes, headLength) }
        let sent = self.body.prefix(self.truncatedTo ?? self.body.count)
        let middle: Int
        if self.usesChunks {
            // The pause stands at a chunk's end, so a reader gets whole chunks before it.
            let half = sent.count / 2
            Self.append(chunksOf: sent.prefix(half), to: &bytes)
            middle = bytes.count
            Self.append(chunksOf: sent.dropFirst(half), to: &bytes)
            if !self.isTruncated { self.appendLastChunk(to: &bytes) }
        } else {
            middle = headLength + sent.count / 2
            bytes += sent
        }
        return (bytes, middle)
    }

    private func head() -> [UInt8] {
        var text = "HTTP/1.1 \(self.status) \(Self.reason(self.status))\r\n"
        if self.hasBody {
            text += "Content-Type: \(self.contentType)\r\n"
            text += self.usesChunks ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(self.announcedLength)\r\n"
        }
        if self.usesChunks, !self.trailers.isEmpty {
            text += "Trailer: \(self.trailers.map(\.name).joined(separator: ", "))\r\n"
        }
        for field in self.fields {
            text += "\(field.name): \(field.value)\r\n"
        }
        if self.closes {
            text += "Connection: close\r\n"
        } else if self.version == "HTTP/1.0" {
            text += "Connection: keep-alive\r\n"
        }
        return Array((text + "\r\n").utf8)
    }

    private static func append(chunksOf body: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        var rest = body
        while !rest.isEmpty {
            let chunk = rest.prefix(Self.chunkLength)
            rest = rest.dropFirst(Self.chunkLength)
            bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8)
            bytes += chunk
            bytes += [0x0D, 0x0A]
        }
    }

    private func appendLastChunk(to bytes: inout [UInt8]) {
        var text = "0\r\n"
        for trailer in self.trailers {
            text += "\(trailer.name): \(trailer.value)\r\n"
        }
        bytes += Array((text + "\r\n").utf8)
    }

    /// A phrase for people; programs read the number (RFC 9112, section 4).
    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 418: "Teapot"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status \(status)"
        }
    }
}
