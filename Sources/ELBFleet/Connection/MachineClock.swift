#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The machine's clocks, read as every other process on it reads them.
enum MachineClock {
    /// CLOCK_MONOTONIC in nanoseconds.
    static func monotonicNanoseconds() -> UInt64 {
        let time = Self.time(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// CLOCK_REALTIME in microseconds since 1970.
    static func wallClockMicroseconds() -> Int64 {
        let time = Self.time(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func time(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Both clocks exist on every system we build for, and the pointer is good: the call cannot fail.
        clock_gettime(clock, &time)
        return time
    }
}
