import ELBControlAPI
import ELBModel
import Testing

@Suite struct `Good templates` {
    private static func read(_ name: String, parameters: [String: String] = [:]) throws -> TemplateReader.Result {
        try TemplateReader.read([TemplateFiles.source(name, in: TemplateFiles.folder)], parameters: parameters)
    }

    @Test(arguments: TemplateFiles.names(in: TemplateFiles.folder))
    func `every sample compiles`(name: String) throws {
        let result = try Self.read(name)
        // One stands behind another there.
        let count = name == "network-application.yaml" ? 2 : 1
        #expect(result.topology.loadBalancers.count + result.topology.classicLoadBalancers.count == count)
        #expect(!result.outputs.isEmpty)
    }

    // Most samples are a lab of their own and use each other's names.
    @Test func `several templates make one topology`() throws {
        let sources = try ["path-rules-canary.yaml", "redirects-fixed.json", "two-zone-web.yaml"].map {
            try TemplateFiles.source($0, in: TemplateFiles.folder)
        }
        let topology = try TemplateReader.read(sources).topology
        let nodes = topology.loadBalancers.flatMap(\.nodes).map(\.address)
        #expect(Set(nodes).count == nodes.count)
        #expect(Set(topology.instances.map(\.address)).count == topology.instances.count)
        #expect(Set(topology.instances.map(\.name)).count == topology.instances.count)
    }

    @Test func `the two-zone web becomes nodes, instances and targets on the lab's addresses`() throws {
        let result = try Self.read("two-zone-web.yaml")
        let balancer = try #require(result.topology.loadBalancers.first)
        #expect(balancer.nodes.map(\.address.description) == ["127.50.1.4", "127.50.2.4"])
        #expect(balancer.nodes.map(\.zone) == [.a, .b])
        #expect(result.topology.instances.map(\.address.description) == ["127.10.1.64", "127.10.2.64"])
        #expect(result.topology.instances.map(\.ports) == [[8080], [8080]])
        #expect(result.topology.instances.first?.behaviour.healthPaths == ["/health"])
        let group = try #require(result.topology.targetGroups.first)
        #expect(group.healthCheck.path == "/health")
        #expect(group.attributes.deregistrationDelaySeconds == 30)
        #expect(group.targets.map(\.endpoint.description) == ["127.10.1.64:8080", "127.10.2.64:8080"])
        #expect(balancer.listeners.first?.defaultActions == [.forward(ForwardAction(to: group.id))])
        #expect(balancer.dnsName.hasPrefix("web-"))
        #expect(balancer.dnsName.hasSuffix(".ap-northeast-2.elb.aws.test"))
        #expect(result.outputs.map(\.value) == ["http://\(balancer.dnsName):8080/"])
    }

    @Test func `rules keep conditions, weights and the parameter's value`() throws {
        let result = try Self.read("path-rules-canary.yaml", parameters: ["CanaryWeight": "3"])
        let listener = try #require(result.topology.loadBalancers.first?.listeners.first)
        #expect(listener.rules.map(\.priority).sorted() == [5, 10, 20])
        let api = try #require(listener.rules.first { $0.priority == 20 })
        guard case .forward(let forward) = api.actions.first else {
            Issue.record("the rule does not forward")
            return
        }
        #expect(forward.targetGroups.map(\.weight) == [9, 3])
        let byName = Dictionary(uniqueKeysWithValues: result.topology.instances.map { ($0.name, $0) })
        #expect(byName["ApiA"]?.ports == [9001])
        #expect(byName["CanaryC"]?.ports == [9000])
        #expect(byName["CanaryC"]?.behaviour.delayMilliseconds == 5)
    }

    @Test func `addresses stay when a template is edited`() throws {
        let source = try TemplateFiles.source("two-zone-web.yaml", in: TemplateFiles.folder)
        let before = try TemplateReader.read([source])
        var edited = source
        // Another instance now stands before the first one.
        let text = String(decoding: source.bytes, as: UTF8.self)
        let extra = """
              Early:
                Type: AWS::EC2::Instance
                Metadata: { elblab: { Ports: [9000] } }
                Properties: { ImageId: ami-1, SubnetId: !Ref SubnetA }
              WebA:
            """
        edited.bytes = Array(text.replacing("  WebA:\n", with: extra + "\n", maxReplacements: 1).utf8)
        let after = try TemplateReader.read([edited], addresses: before.addresses)
        let addresses = Dictionary(
            uniqueKeysWithValues: after.topology.instances.map { ($0.name, $0.address.description) }
        )
        #expect(addresses["WebA"] == "127.10.1.64")
        #expect(addresses["Early"] == "127.10.1.65")
        #expect(after.topology.loadBalancers.first?.nodes == before.topology.loadBalancers.first?.nodes)
    }

    @Test func `an unknown parameter is named`() {
        #expect(throws: DiagnosticsError.self) {
            try Self.read("path-rules-canary.yaml", parameters: ["CanaryWait": "3"])
        }
    }
}
