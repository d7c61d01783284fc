import ELBModel
import ELBNet
import ELBTestSupport
import Testing

@Suite struct `Sealed cookies` {
    private static let clear = Array("29 bytes that say where to go".utf8)
    private static let day: Int64 = 86_400_000_000

    private static func sealer(seed: UInt64 = 1, name: String = "web", second: UInt64 = 1_000_000_000) -> CookieSealer {
        CookieSealer(CookieSecret(seed: seed, name: LoadBalancerName(rawValue: name)), secondLength: second)
    }

    @Test(.covers("ALB-STK-005")) func `say nothing to others, and the same to every node`() {
        let sealed = Self.sealer().seal(Self.clear, at: 5 * Self.day)
        #expect(!sealed.contains(Self.clear))
        // The same content never looks the same twice.
        #expect(Self.sealer().seal(Self.clear, at: 5 * Self.day) != sealed)
        #expect(Self.sealer().open(sealed, at: 5 * Self.day) == Self.clear)
        #expect(Self.sealer(name: "api").open(sealed, at: 5 * Self.day) == nil)
        #expect(Self.sealer(seed: 2).open(sealed, at: 5 * Self.day) == nil)
    }

    @Test(.covers("ALB-STK-005", "ALB-STK-010")) func `outlive the key that is in use, for a week`() {
        let sealed = Self.sealer().seal(Self.clear, at: 5 * Self.day)
        #expect(Self.sealer().seal(Self.clear, at: 6 * Self.day).prefix(4) != sealed.prefix(4))
        for days in [-1, 0, 1, 7] as [Int64] {
            #expect(Self.sealer().open(sealed, at: (5 + days) * Self.day) == Self.clear)
        }
        #expect(Self.sealer().open(sealed, at: 13 * Self.day) == nil)
        #expect(Self.sealer().open(sealed, at: 3 * Self.day) == nil)
        // A day is as long as the lab's clock makes it.
        let fast = Self.sealer(second: 20_000_000)
        #expect(fast.open(fast.seal(Self.clear, at: 0), at: Self.day / 50 * 7) == Self.clear)
        #expect(fast.open(fast.seal(Self.clear, at: 0), at: Self.day) == nil)
    }

    @Test(.covers("ALB-STK-013")) func `are worth nothing when a single bit is changed`() {
        let sealer = Self.sealer()
        let sealed = sealer.seal(Self.clear, at: 0)
        for index in sealed.indices {
            var forged = sealed
            forged[index] ^= 1
            #expect(sealer.open(forged, at: 0) == nil)
        }
        for count in 0..<sealed.count { #expect(sealer.open(Array(sealed.prefix(count)), at: 0) == nil) }
        #expect(sealer.open(sealed + [0], at: 0) == nil)
    }

    @Test func `are neither sealed nor checked by the quirk`() {
        let secret = CookieSecret(seed: 1, name: LoadBalancerName(rawValue: "web"))
        let sealer = CookieSealer(secret, secondLength: 1_000_000_000, isHonest: false)
        var sealed = sealer.seal(Self.clear, at: 0)
        sealed[sealed.count - 1] ^= 1
        #expect(sealer.open(sealed, at: 0) == Self.clear)
        #expect(sealer.open([1, 2, 3], at: 0) == nil)
    }
}
