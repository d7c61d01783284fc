import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Nodes that do not answer` {
    @Test(.covers("ALB-DNS-020"))
    func `leave the name after thirty seconds, and come back thirty seconds after they answer again`() {
        var outages = NodeOutages(secondLength: 10)
        #expect(outages.published([.a, .b], now: 0) == [.a, .b])
        outages.set(.a, isDown: true, now: 100)
        #expect(outages.down == [.a])
        #expect(outages.nextChange(now: 100) == 400)
        #expect(outages.published([.a, .b], now: 399) == [.a, .b])
        #expect(outages.published([.a, .b], now: 400) == [.b])
        outages.set(.a, isDown: false, now: 500)
        #expect(outages.down.isEmpty)
        #expect(outages.published([.a, .b], now: 799) == [.b])
        #expect(outages.nextChange(now: 799) == 800)
        #expect(outages.published([.a, .b], now: 800) == [.a, .b])
        #expect(outages.nextChange(now: 800) == nil)
    }

    @Test func `are not missed when they are away for a moment`() {
        var outages = NodeOutages(secondLength: 10)
        outages.set(.a, isDown: true, now: 0)
        // Said twice, it counts from the first time.
        outages.set(.a, isDown: true, now: 200)
        #expect(outages.published([.a, .b], now: 300) == [.b])
        outages.set(.b, isDown: true, now: 300)
        outages.set(.b, isDown: false, now: 310)
        #expect(outages.published([.a, .b], now: 1000) == [.b])
    }

    @Test(.covers("ALB-TGH-012")) func `are told all the same when there is nobody else`() {
        var outages = NodeOutages(secondLength: 10)
        outages.set(.a, isDown: true, now: 0)
        outages.set(.b, isDown: true, now: 0)
        #expect(outages.published([.a, .b], now: 300) == [.a, .b])
        // Zone b's targets are ill, and zone a's node is dead.
        var one = NodeOutages(secondLength: 10)
        one.set(.a, isDown: true, now: 0)
        #expect(one.published([.a], now: 300) == [.a])
    }
}
