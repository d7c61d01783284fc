package import NIOCore

#if canImport(Glibc)
import Glibc
#endif

extension Channel {
    /// How many TCP segments have come in since the beginning, whether or not they carried anything; `nil` where the system does
    /// not tell. On the channel's event loop.
    package var segmentsReceived: UInt64? {
        #if os(Linux)
        guard let provider = self as? any SocketOptionProvider else { return nil }
        let information: EventLoopFuture<TCPInformation> = provider.unsafeGetSocketOption(
            level: .tcp,
            name: .init(rawValue: TCP_INFO)
        )
        var count: UInt64?
        // Complete already: the call is a system call and nothing else.
        information.assumeIsolated().whenSuccess { count = UInt64($0.segmentsIn) }
        return count
        #else
        return nil
        #endif
    }
}

/// The beginning of Linux's `struct tcp_info` (linux/tcp.h), as far as the segments; the C library's is shorter.
struct TCPInformation: Sendable {
    typealias Word = UInt64
    // States and options (8 bytes), 24 counters of 4 bytes, and four of 8: pacing rates, bytes acknowledged and received.
    var states: Word = 0
    var counters: (Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word) = (
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    )
    var rates: (Word, Word, Word, Word) = (0, 0, 0, 0)
    var segmentsOut: UInt32 = 0
    var segmentsIn: UInt32 = 0
}
