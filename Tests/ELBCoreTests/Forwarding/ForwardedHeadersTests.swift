import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Forwarded headers` {
    private static let peer = IPAddress.v4(IPv4Address(127, 0, 0, 1))

    /// The fields written for a request, in order.
    private static func fields(
        _ request: SampleRequest,
        peer: IPAddress = Self.peer,
        port: Port = 80,
        quirks: Set<Quirk> = [],
        _ change: (inout LoadBalancerAttributes) -> Void = { _ in }
    ) throws -> [(name: String, value: String)] {
        var attributes = LoadBalancerAttributes()
        change(&attributes)
        let headers = ForwardedHeaders(
            attributes: attributes,
            listenerPort: port,
            listenerProtocol: .http,
            dnsName: "lb-1.elb.aws.test",
            quirks: QuirkSet(quirks)
        )
        var output = ByteOutput()
        var generator = SplitMix64(seed: 1)
        let trace = try request.parsed { head, bytes in
            headers.append(
                to: &output,
                head,
                bytes: bytes,
                client: headers.entry(of: peer, port: 8080),
                epochSeconds: 0x6789_1233,
                generator: &generator
            )
        }
        let lines = String(decoding: output.bytes, as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        #expect(lines.last == "")
        let fields = lines.dropLast().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let traceID = fields.first { $0.0 == "X-Amzn-Trace-Id" }?.1 ?? ""
        #expect(String(decoding: output.bytes[trace], as: UTF8.self) == traceID)
        return fields
    }

    private static func values(
        _ name: String,
        _ request: SampleRequest,
        peer: IPAddress = Self.peer,
        port: Port = 80,
        quirks: Set<Quirk> = [],
        _ change: (inout LoadBalancerAttributes) -> Void = { _ in }
    ) throws -> [String] {
        try Self.fields(request, peer: peer, port: port, quirks: quirks, change)
            .filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    @Test(.covers("ALB-HDR-001", "ALB-HDR-013", "ALB-HDR-014", "ALB-HDR-015"))
    func `replace what the client claims of protocol and port`() throws {
        let request = SampleRequest(fields: ["X-Forwarded-Proto: https", "X-Forwarded-Port: 1"])
        let fields = try Self.fields(request, port: 8080)
        #expect(
            fields.map(\.name) == [
                "Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id",
            ]
        )
        #expect(fields.map(\.value).dropLast() == ["example.com:8080", "127.0.0.1", "http", "8080"])
    }

    @Test(
        .covers("ALB-HDR-002", "ALB-HDR-003", "ALB-HDR-004", "ALB-HDR-012"),
        arguments: [
            ([], "127.0.0.1"), (["X-Forwarded-For: 127.0.0.4"], "127.0.0.4, 127.0.0.1"),
            (["x-forwarded-for: a", "X-FORWARDED-FOR: b,c"], "a, b,c, 127.0.0.1"), (["X-Forwarded-For:"], "127.0.0.1"),
        ]
    )
    func `append the peer to X-Forwarded-For`(fields: [String], expected: String) throws {
        #expect(try Self.values("X-Forwarded-For", SampleRequest(fields: fields)) == [expected])
    }

    @Test(.covers("ALB-HDR-005", "ALB-HDR-006", "ALB-HDR-007", "ALB-HDR-010"))
    func `preserve or remove X-Forwarded-For where told to`() throws {
        let request = SampleRequest(fields: ["x-forwarded-FOR:  a ,b", "X-Forwarded-For: c"])
        let preserved = try Self.fields(request) {
            $0.xffHeaderProcessingMode = .preserve
            $0.xffClientPortEnabled = true
        }
        #expect(
            preserved.filter { $0.name.lowercased() == "x-forwarded-for" }.map(\.name) == [
                "x-forwarded-FOR", "X-Forwarded-For",
            ]
        )
        #expect(preserved.filter { $0.name.lowercased() == "x-forwarded-for" }.map(\.value) == ["a ,b", "c"])
        #expect(try Self.values("X-Forwarded-For", SampleRequest()) { $0.xffHeaderProcessingMode = .preserve } == [])
        #expect(try Self.values("X-Forwarded-For", request) { $0.xffHeaderProcessingMode = .remove } == [])
    }

    @Test(
        .covers("ALB-HDR-008", "ALB-HDR-009"),
        arguments: [
            ("12.34.56.78", true, "12.34.56.78:8080"), ("2001:db8::1", true, "[2001:db8::1]:8080"),
            ("12.34.56.78", false, "12.34.56.78"), ("2001:db8::1", false, "2001:db8::1"),
        ]
    )
    func `add the client's port where told to`(address: String, enabled: Bool, expected: String) throws {
        let peer = try #require(IPAddress(address))
        #expect(
            try Self.values("X-Forwarded-For", SampleRequest(), peer: peer) { $0.xffClientPortEnabled = enabled } == [
                expected
            ]
        )
    }

    @Test(
        .covers("ALB-HDR-026", "ALB-HDR-027", "ALB-HDR-028", "ALB-HDR-031"),
        arguments: [
            ("example.com", 8080, "example.com:8080"), ("example.com:8080", 8080, "example.com:8080"),
            ("example.com:9", 8080, "example.com:9"), ("example.com:80", 80, "example.com"),
            ("example.com:80", 443, "example.com"),
            ("example.com:9", 80, "example.com"), ("EXAMPLE.com", 80, "example.com"), ("[::1]", 8080, "[::1]:8080"),
            ("[::1]:81", 8080, "[::1]:81"), ("[::1]:81", 80, "[::1]"), ("example.com:", 8080, "example.com:8080"),
        ] as [(String, UInt16, String)]
    )
    func `rewrite Host by the listener's port`(host: String, port: UInt16, expected: String) throws {
        let port = try #require(Port(rawValue: port))
        #expect(try Self.values("Host", SampleRequest(host: host), port: port) == [expected])
    }

    @Test(.covers("ALB-HDR-029", "ALB-HDR-030", "ALB-HDR-032")) func `take Host from where the rows say`() throws {
        let absolute = SampleRequest("https://Name.com/index.html", host: "Example.com")
        #expect(try Self.values("Host", absolute) == ["name.com"])
        #expect(try Self.values("Host", absolute) { $0.preserveHostHeaderEnabled = true } == ["Example.com"])
        let repeated = SampleRequest(host: "A.com", fields: ["host: B.com:7"])
        #expect(try Self.values("Host", repeated, port: 8080) == ["a.com:8080"])
        #expect(
            try Self.values("Host", repeated, port: 8080) { $0.preserveHostHeaderEnabled = true } == [
                "A.com", "B.com:7",
            ]
        )
        let old = SampleRequest(raw: "GET / HTTP/1.0\r\n\r\n")
        #expect(try Self.values("Host", old) == ["lb-1.elb.aws.test"])
        #expect(try Self.values("Host", old) { $0.preserveHostHeaderEnabled = true } == ["lb-1.elb.aws.test"])
    }

    @Test(
        .covers("ALB-HDR-017", "ALB-HDR-018", "ALB-HDR-019", "ALB-HDR-020", "ALB-HDR-021"),
        arguments: [
            (nil, "Root=NEW"),
            ("Root=1-67891233-abcdef012345678912345678", "Self=NEW;Root=1-67891233-abcdef012345678912345678"),
            // One digit less than an id has, as AWS's page prints some (ALB-HDR-021).
            ("Root=1-67891233-abcdef01234567891234567", "Self=NEW;Root=1-67891233-abcdef01234567891234567"),
            ("Self=1-6789;Root=1-a-b", "Self=NEW;Root=1-a-b"),
            ("Root=1-a-b;CalledFrom=app;X=y", "Self=NEW;Root=1-a-b;CalledFrom=app;X=y"),
            ("CalledFrom=app; root=1-a-b", "Self=NEW;root=1-a-b;CalledFrom=app"),
            ("Self=1-a-b;CalledFrom=app", "Self=NEW;Root=NEW;CalledFrom=app"),
            ("Root=;;", "Self=NEW;Root=NEW"),
        ]
    )
    func `continue the client's trace`(value: String?, expected: String) throws {
        let request = SampleRequest(fields: value.map { ["X-Amzn-Trace-Id: \($0)"] } ?? [])
        let traceID = try #require(try Self.values("X-Amzn-Trace-Id", request).first)
        #expect(
            traceID.replacing(/1-67891233-[0-9a-f]{24}/) { match in
                match.output.hasSuffix("abcdef012345678912345678") ? String(match.output) : "NEW"
            } == expected
        )
    }

    @Test(
        .covers("ALB-HDR-011"),
        arguments: [(0, 0, false), (30, 0, false), (31, 0, true), (15, 15, false), (15, 16, true)]
    )
    func `counts the addresses of all lines`(first: Int, second: Int, isTooMany: Bool) throws {
        let lines = [first, second].filter { $0 > 0 }.map { count in
            "X-Forwarded-For: " + Array(repeating: "10.0.0.1", count: count).joined(separator: ", ")
        }
        for quirks in [[], [Quirk.errorXFFLimitMissing]] {
            let headers = ForwardedHeaders(
                attributes: .init(),
                listenerPort: 80,
                listenerProtocol: .http,
                dnsName: "lb",
                quirks: QuirkSet(Set(quirks))
            )
            let verdict = try SampleRequest(fields: lines).parsed { head, bytes in
                headers.hasTooManyAddresses(head, bytes: bytes)
            }
            #expect(verdict == (isTooMany && quirks.isEmpty))
        }
    }

    @Test(.covers("ALB-HDR-022")) func `start a new trace in a head over 7 KB`() throws {
        let root = "X-Amzn-Trace-Id: Root=1-a-b"
        let small = SampleRequest(fields: [root, "Big: \(String(repeating: "x", count: 7000))"])
        let large = SampleRequest(fields: [root, "Big: \(String(repeating: "x", count: 7200))"])
        #expect(try Self.values("X-Amzn-Trace-Id", small).first?.contains("Root=1-a-b") == true)
        #expect(try Self.values("X-Amzn-Trace-Id", large).first?.hasPrefix("Root=1-67891233-") == true)
    }

    @Test func `deviate as the quirks say`() throws {
        let request = SampleRequest(
            host: "A.com",
            fields: ["X-Forwarded-For: 1.1.1.1", "X-Forwarded-Proto: https", "X-Amzn-Trace-Id: Root=1-a-b"]
        )
        #expect(try Self.values("X-Forwarded-For", request, quirks: [.xffMissing]) == [])
        #expect(try Self.values("X-Forwarded-For", request, quirks: [.xffReplaced]) == ["127.0.0.1"])
        #expect(try Self.values("X-Forwarded-Port", request, quirks: [.xffPortMissing]) == [])
        #expect(try Self.values("X-Forwarded-Proto", request, quirks: [.xffProtoTrusted]) == ["https"])
        #expect(try Self.values("X-Amzn-Trace-Id", request, quirks: [.traceIDMissing]) == [])
        #expect(
            try Self.values("X-Amzn-Trace-Id", request, quirks: [.traceIDReplaced]).first?.hasPrefix("Root=1-67891233")
                == true
        )
    }
}
