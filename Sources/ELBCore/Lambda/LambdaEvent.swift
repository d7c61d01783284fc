import ELBModel
package import ELBWire

/// Writes what a Lambda function gets: a request as a JSON event, in the form that Elastic Load Balancing documents.
///
///     {"requestContext":{"elb":{"targetGroupArn":"…"}},"httpMethod":"GET","path":"/","queryStringParameters":{},
///      "headers":{"host":"…"},"body":"","isBase64Encoded":false}
package enum LambdaEvent {
    /// Bytes of a request's body: 1 MB (ALB-LMB-012).
    package static let bodyLimit = 1 << 20

    /// What the event's form depends on.
    package struct Form: Hashable, Sendable {
        /// `lambda.multi_value_headers.enabled` (ALB-LMB-005).
        package var isMultiValue: Bool
        package var quirks: QuirkSet
        /// Whether answers name the balancer in Server when the function names nobody.
        package var namesServer: Bool

        package init(isMultiValue: Bool = false, quirks: QuirkSet = QuirkSet(), namesServer: Bool = true) {
            self.isMultiValue = isMultiValue
            self.quirks = quirks
            self.namesServer = namesServer
        }
    }

    /// Appends a request's event.
    ///
    /// - Parameters:
    ///   - head: the request as another target would get it: with X-Forwarded-* and X-Amzn-Trace-Id (ALB-LMB-004).
    ///   - bytes: begins with the head.
    ///   - body: without any framing.
    /// - Throws: `badRequest` if something in it is not UTF-8 (ALB-LMB-011).
    package static func append(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        body: Span<UInt8>,
        targetGroup: String,
        form: Form,
        to output: inout [UInt8]
    ) throws(LambdaFailure) {
        let isChecked = !form.quirks.contains(.lambdaUTF8Unchecked)
        if isChecked, !Self.isUTF8(bytes.extracting(0..<min(head.length, bytes.count))) {
            throw LambdaFailure(.badRequest)
        }
        Self.appendContext(targetGroup, to: &output)
        output.append(#","httpMethod":"#)
        JSONText.append(bytes.extracting(head.method.range), to: &output)
        output.append(#","path":"#)
        if head.path.isEmpty {
            output.append(#""/""#)
        } else {
            JSONText.append(bytes.extracting(head.path.range), to: &output)
        }
        output.append(form.isMultiValue ? #","multiValueQueryStringParameters":"# : #","queryStringParameters":"#)
        var query = LambdaValues()
        if let range = head.query?.range { Self.collect(query: range, of: bytes, form, into: &query) }
        query.append(form, to: &output)
        output.append(form.isMultiValue ? #","multiValueHeaders":"# : #","headers":"#)
        var headers = LambdaValues()
        for field in head.fields where Self.passes(field) {
            headers.add(
                Self.name(bytes, field.name.range, keepsCase: form.quirks.contains(.lambdaNamesKeepCase)),
                Array(copying: bytes, field.value.range)
            )
        }
        headers.append(form, to: &output)
        output.append(#","body":"#)
        let isText = body.isEmpty || Self.isText(head, bytes, form)
        if isText {
            if isChecked, !Self.isUTF8(body) { throw LambdaFailure(.badRequest) }
            JSONText.append(body, to: &output)
        } else {
            output.append(UInt8(ascii: "\""))
            Base64.append(body, to: &output)
            output.append(UInt8(ascii: "\""))
        }
        output.append(isText ? #","isBase64Encoded":false}"# : #","isBase64Encoded":true}"#)
    }

    /// Appends the event of a health check, which AWS documents to the letter (ALB-LMB-025).
    package static func appendProbe(
        path target: String,
        targetGroup: String,
        form: Form,
        to output: inout [UInt8]
    ) {
        let bytes = Array(target.utf8)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        Self.appendContext(targetGroup, to: &output)
        output.append(#","httpMethod":"GET","path":"#)
        JSONText.append(bytes.span.extracting(0..<(mark ?? bytes.count)), to: &output)
        output.append(form.isMultiValue ? #","multiValueQueryStringParameters":"# : #","queryStringParameters":"#)
        var query = LambdaValues()
        if let mark { Self.collect(query: (mark + 1)..<bytes.count, of: bytes.span, form, into: &query) }
        query.append(form, to: &output)
        output.append(form.isMultiValue ? #","multiValueHeaders":"# : #","headers":"#)
        var headers = LambdaValues()
        if !form.quirks.contains(.healthUserAgentMissing) {
            headers.add(Array("user-agent".utf8), Array("ELB-HealthChecker/2.0".utf8))
        }
        headers.append(form, to: &output)
        output.append(#","body":"","isBase64Encoded":false}"#)
    }

    private static func appendContext(_ targetGroup: String, to output: inout [UInt8]) {
        output.append(#"{"requestContext":{"elb":{"targetGroupArn":"#)
        JSONText.append(targetGroup, to: &output)
        output.append("}}")
    }

    private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes)
            return true
        } catch {
            return false
        }
    }

    // MARK: Headers

    /// Framing and connection are the balancer's; the event says nothing of them.
    private static func passes(_ field: HeaderFieldRange) -> Bool {
        guard field.passage != .withheld, field.known != .transferEncoding, field.known != .trailer else {
            return false
        }
        return !HopByHop.isHopByHop(field.known)
    }

    private static func name(_ bytes: Span<UInt8>, _ range: Range<Int>, keepsCase: Bool) -> [UInt8] {
        var name = Array(copying: bytes, range)
        guard !keepsCase else { return name }
        for index in name.indices where (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(name[index]) {
            name[index] |= 0x20
        }
        return name
    }

    // MARK: Query

    // Keys and values stay as they are on the request line (ALB-LMB-007).
    private static func collect(query: Range<Int>, of bytes: Span<UInt8>, _ form: Form, into values: inout LambdaValues)
    {
        let decodes = form.quirks.contains(.lambdaDecodesQuery)
        var start = query.lowerBound
        while start < query.upperBound {
            let end = bytes.firstIndex(of: UInt8(ascii: "&"), in: start..<query.upperBound) ?? query.upperBound
            if end > start {
                let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: start..<end)
                let key = Array(copying: bytes, start..<(equals ?? end))
                let value = equals.map { Array(copying: bytes, ($0 + 1)..<end) } ?? []
                values.add(decodes ? Self.decoded(key) : key, decodes ? Self.decoded(value) : value)
            }
            start = end + 1
        }
    }

    /// The quirk `lambda.decodes-query`. What would not be text stays as it was.
    private static func decoded(_ text: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = ByteClass.hexValue(text[index + 1]),
                let low = ByteClass.hexValue(text[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(text[index])
                index += 1
            }
        }
        return Self.isUTF8(decoded.span) ? decoded : text
    }

    // MARK: Body

    /// Whether the body goes as it is: no Content-Encoding, and a type that is text (ALB-LMB-008). Without a type it is not known to
    /// be text (ALB-LMB-010).
    private static func isText(_ head: borrowing RequestHead, _ bytes: Span<UInt8>, _ form: Form) -> Bool {
        if form.quirks.contains(.lambdaNoBase64) { return true }
        if form.quirks.contains(.lambdaAlwaysBase64) { return false }
        var isText = false
        for field in head.fields where field.known == .other {
            if bytes.equalsIgnoringCase("content-encoding", at: field.name.range) { return false }
            guard bytes.equalsIgnoringCase("content-type", at: field.name.range) else { continue }
            isText = Self.isTextType(bytes, field.value.range)
        }
        return isText
    }

    private static func isTextType(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        // Parameters such as charset do not matter.
        let end = bytes.firstIndex(of: UInt8(ascii: ";"), in: value) ?? value.upperBound
        let type = bytes.trimmingWhitespace(value.lowerBound..<end)
        if type.count > 5, bytes.equalsIgnoringCase("text/", at: type.lowerBound..<(type.lowerBound + 5)) {
            return true
        }
        return bytes.equalsIgnoringCase("application/json", at: type)
            || bytes.equalsIgnoringCase("application/javascript", at: type)
            || bytes.equalsIgnoringCase("application/xml", at: type)
    }
}

/// Names with their values, in the order in which the names first came.
struct LambdaValues {
    private var entries: [(name: [UInt8], values: [[UInt8]])] = []
    private var places: [[UInt8]: Int] = [:]

    mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        if let place = self.places[name] {
            self.entries[place].values.append(value)
        } else {
            self.places[name] = self.entries.count
            self.entries.append((name, [value]))
        }
    }

    /// Appends a JSON object. A single value is the last one given (ALB-LMB-006).
    func append(_ form: LambdaEvent.Form, to output: inout [UInt8]) {
        let takesFirst = form.quirks.contains(.lambdaFirstValueWins)
        output.append(UInt8(ascii: "{"))
        for (index, entry) in self.entries.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(entry.name.span, to: &output)
            output.append(UInt8(ascii: ":"))
            if form.isMultiValue {
                Self.append(list: entry.values, to: &output)
            } else {
                let value = (takesFirst ? entry.values.first : entry.values.last) ?? []
                JSONText.append(value.span, to: &output)
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func append(list values: [[UInt8]], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(value.span, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension [UInt8] {
    /// A stretch of a span.
    init(copying bytes: Span<UInt8>, _ range: Range<Int>) {
        self = []
        guard !range.isEmpty else { return }
        self.append(bytes.extracting(range))
    }
}
