/// What no request of HTTP/2 may hold, one mistake each.
enum MalformedHead {
    static let all: [(String, @Sendable ([CurlHeader]) -> [CurlHeader])] = [
        ("a line break in a value", { $0 + [CurlHeader("x-a", "1\r\nx-smuggled: 1")] }),
        ("a bare line feed in a value", { $0 + [CurlHeader("x-a", "1\nx-smuggled: 1")] }),
        ("a NUL in a value", { $0 + [CurlHeader("x-a", "1\u{0}2")] }),
        ("a name in upper case", { $0 + [CurlHeader("X-Upper", "1")] }),
        ("a space in a name", { $0 + [CurlHeader("x a", "1")] }),
        ("a colon in a name", { $0 + [CurlHeader("x-a:b", "1")] }),
        ("a line break in a name", { $0 + [CurlHeader("x-a: 1\r\nx-b", "1")] }),
        ("an empty name", { $0 + [CurlHeader("", "1")] }),
        ("connection", { $0 + [CurlHeader("connection", "close")] }),
        ("transfer-encoding", { $0 + [CurlHeader("transfer-encoding", "chunked")] }),
        ("upgrade", { $0 + [CurlHeader("upgrade", "h2c")] }),
        ("te other than trailers", { $0 + [CurlHeader("te", "gzip")] }),
        ("a length that is not the body's", { $0 + [CurlHeader("content-length", "3")] }),
        ("two lengths", { $0 + [CurlHeader("content-length", "5"), CurlHeader("content-length", "50")] }),
        ("no :path", { fields in fields.filter { $0.name != ":path" } + [CurlHeader("x-id", fields.id)] }),
        ("an empty :path", { $0.replacing(":path", with: "") + [CurlHeader("x-id", $0.id)] }),
        ("no :method", { fields in fields.filter { $0.name != ":method" } }),
        ("two :path", { $0 + [CurlHeader(":path", "/two")] }),
        (
            "a pseudo-header behind the others",
            { fields in
                fields.filter { $0.name != ":method" } + [CurlHeader("x-a", "1"), CurlHeader(":method", "GET")]
            }
        ),
        ("a pseudo-header that nobody knows", { [CurlHeader(":unknown", "1")] + $0 }),
        ("a response's pseudo-header", { [CurlHeader(":status", "200")] + $0 }),
        ("a space in :path", { $0.replacing(":path", with: "/ HTTP/1.1?\($0.id)") }),
        ("a line break in :path", { $0.replacing(":path", with: "/?\($0.id) HTTP/1.1\r\nx-smuggled: 1\r\nx: ") }),
        ("a space in :method", { $0.replacing(":method", with: "GET /smuggled") }),
        ("a line break in :authority", { $0.replacing(":authority", with: "a\r\nx-smuggled: 1") }),
    ]
}

extension [CurlHeader] {
    fileprivate func replacing(_ name: String, with value: String) -> Self {
        self.map { $0.name == name ? CurlHeader(name, value) : $0 }
    }

    /// The request id in the path.
    fileprivate var id: String {
        let path = self.first { $0.name == ":path" }?.value ?? ""
        return String(path.split(separator: "?").last ?? "")
    }
}
