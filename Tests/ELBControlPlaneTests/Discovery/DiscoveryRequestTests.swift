import ELBControlPlane
import ELBModel
import Testing

@Suite struct `What an Envoy asks` {
    private static func read(_ body: String, at place: String = "discovery:clusters") throws -> DiscoveryRequest {
        try DiscoveryRequest(place: place, body: Array(body.utf8))
    }

    private static func refusal(of body: String, at place: String = "discovery:clusters") -> DiscoveryError? {
        do throws(DiscoveryError) {
            _ = try DiscoveryRequest(place: place, body: Array(body.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func `is read in the spelling that Envoy uses, whatever else it tells`() throws {
        let request = try Self.read(
            """
            {"node": {"id": "one", "cluster": "web", "metadata": {"listen": "127.60.0.1", "team": {"name": "shop"}},
                "locality": {"region": "x", "zone": "ap-northeast-2b"}, "extensions": [{"name": "envoy.filters.http.lua"}]},
             "type_url": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
             "version_info": "0123", "resource_names": ["shop", "api"], "response_nonce": "0123"}
            """
        )
        let name = LoadBalancerName(rawValue: "web")
        let address = try #require(IPAddress("127.60.0.1"))
        let node = DiscoveryNode([name], address: address, zone: .b)
        #expect(request == DiscoveryRequest(kind: .clusters, node: node, version: "0123", names: ["shop", "api"]))
    }

    @Test func `is read in JSON's own spelling`() throws {
        let body = #"{"node": {"cluster": "web"}, "versionInfo": "7", "resourceNames": ["*"]}"#
        let request = try Self.read(body, at: "discovery:endpoints")
        // An asterisk is all of them.
        let node = DiscoveryNode([LoadBalancerName(rawValue: "web")])
        #expect(request == DiscoveryRequest(kind: .endpoints, node: node, version: "7"))
        #expect(request.node.address == .loopback)
    }

    @Test func `may be for several load balancers`() throws {
        let request = try Self.read(
            #"{"node": {"cluster": "x", "metadata": {"load_balancers": ["web", "shop", "web"]}}}"#
        )
        #expect(request.node.loadBalancers.map(\.rawValue) == ["web", "shop"])
    }

    @Test func `may come from a zone that is not the lab's, which says nothing`() throws {
        let request = try Self.read(#"{"node": {"cluster": "web", "locality": {"zone": "us-east-1a"}}}"#)
        #expect(request.node.zone == nil)
    }

    @Test(arguments: [
        ("", "the body is no JSON"),
        (#"{"node": "#, "the body is no JSON"),
        ("[]", "the body is no DiscoveryRequest, which is a JSON object"),
        ("{}", "the node names no load balancer: node.cluster is a load balancer's name"),
        (#"{"node": {"cluster": 7}}"#, "node.cluster has the wrong type"),
        (#"{"node": {"cluster": "web"}, "resource_names": [1]}"#, "resource_names[0] has the wrong type"),
        (
            #"{"node": {"cluster": "web", "metadata": {"listen": "here"}}}"#,
            "node.metadata.listen is 'here', which is no IP address"
        ),
        (
            #"{"node": {"cluster": "web"}, "type_url": "type.googleapis.com/envoy.config.listener.v3.Listener"}"#,
            "the type_url is 'type.googleapis.com/envoy.config.listener.v3.Listener', but /v3/discovery:clusters has type.googleapis.com/envoy.config.cluster.v3.Cluster"
        ),
    ])
    func `is refused with a reason when it is none`(_ sample: (String, String)) throws {
        #expect(Self.refusal(of: sample.0) == DiscoveryError(400, sample.1))
    }

    @Test func `is refused when it goes deeper than anything that is meant`() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(Self.refusal(of: deep)?.status == 400)
        #expect(Self.refusal(of: #"{"node": {"metadata": {"listen": "# + deep)?.status == 400)
    }

    @Test(arguments: ["discovery:secrets", "discovery:", "clusters", ""])
    func `is refused for what there is not`(place: String) throws {
        let refusal = try #require(Self.refusal(of: "{}", at: place))
        #expect(refusal.status == 404)
        #expect(refusal.description.hasPrefix("there is no /v3/\(place); there are /v3/discovery:listeners, "))
    }

    @Test func `is for fifty load balancers at most`() throws {
        let names = (1...51).map { "\"lb-\($0)\"" }.joined(separator: ",")
        let refusal = Self.refusal(of: #"{"node": {"metadata": {"load_balancers": [\#(names)]}}}"#)
        #expect(refusal == DiscoveryError(400, "one Envoy stands for at most 50 load balancers"))
    }
}
