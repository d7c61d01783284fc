import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Who reaches a load balancer` {
    private func admits(
        _ client: String,
        _ scheme: LoadBalancer.Scheme,
        ingress: TrafficFilter? = nil
    ) throws -> Bool {
        let balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "web"),
            scheme: scheme,
            nodes: [],
            ingress: ingress,
            dnsName: "web.example"
        )
        let address = try #require(IPAddress(client))
        return balancer.reach?.admits(address, port: 80) ?? true
    }

    @Test(.covers("ALB-DNS-010"), arguments: [("127.200.0.9", false), ("127.10.1.64", true), ("127.0.0.1", true)])
    func `is, of an internal one, nobody on the internet`(client: String, isIn: Bool) throws {
        #expect(try self.admits(client, .internal) == isIn)
        #expect(try self.admits(client, .internetFacing))
    }

    @Test func `is whom security groups let in, of both`() throws {
        let filter = TrafficFilter([.init(peer: try #require(CIDRBlock("127.200.0.0/16")))])
        #expect(try self.admits("127.200.0.9", .internetFacing, ingress: filter))
        #expect(try !self.admits("127.200.0.9", .internal, ingress: filter))
        #expect(try !self.admits("127.10.1.64", .internal, ingress: filter))
    }
}
