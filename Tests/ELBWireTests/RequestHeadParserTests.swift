import ELBTestSupport
import ELBWire
import Testing

/// What a parser said of some bytes, with ranges turned to text.
struct ParsedRequest: Equatable {
    var outcome: RequestHeadParser.Outcome
    var method = ""
    var target = ""
    var path = ""
    var query: String?
    var authority: String?
    var version: HTTPVersion = .http11
    var fields: [String] = []
    var findings: HeadFindings = []
    var length = 0

    init(whole text: String) {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        self.init(outcome: parser.parse(bytes.span, into: &head), head, bytes)
    }

    /// Fed in two pieces.
    init(cutting text: String, at cut: Int) {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        var outcome = parser.parse(Array(bytes[..<cut]).span, into: &head)
        if outcome == .incomplete { outcome = parser.parse(bytes.span, into: &head) }
        self.init(outcome: outcome, head, bytes)
    }

    /// Fed byte by byte.
    init(dripping text: String) {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(text.utf8)
        var outcome = RequestHeadParser.Outcome.incomplete
        for count in 1...max(1, bytes.count) where outcome == .incomplete {
            outcome = parser.parse(Array(bytes[..<min(count, bytes.count)]).span, into: &head)
        }
        self.init(outcome: outcome, head, bytes)
    }

    private init(outcome: RequestHeadParser.Outcome, _ head: borrowing RequestHead, _ bytes: [UInt8]) {
        self.outcome = outcome
        guard outcome == .complete else { return }
        let text = { (range: ByteRange) in String(decoding: bytes[range.range], as: UTF8.self) }
        self.method = text(head.method)
        self.target = text(head.target)
        self.path = text(head.path)
        self.query = head.query.map(text)
        self.authority = head.authority.map(text)
        self.version = head.version
        self.fields = head.fields.map { "\(text($0.name))=\(text($0.value))|\($0.passage)" }
        self.findings = head.findings
        self.length = head.length
    }
}

