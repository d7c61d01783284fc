import ELBControlPlane
import ELBModel
import ELBTestSupport
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The lab's endpoint` {
    /// Runs `body` beside an endpoint on a free port, in front of one load balancer with one listener.
    private func serving(_ body: @Sendable (Int) async throws -> Void) async throws {
        let plane = RecordingDataPlane()
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "web"),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            dnsName: "web-1.ap-northeast-2.elb.aws.test"
        )
        balancer.listeners = [
            Listener(port: 8080, defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 404))])
        ]
        let (ports, sender) = AsyncStream.makeStream(of: Int.self)
        let controlPlane = ControlPlane(lab, materials: TestMaterials()) { Timestamp(milliseconds: 0) }
        try await controlPlane.adopt(Topology(loadBalancers: [balancer]))
        let endpoint = LabEndpoint(
            lab,
            controlPlane,
            endpoint: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await endpoint.run { sender.yield($0) } }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port)
            group.cancelAll()
        }
    }

    @Test func `tells what runs`() async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send("/_lab/state", port: port)
            #expect(answer.status == 200)
            #expect(answer.head.lowercased().contains("content-type: application/json"))
            #expect(answer.body.contains("\"dnsName\" : \"web-1.ap-northeast-2.elb.aws.test\""))
            let page = try await RawHTTP.send("/", port: port)
            #expect(page.body.contains("/_lab/state"))
        }
    }

    @Test func `counts under CloudWatch's names`() async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send("/metrics", port: port)
            #expect(answer.status == 200)
            let name = "aws_applicationelb_http_redirect_count_sum"
            #expect(
                answer.body == """
                    # HELP \(name) AWS/ApplicationELB HTTP_Redirect_Count, sum in Count, since the start
                    # TYPE \(name) counter
                    \(name){load_balancer="app/we\\"b/1"} 3
                    \(name){availability_zone="ap-northeast-2a",load_balancer="app/we\\"b/1"} 3

                    """
            )
            let json = try await RawHTTP.send("/_lab/metrics", port: port)
            #expect(json.status == 200)
            #expect(json.body.contains("\"schema\" : \"elblab/metrics/v1\""))
            #expect(json.body.contains("\"name\" : \"HTTP_Redirect_Count\""))
        }
    }

    @Test func `explains where a request goes`() async throws {
        try await self.serving { port in
            let known = try await RawHTTP.send("POST /_lab/trace", port: port, body: #"{"url":"http://web:8080/x"}"#)
            #expect(known.status == 200)
            #expect(known.body.contains("fixed-response"))
            let unknown = try await RawHTTP.send("POST /_lab/trace", port: port, body: #"{"url":"http://shop/"}"#)
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("\"error\""))
        }
    }

    @Test(arguments: [
        #"{"url":"http://web:8080/a b"}"#, #"{"url":"http://web:8080/","method":"G T"}"#,
        #"{"url":"http://web:8080/","headers":["no colon"]}"#, #"{"url":"http://web:8080/","headers":["a b: c"]}"#,
        #"{"url":"http://web:8080/","headers":["a: b\r\nc: d"]}"#, #"{"url":"http://web:8080/","from":"300.1.1.1"}"#,
        #"{"url":"http://web:99999/"}"#, #"{"url":"https://web/"}"#, #"{"url":"http://web:81/"}"#,
    ])
    func `says in one line why it cannot explain a request`(body: String) async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send("POST /_lab/trace", port: port, body: body)
            #expect(answer.status == 404)
            #expect(answer.body.hasPrefix("{\"error\":"))
        }
    }

    @Test func `hands a fleet command over as it came`() async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send("POST /_lab/fleet", port: port, body: "any bytes")
            #expect(answer.status == 200)
            #expect(answer.body == "any bytes")
        }
    }

    @Test(arguments: ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", ""])
    func `refuses a Host that is not the lab's`(host: String) async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send("/_lab/state", port: port, host: host)
            #expect(answer.status == 403)
        }
    }

    @Test(arguments: ["http://evil.example", "https://127.0.0.1", "null", "http://localhost.evil.example"])
    func `refuses a page of another origin`(origin: String) async throws {
        try await self.serving { port in
            let headers = ["Origin: \(origin)"]
            let answer = try await RawHTTP.send("POST /_lab/fleet", port: port, headers: headers, body: "{}")
            #expect(answer.status == 403)
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1:4566", "127.9.9.9", "[::1]:4566"])
    func `obeys whoever names it by a name of this machine`(host: String) async throws {
        try await self.serving { port in
            let headers = ["Origin: http://localhost:3000"]
            let answer = try await RawHTTP.send("/_lab/state", port: port, headers: headers, host: host)
            #expect(answer.status == 200)
        }
    }

    @Test func `reads no more than a mebibyte`() async throws {
        try await self.serving { port in
            let body = String(repeating: "x", count: (1 << 20) + 1)
            let answer = try await RawHTTP.send("POST /_lab/fleet", port: port, body: body)
            #expect(answer.status == 413)
        }
    }

    @Test(arguments: ["{", "[]", "null", "{\"url\": 1}", "\u{0}\u{1}", String(repeating: "[", count: 100_000)])
    func `says what is no trace request`(body: String) async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send("POST /_lab/trace", port: port, body: body)
            #expect(answer.status == 400)
        }
    }

    @Test(arguments: ["/_lab/nothing", "/nothing", "POST /_lab/nothing", "POST /nothing"])
    func `says what it does not have`(target: String) async throws {
        try await self.serving { port in
            let answer = try await RawHTTP.send(target, port: port, body: "{}")
            #expect(answer.status == 404)
        }
    }

    @Test func `speaks with AWS's tools at its root`() async throws {
        try await self.serving { port in
            let form = "Action=DescribeLoadBalancers&Version=2015-12-01"
            for target in ["POST /", "POST /2015-12-01"] {
                let answer = try await RawHTTP.send(target, port: port, body: form)
                #expect(answer.status == 200)
                #expect(answer.head.lowercased().contains("content-type: text/xml"))
                #expect(answer.head.lowercased().split(separator: "date: ").count == 2)
                #expect(answer.body.contains("<LoadBalancerName>web</LoadBalancerName>"))
            }
            // Some clients put the whole call into the query.
            for target in ["/?\(form)", "/2015-12-01/?\(form)"] {
                let answer = try await RawHTTP.send(target, port: port)
                #expect(answer.body.contains("<LoadBalancerName>web</LoadBalancerName>"))
            }
        }
    }

    @Test func `tells AWS's tools in their form what is too large`() async throws {
        try await self.serving { port in
            for count in [(1 << 20) + 1, 10_000_000] {
                let body = String(repeating: "x", count: count)
                let answer = try await RawHTTP.send("POST /", port: port, body: body)
                #expect(answer.status == 413)
                #expect(answer.body.contains("<Code>RequestEntityTooLarge</Code>"))
            }
        }
    }

    @Test func `forgets what the API has made when told to`() async throws {
        try await self.serving { port in
            let twoZones = TestAccount().subnets
            let form = "Action=CreateLoadBalancer&Version=2015-12-01&Name=more&\(twoZones)"
            #expect(try await RawHTTP.send("POST /", port: port, body: form).status == 200)
            let answer = try await RawHTTP.send("POST /_lab/reset", port: port, body: "{}")
            #expect(answer.status == 200)
            #expect(!answer.body.contains("more"))
            #expect(answer.body.contains("\"name\" : \"web\""))
        }
    }
}
