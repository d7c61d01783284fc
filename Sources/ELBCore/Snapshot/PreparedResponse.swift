package import ELBModel

/// An answer that the balancer gives by itself, as bytes made once: a fixed response, or the page of a redirect. Only
/// what differs from request to request is written when it is sent.
package struct PreparedResponse: Hashable, Sendable {
    package let status: Int
    /// `HTTP/1.1 404 Not Found`, line end included.
    package let statusLine: [UInt8]
    /// Content-Type, if there is one, and Content-Length, each with its line end.
    package private(set) var contentFields: [UInt8]
    package let body: [UInt8]

    /// A response with this body.
    ///
    /// - Parameter contentType: Sent only with a body, because an empty answer has no type.
    package init(status: Int, contentType: String?, body: [UInt8]) {
        self.init(status: status, reason: ReasonPhrase.text(for: status), contentType: contentType, body: body)
    }

    init(status: Int, reason: String, contentType: String?, body: [UInt8]) {
        self.status = status
        self.statusLine = Array("HTTP/1.1 \(status) \(reason)\r\n".utf8)
        // 204 and 205 have no content, and a 204 has no length to state (RFC 9110, sections 8.6 and 15.3.6).
        let body = status == 204 || status == 205 ? [] : body
        var fields = ""
        if let contentType, !body.isEmpty { fields += "Content-Type: \(contentType)\r\n" }
        if status != 204 { fields += "Content-Length: \(body.count)\r\n" }
        self.contentFields = Array(fields.utf8)
        self.body = body
    }

    /// The configured response. Without a configured type the body is `text/plain`; AWS does not say (ALB-FIX-004).
    package init(_ action: FixedResponseAction) {
        self.init(
            status: action.statusCode,
            contentType: action.contentType ?? "text/plain",
            body: Array((action.messageBody ?? "").utf8)
        )
    }

    /// The six-line page that real load balancers send with their own errors and redirects (ALB-ERR-003, ALB-RDR-014).
    package init(pageFor status: Int) {
        let title = "\(status) \(ReasonPhrase.text(for: status))"
        let page = [
            "<html>", "<head><title>\(title)</title></head>", "<body>", "<center><h1>\(title)</h1></center>", "</body>",
            "</html>", "",
        ].joined(separator: "\r\n")
        self.init(status: status, contentType: "text/html", body: Array(page.utf8))
    }

    /// The same response with more fields.
    ///
    /// - Parameter fields: whole lines with their line ends.
    package func adding(fields: [UInt8]) -> Self {
        var copy = self
        copy.contentFields += fields
        return copy
    }

    /// Appends the whole response.
    ///
    /// - Parameters:
    ///   - date: The value of Date, in the form of RFC 9110, section 5.6.7.
    ///   - location: The value of Location, for redirects.
    ///   - namesServer: Whether the balancer says who it is (ALB-HMOD-002).
    ///   - edits: The headers that the listener sets in responses, if any.
    ///   - keepsAlive: Whether `Connection: keep-alive` or `close` is announced.
    ///   - includesBody: False for HEAD: the same head, no body (ALB-FIX-008).
    package func append(
        to output: inout ByteOutput,
        date: [UInt8],
        location: [UInt8]? = nil,
        namesServer: Bool,
        edits: ResponseHeaderEdits?,
        keepsAlive: Bool,
        includesBody: Bool
    ) {
        output.append(self.statusLine)
        output.append(namesServer ? Self.serverAndDate : Self.date)
        output.append(date)
        output.append(Self.lineEnd)
        output.append(self.contentFields)
        if let edits, edits.apply(to: self.status) { output.append(edits.lines) }
        output.append(keepsAlive ? Self.keepAlive : Self.close)
        if let location {
            output.append(Self.location)
            output.append(location)
            output.append(Self.lineEnd)
        }
        output.append(Self.lineEnd)
        if includesBody { output.append(self.body) }
    }

    private static let serverAndDate = Array("Server: awselb/2.0\r\nDate: ".utf8)
    private static let date = Array("Date: ".utf8)
    private static let keepAlive = Array("Connection: keep-alive\r\n".utf8)
    private static let close = Array("Connection: close\r\n".utf8)
    private static let location = Array("Location: ".utf8)
    private static let lineEnd = Array("\r\n".utf8)
}
