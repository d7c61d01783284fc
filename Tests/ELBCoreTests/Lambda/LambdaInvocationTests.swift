import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Lambda's Invoke API` {
    private static let endpoint = Endpoint(address: .loopback, port: 3001)

    @Test(arguments: [
        ("arn:aws:lambda:ap-northeast-2:123456789012:function:hello", "/functions/hello/invocations"),
        (
            "arn:aws:lambda:ap-northeast-2:123456789012:function:hello:live",
            "/functions/hello/invocations?Qualifier=live"
        ),
    ])
    func `is called by the function's name and qualifier`(arn: String, path: String) {
        let request = LambdaInvocationRequest(
            function: arn,
            endpoint: Self.endpoint,
            targetGroup: "arn:group",
            isProbe: false
        )
        var output: [UInt8] = []
        request.append(event: Array("{}".utf8), to: &output)
        let text = String(decoding: output, as: UTF8.self)
        #expect(text.hasPrefix("POST /2015-03-31\(path) HTTP/1.1\r\nHost: 127.0.0.1:3001\r\n"))
        #expect(text.hasSuffix("X-Amz-Source-Arn: arn:group\r\nContent-Length: 2\r\n\r\n{}"))
    }

    /// What comes of a response that arrives in pieces cut at `cuts`.
    private static func outcome(_ text: String, cuts: [Int] = [], ends: Bool = false, limit: Int = 1000) -> String {
        var response = LambdaInvocationResponse(limit: limit)
        let bytes = Array(text.utf8)
        var start = 0
        for end in cuts + [bytes.count] {
            switch response.append(bytes[start..<end].span) {
            case .incomplete: break
            case .failed(let failure): return failure.reason.rawValue
            case .complete(let keeps):
                guard end == bytes.count else { return "complete too early" }
                return Self.text(response) + (keeps ? " kept" : "")
            }
            start = end
        }
        guard ends else { return "incomplete" }
        switch response.connectionEnded() {
        case .incomplete: return "incomplete"
        case .failed(let failure): return failure.reason.rawValue
        case .complete: return Self.text(response)
        }
    }

    private static func text(_ response: LambdaInvocationResponse) -> String {
        do throws(LambdaFailure) {
            let answer = try response.answer(date: [], form: .init())
            return "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
        } catch {
            return error.reason.rawValue
        }
    }

    private static let json = #"{"isBase64Encoded":false,"statusCode":201,"headers":{},"body":"hi"}"#

    @Test func `answers in any framing, cut anywhere`() {
        let half = Self.json.count / 2
        let chunks = [Self.json.prefix(half), Self.json.dropFirst(half)].map {
            "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n"
        }
        let sized = "HTTP/1.1 200 OK\r\nContent-Length: \(Self.json.utf8.count)\r\n\r\n\(Self.json)"
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks.joined())0\r\n\r\n"
        for text in [sized, chunked, "HTTP/1.1 100 Continue\r\n\r\n" + sized] {
            for cut in 0...text.utf8.count { #expect(Self.outcome(text, cuts: [cut]) == "201 hi kept") }
            #expect(Self.outcome(text, cuts: Array(0..<text.utf8.count)) == "201 hi kept")
            #expect(Self.outcome(String(text.dropLast()), ends: true) == "LambdaConnectionError")
        }
        #expect(Self.outcome("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(Self.json)", ends: true) == "201 hi")
        #expect(Self.outcome("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}") == "LambdaInvalidResponse")
        #expect(Self.outcome("", ends: true) == "LambdaConnectionError")
    }

    @Test(
        .covers("ALB-LMB-013"),
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n",
            "HTTP/1.1 200 OK\r\n\r\n01234567890",
        ]
    )
    func `is read no further than the limit`(text: String) {
        #expect(Self.outcome(text, limit: 10) == "LambdaResponseTooLarge")
    }

    @Test(
        .covers("ALB-LMB-021", "ALB-LOG-029", "ALB-ERR-034"),
        arguments: [
            (200, "X-Amz-Function-Error: Unhandled\r\n", "LambdaUnhandled", 502, false),
            (200, "X-Amz-Function-Error: Handled\r\n", "LambdaUnhandled", 502, false),
            (429, "X-Amzn-ErrorType: TooManyRequestsException\r\n", "LambdaThrottling", 502, false),
            (429, "", "LambdaThrottling", 502, false), (403, "", "LambdaAccessDenied", 502, false),
            (403, "x-amzn-errortype: AccessDeniedException:http://x/\r\n", "LambdaAccessDenied", 502, false),
            (404, "X-Amzn-ErrorType: ResourceNotFoundException\r\n", "LambdaResourceNotFound", 502, false),
            (413, "X-Amzn-ErrorType: RequestTooLargeException\r\n", "LambdaRequestTooLarge", 413, false),
            (400, "X-Amzn-ErrorType: InvalidRequestContentException\r\n", "LambdaBadRequest", 400, false),
            (500, "X-Amzn-ErrorType: ServiceException\r\n", "LambdaServiceException", 502, true),
            (503, "", "LambdaServiceException", 502, true),
            (502, "X-Amzn-ErrorType: EC2ThrottledException\r\n", "LambdaEC2ThrottledException", 502, false),
            (502, "X-Amzn-ErrorType: KMSDisabledException\r\n", "LambdaKMSDisabledException", 502, false),
            (502, "X-Amzn-ErrorType: InvalidZipFileException\r\n", "LambdaInvalidZipFileException", 502, false),
            (418, "X-Amzn-ErrorType: Teapot\r\n", "LambdaUnhandledException", 502, true),
            (302, "", "LambdaUnhandledException", 502, true),
        ]
    )
    func `gives errors their reasons`(status: Int, field: String, reason: String, answer: Int, isInternal: Bool) throws
    {
        #expect(Self.outcome("HTTP/1.1 \(status) x\r\n\(field)Content-Length: 0\r\n\r\n") == "\(reason) kept")
        let failure = LambdaFailure(try #require(LambdaFailure.Reason(rawValue: reason)))
        #expect(failure.status == answer)
        #expect(failure.isInternal == isInternal)
    }

    @Test(
        .covers("ALB-ERR-008", "ALB-ERR-043", "ALB-LMB-022", "ALB-LMB-028"),
        arguments: [
            (LambdaFailure.Reason.connectionError, 502, true), (.connectionTimeout, 504, true),
            (.serviceException, 502, true),
            (.unhandledException, 502, true), (.webSocketNotSupported, 400, false), (.invalidResponse, 502, false),
        ]
    )
    func `or its absence has a status and a party at fault`(reason: LambdaFailure.Reason, status: Int, isInternal: Bool)
    {
        #expect(LambdaFailure(reason).status == status)
        #expect(LambdaFailure(reason).isInternal == isInternal)
    }

    @Test(.covers("ALB-LOG-029"))
    func `has reasons that the access log knows, every one`() {
        let logged = ErrorReason.allCases.map(\.rawValue).filter { $0.hasPrefix("Lambda") }
        #expect(Set(logged) == Set(LambdaFailure.Reason.allCases.map(\.rawValue)))
        for reason in LambdaFailure.Reason.allCases {
            #expect(LambdaFailure(reason).errorReason?.rawValue == reason.rawValue)
        }
    }

    @Test(arguments: ["not HTTP at all\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
    func `that is none is found out`(text: String) {
        #expect(Self.outcome(text) == "LambdaUnhandledException")
    }
}
