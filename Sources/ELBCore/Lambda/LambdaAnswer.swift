import ELBModel
import ELBWire

/// What a Lambda function answers, read from its JSON and turned into an HTTP/1 response, which the data path knows how to pass on.
///
///     {"isBase64Encoded":false,"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":"text/html"},"body":"…"}
package struct LambdaAnswer: Hashable, Sendable {
    /// Bytes of the whole JSON, Base64 and all: 1 MB (ALB-LMB-013).
    package static let limit = 1 << 20

    package let status: Int
    /// A response head with its empty line, complete but for Connection.
    package let head: [UInt8]
    package let body: [UInt8]

    /// Reads an answer. The flag, the status and the headers of the group's mode must be there; the body and the description may be
    /// left out (ALB-LMB-014, ALB-OPEN-36).
    ///
    /// - Parameters:
    ///   - date: the value of Date for a function that gives none.
    ///   - form: in multi-value mode `multiValueHeaders` stands in place of `headers` (ALB-LMB-015).
    /// - Throws: `invalidResponse` or `responseTooLarge`.
    package init(
        json: Span<UInt8>,
        date: [UInt8],
        form: LambdaEvent.Form
    ) throws(LambdaFailure) {
        guard json.count <= Self.limit || form.quirks.contains(.lambdaResponseLimitMissing) else {
            throw LambdaFailure(.responseTooLarge)
        }
        var fields = Fields()
        do {
            _ = try UTF8Span(validating: json)
        } catch {
            throw LambdaFailure(.invalidResponse)
        }
        do throws(JSONError) {
            try fields.read(json, form)
        } catch {
            throw LambdaFailure(.invalidResponse)
        }
        let forgives = form.quirks.contains(.lambdaIncompleteAccepted)
        guard let status = fields.status ?? (forgives ? 200 : nil), (200...599).contains(status),
            let isBase64 = fields.isBase64Encoded ?? (forgives ? false : nil),
            let headers = fields.headers ?? (forgives ? [] : nil)
        else { throw LambdaFailure(.invalidResponse) }
        var body = fields.body ?? []
        if isBase64, !form.quirks.contains(.lambdaBodyNotDecoded) {
            guard let decoded = Base64.decode(body.span) else { throw LambdaFailure(.invalidResponse) }
            body = decoded
        }
        var writer = HeadWriter(status: status, description: fields.statusDescription)
        for header in headers {
            try writer.add(header.name, header.value, trustsLength: form.quirks.contains(.lambdaLengthTrusted))
        }
        // 204 and 304 have no content (RFC 9110, sections 15.3.5 and 15.4.5).
        if status == 204 || status == 304 { body = [] }
        self.status = status
        let length = status == 204 || status == 304 ? nil : body.count
        self.head = writer.finish(length: length, date: date, namesServer: form.namesServer)
        self.body = body
        // Whoever passes it on reads a head of at most so many bytes.
        guard self.head.count <= HeadLimits.response.total else { throw LambdaFailure(.invalidResponse) }
    }
}

/// The members of an answer that mean something; a name that comes twice counts the last time.
private struct Fields {
    var status: Int?
    var statusDescription: [UInt8]?
    var isBase64Encoded: Bool?
    var headers: [(name: [UInt8], value: [UInt8])]?
    var body: [UInt8]?

    mutating func read(_ json: Span<UInt8>, _ form: LambdaEvent.Form) throws(JSONError) {
        var reader = JSONReader()
        try reader.enterObject(json)
        while let key = try reader.nextKey(json) {
            switch String(decoding: key, as: UTF8.self) {
            case "statusCode": self.status = try reader.integer(json)
            case "statusDescription": self.statusDescription = try Self.text(&reader, json)
            case "isBase64Encoded": self.isBase64Encoded = try reader.boolean(json)
            case "body": self.body = try Self.text(&reader, json)
            case "headers" where !form.isMultiValue: self.headers = try Self.headers(&reader, json)
            case "multiValueHeaders" where form.isMultiValue: self.headers = try Self.multiHeaders(&reader, json)
            default: try reader.skip(json)
            }
        }
        try reader.finish(json)
    }

