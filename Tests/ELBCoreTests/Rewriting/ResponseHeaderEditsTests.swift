import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Headers set in responses` {
    private func listener(
        _ values: [ListenerAttributes.ResponseHeader: String],
        server: Bool = true,
        quirks: Set<Quirk> = []
    )
        throws -> CompiledListener
    {
        var listener = Listener(port: 80, defaultActions: [SampleBalancer.fixed])
        listener.attributes.responseHeaders = values
        listener.attributes.serverHeaderEnabled = server
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "lb"),
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: [listener],
            dnsName: "lb.test",
            quirks: quirks
        )
        return try #require(try Snapshot(compiling: loadBalancer, targetGroups: []).listeners.first)
    }

    private func passed(_ text: String, _ listener: CompiledListener) -> String {
        var parser = ResponseHeadParser()
        var head = ResponseHead()
        let bytes = Array(text.utf8)
        #expect(parser.parse(bytes.span, into: &head) == .complete)
        var output = ByteOutput()
        OutgoingResponseHead.append(
            head,
            bytes: bytes.span,
            keepsConnection: true,
            dropsChunking: false,
            isInterim: false,
            edits: listener.responseHeaders,
            quirks: [],
            to: &output
        )
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test(.covers("ALB-HMOD-001", "ALB-HMOD-006")) func `are none by default`() throws {
        #expect(try self.listener([:]).responseHeaders == nil)
        #expect(try self.listener([:]).namesServer)
    }

    @Test(.covers("ALB-HMOD-005", "ALB-HMOD-007"), arguments: [200, 302, 404, 500])
    func `replace the target's, however it spells them and however often`(status: Int) throws {
        let listener = try self.listener([.frameOptions: "SAMEORIGIN", .strictTransportSecurity: "max-age=1"])
        let text =
            "HTTP/1.1 \(status) X\r\nX-FRAME-options: DENY\r\nA: 1\r\nx-frame-options: ALLOW\r\nX-Frame-Option: 2\r\n"
            + "Content-Length: 0\r\n\r\n"
        #expect(
            self.passed(text, listener)
                == "HTTP/1.1 \(status) X\r\nA: 1\r\nX-Frame-Option: 2\r\nContent-Length: 0\r\n"
                + "Strict-Transport-Security: max-age=1\r\nX-Frame-Options: SAMEORIGIN\r\nConnection: keep-alive\r\n\r\n"
        )
    }

    @Test(.covers("ALB-HMOD-003", "ALB-HMOD-006")) func `leave all others alone, Server included`() throws {
        let listener = try self.listener([.frameOptions: "DENY"], server: false)
        let text = "HTTP/1.1 200 X\r\nServer: mine\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 0\r\n\r\n"
        #expect(
            self.passed(text, listener)
                == "HTTP/1.1 200 X\r\nServer: mine\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 0\r\n"
                + "X-Frame-Options: DENY\r\nConnection: keep-alive\r\n\r\n"
        )
    }

    @Test(.covers("ALB-HMOD-002", "ALB-HMOD-008"), arguments: [true, false])
    func `stand in the balancer's own answers`(server: Bool) throws {
        let listener = try self.listener([.contentTypeOptions: "nosniff"], server: server)
        var output = ByteOutput()
        PreparedResponse(pageFor: 503).append(
            to: &output,
            date: Array("D".utf8),
            namesServer: listener.namesServer,
            edits: listener.ownResponseHeaders,
            keepsAlive: true,
            includesBody: false
        )
        let lines = String(decoding: output.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.contains("Server: awselb/2.0") == server)
        #expect(lines.contains("Date: D") && lines.contains("X-Content-Type-Options: nosniff"))
    }
}
