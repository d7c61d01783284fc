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
        record.traceID.append(text: "Root=1-58337262-36d228ad5d99923122bbe354")
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
        var output = ByteOutput()
        record.append(to: &output, clock: &clock)
        #expect(
            String(decoding: output.bytes, as: UTF8.self)
                == #"http 2018-07-02T01:16:03.000001Z app/lb/1 192.0.2.1:4711 10.0.0.1:80 0.001 1.234 0.000 200 200 34 366 "#
                + #""GET http://www.example.com:8080/a?b=\x22c HTTP/1.1" "curl \x5c 8" - - web "#
                + #""Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T01:16:02.123456Z "forward" "-" "-" "#
                + #""10.0.0.1:80" "200" "-" "-" TID_00000000000000010000000000000002 "-" "-" "-" 127.10.1.4"# + "\n"
        )
    }

    @Test(.covers("CLB-LG-008", "CLB-LG-002", "CLB-LG-004"))
    func `of a Classic Load Balancer are as in its guide's example`() {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array("GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/7.38.0\r\n\r\n".utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        var record = AccessLogRecord(
            of: AccessLogRecord.Connection(
                loadBalancer: Array("my-loadbalancer".utf8),
                node: Array("10.0.0.9".utf8),
                client: Array("192.168.131.39:2817".utf8),
                traceID: []
            )
        )
        record.noteRequest(head, bytes: bytes.span, port: 80)
        record.target = Array("10.0.0.1:80".utf8)
        record.createdAt = 1_431_560_383_945_958
        record.requestProcessing = 73_000
        record.targetProcessing = 1_048_000
        record.responseProcessing = 57_000
        record.status = 200
        record.targetStatus = 200
        record.receivedBytes = bytes.count
        record.receivedHeadBytes = bytes.count
        record.sentBytes = 129
        record.sentHeadBytes = 100
        var clock = WallClockText()
        var output = ByteOutput()
        record.appendClassic(to: &output, clock: &clock)
        #expect(
            String(decoding: output.bytes, as: UTF8.self)
                == "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 "
                + "200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -\n"
        )
    }

    @Test(.covers("ALB-LOG-015"))
    func `say -1 and - where nothing was reached`() {
        var record = AccessLogRecord(of: Self.connection)
        record.status = 502
        var clock = WallClockText()
        var output = ByteOutput()
        record.append(to: &output, clock: &clock)
        #expect(String(decoding: output.bytes, as: UTF8.self).contains(" 192.0.2.1:4711 - -1 -1 -1 502 - 0 0 "))
    }

    @Test(
        .covers("ALB-RULE-021"),
        arguments: [(nil, "-"), (0, "0"), (50_000, "50000"), (-1, "-1")] as [(Int?, String)]
    )
    func `name the rule that took the request`(priority: Int?, expected: String) {
        var record = AccessLogRecord(of: Self.connection)
        record.rulePriority = priority
        var clock = WallClockText()
        var output = ByteOutput()
        record.append(to: &output, clock: &clock)
        #expect(String(decoding: output.bytes, as: UTF8.self).contains(#""-" "-" "-" \#(expected) 1970-01-01T"#))
    }

    // MARK: One field at a time

    /// The record's line, cut into its fields as the service's own examples cut it: at spaces outside quotes.
    private static func fields(
        _ change: (inout AccessLogRecord) -> Void,
        of connection: AccessLogRecord.Connection? = nil
    )
        -> [String]
    {
        var record = AccessLogRecord(of: connection ?? Self.connection)
        change(&record)
        var clock = WallClockText()
        var written = ByteOutput()
        record.append(to: &written, clock: &clock)
        let output = written.bytes
        #expect(output.last == UInt8(ascii: "\n"))
        #expect(output.count { $0 == UInt8(ascii: "\n") } == 1)
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        for byte in output.dropLast() {
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: " "), !isQuoted {
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            } else {
                field.append(byte)
            }
        }
        return fields + [String(decoding: field, as: UTF8.self)]
    }

    private static func head(_ text: String, _ body: (borrowing RequestHead, Span<UInt8>) -> Void) {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        body(head, bytes.span)
    }

    @Test(.covers("ALB-LOG-005", "ALB-LOG-009")) func `have 34 fields whatever is known`() {
        #expect(Self.fields { _ in }.count == 34)
        let full = Self.fields { record in
            record.earlierActions = [.waf, .authenticate]
            record.errorReason = .authInvalidCookie
            record.transform = .init(.success, host: Array("a b".utf8), uri: Array("/\"".utf8))
            record.redirectURL = Array("https://a/ b".utf8)
        }
        #expect(full.count == 34)
        #expect(full[30...] == ["a b", #"/\x22"#, "TransformSuccess", "127.10.1.4"])
    }

    @Test(
        .covers("ALB-LOG-010", "ALB-LOG-021"),
        arguments: [
            (.http, "http", "GET http://a:80/ HTTP/1.1"), (.https, "https", "GET https://a:80/ HTTP/1.1"),
            (.h2, "h2", "GET https://a:80/ HTTP/2.0"), (.grpcs, "grpcs", "GET https://a:80/ HTTP/2.0"),
            (.ws, "ws", "GET http://a:80/ HTTP/1.1"), (.wss, "wss", "GET https://a:80/ HTTP/1.1"),
        ] as [(AccessLogRecord.Kind, String, String)]
    )
    func `tell the kind of client and what it asked for`(kind: AccessLogRecord.Kind, type: String, line: String) {
        Self.head("GET / HTTP/1.1\r\nHost: a\r\n\r\n") { head, bytes in
            var request: [UInt8] = []
            let fields = Self.fields { record in
                record.kind = kind
                record.noteRequest(head, bytes: bytes, port: 80)
                request = record.request.bytes
            }
            #expect(fields[0] == type)
            #expect(fields[12] == line)
            #expect(!request.isEmpty)
        }
    }

    @Test func `begin anew as what their connection is`() {
        var record = AccessLogRecord(of: Self.connection)
        record.kind = .http.upgraded
        #expect(record.kind == .ws)
        record.errorReason = .lambdaUnhandled
        record.transform = .init(.replaceError)
        record.earlierActions = .rewrite
        record.begin(at: 1, receivedBytes: 2)
        #expect(record.kind == .http)
        #expect(record.errorReason == nil && record.transform == nil && record.earlierActions.isEmpty)
        #expect(AccessLogRecord.Kind.h2.upgraded == .wss)
    }

    @Test(.covers("ALB-LOG-023", "ALB-LOG-024")) func `tell the connection's TLS`() {
        #expect(Self.fields { _ in }[14...15] == ["-", "-"])
        #expect(Self.fields { _ in }[18...19] == ["-", "-"])
        let connection = AccessLogRecord.Connection(
            kind: .https,
            loadBalancer: Array("app/lb/1".utf8),
            node: Array("127.10.1.4".utf8),
            client: Array("192.0.2.1:4711".utf8),
            traceID: AccessLogRecord.connectionTraceID(node: 1, number: 2),
            tls: .init(
                cipher: Array("ECDHE-RSA-AES128-GCM-SHA256".utf8),
                protocol: Array("TLSv1.2".utf8),
                domainName: Array("www.\"example.com".utf8),
                certificate: Array("session-reused".utf8)
            )
        )
        let fields = Self.fields({ _ in }, of: connection)
        #expect(fields[0] == "https")
        #expect(fields[14...15] == ["ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2"])
        #expect(fields[18...19] == [#"www.\x22example.com"#, "session-reused"])
    }

    @Test(
        .covers("ALB-LOG-025"),
        arguments: [
            ([], .none, "-"), ([], .forward, "forward"), (.waf, .forward, "waf,forward"),
            ([.authenticate, .rewrite], .forward, "authenticate,rewrite,forward"),
            (.wafFailed, .redirect, "waf-failed,redirect"),
            (.authenticate, .fixedResponse, "authenticate,fixed-response"), (.authenticate, .none, "authenticate"),
        ] as [(AccessLogRecord.EarlierActions, AccessLogRecord.Action, String)]
    )
    func `list the actions taken`(
        earlier: AccessLogRecord.EarlierActions,
        action: AccessLogRecord.Action,
        text: String
    ) {
        let fields = Self.fields { record in
            record.earlierActions = earlier
            record.action = action
        }
        #expect(fields[22] == text)
    }

    @Test(
        .covers("ALB-RULE-021"),
        arguments: [(50_000, "50000"), (0, "0"), (-1, "-1"), (nil, "-")] as [(Int?, String)]
    )
    func `tell the winning rule`(priority: Int?, text: String) {
        #expect(Self.fields { $0.rulePriority = priority }[20] == text)
    }

    @Test(.covers("ALB-LOG-027", "ALB-LOG-028", "ALB-LOG-029"), arguments: ErrorReason.allCases)
    func `give the reason of an error alone`(reason: ErrorReason) {
        #expect(Self.fields { _ in }[24] == "-")
        #expect(Self.fields { $0.errorReason = reason }[24] == reason.rawValue)
        #expect(reason.rawValue.utf8.allSatisfy { $0 > 0x2f && $0 < 0x7b })
    }

    @Test(.covers("ALB-LOG-030")) func `repeat the one target in the lists`() {
        let fields = Self.fields { record in
            record.target = Array("10.0.0.1:80".utf8)
            record.targetStatus = 201
            record.status = 200
        }
        #expect(fields[4] == fields[25])
        #expect(fields[9] == fields[26])
        #expect(fields[9] == "201")
        #expect(fields[8] == "200")
    }

    // MARK: Hostile input

    @Test(
        .covers("ALB-LOG-005"),
        arguments: [
            ("a\"b", #"a\x22b"#), ("a\\b", #"a\x5cb"#), ("a\tb", #"a\x09b"#), ("\u{e9}", #"\xc3\xa9"#),
            ("\u{7f}", #"\x7f"#),
            (#"" - 200 ""#, #"\x22 - 200 \x22"#),
        ]
    )
    func `cannot be broken apart by a user agent`(agent: String, text: String) {
        Self.head("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \(agent)\r\n\r\n") { head, bytes in
            let fields = Self.fields { $0.noteRequest(head, bytes: bytes, port: 80) }
            #expect(fields.count == 34)
            #expect(fields[13] == text)
        }
    }

    @Test(.covers("ALB-LOG-005")) func `cannot be broken apart by any byte of any text`() {
        let hostile = (0...255).map { UInt8($0) }
        let fields = Self.fields { record in
            record.traceID.append(hostile)
            record.redirectURL = hostile
            record.transform = .init(.success, host: hostile, uri: hostile)
        }
        #expect(fields.count == 34)
        for place in [17, 23, 30, 31] {
            #expect(fields[place].hasPrefix(#"\x00\x01"#) && fields[place].hasSuffix(#"\xfe\xff"#))
        }
    }

    @Test(.covers("ALB-LOG-005"), arguments: [0x00, 0x1f, 0x22, 0x5c, 0x7f, 0x80, 0xff] as [UInt8])
    func `cannot be broken apart wherever the byte stands`(byte: UInt8) {
        let hexadecimal = String(byte, radix: 16)
        let escaped = #"\x"# + (hexadecimal.count == 1 ? "0" : "") + hexadecimal
        for place in 0..<24 {
            let before = String(repeating: "a", count: place)
            let after = String(repeating: "~", count: 24 - place)
            let fields = Self.fields { $0.traceID.append(Array(before.utf8) + [byte] + Array(after.utf8)) }
            #expect(fields[17] == before + escaped + after)
        }
    }

    @Test(.covers("ALB-LOG-022"), arguments: [8191, 8192, 8193, 16_000])
    func `keep 8 KB of a user agent`(length: Int) {
        let agent = String(repeating: "a", count: length)
        Self.head("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \(agent)\r\n\r\n") { head, bytes in
            let fields = Self.fields { $0.noteRequest(head, bytes: bytes, port: 80) }
            #expect(fields[13].utf8.count == min(length, 8192))
        }
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
