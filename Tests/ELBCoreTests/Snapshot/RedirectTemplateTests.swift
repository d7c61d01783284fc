import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Redirect templates` {
    private static func location(
        _ action: RedirectAction,
        for request: SampleRequest,
        protocol: Listener.Proto = .http,
        port: Port = 8080
    ) throws -> String? {
        let template = RedirectTemplate(action, defaultHost: "lb-1.elb.aws.test")
        var output = ByteOutput()
        let expansion = try request.parsed { head, bytes in
            template.expand(head, bytes: bytes, listener: (`protocol`, port), into: &output)
        }
        return expansion == .expanded ? String(decoding: output.bytes, as: UTF8.self) : nil
    }

    private static func redirect(
        _ `protocol`: String? = nil,
        _ host: String? = nil,
        _ port: String? = nil,
        _ path: String? = nil,
        _ query: String? = nil
    ) -> RedirectAction {
        RedirectAction(protocol: `protocol`, host: host, port: port, path: path, query: query, statusCode: .found)
    }

    @Test(
        .covers("ALB-RDR-002", "ALB-RDR-007", "ALB-RDR-008", "ALB-RDR-009", "ALB-RDR-011", "ALB-RDR-013"),
        arguments: [
            (redirect("HTTPS", nil, "443"), SampleRequest("/a/b?x=1"), "https://example.com:443/a/b?x=1"),
            (redirect("HTTPS"), SampleRequest("/"), "https://example.com:8080/"),
            (redirect(nil, nil, nil, "/new/#{path}"), SampleRequest("/a/b"), "http://example.com:8080/new/a/b"),
            (
                redirect(nil, "www.#{host}"), SampleRequest("/a", host: "Example.COM:99"),
                "http://www.Example.COM:8080/a"
            ),
            (
                redirect(nil, nil, nil, "/x", "#{query}&value=xyz"), SampleRequest("/a?k=v"),
                "http://example.com:8080/x?k=v&value=xyz"
            ),
            (
                redirect(nil, nil, nil, "/x", "#{query}&value=xyz"), SampleRequest("/a"),
                "http://example.com:8080/x?&value=xyz"
            ),
            (redirect(nil, nil, nil, "/x", ""), SampleRequest("/a?k=v"), "http://example.com:8080/x"),
            (
                redirect(nil, nil, nil, "/#{host}/#{port}/#{path}", "#{protocol}=#{port}"), SampleRequest("/p"),
                "http://example.com:8080/example.com/8080/p?http=8080"
            ),
            (redirect(nil, nil, "81"), SampleRequest("/a%2Fb?%20"), "http://example.com:81/a%2Fb?%20"),
            (redirect(nil, nil, "81"), SampleRequest(raw: "GET /a HTTP/1.0\r\n\r\n"), "http://lb-1.elb.aws.test:81/a"),
            (
                redirect(nil, nil, "81"), SampleRequest("http://other.com/a?b", host: "example.com"),
                "http://other.com:81/a?b"
            ),
            (redirect(nil, nil, "81"), SampleRequest("http://other.com", host: "example.com"), "http://other.com:81/"),
            (redirect(nil, "#{unknown}", "81"), SampleRequest("/"), "http://#{unknown}:81/"),
        ]
    )
    func `build the Location from the request and the template`(
        action: RedirectAction,
        request: SampleRequest,
        expected: String
    ) throws {
        #expect(try Self.location(action, for: request) == expected)
    }

    @Test(.covers("ALB-RDR-015")) func `refuse a Location of more than 8192 bytes`() throws {
        let action = Self.redirect(nil, nil, "81")
        let fixed = "http://example.com:81/?".utf8.count
        let fitting = String(repeating: "q", count: RedirectTemplate.longestLocation - fixed)
        #expect(try Self.location(action, for: SampleRequest("/?\(fitting)"))?.utf8.count == 8192)
        #expect(try Self.location(action, for: SampleRequest("/?\(fitting)q")) == nil)
    }

    @Test(.covers("ALB-RDR-001", "ALB-RDR-014", "ALB-ERR-003")) func `answer with the page of real load balancers`() {
        let template = RedirectTemplate(
            RedirectAction(path: "/x", statusCode: .movedPermanently),
            defaultHost: "lb"
        )
        #expect(template.response.body.count == 134)
        var output = ByteOutput()
        template.response.append(
            to: &output,
            date: Array("Mon, 23 Nov 2026 21:00:00 GMT".utf8),
            location: Array("http://a:1/x".utf8),
            namesServer: true,
            edits: nil,
            keepsAlive: true,
            includesBody: true
        )
        #expect(
            String(decoding: output.bytes, as: UTF8.self) == """
                HTTP/1.1 301 Moved Permanently\r
                Server: awselb/2.0\r
                Date: Mon, 23 Nov 2026 21:00:00 GMT\r
                Content-Type: text/html\r
                Content-Length: 134\r
                Connection: keep-alive\r
                Location: http://a:1/x\r
                \r
                <html>\r
                <head><title>301 Moved Permanently</title></head>\r
                <body>\r
                <center><h1>301 Moved Permanently</h1></center>\r
                </body>\r
                </html>\r\n
                """
        )
        #expect(PreparedResponse(pageFor: 503).body.count == 162)
        #expect(PreparedResponse(pageFor: 502).body.count == 122)
    }

    @Test(.covers("ALB-FIX-001", "ALB-FIX-002", "ALB-FIX-003", "ALB-FIX-008"))
    func `prepare fixed responses, with and without a body`() {
        let response = PreparedResponse(
            FixedResponseAction(statusCode: 404, contentType: "application/json", messageBody: "{\"no\":1}")
        )
        var whole = ByteOutput()
        var head = ByteOutput()
        response.append(to: &whole, date: [], namesServer: true, edits: nil, keepsAlive: false, includesBody: true)
        response.append(to: &head, date: [], namesServer: true, edits: nil, keepsAlive: false, includesBody: false)
        #expect(whole.bytes == head.bytes + Array("{\"no\":1}".utf8))
        let text = String(decoding: head.bytes, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        #expect(text.contains("Content-Type: application/json\r\nContent-Length: 8\r\nConnection: close\r\n"))
        #expect(
            PreparedResponse(FixedResponseAction(statusCode: 200)).contentFields == Array("Content-Length: 0\r\n".utf8)
        )
        #expect(PreparedResponse(FixedResponseAction(statusCode: 204, messageBody: "x")).contentFields.isEmpty)
    }

    @Test(.covers("ALB-FIX-004")) func `make a fixed response plain text where no type is configured`() {
        let untyped = PreparedResponse(FixedResponseAction(statusCode: 200, messageBody: "x"))
        #expect(untyped.contentFields == Array("Content-Type: text/plain\r\nContent-Length: 1\r\n".utf8))
    }
}