@Suite struct `Request heads` {
    static let heads = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nPOST /a/b?x=1&y=2#f HTTP/1.0\r\nHost: example.com:80\r\nContent-Length: 5\r\n\r\nhello",
        "GET http://example.com:8080/p?q HTTP/1.1\r\nHOST:x\r\nX-Long-Header-Name-Here:  padded value \t\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\nX: y\n\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\nA: \u{00e9}\r\n folded\r\nNoColon\r\n: empty\r\n   \r\n\r\n",
        "GET  /  HTTP/1.3\r\nHost : a\r\nTransfer_Encoding: chunked\r\n\r\n",
        "G<T /\u{0} HTTP/x.1\r\nA: b\rc\r\n\r\n",
    ]

    @Test(arguments: heads)
    func `read the same whole, byte by byte and cut at every point`(text: String) {
        let whole = ParsedRequest(whole: text)
        #expect(whole.outcome == .complete)
        #expect(ParsedRequest(dripping: text) == whole)
        for cut in 0...text.utf8.count { #expect(ParsedRequest(cutting: text, at: cut) == whole, "cut at \(cut)") }
    }

    @Test func `give the parts of an origin-form target`() {
        let head = ParsedRequest(whole: Self.heads[1])
        #expect(head.method == "POST")
        #expect(head.path == "/a/b")
        #expect(head.query == "x=1&y=2")
        #expect(head.version == .http10)
        #expect(head.length == Self.heads[1].utf8.count - 5)
        #expect(head.fields == ["Host=example.com:80|verbatim", "Content-Length=5|verbatim"])
    }

    @Test func `give the parts of an absolute-form target`() {
        let head = ParsedRequest(whole: Self.heads[2])
        #expect(head.authority == "example.com:8080")
        #expect(head.path == "/p")
        #expect(head.query == "q")
        #expect(head.fields.last == "X-Long-Header-Name-Here=padded value|verbatim")
    }

    @Test(
        .covers("ALB-DSYNC-009", "ALB-DSYNC-011", "ALB-DSYNC-018", "ALB-DSYNC-025", "ALB-DSYNC-029"),
        arguments: [
            ("GET / HTTP/1.1\r\nA: b\u{0}c\r\n\r\n", HeadFindings.badHeader, "NUL"),
            ("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", .badHeader, "bare CR"),
            ("GET / HTTP/1.1\r\nA: b\u{1}c\r\n\r\n", .oddByteInHeader, "control character"),
            ("GET / HTTP/1.1\r\nA: b\n\r\n", .bareLineFeed, "bare LF"),
            ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", .foldedLine, "obs-fold"),
            ("GET / HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n", [.foldedLine, .badHeader], "a fold that looks like a field"),
            (
                "GET / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
                [.foldedLine, .badHeader, .badTransferEncoding],
                "a fold in a framing field"
            ),
            ("GET / HTTP/1.1\r\n: b\r\n\r\n", .emptyHeader, "no name"),
            ("GET / HTTP/1.1\r\nA: b\r\n \t\r\n\r\n", .emptyHeader, "white space only"),
            ("GET / HTTP/1.1\r\nA\r\n\r\n", .missingColon, "no colon"),
            ("GET / HTTP/1.1\r\nHost : b\r\n\r\n", .suspiciousName, "space before the colon"),
            ("GET / HTTP/1.1\r\nContent-Length : 5\r\n\r\n", .suspiciousContentLength, "space before a framing colon"),
            ("GET / HTTP/1.1\r\nTransfer_Encoding: chunked\r\n\r\n", .suspiciousTransferEncoding, "underscore"),
            ("GET /\u{1} HTTP/1.1\r\n\r\n", .controlInURI, "control character in the target"),
            ("GET /\u{0} HTTP/1.1\r\n\r\n", .badURI, "NUL in the target"),
            ("GET /a b HTTP/1.1\r\n\r\n", .spaceInURI, "space in the target"),
            ("G<T / HTTP/1.1\r\n\r\n", .badMethod, "no token as method"),
            ("GET / HTTP/x.1\r\n\r\n", .badVersion, "no version"),
            ("GET / http/1.1\r\n\r\n", .badVersion, "lower-case version"),
            ("GET / HTTP/1.10\r\n\r\n", .badVersion, "two digits"),
            ("GET / HTTP/1.3\r\n\r\n", .oddVersion, "1.3"),
            ("PRI * HTTP/2.0\r\n\r\n", [.foreignVersion, .badURI], "HTTP/2 preface"),
            ("GET foo HTTP/1.1\r\n\r\n", .badURI, "no form of target"),
            ("GET http://a@b/ HTTP/1.1\r\n\r\n", .badURI, "user information"),
            ("GET HTTP/1.1\r\n\r\n", .missingURI, "no target"),
            ("GET / HTTP/1.1\r\nbad_name: x\r\n\r\n", .nameOutsideAWSAlphabet, "underscore in a name"),
        ] as [(String, HeadFindings, String)]
    )
    func `report what is odd`(text: String, finding: HeadFindings, reason: String) {
        let head = ParsedRequest(whole: text)
        #expect(head.outcome == .complete)
        #expect(head.findings == finding, "\(reason)")
    }

    // K is 1024, which AWS does not say (ALB-QTA-009).
    @Test(.covers("ALB-HTTP-024", "ALB-QTA-007", "ALB-QTA-009"))
    func `have limits, exact to the byte`() {
        let line = { (count: Int) in "GET /" + String(repeating: "a", count: count - 14) + " HTTP/1.1" }
        #expect(ParsedRequest(whole: line(16_384) + "\r\n\r\n").outcome == .complete)
        #expect(ParsedRequest(whole: line(16_385) + "\r\n\r\n").outcome == .targetTooLong)
        #expect(ParsedRequest(whole: String(repeating: "a", count: 17_000)).outcome == .targetTooLong)
        let field = { (count: Int) in "X: " + String(repeating: "a", count: count - 3) + "\r\n" }
        let start = "GET / HTTP/1.1\r\n"
        #expect(ParsedRequest(whole: start + field(16_384) + "\r\n").outcome == .complete)
        #expect(ParsedRequest(whole: start + field(16_385) + "\r\n").outcome == .headTooLong)
        let four = String(repeating: field(16_000), count: 4)
        let rest = 65_536 - start.utf8.count - four.utf8.count - 4
        #expect(ParsedRequest(whole: start + four + field(rest) + "\r\n").outcome == .complete)
        #expect(ParsedRequest(whole: start + four + field(rest + 1) + "\r\n").outcome == .headTooLong)
        #expect(ParsedRequest(whole: "\r\n\r\n\r\n").outcome == .noRequestLine)
    }

    @Test func `are read in time linear in their length when they drip`() {
        // Every byte again for every byte would take minutes here.
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array(
            ("GET / HTTP/1.1\r\n" + String(repeating: "X: " + String(repeating: "a", count: 60) + "\r\n", count: 900))
                .utf8
        )
        for count in 1...bytes.count {
            #expect(parser.parse(bytes.span.extracting(0..<count), into: &head) == .incomplete)
        }
        #expect(head.fields.count == 900)
    }

    @Test func `of HTTP 0_9 are one line`() {
        let head = ParsedRequest(whole: "GET /x\r\n")
        #expect(head.version == .http09)
        #expect(head.path == "/x")
    }

    @Test func `never trap, whatever comes`() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var random = TestGenerator(seed: seed)
        let pieces = [
            "GET ", "/", " HTTP/1.1", "\r\n", "\n", "\r", ":", " ", "Host", "Content-Length: 1", "\u{0}", "é", "a",
            "\t",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...24, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let whole = ParsedRequest(whole: text)
            if whole.outcome == .complete {
                #expect(ParsedRequest(dripping: text) == whole, "seed \(seed): \(text.debugDescription)")
            }
        }
    }
}

/// A generator with a printed seed.
struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ self.state >> 29
    }
}
