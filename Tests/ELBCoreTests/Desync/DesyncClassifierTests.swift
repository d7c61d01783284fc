import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Desync classes` {
    private func verdict(_ text: String) -> DesyncVerdict {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        return DesyncVerdict(classifying: head)
    }

    @Test(
        .covers(
            "ALB-DSYNC-008",
            "ALB-DSYNC-009",
            "ALB-DSYNC-010",
            "ALB-DSYNC-011",
            "ALB-DSYNC-012",
            "ALB-DSYNC-013",
            "ALB-DSYNC-014",
            "ALB-DSYNC-015",
            "ALB-DSYNC-016",
            "ALB-DSYNC-017",
            "ALB-DSYNC-018",
            "ALB-DSYNC-019",
            "ALB-DSYNC-020",
            "ALB-DSYNC-021",
            "ALB-DSYNC-022",
            "ALB-DSYNC-023",
            "ALB-DSYNC-024",
            "ALB-DSYNC-025",
            "ALB-DSYNC-026",
            "ALB-DSYNC-027",
            "ALB-DSYNC-028",
            "ALB-DSYNC-029",
            "ALB-DSYNC-030"
        ),
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", DesyncClass.compliant, "-"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", .compliant, "-"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .compliant, "-"),
            ("GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", .ambiguous, "AmbiguousUri"),
            ("POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", .severe, "BadContentLength"),
            ("GET / HTTP/1.1\r\nA: b\u{0}\r\n\r\n", .severe, "BadHeader"),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", .severe, "BadTransferEncoding"),
            ("GET /\u{0} HTTP/1.1\r\n\r\n", .severe, "BadUri"),
            ("G<T / HTTP/1.1\r\n\r\n", .severe, "BadMethod"),
            ("GET / HTTP/x.1\r\n\r\n", .severe, "BadVersion"),
            (
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguous,
                "BothTeClPresent"
            ),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .ambiguous, "DuplicateContentLength"),
            ("GET / HTTP/1.1\r\n: x\r\n\r\n", .ambiguous, "EmptyHeader"),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", .acceptable, "GetHeadZeroContentLength"),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .severe, "MultipleContentLength"),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .severe,
                "MultipleTransferEncodingChunked"
            ),
            ("GET / HTTP/1.1\r\nA: \u{00e9}\r\n\r\n", .acceptable, "NonCompliantHeader"),
            ("GET / HTTP/1.3\r\n\r\n", .acceptable, "NonCompliantVersion"),
            ("GET /a b HTTP/1.1\r\n\r\n", .acceptable, "SpaceInUri"),
            ("POST / HTTP/1.1\r\nTransfer_Encoding: chunked\r\n\r\n", .ambiguous, "SuspiciousHeader"),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n", .severe,
                "SuspiciousTeClPresent"
            ),
            ("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", .ambiguous, "UndefinedContentLengthSemantics"),
            ("HEAD / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguous, "UndefinedTransferEncodingSemantics"),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguous, "UndefinedTransferEncodingSemantics"),
            ("GET / HTTP/1.1\nHost: a\r\n\r\n", .acceptable, "NonCrLfLineTermination"),
            ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", .ambiguous, "MultilineHeader"),
            ("GET / HTTP/1.1\r\nA\r\n\r\n", .ambiguous, "MissingHeaderColon"),
            ("GET HTTP/1.1\r\n\r\n", .ambiguous, "MissingUri"),
            ("GET /\r\n", .acceptable, "NonCompliantVersion"),
        ] as [(String, DesyncClass, String)]
    )
    func `are those of the access log's reference`(text: String, desyncClass: DesyncClass, code: String) {
        let verdict = self.verdict(text)
        #expect(verdict.desyncClass == desyncClass)
        #expect(verdict.reason?.code.description ?? "-" == code)
        #expect(verdict.desyncClass == verdict.reason?.desyncClass ?? .compliant)
    }

    @Test(.covers("ALB-DSYNC-002", "ALB-DSYNC-003", "ALB-DSYNC-004", "ALB-DSYNC-005"))
    func `are treated as each mode says`() {
        typealias Mode = LoadBalancerAttributes.DesyncMitigationMode
        let table: [(DesyncClass, Mode, DesyncHandling)] = [
            (.compliant, .monitor, .forward), (.compliant, .defensive, .forward), (.compliant, .strictest, .forward),
            (.acceptable, .monitor, .forward), (.acceptable, .defensive, .forward), (.acceptable, .strictest, .refuse),
            (.ambiguous, .monitor, .forward), (.ambiguous, .defensive, .forwardAndClose),
            (.ambiguous, .strictest, .refuse),
            (.severe, .monitor, .forward), (.severe, .defensive, .refuse), (.severe, .strictest, .refuse),
        ]
        for (desyncClass, mode, handling) in table {
            #expect(DesyncVerdict(desyncClass: desyncClass, reason: nil).handling(in: mode) == handling)
        }
    }
}
