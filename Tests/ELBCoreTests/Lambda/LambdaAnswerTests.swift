import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `The answer of a Lambda function` {
    private static let date = Array("Thu, 01 Jan 1970 00:00:00 GMT".utf8)

    private static func answer(
        _ json: [UInt8],
        isMultiValue: Bool = false,
        quirks: Set<Quirk> = []
    ) throws(LambdaFailure) -> LambdaAnswer {
        let form = LambdaEvent.Form(isMultiValue: isMultiValue, quirks: QuirkSet(quirks))
        return try LambdaAnswer(json: json.span, date: Self.date, form: form)
    }

    /// The head without Server and Date, and the body.
    private static func response(
        _ json: String,
        isMultiValue: Bool = false,
        quirks: Set<Quirk> = []
    ) throws(LambdaFailure) -> String {
        let answer = try Self.answer(Array(json.utf8), isMultiValue: isMultiValue, quirks: quirks)
        return String(decoding: answer.head + answer.body, as: UTF8.self)
            .replacing("Server: awselb/2.0\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n", with: "")
    }

    private static func reason(_ json: String, isMultiValue: Bool = false) -> LambdaFailure.Reason? {
        do throws(LambdaFailure) {
            _ = try Self.answer(Array(json.utf8), isMultiValue: isMultiValue)
            return nil
        } catch {
            return error.reason
        }
    }

    // The guide's examples.
    @Test(.covers("ALB-LMB-014", "ALB-LMB-017"))
    func `becomes a response`() throws {
        let json = """
            {"isBase64Encoded": false, "statusCode": 200, "statusDescription": "200 OK",
             "headers": {"Set-cookie": "cookies", "Content-Type": "application/json"}, "body": "Hello from Lambda (optional)"}
            """
        #expect(
            try Self.response(json) == "HTTP/1.1 200 OK\r\nSet-cookie: cookies\r\nContent-Type: application/json\r\n"
                + "Content-Length: 28\r\n\r\nHello from Lambda (optional)"
        )
    }

    @Test(.covers("ALB-LMB-005", "ALB-LMB-015"))
    func `has lists of header values in the mode for it`() throws {
        let json = """
            {"isBase64Encoded": false, "statusCode": 200, "statusDescription": "200 OK", "multiValueHeaders":
             {"Set-cookie": ["cookie-name=cookie-value;Domain=myweb.com;Secure;HttpOnly", "cookie-name=cookie-value"],
              "Content-Type": ["application/json"]}, "body": "x"}
            """
        #expect(
            try Self.response(json, isMultiValue: true) == "HTTP/1.1 200 OK\r\n"
                + "Set-cookie: cookie-name=cookie-value;Domain=myweb.com;Secure;HttpOnly\r\n"
                + "Set-cookie: cookie-name=cookie-value\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\nx"
        )
        #expect(Self.reason(json) == .invalidResponse)
        let single = #"{"isBase64Encoded":false,"statusCode":200,"headers":{"A":"b"}}"#
        #expect(Self.reason(single) == nil)
        #expect(Self.reason(single, isMultiValue: true) == .invalidResponse)
    }

    @Test(
        .covers("ALB-LMB-014", "ALB-LMB-019", "ALB-LMB-020"),
        arguments: [
            #""hi""#, "null", "[]", "", "{}", "{", "hi", #"{"statusCode":200,"headers":{}}"#,
            #"{"isBase64Encoded":false,"headers":{}}"#, #"{"isBase64Encoded":false,"statusCode":200}"#,
            #"{"isBase64Encoded":"false","statusCode":200,"headers":{}}"#,
            #"{"isBase64Encoded":false,"statusCode":"200","headers":{}}"#,
            #"{"isBase64Encoded":false,"statusCode":200.5,"headers":{}}"#,
            #"{"isBase64Encoded":false,"statusCode":100,"headers":{}}"#,
            #"{"isBase64Encoded":false,"statusCode":600,"headers":{}}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":null}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"content-length":5}}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"a":["b"]}}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"a b":"c"}}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"":"c"}}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"a":"b\r\nSet-Cookie: c"}}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{},"body":{}}"#,
            #"{"isBase64Encoded":true,"statusCode":200,"headers":{},"body":"not base64"}"#,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{}} x"#,
        ]
    )
    func `is refused when it is malformed or something is missing`(json: String) {
        #expect(Self.reason(json) == .invalidResponse)
    }

    @Test func `may leave out the body and the description, or say null`() throws {
        let plain = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        for rest in ["", #","body":null,"statusDescription":null"#, #","cookies":["x"],"other":{"a":[1,2.5e3]}"#] {
            let json = #"{"isBase64Encoded":false,"statusCode":404,"headers":{}\#(rest)}"#
            #expect(try Self.response(json) == plain)
        }
    }

    @Test(arguments: [
        ("200 OK", "200 OK"), ("200 Fine thanks", "200 Fine thanks"), ("200", "200 OK"), ("", "200 OK"),
        ("Fine", "200 Fine"),
        (#"200 a\r\nb: c"#, "200 OK"),
    ])
    func `has the phrase that the description gives, if it can stand in a line`(text: String, line: String) throws {
        let json = #"{"isBase64Encoded":false,"statusCode":200,"headers":{},"statusDescription":"\#(text)"}"#
        #expect(try Self.response(json).hasPrefix("HTTP/1.1 \(line)\r\nContent-Length"))
    }

    @Test(.covers("ALB-LMB-016"))
    func `is decoded when it is Base64`() throws {
        let json = #"{"isBase64Encoded":true,"statusCode":200,"headers":{"Content-Type":"image/x"},"body":"AP8="}"#
        let answer = try Self.answer(Array(json.utf8))
        #expect(answer.body == [0, 0xff])
        #expect(String(decoding: answer.head, as: UTF8.self).contains("Content-Length: 2\r\n"))
    }

    @Test(.covers("ALB-LMB-017", "ALB-HTTP-022", "ALB-HTTP-028"))
    func `does not decide about length and connection`() throws {
        let json = #"""
            {"isBase64Encoded":false,"statusCode":200,"headers":{"content-length":"99","Connection":"close",
            "Transfer-Encoding":"chunked","Trailer":"x","Keep-Alive":"1","Upgrade":"h2c","X":"y"},"body":"abc"}
            """#
        #expect(try Self.response(json) == "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 3\r\n\r\nabc")
    }

    @Test func `keeps a date and a server's name of its own`() throws {
        let json = #"{"isBase64Encoded":false,"statusCode":200,"headers":{"date":"today","Server":"mine"}}"#
        #expect(
            try Self.response(json) == "HTTP/1.1 200 OK\r\ndate: today\r\nServer: mine\r\nContent-Length: 0\r\n\r\n"
        )
        let answer = try Self.answer(Array(#"{"isBase64Encoded":false,"statusCode":200,"headers":{}}"#.utf8))
        #expect(String(decoding: answer.head, as: UTF8.self).contains("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"))
    }

    @Test func `names no server when the listener does not`() throws {
        let json = Array(#"{"isBase64Encoded":false,"statusCode":200,"headers":{}}"#.utf8)
        let answer = try LambdaAnswer(json: json.span, date: Self.date, form: .init(namesServer: false))
        #expect(!String(decoding: answer.head, as: UTF8.self).contains("Server"))
    }

    @Test func `without content has none`() throws {
        let json = #"{"isBase64Encoded":false,"statusCode":204,"headers":{},"body":"x"}"#
        #expect(try Self.response(json) == "HTTP/1.1 204 No Content\r\n\r\n")
    }

    @Test(.covers("ALB-LMB-013"))
    func `may have 1 MB in all, and not a byte more`() throws {
        let frame = #"{"isBase64Encoded":false,"statusCode":200,"headers":{},"body":""}"#
        let most = String(repeating: "a", count: LambdaAnswer.limit - frame.utf8.count)
        func json(_ body: String) -> String { frame.replacing(#""body":"""#, with: #""body":"\#(body)""#) }
        #expect(Self.reason(json(most)) == nil)
        #expect(Self.reason(json(most + "a")) == .responseTooLarge)
    }

    @Test func `never traps, whatever is cut off or changed`() {
        let sample = Array(
            #"{"isBase64Encoded":true,"statusCode":200,"statusDescription":"200 OK","headers":{"A":"b"},"body":"YWJj"}"#
                .utf8
        )
        var generator = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            var bytes = Array(sample.prefix(sample.count - generator.next(below: 30)))
            for _ in 0..<(1 + generator.next(below: 3)) {
                bytes[generator.next(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
            }
            do throws(LambdaFailure) { _ = try Self.answer(bytes) } catch {}
        }
    }

    @Test(arguments: [
        (Quirk.lambdaIncompleteAccepted, #"{"body":"x"}"#, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
        (
            .lambdaBodyNotDecoded, #"{"isBase64Encoded":true,"statusCode":200,"headers":{},"body":"eA=="}"#,
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\neA=="
        ),
        (
            .lambdaLengthTrusted,
            #"{"isBase64Encoded":false,"statusCode":200,"headers":{"Content-Length":"1"},"body":"xy"}"#,
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy"
        ),
    ])
    func `is read otherwise as a quirk says`(quirk: Quirk, json: String, expected: String) throws {
        #expect(try Self.response(json, quirks: [quirk]) == expected)
    }
}
