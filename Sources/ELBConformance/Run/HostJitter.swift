internal import Glibc

/// How late this machine's timers fire. Checks that judge by probes arriving in time say nothing on a machine that stalls for as long as
/// the probes are apart: such a machine is told so, and never the subject.
package struct HostJitter: Hashable, Sendable {
    /// The longest delay of all that were measured.
    package var worst: Duration

    package init(worst: Duration) {
        self.worst = worst
    }

    /// What becomes of timed checks.
    package enum Pace: Hashable, Sendable {
        case usual
        /// Everything lasts so many times as long.
        case slowed(Int)
        case refused
    }

    /// Probes are 600 ms apart at the usual pace and have 400 ms.
    package var pace: Pace {
        switch self.worst {
        case ...Duration.milliseconds(75): .usual
        case ...Duration.milliseconds(150): .slowed(2)
        case ...Duration.milliseconds(400): .slowed(4)
        default: .refused
        }
    }

    /// For a report, in one line.
    package var text: String {
        let late = "timers of this machine fire up to \(self.worst.milliseconds) ms late"
        return switch self.pace {
        case .usual: late
        case .slowed(let factor): "\(late): checks that watch probes run \(factor) times as slowly"
        case .refused: "\(late): checks that watch probes say nothing"
        }
    }

    /// The clock for timed checks; `nil` if no clock is slow enough.
    func timeScale(_ usual: Int) -> Int? {
        switch self.pace {
        case .usual: usual
        case .slowed(let factor): max(1, usual / factor)
        case .refused: nil
        }
    }

    /// Measured once, for everything that this process runs.
    static func ofThisMachine() async -> Self { await Self.measurement.value }

    private static let measurement = Task.detached { await Self.measure() }

    /// Sleeps for 5 ms at a time, as Swift's tasks do and as threads that wait for sockets do, for 300 ms together.
    package static func measure(for span: Duration = .milliseconds(300)) async -> Self {
        let threads = ThreadPool(threads: 2)
        let worst = await withTaskGroup(of: Duration.self) { group in
            for _ in 0..<2 {
                group.addTask { await Self.worst(of: span) { try? await Task.sleep(for: Self.nap) } }
                group.addTask { await Self.worst(of: span) { await threads.run { Self.sleep() } } }
            }
            return await group.reduce(.zero) { max($0, $1) }
        }
        return Self(worst: worst)
    }

    /// How late timers fire while something else goes on, and what came of that.
    package static func during<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws -> (value: Value, jitter: Self) {
        let watch = Task.detached {
            var worst = Duration.zero
            while !Task.isCancelled {
                let begin = ContinuousClock.now
                try? await Task.sleep(for: Self.nap)
                worst = max(worst, begin.duration(to: .now) - Self.nap)
            }
            return worst
        }
        defer { watch.cancel() }
        let value = try await body()
        watch.cancel()
        return (value, Self(worst: await watch.value))
    }

    private static let nap = Duration.milliseconds(5)

    private static func worst(of span: Duration, _ sleep: () async -> Void) async -> Duration {
        let end = ContinuousClock.now + span
        var worst = Duration.zero
        while ContinuousClock.now < end {
            let begin = ContinuousClock.now
            await sleep()
            worst = max(worst, begin.duration(to: .now) - Self.nap)
        }
        return worst
    }

    private static func sleep() { usleep(UInt32(Self.nap.milliseconds * 1000)) }
}
