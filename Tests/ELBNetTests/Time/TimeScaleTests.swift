import ELBNet
import NIOCore
import Testing

@Suite struct `Time scale` {
    @Test(arguments: [
        (1.0, 30, Int64(30_000)), (50, 1, 20), (50, 5, 100), (20, 1, 50), (1000, 1, 1), (10_000, 1, 1), (10_000, 30, 3),
        (0.5, 2, 4000), (3, 1, 333),
    ])
    func `turns AWS seconds into whole real milliseconds`(factor: Double, seconds: Int, milliseconds: Int64) throws {
        let scale = try #require(TimeScale(factor: factor))
        #expect(scale.timeAmount(seconds: seconds) == .milliseconds(milliseconds))
        #expect(scale.nanoseconds(seconds: seconds) == UInt64(milliseconds) * 1_000_000)
    }

    @Test func `gives nothing for nothing and never loops for something`() throws {
        let scale = try #require(TimeScale(factor: 10_000))
        #expect(scale.timeAmount(seconds: 0) == .zero)
        #expect(scale.timeAmount(seconds: -1) == .zero)
        #expect(scale.timeAmount(seconds: 1) == .milliseconds(1))
        #expect(TimeScale.realTime.timeAmount(seconds: Int.max) > .hours(24 * 365))
    }

    @Test(arguments: [0, -1, .nan, .infinity, 0.0009, 10_001])
    func `refuses a factor that no clock can run at`(factor: Double) {
        #expect(TimeScale(factor: factor) == nil)
    }
}