    /// A text that may be left out, for which many languages write null.
    private static func text(_ reader: inout JSONReader, _ json: Span<UInt8>) throws(JSONError) -> [UInt8]? {
        guard try reader.kind(json) == .null else { return try reader.string(json) }
        try reader.null(json)
        return nil
    }

    // Values must be strings: numbers are seen to be refused (ALB-LMB-019).
    private static func headers(
        _ reader: inout JSONReader,
        _ json: Span<UInt8>
    ) throws(JSONError) -> [(name: [UInt8], value: [UInt8])] {
        var headers: [(name: [UInt8], value: [UInt8])] = []
        try reader.enterObject(json)
        while let name = try reader.nextKey(json) { headers.append((name, try reader.string(json))) }
        return headers
    }

    private static func multiHeaders(
        _ reader: inout JSONReader,
        _ json: Span<UInt8>
    ) throws(JSONError) -> [(name: [UInt8], value: [UInt8])] {
        var headers: [(name: [UInt8], value: [UInt8])] = []
        try reader.enterObject(json)
        while let name = try reader.nextKey(json) {
            try reader.enterArray(json)
            while try reader.nextElement(json) { headers.append((name, try reader.string(json))) }
        }
        return headers
    }
}

/// Puts a response head together, and lets nothing into it that would end a line.
private struct HeadWriter {
    private var head: [UInt8] = []
    private var hasDate = false
    private var hasServer = false
    /// The quirk `lambda.length-trusted`.
    private var hasLength = false

    init(status: Int, description: [UInt8]?) {
        self.head.append("HTTP/1.1 ")
        self.head.append(decimal: status)
        self.head.append(UInt8(ascii: " "))
        self.head += Self.phrase(description, status) ?? Array(ReasonPhrase.text(for: status).utf8)
        self.head.append("\r\n")
    }

    /// The words of `404 Not Found`; `nil` if there are none that can stand in a status line.
    private static func phrase(_ description: [UInt8]?, _ status: Int) -> [UInt8]? {
        guard let description, description.count <= 200, description.allSatisfy(Self.isFieldByte) else { return nil }
        let code = Array("\(status)".utf8)
        guard description.starts(with: code) else { return description.isEmpty ? nil : description }
        let words = description.dropFirst(code.count).drop { $0 == UInt8(ascii: " ") }
        return words.isEmpty ? nil : Array(words)
    }

    private static func isFieldByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || byte == ByteClass.tab
    }

    /// The length is the balancer's, and so are the fields of its connection to the client (ALB-LMB-017).
    mutating func add(_ name: [UInt8], _ value: [UInt8], trustsLength: Bool) throws(LambdaFailure) {
        guard !name.isEmpty, name.allSatisfy(ByteClass.isToken), value.allSatisfy(Self.isFieldByte) else {
            throw LambdaFailure(.invalidResponse)
        }
        let known = KnownField.lookup(name.span, 0..<name.count)
        switch known {
        case .contentLength:
            guard trustsLength else { return }
            self.hasLength = true
        case .transferEncoding, .trailer: return
        case .date: self.hasDate = true
        case .server: self.hasServer = true
        default: if HopByHop.isHopByHop(known) { return }
        }
        self.head += name
        self.head.append(": ")
        self.head += value
        self.head.append("\r\n")
    }

    // As with every response that the balancer makes itself, a server's name and a date belong to it.
    mutating func finish(length: Int?, date: [UInt8], namesServer: Bool) -> [UInt8] {
        if namesServer, !self.hasServer { self.head.append("Server: awselb/2.0\r\n") }
        if !self.hasDate {
            self.head.append("Date: ")
            self.head += date
            self.head.append("\r\n")
        }
        if let length, !self.hasLength {
            self.head.append("Content-Length: ")
            self.head.append(decimal: length)
            self.head.append("\r\n")
        }
        self.head.append("\r\n")
        return self.head
    }
}
