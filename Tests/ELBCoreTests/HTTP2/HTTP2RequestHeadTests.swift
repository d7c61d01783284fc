import ELBCore
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `An HTTP/2 request in HTTP/1's form` {
    private typealias Problem = HTTP2RequestHead.Problem

    private static let get = [
        (":method", "GET"), (":scheme", "https"), (":path", "/a?b=c"), (":authority", "www.example.com"),
    ]

    private static func text(_ fields: [(String, String)], hasBody: Bool = false) throws(Problem) -> String {
        var head = HTTP2RequestHead()
        for (name, value) in fields { try head.add(name: name, value: value) }
        var output: [UInt8] = []
        _ = try head.append(hasBody: hasBody, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private static func problem(_ fields: [(String, String)], hasBody: Bool = false) -> Problem? {
        do throws(Problem) {
            _ = try Self.text(fields, hasBody: hasBody)
            return nil
        } catch {
            return error
        }
    }

    @Test(.covers("ALB-HTTP-006", "ALB-HDR-033")) func `is a head of its own, names in lower case`() throws {
        #expect(
            try Self.text(Self.get + [("accept", "*/*"), ("x-a", "1"), ("x-a", "2")])
                == "GET /a?b=c HTTP/1.1\r\nhost: www.example.com\r\naccept: */*\r\nx-a: 1\r\nx-a: 2\r\n\r\n"
        )
    }

    @Test func `is read back by the parser without a finding`() throws {
        let text = Array(
            try Self.text(Self.get + [("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2")], hasBody: true).utf8
        )
        var parser = RequestHeadParser()
        var head = RequestHead()
        #expect(parser.parse(text.span, into: &head) == .complete)
        #expect(head.findings.isEmpty)
        #expect(head.length == text.count)
        #expect(head.framing.requestBodyLength == .chunked)
    }

    @Test func `has one Cookie field, however many there were`() throws {
        let text = try Self.text(Self.get + [("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2")])
        #expect(text.contains("\r\ncookie: a=1; b=2\r\n"))
        #expect(text.count(of: "cookie") == 1)
    }

    @Test(
        arguments: [
            (nil, false, ""), ("0", false, "content-length: 0\r\n"), ("5", true, "content-length: 5\r\n"),
            ("0", true, "content-length: 0\r\n"), (nil, true, "transfer-encoding: chunked\r\n"),
        ] as [(String?, Bool, String)]
    )
    func `says the length of its body, or that it comes in chunks`(length: String?, hasBody: Bool, said: String) throws
    {
        let fields = length.map { [("content-length", $0)] } ?? []
        #expect(
            try Self.text(Self.get + fields, hasBody: hasBody)
                == "GET /a?b=c HTTP/1.1\r\nhost: www.example.com\r\n\(said)\r\n"
        )
    }

    @Test func `keeps nothing that spoke to the balancer alone`() throws {
        let text = try Self.text(Self.get + [("te", "trailers")])
        #expect(!text.contains("te:"))
    }

    @Test(arguments: [
        ("connection", "close"), ("connection", "x-a"), ("keep-alive", "1"), ("proxy-connection", "close"),
        ("transfer-encoding", "chunked"), ("upgrade", "websocket"), ("te", "gzip"),
    ])
    func `cannot hold what concerns one connection`(name: String, value: String) {
        #expect(Self.problem(Self.get + [(name, value)]) == .connectionSpecific)
    }

    @Test(arguments: ["", "X-A", "x a", "x:a", "x\r\na", "x\u{0}", "x\na: b\nc", "é", "x-a "])
    func `cannot hold a name that HTTP/1 would read in another way`(name: String) {
        #expect(Self.problem(Self.get + [(name, "1")]) == .fieldName)
    }

    @Test(arguments: [
        "a\r\nx-b: 1", "a\nb", "a\rb", "a\u{0}b", " a", "a ", "\ta", "a\t",
        "0\r\n\r\nGET /admin HTTP/1.1\r\nhost: b\r\n\r\n",
    ])
    func `cannot hold a value that ends its line`(value: String) {
        #expect(Self.problem(Self.get + [("x-a", value)]) == .fieldValue)
    }

    @Test(arguments: ["", "a", "http://other.example/", "/a b", "/a\tb", "/ HTTP/1.1", "*", "/\u{7f}"])
    func `cannot hold a path that ends the request line early`(path: String) {
        #expect(
            Self.problem([(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", "a")]) == .target
        )
    }

    @Test(arguments: ["a\r\nb: c", "a\u{0}"]) func `cannot hold a line's end in a pseudo-header`(value: String) {
        for name in [":method", ":path", ":authority", ":scheme"] {
            let fields = Self.get.map { $0.0 == name ? ($0.0, value) : $0 }
            #expect(Self.problem(fields) == .pseudoHeader)
        }
    }

    @Test(arguments: ["", "user@a", "a/b", "a b", "a,b", "a?b", "a#b"])
    func `cannot be for an authority that is no host and port`(authority: String) {
        let fields = Self.get.dropLast() + [(":authority", authority)]
        #expect(Self.problem(Array(fields)) == .authority)
        #expect(Self.problem(Array(Self.get.dropLast()) + [("host", authority)]) == .authority)
    }

    @Test func `cannot be for two hosts`() throws {
        #expect(Self.problem(Self.get + [("host", "other.example")]) == .authority)
        #expect(Self.problem(Self.get + [("host", "www.example.com"), ("host", "www.example.com")]) == .authority)
        #expect(try Self.text(Self.get + [("host", "WWW.example.com")]).count(of: "host: ") == 1)
        let byHost = Array(Self.get.dropLast()) + [("host", "b")]
        #expect(try Self.text(byHost) == "GET /a?b=c HTTP/1.1\r\nhost: b\r\n\r\n")
    }

    @Test func `needs its pseudo-headers once, before the others, and no more of them`() {
        for index in 0..<3 {
            var fields = Self.get
            fields.remove(at: index)
            #expect(Self.problem(fields) != nil)
            #expect(Self.problem(Self.get + [Self.get[index]]) == .pseudoHeader)
        }
        #expect(Self.problem([("accept", "a")] + Self.get) == .pseudoHeader)
        #expect(Self.problem(Self.get + [(":status", "200")]) == .pseudoHeader)
        #expect(Self.problem(Self.get + [(":protocol", "websocket")]) == .pseudoHeader)
        #expect(Self.problem(Self.get.map { $0.0 == ":scheme" ? ($0.0, "ftp") : $0 }) == .pseudoHeader)
        #expect(Self.problem(Self.get.map { $0.0 == ":method" ? ($0.0, "GET /x HTTP/1.1") : $0 }) == .pseudoHeader)
    }

    @Test(arguments: ["-1", "+1", "1, 1", "0x1", "", "9223372036854775808", "1 "])
    func `cannot leave its length in doubt`(length: String) {
        let problem = Self.problem(Self.get + [("content-length", length)], hasBody: true)
        #expect(problem == .contentLength || problem == .fieldValue)
    }

    @Test func `cannot say two lengths, nor one that its end belies`() {
        let twice = [("content-length", "5"), ("content-length", "6")]
        #expect(Self.problem(Self.get + twice, hasBody: true) == .contentLength)
        #expect(Self.problem(Self.get + [("content-length", "5")], hasBody: false) == .contentLength)
        #expect(Self.problem(Self.get + [("content-length", "5"), ("content-length", "5")], hasBody: true) == nil)
    }

    @Test(
        .covers("ALB-HTTP-009"),
        arguments: [
            ("application/grpc", true), ("application/grpc+proto", true), ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false), ("application/json", false),
        ]
    )
    func `is a gRPC call by its type`(type: String, isCall: Bool) throws {
        var head = HTTP2RequestHead()
        for (name, value) in Self.get + [("content-type", type)] { try head.add(name: name, value: value) }
        #expect(head.isGRPC == isCall)
    }

    /// Whatever the fields hold: either the block is refused, or the parser reads one head with nothing behind it.
    @Test func `never becomes two requests`() {
        var seed = SplitMix64(seed: 7)
        let pieces = [
            "\r\n", "\n", "\r", "\u{0}", ":", " ", "\t", "a", "GET / HTTP/1.1", "content-length", "0", "chunked", "é",
            "%0d%0a",
        ]
        func word() -> String {
            (0..<seed.next(below: 4)).map { _ in pieces[seed.next(below: pieces.count)] }.joined()
        }
        for _ in 0..<20_000 {
            var fields = Self.get
            let index = seed.next(below: fields.count + 1)
            if index < fields.count { fields[index].1 += word() } else { fields.append((word(), word())) }
            guard let text = try? Array(Self.text(fields).utf8) else { continue }
            var parser = RequestHeadParser()
            var head = RequestHead()
            #expect(parser.parse(text.span, into: &head) == .complete)
            #expect(head.length == text.count, "seed 7, \(fields)")
        }
    }
}

extension String {
    fileprivate func count(of needle: String) -> Int {
        self.ranges(of: needle).count
    }
}
