import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Message framing` {
    private func framing(_ fields: String) -> (BodyLength?, HeadFindings) {
        var parser = RequestHeadParser()
        var head = RequestHead()
        let bytes = Array("POST / HTTP/1.1\r\n\(fields)\r\n\r\n".utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        return (head.framing.requestBodyLength, head.findings)
    }

    @Test(
        .covers("ALB-DSYNC-010", "ALB-DSYNC-012", "ALB-DSYNC-016", "ALB-DSYNC-017", "ALB-DSYNC-020", "ALB-DSYNC-021"),
        arguments: [
            ("X: y", BodyLength.none, HeadFindings()),
            ("Content-Length: 0", BodyLength.none, []),
            ("Content-Length: 5", .bytes(5), []),
            ("Content-Length: 05", .bytes(5), []),
            ("Content-Length: +5", nil, .badContentLength),
            ("Content-Length: -5", nil, .badContentLength),
            ("Content-Length: 5 5", nil, .badContentLength),
            ("Content-Length: 0x5", nil, .badContentLength),
            ("Content-Length: 5,5", nil, .badContentLength),
            ("Content-Length:", nil, .badContentLength),
            ("Content-Length: 9223372036854775807", .bytes(9_223_372_036_854_775_807), []),
            ("Content-Length: 9223372036854775808", nil, .badContentLength),
            ("Content-Length: 99999999999999999999999", nil, .badContentLength),
            ("Content-Length: 5\r\nContent-Length: 5", .bytes(5), .duplicateContentLength),
            ("Content-Length: 5\r\nContent-Length: 6", nil, .differingContentLengths),
            ("Transfer-Encoding: chunked", .chunked, []),
            ("Transfer-Encoding: CHUNKED", .chunked, []),
            ("Transfer-Encoding: identity", BodyLength.none, []),
            ("Transfer-Encoding: identity\r\nContent-Length: 3", .bytes(3), []),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", .chunked, []),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", .chunked, []),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .chunked, .repeatedChunked),
            ("Transfer-Encoding: chunked, chunked", nil, [.repeatedChunked, .badTransferEncoding]),
            ("Transfer-Encoding: ,chunked", nil, .badTransferEncoding),
            ("Transfer-Encoding: xchunked", nil, .badTransferEncoding),
            ("Transfer-Encoding: \"chunked\"", nil, .badTransferEncoding),
            ("Transfer-Encoding: chunked;x=1", nil, .badTransferEncoding),
            ("Transfer-Encoding:", nil, .badTransferEncoding),
            ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", nil, .badTransferEncoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", nil, .badTransferEncoding),
            ("Transfer-Encoding: gzip", nil, .unsupportedTransferEncoding),
            ("Transfer-Encoding: gzip, chunked", nil, .unsupportedTransferEncoding),
        ] as [(String, BodyLength?, HeadFindings)]
    )
    func `is what the fields say beyond doubt, or nothing`(fields: String, length: BodyLength?, findings: HeadFindings)
    {
        let (found, noticed) = self.framing(fields)
        #expect(found == length)
        #expect(noticed == findings)
    }
}

@Suite struct `Chunked bodies` {
    private func consume(_ bytes: [UInt8], pieces: [Range<Int>]) -> Int? {
        var scanner = ChunkedBodyScanner()
        var total = 0
        for piece in pieces {
            guard let count = scanner.consume(bytes.span.extracting(piece)) else { return nil }
            total += count
            if scanner.isFinished { return total }
        }
        return scanner.isFinished ? total : -1
    }

    private func agree(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        let whole = self.consume(bytes, pieces: [0..<bytes.count])
        #expect(self.consume(bytes, pieces: bytes.indices.map { $0..<($0 + 1) }) == whole, "byte by byte")
        for cut in 0...bytes.count {
            #expect(self.consume(bytes, pieces: [0..<cut, cut..<bytes.count]) == whole, "cut at \(cut)")
        }
        return whole
    }

    @Test(arguments: [
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "A\r\n0123456789\r\n00\r\n\r\n",
        "5;name=value;other=\"x y\"\r\nhello\r\n0\r\n\r\n",
        "5 ;a\r\nhello\r\n0;b\r\n\r\n",
        "1\r\na\r\n0\r\nX-Checksum: abc\r\nExpires: never\r\n\r\n",
    ])
    func `end where they end, however they arrive`(text: String) {
        #expect(self.agree(text) == text.utf8.count)
        #expect(self.agree(text + "GET / HTTP/1.1") == text.utf8.count)
    }

    @Test(arguments: [
        ("\r\n", "no size"),
        ("5\nhello\r\n0\r\n\r\n", "bare LF behind the size"),
        ("5\r\nhello\n0\r\n\r\n", "bare LF behind the data"),
        ("5\r\nhelloX0\r\n\r\n", "data longer than its size"),
        ("0x5\r\nhello\r\n0\r\n\r\n", "0x"),
        ("+5\r\nhello\r\n0\r\n\r\n", "plus sign"),
        ("-1\r\nhello\r\n0\r\n\r\n", "minus sign"),
        (" 5\r\nhello\r\n0\r\n\r\n", "space before the size"),
        ("5 \r\nhello\r\n0\r\n\r\n", "space behind the size"),
        ("5_0\r\nhello\r\n0\r\n\r\n", "underscore"),
        ("ffffffffffffffff\r\n", "a size that is negative for some"),
        ("10000000000000000\r\n", "a size beyond 64 bits"),
        ("00000000000000005\r\nhello\r\n0\r\n\r\n", "more digits than 64 bits need"),
        ("5;a\nb\r\nhello\r\n0\r\n\r\n", "LF in an extension"),
        ("5;a\rb\r\nhello\r\n0\r\n\r\n", "CR in an extension"),
        ("5;a\u{0}\r\nhello\r\n0\r\n\r\n", "NUL in an extension"),
        ("0\r\n\n", "bare LF at the end"),
        ("0\r\nContent-Length: 5\r\n\r\n", "framing in a trailer"),
        ("0\r\nTransfer-Encoding: chunked\r\n\r\n", "framing in a trailer"),
        ("0\r\n folded: x\r\n\r\n", "a folded trailer"),
        ("0\r\nA : x\r\n\r\n", "space before a trailer's colon"),
        ("0\r\nA: x\nB: y\r\n\r\n", "bare LF in a trailer"),
    ])
    func `are refused when two readers could disagree`(text: String, reason: String) {
        #expect(self.agree(text) == nil, "\(reason)")
    }

    @Test func `have a limit for what is not data`() {
        var scanner = ChunkedBodyScanner()
        let bytes = Array(("1;" + String(repeating: "a", count: ChunkedBodyScanner.overheadLimit + 1)).utf8)
        #expect(scanner.consume(bytes.span) == nil)
    }
}
