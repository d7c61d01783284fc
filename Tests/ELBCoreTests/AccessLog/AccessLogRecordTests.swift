import ELBCore
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Access log lines` {
    private static let connection = AccessLogRecord.Connection(
        loadBalancer: Array("app/lb/1".utf8),
        node: Array("127.10.1.4".utf8),
        client: Array("192.0.2.1:4711".utf8),
        traceID: AccessLogRecord.connectionTraceID(node: 1, number: 2)
    )

    @Test(
        .covers(
            "ALB-LOG-005",
            "ALB-LOG-006",
            "ALB-LOG-007",
            "ALB-LOG-008",
            "ALB-LOG-009",
            "ALB-LOG-011",
            "ALB-LOG-015",
            "ALB-LOG-021",
            "ALB-LOG-023"
        )
    )
    func `have the service's fields in its order`() {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array("GET /a?b=\"c HTTP/1.1\r\nHost: www.example.com:8080\r\nUser-Agent: curl \\ 8\r\n\r\n".utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        var record = AccessLogRecord(of: Self.connection)
        record.target = Array("10.0.0.1:80".utf8)
        record.targetGroup = Array("web".utf8)
        record.noteRequest(head, bytes: bytes.span, port: 8080)
        record.traceID = Array("Root=1-58337262-36d228ad5d99923122bbe354".utf8)
        record.createdAt = 1_530_494_162_123_456
        record.respondedAt = 1_530_494_163_000_001
        record.requestProcessing = 1_000_000
        record.targetProcessing = 1_234_567_890
        record.responseProcessing = 0
        record.status = 200
        record.targetStatus = 200
        record.receivedBytes = 34
        record.sentBytes = 366
        record.rulePriority = 0
        record.action = .forward
        var clock = WallClockText()
        var output: [UInt8] = []
        record.append(to: &output, clock: &clock)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"http 2018-07-02T01:16:03.000001Z app/lb/1 192.0.2.1:4711 10.0.0.1:80 0.001 1.234 0.000 200 200 34 366 "#
                + #""GET http://www.example.com:8080/a?b=\x22c HTTP/1.1" "curl \x5c 8" - - web "#
                + #""Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T01:16:02.123456Z "forward" "-" "-" "#
                + #""10.0.0.1:80" "200" "-" "-" TID_00000000000000010000000000000002 "-" "-" "-" 127.10.1.4"# + "\n"
        )
    }

    @Test(.covers("ALB-LOG-015"))
    func `say -1 and - where nothing was reached`() {
        var record = AccessLogRecord(of: Self.connection)
        record.status = 502
        var clock = WallClockText()
        var output: [UInt8] = []
        record.append(to: &output, clock: &clock)
        #expect(String(decoding: output, as: UTF8.self).contains(" 192.0.2.1:4711 - -1 -1 -1 502 - 0 0 "))
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ])
    func `print dates of the calendar`(second: Int64, date: String) {
        var clock = WallClockText()
        #expect(String(decoding: clock.httpDate(second: second), as: UTF8.self) == date)
    }
}
