import ELBControlPlane
import ELBModel
import ELBTestSupport
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The lab as a configuration server` {
    /// Writes a word per listener or target, and has no words for a load balancer called `odd`.
    final class Writer: DiscoveryWriter {
        private let notices = Mutex<[String]>([])

        var noted: [String] { self.notices.withLock { $0 } }

        func resources(_ kind: DiscoveryKind, of plan: DiscoveryPlan) throws(DiscoveryError) -> [DiscoveryResource] {
            guard plan.loadBalancer.name.rawValue != "odd" else { throw DiscoveryError(501, "odd") }
            switch kind {
            case .listeners, .routes:
                return plan.loadBalancer.listeners.map {
                    DiscoveryResource(name: "port-\($0.port)", text: "\"\(plan.address) \($0.port) \($0.rules.count)\"")
                }
            case .clusters, .endpoints:
                return plan.targetGroups.map { group in
                    let states = plan.targets(of: group).map { "\($0.state)" }.joined(separator: " ")
                    return DiscoveryResource(name: "\(group.name)", text: kind == .clusters ? "1" : "\"\(states)\"")
                }
            }
        }

        func noticed(_ error: DiscoveryError?, of loadBalancer: LoadBalancerName) {
            self.notices.withLock { $0.append("\(loadBalancer) \(error?.description ?? "-")") }
        }
    }

    private static let id = TargetGroupID(rawValue: "arn:aws:elasticloadbalancing:x:1:targetgroup/one/1")
    private static let target = Target(
        id: TargetID(rawValue: "127.0.0.1"),
        endpoint: Endpoint(address: .loopback, port: 3000),
        zone: nil
    )

    private static func balancer(_ name: String, port: Port, rules: [ListenerRule] = []) -> LoadBalancer {
        LoadBalancer(
            name: LoadBalancerName(rawValue: name),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            listeners: [
                Listener(port: port, rules: rules, defaultActions: [.forward(ForwardAction(to: Self.id))])
            ],
            dnsName: "\(name)-1.ap-northeast-2.elb.aws.test"
        )
    }

    private static func view(_ balancers: [LoadBalancer], _ state: TargetHealth.State = .healthy) -> LabView {
        let other = Target(
            id: TargetID(rawValue: "127.0.0.2"),
            endpoint: Endpoint(address: .loopback, port: 3001),
            zone: nil
        )
        let group = TargetGroup(
            id: Self.id,
            name: TargetGroupName(rawValue: "one"),
            port: 80,
            targetType: .ip,
            targets: [Self.target, other]
        )
        return LabView(
            topology: Topology(loadBalancers: balancers, targetGroups: [group]),
            health: [(Self.target, state), (other, .healthy)].map { target, state in
                LabTargetHealth(targetGroup: Self.id, target: target, health: TargetHealth(state: state), node: .a)
            }
        )
    }

    private func ask(
        _ kind: DiscoveryKind,
        _ view: LabView,
        of names: [String] = ["web"],
        version: String = "",
        resources: Set<String> = [],
        writer: Writer = Writer()
    ) -> (status: Int, body: String, version: String) {
        let node = DiscoveryNode(names.map { LoadBalancerName(rawValue: $0) })
        let request = DiscoveryRequest(kind: kind, node: node, version: version, names: resources)
        let reply = DiscoveryServer.answer(request, view, writer)
        let body = String(decoding: reply.body, as: UTF8.self)
        let found = body.firstMatch(of: /"version_info": "([0-9a-f]{16})"/)
        return (reply.status, body, found.map { String($0.output.1) } ?? "")
    }

    @Test func `answers with everything, and then that nothing is new`() {
        let view = Self.view([Self.balancer("web", port: 8080)])
        let first = self.ask(.listeners, view)
        #expect(first.status == 200)
        #expect(first.body.contains(#""type_url": "type.googleapis.com/envoy.config.listener.v3.Listener""#))
        #expect(first.body.contains(#""resources": ["127.0.0.1 8080 0"]"#))
        let second = self.ask(.listeners, view, version: first.version)
        #expect(second.status == 304 && second.body.isEmpty)
        // What an Envoy has refused, or has from another lab, it is told again.
        #expect(self.ask(.listeners, view, version: "0000000000000000").version == first.version)
    }

    @Test func `gives a version to every change, and none to what has not changed`() {
        let plain = Self.view([Self.balancer("web", port: 8080)])
        let rule = ListenerRule(
            priority: 1,
            conditions: [.pathPattern(.patterns(["/a"]))],
            actions: [.fixedResponse(FixedResponseAction(statusCode: 404))]
        )
        let ruled = Self.view([Self.balancer("web", port: 8080, rules: [rule])])
        let sick = Self.view([Self.balancer("web", port: 8080)], .unhealthy)
        func version(_ kind: DiscoveryKind, _ view: LabView) -> String { self.ask(kind, view).version }
        #expect(version(.routes, plain) != version(.routes, ruled))
        #expect(version(.endpoints, plain) == version(.endpoints, ruled))
        #expect(version(.endpoints, plain) != version(.endpoints, sick))
        #expect(version(.routes, plain) == version(.routes, sick))
        #expect(version(.clusters, plain) == version(.clusters, sick))
    }

    @Test func `answers with what is asked for by name`() {
        let view = Self.view([Self.balancer("web", port: 8080)])
        #expect(self.ask(.routes, view, resources: ["port-8080"]).body.contains("127.0.0.1 8080"))
        #expect(self.ask(.routes, view, resources: ["port-1"]).body.contains("\"resources\": []"))
    }

    @Test func `lets one Envoy stand for several load balancers, on different ports`() {
        let view = Self.view([Self.balancer("web", port: 8080), Self.balancer("shop", port: 8081)])
        let both = self.ask(.listeners, view, of: ["web", "shop"])
        #expect(both.body.contains(#"["127.0.0.1 8080 0","127.0.0.1 8081 0"]"#))
        // A group that both use is one cluster.
        #expect(self.ask(.clusters, view, of: ["web", "shop"]).body.contains("\"resources\": [1]"))
        let same = Self.view([Self.balancer("web", port: 8080), Self.balancer("shop", port: 8080)])
        let refused = self.ask(.clusters, same, of: ["web", "shop"])
        #expect(refused.status == 409)
        #expect(refused.body.contains("web and shop both listen on port 8080: give each an Envoy of its own"))
    }

    @Test func `refuses load balancers that are not there, and those that there are no words for`() {
        let view = Self.view([Self.balancer("odd", port: 8080)])
        let writer = Writer()
        #expect(self.ask(.listeners, view, writer: writer).status == 404)
        #expect(writer.noted == [])
        #expect(self.ask(.listeners, view, of: ["odd"], writer: writer).status == 501)
        #expect(writer.noted == ["odd odd"])
    }

    // MARK: Over HTTP

    /// Runs `body` beside both endpoints, in front of one load balancer.
    private func serving(_ body: @Sendable (_ lab: Int, _ own: Int) async throws -> Void) async throws {
        let plane = RecordingDataPlane()
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        let controlPlane = ControlPlane(lab, materials: TestMaterials()) { Timestamp(milliseconds: 0) }
        var balancer = Self.balancer("web", port: 8080)
        balancer.listeners[0].defaultActions = [.fixedResponse(FixedResponseAction(statusCode: 404))]
        try await controlPlane.adopt(Topology(loadBalancers: [balancer]))
        let server = DiscoveryServer(lab, writer: Writer())
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let endpoint = LabEndpoint(lab, controlPlane, endpoint: nil, discovery: server, logger: logger)
        let own = DiscoveryEndpoint(server, endpoint: nil, logger: logger)
        let (ports, sender) = AsyncStream.makeStream(of: (isOwn: Bool, port: Int).self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await endpoint.run { sender.yield((false, $0)) } }
            group.addTask { try await own.run { sender.yield((true, $0)) } }
            var found: [Bool: Int] = [:]
            for await (isOwn, port) in ports {
                found[isOwn] = port
                if found.count == 2 { break }
            }
            try await body(try #require(found[false]), try #require(found[true]))
            group.cancelAll()
        }
    }

    private static let question = #"{"node": {"cluster": "web"}}"#

    @Test func `answers at the lab's endpoint and at one of its own, whatever the Host`() async throws {
        try await self.serving { lab, own in
            for port in [lab, own] {
                let answer = try await RawHTTP.send(
                    "POST /v3/discovery:listeners",
                    port: port,
                    host: "elblab",
                    body: Self.question
                )
                #expect(answer.status == 200)
                #expect(answer.head.lowercased().contains("content-type: application/json"))
                #expect(answer.body.contains("127.0.0.1 8080 0"))
                let found = try #require(answer.body.firstMatch(of: /"version_info": "(\w+)"/))
                let again = #"{"node": {"cluster": "web"}, "version_info": "\#(found.output.1)"}"#
                let second = try await RawHTTP.send("POST /v3/discovery:listeners", port: port, body: again)
                #expect(second.status == 304 && second.body.isEmpty)
            }
        }
    }

    @Test func `commands nothing at the endpoint of its own`() async throws {
        try await self.serving { _, own in
            for target in ["/", "/_lab/state", "POST /_lab/fleet", "POST /", "POST /_lab/reset"] {
                let answer = try await RawHTTP.send(target, port: own)
                #expect(answer.status == 404, "\(target)")
            }
        }
    }

    @Test func `refuses what no Envoy sends, in JSON`() async throws {
        try await self.serving { lab, own in
            let samples: [(target: String, headers: [String], body: String, status: Int, reason: String)] = [
                ("POST /v3/discovery:listeners", [], "{", 400, "the body is no JSON"),
                (
                    "POST /v3/discovery:listeners", [], #"{"node": {"cluster": "x"}}"#, 404,
                    "no load balancer called 'x'"
                ),
                ("POST /v3/discovery:secrets", [], Self.question, 404, "there is no /v3/discovery:secrets"),
                ("/v3/discovery:listeners", [], "", 405, "post a DiscoveryRequest"),
                ("POST /v3/discovery:listeners", ["Origin: http://127.0.0.1"], Self.question, 403, "web pages"),
                (
                    "POST /v3/discovery:listeners", [], String(repeating: " ", count: 1 << 20) + Self.question, 413,
                    "at most 1048576 bytes"
                ),
            ]
            for port in [lab, own] {
                for sample in samples {
                    let answer = try await RawHTTP.send(
                        sample.target,
                        port: port,
                        headers: sample.headers,
                        body: sample.body
                    )
                    #expect(answer.status == sample.status, "\(sample.target)")
                    #expect(
                        answer.body.hasPrefix("{\"error\":") && answer.body.contains(sample.reason),
                        "\(answer.body)"
                    )
                }
            }
        }
    }
}
