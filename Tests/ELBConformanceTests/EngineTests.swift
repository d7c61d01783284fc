import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

/// Balancers of other makes, and the files that are written for them.
@Suite(.timeLimit(.minutes(2))) struct `Balancers of other makes` {
    private static let web = TargetGroupID(rawValue: "arn:aws:elasticloadbalancing:x:1:targetgroup/web/1")

    private func configuration(
        rules: [ListenerRule] = [],
        default action: RuleAction = .forward(ForwardAction(to: Self.web)),
        configure: (inout TargetGroup) -> Void = { _ in }
    ) throws -> SubjectConfiguration {
        let endpoint = Endpoint(address: LabAddresses.privateAddress(.a, host: 64), port: 9001)
        var group = TargetGroup(
            id: Self.web,
            name: TargetGroupName(rawValue: "web"),
            port: 80,
            targetType: .ip,
            targets: [Target(id: TargetID(rawValue: "\(endpoint.address)"), endpoint: endpoint, zone: .a)]
        )
        configure(&group)
        return SubjectConfiguration(
            loadBalancer: LoadBalancer(
                name: LoadBalancerName(rawValue: "shop"),
                nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
                listeners: [Listener(port: 8080, rules: rules, defaultActions: [action])],
                dnsName: "shop-1.ap-northeast-2.elb.aws.test"
            ),
            targetGroups: [group],
            timeScale: 10
        )
    }

    private func text(_ engine: String, _ configuration: SubjectConfiguration) throws -> String {
        try #require(Engines.engine(engine)).files(for: configuration, folder: "/f").map(\.text).joined()
    }

    @Test(arguments: [
        (
            "haproxy",
            ["server 127.10.1.64:9001 127.10.1.64:9001 check inter 3000ms rise 5 fall 2", "'^/img/.*[.]jpg$'"]
        ),
        ("nginx", ["upstream web { server 127.10.1.64:9001 max_fails=0;", "\"~^/img/[^?]*[.]jpg([?].*)?$\" 1;"]),
        ("envoy", ["\"unhealthy_threshold\": 2", "\"regex\": \"(/img/.*[.]jpg)\"", "\"interval\": \"3.000s\""]),
        (
            "caddy",
            ["\"dial\": \"127.10.1.64:9001\"", "\"pattern\": \"^(/img/.*[.]jpg)$\"", "\"interval\": \"3000ms\""]
        ),
    ])
    func `rules, targets and probes are written in each one's words, in real time`(_ sample: (String, [String])) throws
    {
        let rule = ListenerRule.when(.path("/img/*.jpg"), priority: 1, then: .answer(404, "no"))
        let text = try self.text(sample.0, try self.configuration(rules: [rule]))
        for part in sample.1 { #expect(text.contains(part), "\(part)") }
    }

    @Test(arguments: Engines.all.map(\.name))
    func `rules come in the order of their priorities`(engine: String) throws {
        let rules = [
            ListenerRule.when(.path("/second"), priority: 20, then: .answer(404)),
            ListenerRule.when(.path("/first"), priority: 10, then: .answer(404)),
        ]
        let text = try self.text(engine, try self.configuration(rules: rules))
        let (first, second) = (text.firstRange(of: "/first"), text.firstRange(of: "/second"))
        #expect(try #require(first).lowerBound < #require(second).lowerBound)
    }

    @Test func `HAProxy gets certificates with their keys, the default first, and does not look at those of targets`()
        throws
    {
        var configuration = try self.configuration { $0.protocol = .https }
        let certificate = { (name: String) in
            Certificate(
                arn: CertificateARN(rawValue: name),
                source: .imported(certificate: .text("chain of \(name)"), privateKey: .text("key of \(name)"))
            )
        }
        configuration.loadBalancer.listeners[0].protocol = .https
        configuration.loadBalancer.listeners[0].tls = ListenerTLS(
            defaultCertificate: certificate("first"),
            certificates: [certificate("second")]
        )
        let files = try HAProxyEngine().files(for: configuration, folder: "/f")
        #expect(files.map(\.name) == ["port-8080-0.pem", "port-8080-1.pem", "haproxy.cfg"])
        #expect(files[1].text == "chain of second\nkey of second\n")
        let text = try #require(files.last?.text)
        #expect(text.contains("bind 127.50.1.4:8080 ssl crt /f/port-8080-0.pem crt /f/port-8080-1.pem "))
        #expect(text.contains("X-Forwarded-Proto https"))
        #expect(
            text.contains(
                "server 127.10.1.64:9001 127.10.1.64:9001 check inter 3000ms rise 5 fall 2 no-check-ssl ssl verify none"
            )
        )
    }

    @Test(arguments: Engines.all.map(\.name))
    func `what there are no words for is refused`(engine: String) throws {
        let sticky = try self.configuration {
            $0.attributes.stickiness.isEnabled = true
            $0.attributes.stickiness.type = .applicationCookie
        }
        let grpc = try self.configuration { $0.protocolVersion = .grpc }
        var network = try self.configuration()
        network.loadBalancer.kind = .network
        for configuration in [sticky, grpc, network] {
            #expect(throws: Inexpressible.self) { try self.text(engine, configuration) }
        }
    }

    @Test func `HAProxy binds clients by cookies that are sealed and dated, and nobody else does`() throws {
        let sticky = try self.configuration {
            $0.attributes.stickiness.isEnabled = true
            $0.attributes.stickiness.loadBalancerCookieSeconds = 600
        }
        let text = try self.text("haproxy", sticky)
        #expect(text.contains("use-server 127.10.1.64:9001 if { var(txn.server) -m str 127.10.1.64:9001 }"))
        #expect(text.contains("{ var(txn.age) -m int lt 60000 }"))
        // With the same seal when the configuration changes.
        #expect(try self.text("haproxy", sticky) == text)
        for engine in ["caddy", "envoy", "nginx"] {
            #expect(throws: Inexpressible.self) { try self.text(engine, sticky) }
        }
    }

    @Test func `each says why it leaves out what it leaves out`() {
        for engine in Engines.all {
            for omission in engine.claims.omissions {
                #expect(omission.reason.hasSuffix("."), "\(engine.name): \(omission.feature)")
                #expect(engine.claims.objection(to: omission.feature)?.hasSuffix(omission.reason) == true)
            }
        }
    }

    @Test func `differences are of checks that there are`() {
        for engine in Engines.all {
            for difference in engine.differences {
                #expect(
                    !CheckLibrary.checks(matching: [difference.checks]).isEmpty,
                    "\(engine.name): \(difference.checks)"
                )
                #expect(difference.text.hasSuffix("."))
            }
        }
    }

    @Test func `one that is not installed is absent, and nothing of it has failed`() {
        let report = RunReport.absent("nginx", CheckLibrary.checks(matching: ["routing.*"]), seed: 1)
        #expect(Set(report.checks.map(\.verdict)) == [.skipped])
        #expect(report.verdict == .notGradable && report.verdict.exitCode == 3)
    }

    @Test(arguments: ["haproxy", "nginx"])
    func `one that is installed routes by its file`(name: String) async throws {
        let engine = try #require(Engines.engine(name))
        guard let subject = await SubjectCommand.installed(engine) else { return }
        #expect(subject.version != nil)
        let checks = CheckLibrary.checks(matching: ["routing.path.star", "routing.method.exact", "http.relay.answer"])
        let report = await Runner(subject: subject, seed: 1).run(checks)
        #expect(
            report.checks.map(\.verdict) == [.pass, .pass, .pass],
            "\(report.checks.compactMap(\.finding?.actual))"
        )
    }

    @Test func `a topology becomes a CloudFormation template`() throws {
        let rule = ListenerRule.when(.path("/a"), priority: 1, then: .forward(ForwardAction(to: Self.web)))
        let text = try CloudFormationExport.text(try self.configuration(rules: [rule]))
        for type in ["LoadBalancer", "Listener", "ListenerRule", "TargetGroup"] {
            #expect(text.contains("\"Type\": \"AWS::ElasticLoadBalancingV2::\(type)\""))
        }
        #expect(text.contains("\"Ref\": \"TargetGroup1\"") && !text.contains("targetgroup/web"))
    }
}
