import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `The hash of a flow` {
    private let hash = FlowHash(seed: 7)
    private let client = IPAddress.v4(IPv4Address(127, 200, 0, 1))
    private let listener = Endpoint(address: .v4(IPv4Address(127, 50, 1, 4)), port: 80)

    @Test(.covers("NLB-FH-001")) func `of a connection is of five numbers and one more`() {
        let one = self.hash.tcp(from: self.client, 4000, to: self.listener, sequence: 1)
        #expect(one == self.hash.tcp(from: self.client, 4000, to: self.listener, sequence: 1))
        #expect(one != self.hash.tcp(from: self.client, 4000, to: self.listener, sequence: 2))
        #expect(one != self.hash.tcp(from: self.client, 4001, to: self.listener, sequence: 1))
        let other = IPAddress.v4(IPv4Address(127, 200, 0, 2))
        #expect(one != self.hash.tcp(from: other, 4000, to: self.listener, sequence: 1))
        var elsewhere = self.listener
        elsewhere.port = 81
        #expect(one != self.hash.tcp(from: self.client, 4000, to: elsewhere, sequence: 1))
    }

    @Test(.covers("NLB-FH-002", "NLB-UD-005")) func `of datagrams is of five numbers, and not that of a connection`() {
        let one = self.hash.udp(from: self.client, 4000, to: self.listener)
        #expect(one == self.hash.udp(from: self.client, 4000, to: self.listener))
        #expect(one != self.hash.udp(from: self.client, 4001, to: self.listener))
        #expect(one != self.hash.tcp(from: self.client, 4000, to: self.listener, sequence: 0))
    }

    @Test func `differs from load balancer to load balancer`() {
        let other = FlowHash(seed: 8)
        #expect(other.source(self.client) != self.hash.source(self.client))
    }

    @Test(.covers("NLB-FH-004")) func `spreads neighbours evenly`() {
        var counts = Array(repeating: 0, count: 8)
        for port in UInt16(10_000)..<18_000 {
            let value = self.hash.tcp(from: self.client, port, to: self.listener, sequence: UInt64(port))
            counts[Int(value.multipliedFullWidth(by: 8).high)] += 1
        }
        // Five standard deviations of a binomial distribution with 8000 draws of 1/8.
        for count in counts { #expect((852...1148).contains(count)) }
    }
}

@Suite struct `The groups of a listener` {
    @Test(.covers("NLB-WT-002", "NLB-WT-003")) func `get flows by their weights`() {
        let groups = FlowGroups([.init(group: 0, weight: 10), .init(group: 1, weight: 20), .init(group: 2, weight: 0)])
        var counts = [0, 0, 0]
        for number in UInt64(0)..<3000 {
            if let group = groups.choose(flow: SplitMix64.mix(number), source: 0) { counts[group] += 1 }
        }
        #expect((870...1130).contains(counts[0]))
        #expect(counts[2] == 0)
        #expect(counts[0] + counts[1] == 3000)
    }

    @Test(.covers("NLB-WT-003")) func `get nothing when all weigh nothing`() {
        #expect(FlowGroups([.init(group: 0, weight: 0)]).choose(flow: 1, source: 1) == nil)
    }

    @Test(.covers("NLB-WT-006")) func `keep a client when they are sticky`() {
        let groups = FlowGroups([.init(group: 0, weight: 1), .init(group: 1, weight: 1)], isSticky: true)
        let first = groups.choose(flow: 0, source: 5)
        for flow in UInt64(0)..<100 { #expect(groups.choose(flow: flow, source: 5) == first) }
        let chosen = Set((UInt64(0)..<100).compactMap { groups.choose(flow: 0, source: SplitMix64.mix($0)) })
        #expect(chosen == [0, 1])
    }
}

extension SplitMix64 {
    fileprivate static func mix(_ number: UInt64) -> UInt64 {
        var generator = Self(seed: number)
        return generator.next()
    }
}
