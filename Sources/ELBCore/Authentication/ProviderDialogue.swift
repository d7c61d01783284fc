package import ELBModel

/// A request to one of an identity provider's endpoints.
package struct ProviderRequest: Hashable, Sendable {
    package var url: WebURL
    /// `nil` asks with GET; otherwise the body of a POST, a form.
    package var form: [UInt8]?
    /// The value of Authorization, if one is sent.
    package var authorization: [UInt8]?
    /// Longer bodies are `tooLarge`.
    package var bodyLimit: Int

    /// Seconds within which the answer must be complete (ALB-AUTH-011, ALB-JWT-011).
    package static let timeoutSeconds = 5

    package init(url: WebURL, form: [UInt8]? = nil, authorization: [UInt8]? = nil, bodyLimit: Int) {
        self.url = url
        self.form = form
        self.authorization = authorization
        self.bodyLimit = bodyLimit
    }

    /// The request's bytes; the connection carries no other.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(self.form == nil ? "GET " : "POST ")
        bytes.append(contentsOf: self.url.target.utf8)
        bytes.append(" HTTP/1.1\r\nHost: ")
        bytes.append(contentsOf: self.url.authority.utf8)
        bytes.append("\r\nUser-Agent: ELB-Authentication/2.0\r\nAccept: application/json\r\n")
        if let authorization {
            bytes.append("Authorization: ")
            bytes += authorization
            bytes.append("\r\n")
        }
        if let form {
            bytes.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ")
            bytes.append(decimal: form.count)
            bytes.append("\r\n")
        }
        bytes.append("Connection: close\r\n\r\n")
        if let form { bytes += form }
        return bytes
    }
}

/// What came of a `ProviderRequest`.
package enum ProviderAnswer: Hashable, Sendable {
    /// A whole response.
    case response(status: Int, body: [UInt8])
    /// Longer than the request's limit.
    case tooLarge
    /// No name, no connection, no trust in its certificate, not HTTP, or the connection ended too early.
    case failed
    /// Not within `ProviderRequest.timeoutSeconds`.
    case timedOut
}

/// The text of forms and queries.
enum FormText {
    /// Appends `&name=value`, or `name=value` where nothing is before it.
    static func append(_ name: String, _ value: [UInt8], to output: inout [UInt8]) {
        if !output.isEmpty { output.append(UInt8(ascii: "&")) }
        Self.appendEncoded(Array(name.utf8), to: &output)
        output.append(UInt8(ascii: "="))
        Self.appendEncoded(value, to: &output)
    }

    /// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3), which forms and queries read alike.
    static func appendEncoded(_ text: [UInt8], to output: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] {
                    output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
                }
            }
        }
    }

    /// The first value of that name in a query; `nil` if it is not there. `+` is a space, as forms have it.
    static func value(_ name: StaticString, in query: Span<UInt8>) -> [UInt8]? {
        var start = 0
        while start <= query.count {
            var end = start
            var equals = -1
            while end < query.count, query[end] != UInt8(ascii: "&") {
                if equals < 0, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            let nameEnd = equals < 0 ? end : equals
            if Self.is(query.extracting(start..<nameEnd), name) {
                return equals < 0 ? [] : Self.decoded(query.extracting((equals + 1)..<end))
            }
            start = end + 1
        }
        return nil
    }

    private static func `is`(_ text: Span<UInt8>, _ name: StaticString) -> Bool {
        guard text.count == name.utf8CodeUnitCount else { return false }
        for index in text.indices where text[index] != name.utf8Start[index] { return false }
        return true
    }

    private static func decoded(_ text: Span<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = Self.digit(text[index + 1]),
                let low = Self.digit(text[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
