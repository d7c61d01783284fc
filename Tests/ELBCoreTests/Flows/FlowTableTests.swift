import ELBCore
import ELBTestSupport
import Testing

@Suite struct `A table of flows` {
    @Test func `makes room by what has been silent for longest`() {
        var table = FlowTable<Int, String>(limit: 3)
        for number in 1...3 { #expect(table.insert("\(number)", for: number) == nil) }
        #expect(table.use(1) == "1")
        #expect(table.insert("4", for: 4) == "2")
        #expect(table.use(2) == nil)
        #expect(table.insert("5", for: 5) == "3")
        #expect(table.count == 3)
        #expect(Set(table.flows) == ["1", "4", "5"])
    }

    @Test func `forgets whom it is told to forget, wherever that stands`() {
        for gone in 1...4 {
            var table = FlowTable<Int, Int>(limit: 4)
            for number in 1...4 { _ = table.insert(number, for: number) }
            #expect(table.remove(gone) == gone)
            #expect(table.remove(gone) == nil)
            var left = [1, 2, 3, 4].filter { $0 != gone }
            #expect(Set(table.flows) == Set(left))
            _ = table.insert(9, for: 9)
            #expect(table.insert(10, for: 10) == left.removeFirst())
        }
    }

    @Test func `stays as it should through many changes`() {
        var table = FlowTable<UInt64, UInt64>(limit: 50)
        var model: [UInt64] = []
        var generator = SplitMix64(seed: 3)
        for _ in 0..<20_000 {
            let key = UInt64(generator.next(below: 120))
            if generator.next(below: 5) == 0 {
                table.remove(key)
                model.removeAll { $0 == key }
            } else if let flow = table.use(key) {
                #expect(flow == key)
                model.removeAll { $0 == key }
                model.append(key)
            } else {
                #expect(!model.contains(key))
                let displaced = table.insert(key, for: key)
                #expect(displaced == (model.count == 50 ? model.removeFirst() : nil))
                model.append(key)
            }
            #expect(table.count == model.count)
        }
    }
}

@Suite struct `The watch of an idle connection` {
    @Test(.covers("NLB-TO-001")) func `expires when nothing has come for the timeout`() {
        var watch = IdleWatch(timeout: 800, now: 0)
        #expect(watch.look(now: 100, lastBytes: 0, segments: 4) == .lookAgain(at: 200))
        #expect(watch.look(now: 790, lastBytes: 0, segments: 4) == .lookAgain(at: 800))
        #expect(watch.look(now: 800, lastBytes: 0, segments: 4) == .expired)
    }

    @Test func `goes on after bytes`() {
        var watch = IdleWatch(timeout: 800, now: 0)
        #expect(watch.look(now: 100, lastBytes: 90, segments: 4) == .lookAgain(at: 200))
        #expect(watch.look(now: 850, lastBytes: 700, segments: 9) == .lookAgain(at: 950))
        #expect(watch.look(now: 1499, lastBytes: 700, segments: 9) == .lookAgain(at: 1500))
        #expect(watch.look(now: 1500, lastBytes: 700, segments: 9) == .expired)
    }

    @Test(.covers("NLB-TO-004")) func `goes on after packets without bytes`() {
        var watch = IdleWatch(timeout: 800, now: 0)
        #expect(watch.look(now: 100, lastBytes: 0, segments: 4) == .lookAgain(at: 200))
        #expect(watch.look(now: 700, lastBytes: 0, segments: 5) == .lookAgain(at: 800))
        #expect(watch.look(now: 800, lastBytes: 0, segments: 5) == .lookAgain(at: 900))
        #expect(watch.look(now: 1500, lastBytes: 0, segments: 5) == .expired)
    }
}
