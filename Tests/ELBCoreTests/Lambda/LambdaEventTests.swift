import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `The event of a Lambda function` {
    private static let group =
        "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-group/6d0ecf831eec9f09"

    private static func event(
        _ head: [UInt8],
        body: [UInt8] = [],
        isMultiValue: Bool = false,
        quirks: Set<Quirk> = []
    ) throws(LambdaFailure) -> String {
        var parser = RequestHeadParser()
        var parsed = RequestHead()
        _ = parser.parse(head.span, into: &parsed)
        var output: [UInt8] = []
        try LambdaEvent.append(
            parsed,
            bytes: head.span,
            body: body.span,
            targetGroup: Self.group,
            form: LambdaEvent.Form(isMultiValue: isMultiValue, quirks: QuirkSet(quirks)),
            to: &output
        )
        return String(decoding: output, as: UTF8.self)
    }

    private static func event(
        _ line: String,
        _ fields: [String] = [],
        body: String = "",
        isMultiValue: Bool = false,
        quirks: Set<Quirk> = []
    ) throws(LambdaFailure) -> String {
        let head = ([line] + fields + ["", ""]).joined(separator: "\r\n")
        return try Self.event(Array(head.utf8), body: Array(body.utf8), isMultiValue: isMultiValue, quirks: quirks)
    }

    @Test(.covers("ALB-LMB-003", "ALB-LMB-004", "ALB-LMB-009"))
    func `has the documented members, header names in lower case, and an empty body where there is none`() throws {
        let event = try Self.event(
            "GET /lambda?query=1234ABCD HTTP/1.1",
            ["Host: a.example", "Accept-Language: en-US,en;q=0.8", "X-Forwarded-For: 72.12.164.125"]
        )
        #expect(
            event == #"{"requestContext":{"elb":{"targetGroupArn":""# + Self.group + #""}},"httpMethod":"GET","#
                + #""path":"/lambda","queryStringParameters":{"query":"1234ABCD"},"headers":{"host":"a.example","#
                + #""accept-language":"en-US,en;q=0.8","x-forwarded-for":"72.12.164.125"},"body":"","#
                + #""isBase64Encoded":false}"#
        )
    }

    // The guide's example: http://www.example.com?&myKey=val1&myKey=val2 with two cookies.
    @Test(.covers("ALB-LMB-006"))
    func `keeps the last of several values`() throws {
        let event = try Self.event(
            "GET /?&myKey=val1&myKey=val2 HTTP/1.1",
            ["Cookie: name1=value1", "cookie: name2=value2"]
        )
        #expect(event.contains(#""queryStringParameters":{"myKey":"val2"}"#))
        #expect(event.contains(#""headers":{"cookie":"name2=value2"}"#))
    }

    @Test(.covers("ALB-LMB-005"))
    func `lists all values when the group says so`() throws {
        let event = try Self.event(
            "GET /?&myKey=val1&myKey=val2&x HTTP/1.1",
            ["Cookie: name1=value1", "cookie: name2=value2"],
            isMultiValue: true
        )
        #expect(event.contains(#""multiValueQueryStringParameters":{"myKey":["val1","val2"],"x":[""]}"#))
        #expect(event.contains(#""multiValueHeaders":{"cookie":["name1=value1","name2=value2"]}"#))
        #expect(!event.contains(#""headers""#))
        #expect(!event.contains(#""queryStringParameters""#))
    }

    @Test(
        .covers("ALB-LMB-007"),
        arguments: [
            ("/?a=%20&b+c=%22", #"{"a":"%20","b+c":"%22"}"#), ("/?a=b=c", #"{"a":"b=c"}"#), ("/?a", #"{"a":""}"#),
            ("/?=x", #"{"":"x"}"#), ("/?", "{}"), ("/", "{}"), ("/?&&a=1&", #"{"a":"1"}"#), ("/?a=?#f", #"{"a":"?"}"#),
        ]
    )
    func `takes query parameters as they stand`(target: String, expected: String) throws {
        #expect(try Self.event("GET \(target) HTTP/1.1").contains("\"queryStringParameters\":\(expected)"))
    }

    @Test func `gives the path of any form of target`() throws {
        #expect(try Self.event("GET http://a.example HTTP/1.1").contains(#""path":"/","#))
        #expect(try Self.event("GET http://a.example/x%2Fy?z HTTP/1.1").contains(#""path":"/x%2Fy","#))
        #expect(try Self.event("OPTIONS * HTTP/1.1").contains(#""path":"*","#))
    }

    @Test(
        .covers("ALB-LMB-008", "ALB-LMB-010"),
        arguments: [
            (["Content-Type: text/plain"], false), (["Content-Type: TEXT/HTML; charset=utf-8"], false),
            (["Content-Type: application/json"], false), (["Content-Type: application/json;charset=utf-8"], false),
            (["Content-Type: application/javascript"], false), (["content-type: application/xml"], false),
            (["Content-Type: application/json", "Content-Encoding: gzip"], true),
            (["Content-Encoding: identity", "Content-Type: text/plain"], true),
            (["Content-Type: application/jsonx"], true), (["Content-Type: application/x-www-form-urlencoded"], true),
            (["Content-Type: image/png"], true), (["Content-Type: text"], true), (["Content-Type:"], true), ([], true),
        ]
    )
    func `encodes a body that is not known to be text`(fields: [String], isEncoded: Bool) throws {
        let event = try Self.event("POST / HTTP/1.1", fields, body: "a\"b")
        let end = isEncoded ? #""body":"YSJi","isBase64Encoded":true}"# : #""body":"a\"b","isBase64Encoded":false}"#
        #expect(event.hasSuffix(end))
    }

    @Test(.covers("ALB-LMB-011", "ALB-LOG-029"))
    func `cannot hold what is not UTF-8`() throws {
        let head = Array("GET / HTTP/1.1\r\nX-A: ".utf8) + [0xe9, 0x0d, 0x0a, 0x0d, 0x0a]
        #expect(throws: LambdaFailure(.badRequest)) { try Self.event(head) }
        let text = Array("POST / HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n".utf8)
        #expect(throws: LambdaFailure(.badRequest)) { try Self.event(text, body: [0xff]) }
        let image = Array("POST / HTTP/1.1\r\nContent-Type: image/png\r\n\r\n".utf8)
        #expect(try Self.event(image, body: [0xff]).hasSuffix(#""body":"/w==","isBase64Encoded":true}"#))
        let utf8 = Array("GET /é HTTP/1.1\r\nX-A: é\r\n\r\n".utf8)
        #expect(try Self.event(utf8).contains(#""x-a":"é""#))
    }

    @Test func `says nothing of the connection`() throws {
        let event = try Self.event(
            "POST / HTTP/1.1",
            [
                "Host: a", "Connection: close", "Transfer-Encoding: chunked", "TE: trailers", "Keep-Alive: 1",
                "Trailer: x",
            ],
            body: "x"
        )
        #expect(event.contains(#""headers":{"host":"a"}"#))
    }

    @Test(.covers("ALB-LMB-025"))
    func `of a health check is the documented one`() {
        var output: [UInt8] = []
        LambdaEvent.appendProbe(path: "/health?deep=1", targetGroup: Self.group, form: .init(), to: &output)
        #expect(
            String(decoding: output, as: UTF8.self) == #"{"requestContext":{"elb":{"targetGroupArn":""# + Self.group
                + #""}},"httpMethod":"GET","path":"/health","queryStringParameters":{"deep":"1"},"#
                + #""headers":{"user-agent":"ELB-HealthChecker/2.0"},"body":"","isBase64Encoded":false}"#
        )
    }

    @Test(arguments: [
        (Quirk.lambdaFirstValueWins, #""a":"%31""#), (.lambdaDecodesQuery, #""a":"2""#),
        (.lambdaNoBase64, #""body":"x""#),
        (.lambdaAlwaysBase64, #""body":"eA==""#), (.lambdaNamesKeepCase, #""X-Y":"z""#),
    ])
    func `deviates as a quirk says`(quirk: Quirk, expected: String) throws {
        let honest = try Self.event("POST /?a=%31&a=%32 HTTP/1.1", ["X-Y: z", "Content-Type: text/plain"], body: "x")
        let type = quirk == .lambdaNoBase64 ? "image/png" : "text/plain"
        let event = try Self.event(
            "POST /?a=%31&a=%32 HTTP/1.1",
            ["X-Y: z", "Content-Type: \(type)"],
            body: "x",
            quirks: [quirk]
        )
        #expect(event.contains(expected))
        #expect(event != honest)
    }
}
