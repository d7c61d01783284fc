/// An HTTP/1 answer read from raw bytes, for connections that libcurl did not make. Strict: what is not a well-formed
/// answer is not read.
package struct RawAnswer: Sendable {
    package var status: Int
    package var version: String
    package var headers: [CurlHeader]
    package var body: [UInt8]
    package var trailers: [CurlHeader] = []

    /// The first value of that field, whatever the case of its name.
    package func header(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package var text: String { String(decoding: self.body, as: UTF8.self) }

    /// Reads as many complete answers as stand in the bytes. `methods` are those of the requests in order (HEAD has no
    /// body); 1xx answers take none of them. `isAtEnd` says that the other side has closed, which ends a body without
    /// a length.
    package static func all(in bytes: [UInt8], methods: [String], isAtEnd: Bool) -> [Self] {
        var answers: [Self] = []
        var rest = bytes[...]
        var methods = methods[...]
        while !rest.isEmpty,
            let (answer, length) = Self.first(in: rest, isHead: methods.first == "HEAD", isAtEnd: isAtEnd)
        {
            answers.append(answer)
            rest = rest.dropFirst(length)
            if answer.status >= 200 { methods = methods.dropFirst() }
        }
        return answers
    }

    private static func first(in bytes: ArraySlice<UInt8>, isHead: Bool, isAtEnd: Bool) -> (Self, length: Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else { return nil }
        var answer = Self(status: status, version: String(parts[0]), headers: Self.fields(lines.dropFirst()), body: [])
        let headLength = end.upperBound - bytes.startIndex
        let rest = bytes[end.upperBound...]
        if isHead || status < 200 || status == 204 || status == 304 { return (answer, headLength) }
        if answer.header("Transfer-Encoding")?.lowercased() == "chunked" {
            guard let (body, trailers, length) = Self.chunks(in: rest) else { return nil }
            answer.body = body
            answer.trailers = trailers
            return (answer, headLength + length)
        }
        if let length = answer.header("Content-Length").flatMap({ Int($0) }) {
            guard length >= 0, rest.count >= length else { return nil }
            answer.body = Array(rest.prefix(length))
            return (answer, headLength + length)
        }
        guard isAtEnd else { return nil }
        answer.body = Array(rest)
        return (answer, bytes.count)
    }

    private static func fields(_ lines: some Sequence<Substring>) -> [CurlHeader] {
        lines.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return CurlHeader(String(line[..<colon]), String(value))
        }
    }

    private static func chunks(in bytes: ArraySlice<UInt8>) -> ([UInt8], [CurlHeader], length: Int)? {
        var body: [UInt8] = []
        var rest = bytes
        let lineEnd = Array("\r\n".utf8)
        while let end = rest.firstRange(of: lineEnd) {
            let line = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else { return nil }
            rest = rest[end.upperBound...]
            if size == 0 { return Self.trailers(after: body, in: rest, of: bytes) }
            guard rest.count >= size + 2 else { return nil }
            body.append(contentsOf: rest.prefix(size))
            rest = rest.dropFirst(size)
            guard rest.starts(with: lineEnd) else { return nil }
            rest = rest.dropFirst(2)
        }
        return nil
    }

    private static func trailers(
        after body: [UInt8],
        in rest: ArraySlice<UInt8>,
        of bytes: ArraySlice<UInt8>
    )
        -> ([UInt8], [CurlHeader], length: Int)?
    {
        if rest.starts(with: Array("\r\n".utf8)) { return (body, [], rest.startIndex + 2 - bytes.startIndex) }
        guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        return (body, Self.fields(lines), end.upperBound - bytes.startIndex)
    }
}
